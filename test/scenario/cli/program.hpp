// The built program as a child process of which the command line is tested: standard input, and
// output and errors apart, as they come. (support/child_process.hpp runs servers for call tests.)
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "support/temporary_directory.hpp"

namespace cord::scenario {

using namespace std::chrono_literals;

class Program {
 public:
  /// Starts CORDBOARD_PROGRAM with these arguments, `input` on its standard input.
  explicit Program(const std::vector<std::string>& arguments, std::string_view input = {});
  /// Kills it if it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Reads until standard output has a line that begins with `start`; returns the rest of it.
  /// Empty if the program ended, or time was up.
  std::string wait_for_line(std::string_view start, std::chrono::seconds patience = 20s);

  /// Reads until standard error has `part`; false if the program ended, or time was up.
  bool wait_for_error(std::string_view part, std::chrono::seconds patience = 20s);

  /// Reads to the end and returns the exit status; 128 + N if signal N ended it, -1 if time is up.
  int wait(std::chrono::seconds patience = 20s);

  void signal(int number) const;
  [[nodiscard]] const std::string& out() const { return out_; }
  [[nodiscard]] const std::string& err() const { return err_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool read_some(Clock::time_point until);

  pid_t pid_ = -1;
  int out_fd_ = -1, err_fd_ = -1;
  int exit_status_ = -1;
  std::string out_, err_;
};

/// A directory of the test's own, for the files of one server.
class ConfigDirectory {
 public:
  [[nodiscard]] std::string path(std::string_view name) const;
  /// Writes a file there; returns its path.
  [[nodiscard]] std::string write(std::string_view name, std::string_view text) const;

 private:
  test::TemporaryDirectory root_;
};

}  // namespace cord::scenario
