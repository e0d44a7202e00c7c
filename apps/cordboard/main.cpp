// The command line. Exit status: 0 done; 1 failed, or ended by a second signal; 2 bad usage or
// configuration.
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "config.hpp"
#include "demo/demo.hpp"
#include "front/passwords.hpp"
#include "serve.hpp"

namespace cord::app {
namespace {

constexpr int exit_usage = 2;

/// Prints what is wrong, or the warnings; the configuration if it can be used.
std::optional<Config> load_or_explain(const std::string& file) {
  auto loaded = load_config(file);
  if (!loaded) {
    for (const auto& error : loaded.error()) fmt::print(stderr, "error: {}\n", error);
    return std::nullopt;
  }
  for (const auto& warning : loaded->warnings) fmt::print(stderr, "warning: {}\n", warning);
  return std::move(loaded->config);
}

int check_config(const std::string& file) {
  const auto config = load_or_explain(file);
  if (!config) return exit_usage;
  fmt::print("{}: fine: {} agents, {} queues, {} trunks\n", file, config->directory.agents.size(),
             config->directory.queues.size(), config->sip.trunks.size());
  return EXIT_SUCCESS;
}

int serve(const std::string& file) {
  const auto config = load_or_explain(file);
  return config ? run_server(*config) : exit_usage;
}

/// Turns the terminal's echo off while it lives; nothing if stdin is no terminal.
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

  /// Asks, on stderr so that stdout holds nothing but the hash; one line, without its end.
  std::string ask(const char* prompt) {
    if (is_terminal_) fmt::print(stderr, "{}: ", prompt);
    std::string line;
    std::getline(std::cin, line);
    if (is_terminal_) fmt::print(stderr, "\n");
    return line;
  }
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  termios before_{};
  bool is_terminal_;
};

int print_password_hash() {
  SilentTerminal terminal;
  const std::string password = terminal.ask("Password");
  if (password.empty()) {
    fmt::print(stderr, "error: the password is empty; type it, or give it on standard input\n");
    return exit_usage;
  }
  if (terminal.is_terminal() && terminal.ask("Once more") != password) {
    fmt::print(stderr, "error: the two are not the same\n");
    return exit_usage;
  }
  const auto hash = front::hash_password(password);
  if (!hash) {
    fmt::print(stderr, "error: {}\n", hash.error().detail);
    return EXIT_FAILURE;
  }
  fmt::print("{}\n", *hash);
  return EXIT_SUCCESS;
}

int run(int argc, char** argv) {
  CLI::App app{"Cordboard: the interaction processor between agent desktops and telephony.",
               "cordboard"};
  app.set_version_flag("--version", "cordboard " CORD_VERSION);
  std::string file;

  auto* const serve_command = app.add_subcommand("serve", "Run the server until SIGTERM");
  serve_command->add_option("--config", file, "The configuration file")
      ->required()
      ->type_name("FILE");
  auto* const check_command =
      app.add_subcommand("check-config", "Say what is wrong with a configuration file");
  check_command->add_option("file", file, "The configuration file")->required()->type_name("FILE");
  auto* const demo_command =
      app.add_subcommand("demo", "Show and check one whole call, on this machine alone");
  auto* const passwd_command = app.add_subcommand(
      "passwd", "Read a password from standard input, print its hash for password-hash");
  app.footer(
      "SIGTERM or SIGINT lets calls end within [server] drain; a second one ends at once.\n"
      "Exit status: 0 done; 1 failed; 2 bad usage or configuration.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : exit_usage;
  }
  if (serve_command->parsed()) return serve(file);
  if (check_command->parsed()) return check_config(file);
  if (demo_command->parsed()) return run_demo();
  if (passwd_command->parsed()) return print_password_hash();
  fmt::print(stderr, "error: no command is given\n\n{}", app.help());
  return exit_usage;
}

}  // namespace
}  // namespace cord::app

int main(int argc, char** argv) {
  return cord::app::run(argc, argv);
}
