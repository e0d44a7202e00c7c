// A program the test started: its output in a file, its end by pid, and by no other means.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/instant.hpp"

namespace cord::scenario {

class ChildProcess {
 public:
  /// Starts `arguments[0]` (looked up in PATH) in `directory`; stdout and stderr go to `log`.
  ChildProcess(std::vector<std::string> arguments, const std::filesystem::path& directory,
               std::filesystem::path log);
  /// Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] std::string output() const;
  void signal(int number) const;
  /// The exit status, or 128 + signal; none if it still runs after `patience`.
  std::optional<int> wait(Duration patience);
  /// CPU used so far by the process, user and system.
  [[nodiscard]] Duration cpu() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
  std::filesystem::path log_;
};

/// Polls `condition` until it holds or `patience` is over; the last answer.
template <class Condition>
bool eventually(Condition condition, Duration patience);

/// A UDP and TCP port of 127.0.0.1 that was free a moment ago.
[[nodiscard]] std::uint16_t free_port();

/// Blocks for one polling interval (5 ms): what eventually() waits with.
void polling_interval();

template <class Condition>
bool eventually(Condition condition, Duration patience) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() >= deadline) return condition();
    polling_interval();
  }
  return true;
}

}  // namespace cord::scenario
