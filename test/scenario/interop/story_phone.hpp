// The agent's phone in a story: one of several programs, each of which plays a 1,000 Hz tone and
// keeps what it hears.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cord::scenario {

class StoryPhone {
 public:
  virtual ~StoryPhone() = default;
  /// Where it takes calls, UDP.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Answers the call that rings. One that answers by itself does nothing.
  virtual void pick_up() = 0;
  /// Waits for `span` of further audio and returns it; empty if it does not come in time.
  [[nodiscard]] virtual std::vector<std::int16_t> listen(std::chrono::milliseconds span) = 0;
  /// How many calls it has had that are over.
  [[nodiscard]] virtual int ended_calls() const = 0;
  /// What it said, for when a story fails.
  [[nodiscard]] virtual std::string output() const = 0;
};

enum class PhoneProgram { baresip, linphone, sipp };

/// Starts one for the user 1001; `by_itself`: it answers without being asked to.
[[nodiscard]] std::unique_ptr<StoryPhone> start_phone(PhoneProgram program, bool by_itself,
                                                      const std::filesystem::path& directory);

}  // namespace cord::scenario
