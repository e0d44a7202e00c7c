// Commands that wait until their interaction's pending operation has ended (protocol.md 4.3 (5)).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/instant.hpp"
#include "base/timer_wheel.hpp"
#include "core/commands.hpp"

namespace cord::runtime {

/// A queue per interaction, first in, first out. Each command has a deadline of its own.
class CommandQueues {
 public:
  explicit CommandQueues(std::size_t commands_max) : commands_max_(commands_max) {}

  /// False, and `request` untouched, if `commands_max` wait for `interaction` already.
  [[nodiscard]] bool push(core::InteractionId interaction, core::ClientRequest&& request,
                          Instant due);

  /// The command whose turn is next, or null if none waits for `interaction`.
  [[nodiscard]] const core::ClientRequest* front(core::InteractionId interaction) const;
  /// Takes it. One must be there.
  [[nodiscard]] core::ClientRequest pop(core::InteractionId interaction);

  /// Takes a command that has waited too long, or none; call until none.
  [[nodiscard]] std::optional<core::ClientRequest> take_overdue(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const { return deadlines_.next_due(); }

  /// Takes everything that came over `connection`, in order for each interaction.
  [[nodiscard]] std::vector<core::ClientRequest> take_all_of(core::ConnectionId connection);

  [[nodiscard]] std::size_t size() const { return deadlines_.size(); }
  /// The most that have waited for one interaction so far.
  [[nodiscard]] std::size_t longest() const { return longest_; }

 private:
  struct Waiting {
    core::ClientRequest request;
    TimerHandle deadline;
  };
  struct Key {
    core::InteractionId interaction;
    core::RequestId request;
  };
  using Queue = std::deque<Waiting>;

  const std::size_t commands_max_;
  std::size_t longest_ = 0;
  std::unordered_map<core::InteractionId, Queue> queues_;
  TimerWheel<Key> deadlines_;
};

}  // namespace cord::runtime
