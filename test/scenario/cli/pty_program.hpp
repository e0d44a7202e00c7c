// The built program on a pseudo-terminal: what a person types and sees.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace cord::scenario {

class PtyProgram {
 public:
  using Variables = std::vector<std::pair<std::string, std::string>>;

  /// Starts CORDBOARD_PROGRAM with these arguments on a terminal of 100 columns, its environment
  /// changed by `variables`.
  PtyProgram(const std::vector<std::string>& arguments, const Variables& variables);
  /// Kills it if it still runs.
  ~PtyProgram();
  PtyProgram(const PtyProgram&) = delete;
  PtyProgram& operator=(const PtyProgram&) = delete;

  void type(std::string_view keys) const;

  /// Reads until the screen was sent `part` after what was waited for before; false if the program
  /// ended, or time was up.
  bool wait_for(std::string_view part, std::chrono::seconds patience = std::chrono::seconds(20));

  /// Reads to the end and returns the exit status; -1 if time is up.
  int wait(std::chrono::seconds patience = std::chrono::seconds(20));

  /// All that the screen was sent.
  [[nodiscard]] const std::string& screen() const { return screen_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool read_some(Clock::time_point until);

  pid_t pid_ = -1;
  int fd_ = -1;
  std::size_t seen_ = 0;
  std::string screen_;
};

}  // namespace cord::scenario
