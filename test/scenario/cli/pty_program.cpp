#include "scenario/cli/pty_program.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cord::scenario {

PtyProgram::PtyProgram(const std::vector<std::string>& arguments, const Variables& variables) {
  std::vector<std::string> words{CORDBOARD_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const winsize size{30, 100, 0, 0};
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("forkpty");
  if (pid_ > 0) return;
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

PtyProgram::~PtyProgram() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (fd_ >= 0) ::close(fd_);
}

void PtyProgram::type(std::string_view keys) const {
  if (::write(fd_, keys.data(), keys.size()) < 0) throw std::runtime_error("the terminal is gone");
}

bool PtyProgram::read_some(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  if (left.count() <= 0 || fd_ < 0) return false;
  pollfd polled{fd_, POLLIN, 0};
  if (::poll(&polled, 1, static_cast<int>(left.count())) <= 0) return false;
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
  if (got > 0) {
    screen_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  ::close(fd_);
  fd_ = -1;
  return false;
}

bool PtyProgram::wait_for(std::string_view part, std::chrono::seconds patience) {
  const auto until = Clock::now() + patience;
  auto at = screen_.find(part, seen_);
  while (at == std::string::npos && read_some(until)) at = screen_.find(part, seen_);
  if (at == std::string::npos) return false;
  seen_ = at + part.size();
  return true;
}

int PtyProgram::wait(std::chrono::seconds patience) {
  const auto until = Clock::now() + patience;
  while (read_some(until)) {
  }
  if (pid_ <= 0 || fd_ >= 0) return -1;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace cord::scenario
