#include "client/password.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

namespace cord::app {
namespace {

/// Turns the terminal's echo off while it lives; nothing if standard input is no terminal.
class SilentTerminal {
 public:
  SilentTerminal() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

}  // namespace

bool is_asking_a_person() {
  return ::isatty(STDIN_FILENO) != 0;
}

std::string ask_silently(const std::string& prompt) {
  const SilentTerminal terminal;
  if (terminal.is_terminal()) fmt::print(stderr, "{}: ", prompt);
  std::string line;
  std::getline(std::cin, line);
  if (terminal.is_terminal()) fmt::print(stderr, "\n");
  return line;
}

Result<std::string> find_password(const std::string& file, const std::string& prompt) {
  if (!file.empty()) {
    std::ifstream in(file);
    std::string line;
    if (!std::getline(in, line) || line.empty()) {
      return refuse(Errc::io_failed, "client.password",
                    fmt::format("{}: has no password in its first line", file));
    }
    return line;
  }
  if (const char* const given = std::getenv("CORDBOARD_PASSWORD")) return std::string(given);
  if (!is_asking_a_person()) {
    return refuse(Errc::io_failed, "client.password",
                  "no password; allowed: --password-file, CORDBOARD_PASSWORD, or a terminal");
  }
  return ask_silently(prompt);
}

}  // namespace cord::app
