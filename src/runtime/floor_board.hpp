// How the agents are now, for supervisors who watch (docs/protocol.md, section 4, "The floor"). The
// engine's thread notes whom an event concerns and looks at them once a turn; others ask what has
// changed. While nobody watches an event costs one look at a flag.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "core/events.hpp"
#include "core/floor.hpp"
#include "core/state.hpp"

namespace cord::runtime {

class FloorBoard {
 public:
  /// Of the agents of `directory`, which is what the operator configured: none that is gone.
  /// `started`: since when those are logged out of whom nothing else is known. `wake` makes the
  /// engine's thread take a turn soon; called by watch().
  FloorBoard(const core::Directory& directory, Instant started, std::function<void()> wake);

  // Of the engine's thread.

  /// Whom `event` concerns. To be called before and after it is applied: it names what there is no
  /// more, and what was not there yet.
  void note(const core::State& state, const core::Event& event, Instant now);
  void publish(const core::State& state);

  // From any thread.

  /// As often as end_watch(), which comes later.
  void watch();
  void end_watch();

  /// What was published after `version`; of 0, everybody. Of more than agents_at_a_time, those who
  /// changed first: the others come with the next. Nothing, if it is not known yet because nobody
  /// has watched until now: to be asked again in a moment.
  struct Changes {
    std::uint64_t version = 0;             ///< up to which these are
    std::vector<core::FloorAgent> agents;  ///< in the order of the configuration
  };
  static constexpr std::size_t agents_at_a_time = 2'000;  ///< some 500 KiB, printed
  [[nodiscard]] std::optional<Changes> changes(std::uint64_t version) const;

 private:
  struct Kept {
    core::FloorAgent row;
    std::uint64_t version = 0;
  };

  template <class Event>
  void touch(const core::State& state, const Event& event);
  void touch(const core::Session* session);
  void touch(const core::State& state, const core::Channel* channel);
  void touch(const core::State& state, const core::Interaction* interaction);
  void mark(core::AgentIndex agent);
  void mark_all();

  const std::function<void()> wake_;
  std::atomic<std::size_t> watchers_{0};
  std::atomic<bool> wants_all_{false};  ///< somebody watches again, whom nothing is known for

  // Of the engine's thread. By AgentIndex.
  std::vector<bool> is_marked_;
  std::vector<core::AgentIndex> marked_;
  std::vector<Instant> logged_out_;
  bool is_following_ = false;  ///< nothing was missed since all were looked at

  mutable std::mutex mutex_;
  std::vector<Kept> kept_;  ///< by AgentIndex
  std::uint64_t version_ = 1;
  bool is_known_ = false;
};

}  // namespace cord::runtime
