// How the queues are now, and what has become of those who came since the server was started: for
// metrics, for GET /v1/queues and for supervisors (docs/queues.md, "Figures"). Filled by the
// engine's thread, read by others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "core/events.hpp"
#include "core/floor.hpp"
#include "core/state.hpp"

namespace cord::runtime {

class QueueBoard {
 public:
  /// Of the queues of `directory`, which is what the operator configured: no queue that is gone.
  QueueBoard(Metrics& metrics, const core::Directory& directory);

  /// What `event`, which is about to be applied to `before`, means to its queue. Of the engine's
  /// thread, as the next.
  void note(const core::State& before, const core::Event& event, Instant now);
  void publish(const core::State& state);

  /// From any thread: in the order of the configuration, as they were last published.
  [[nodiscard]] std::vector<core::QueueRow> rows() const;
  /// From any thread: what was published after `version`; of 0, all there is. A quarter that was
  /// given before and has not changed is left out.
  struct Changes {
    std::uint64_t version = 0;
    std::vector<core::FloorQueue> queues;
  };
  [[nodiscard]] Changes changes(std::uint64_t version) const;
  /// From any thread: brings the metrics that grow with time up to `now`.
  void refresh(Instant now) const;

 private:
  struct Shown {
    Gauge* waiting;
    Gauge* longest_wait;
    Gauge* ready;
    Gauge* busy;
    std::array<Counter*, core::queue_count_kinds> counts;
  };
  /// Of the engine's thread.
  struct Counted {
    core::QueueRow row;
    /// What happened in quarters since it was last published, by MediaType.
    std::array<std::vector<core::Quarter>, core::media_type_count> quarters{};
  };
  struct KeptQuarter {
    core::Quarter quarter;
    std::uint64_t version = 0;
  };
  /// For other threads.
  struct Kept {
    core::QueueRow row;
    std::array<std::deque<KeptQuarter>, core::media_type_count> quarters{};
    std::uint64_t version = 0;  ///< when anything of it was last published
  };

  void on(const core::State& before, const core::CallQueued& event);
  void on(const core::State& before, const core::TaskQueued& event);
  void on(const core::State& before, const core::CallDialed& event);
  void on(const core::State& before, const core::ConsultDialed& event);
  void on(const core::State& before, const core::ConferenceDialed& event);
  void on(const core::State& before, const core::CallTransferred& event);
  void on(const core::State& before, const core::CallOverflowed& event);
  void on(const core::State& before, const core::TransferFailed& event);
  void on(const core::State& before, const core::TaskRequeued& event);
  void on(const core::State& before, const core::OfferMade& event);
  void on(const core::State& before, const core::CallAnswered& event);
  void on(const core::State& before, const core::CallGone& event);
  template <class Event>
  void on(const core::State&, const Event&) {}

  /// One more; those of telephone calls are metrics.
  void count(core::QueueCount kind, std::optional<core::QueueIndex> queue, core::MediaType type);
  /// One that waited leaves its queue.
  void leave(core::QueueCount kind, const core::Call& call);
  core::Quarter& present_quarter(core::QueueIndex queue, core::MediaType type);
  void publish(Counted& from, Kept& to);

  std::vector<Shown> shown_;
  std::vector<Counted> counted_;
  Instant now_{};  // Of the event that is noted.
  mutable std::mutex mutex_;
  std::vector<Kept> kept_;
  std::uint64_t version_ = 1;
};

}  // namespace cord::runtime
