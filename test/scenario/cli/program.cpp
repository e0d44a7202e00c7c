#include "scenario/cli/program.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace cord::scenario {
namespace {

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  }
  std::array<int, 2> ends{};
};

/// True while the pipe is open.
bool drain(int& fd, std::string& into) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) {
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  ::close(fd);
  fd = -1;
  return false;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, std::string_view input) {
  Pipe in, out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  std::vector<std::string> words{CORDBOARD_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int error = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  for (const int fd : {in.ends[0], out.ends[1], err.ends[1]}) ::close(fd);
  out_fd_ = out.ends[0];
  err_fd_ = err.ends[0];
  if (error != 0) throw std::runtime_error("cannot start " CORDBOARD_PROGRAM);
  // What tests give fits into the pipe: no risk of waiting for each other.
  const bool is_written = ::write(in.ends[1], input.data(), input.size()) >= 0;
  ::close(in.ends[1]);
  if (!is_written) throw std::runtime_error("cannot write to the program");
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_fd_ >= 0) ::close(out_fd_);
  if (err_fd_ >= 0) ::close(err_fd_);
}

bool Program::read_some(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  if (left.count() <= 0 || (out_fd_ < 0 && err_fd_ < 0)) return false;
  std::array<pollfd, 2> polled{pollfd{out_fd_, POLLIN, 0}, pollfd{err_fd_, POLLIN, 0}};
  if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) <= 0) return false;
  if (polled[0].revents != 0) drain(out_fd_, out_);
  if (polled[1].revents != 0) drain(err_fd_, err_);
  return true;
}

std::string Program::wait_for_line(std::string_view start, std::chrono::seconds patience) {
  const auto until = Clock::now() + patience;
  do {
    for (std::size_t at = 0; at < out_.size();) {
      const auto end = out_.find('\n', at);
      if (end == std::string::npos) break;
      const auto line = std::string_view(out_).substr(at, end - at);
      if (line.starts_with(start)) return std::string(line.substr(start.size()));
      at = end + 1;
    }
  } while (read_some(until));
  return {};
}

bool Program::wait_for_error(std::string_view part, std::chrono::seconds patience) {
  const auto until = Clock::now() + patience;
  while (err_.find(part) == std::string::npos && read_some(until)) {
  }
  return err_.find(part) != std::string::npos;
}

int Program::wait(std::chrono::seconds patience) {
  const auto until = Clock::now() + patience;
  while (read_some(until)) {
  }
  // Both pipes at their end: the process is gone, or about to be.
  if (pid_ > 0 && out_fd_ < 0 && err_fd_ < 0) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_status_;
}

void Program::signal(int number) const {
  ::kill(pid_, number);
}

std::string ConfigDirectory::path(std::string_view name) const {
  return (root_ / std::string(name)).string();
}

std::string ConfigDirectory::write(std::string_view name, std::string_view text) const {
  auto file = path(name);
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

}  // namespace cord::scenario
