// How the queues are now, and what has become of those who came since the server was started: for
// metrics and for GET /v1/queues (docs/queues.md, "Figures"). Filled by the engine's thread, read
// by others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "core/events.hpp"
#include "core/state.hpp"

namespace cord::runtime {

/// What is counted of a queue since the server was started.
enum class QueueCount : std::uint8_t {
  entered,     ///< came into the queue, from wherever; one that comes back counts again
  offers,      ///< to agents: one may be offered many times
  answered,    ///< taken by an agent
  abandoned,   ///< gone before that, of the caller's own will
  overflowed,  ///< sent on after wait_max
  unserved,    ///< let go of after wait_max or by the end of the server, or given back
};
inline constexpr std::size_t queue_count_kinds = 6;

/// Of one queue and one medium.
struct QueueFigures {
  std::size_t waiting = 0;          ///< those at whom it rings in a ring-all queue included
  std::optional<Instant> oldest{};  ///< when the first of them came
  std::size_t ready = 0;            ///< agents who would be offered the next one
  std::size_t busy = 0;             ///< offered something, at work, or wrapping up
  std::size_t not_ready = 0;
  std::array<std::uint64_t, queue_count_kinds> counts{};  ///< by QueueCount

  [[nodiscard]] std::uint64_t count(QueueCount kind) const {
    return counts[static_cast<std::size_t>(kind)];
  }
};

struct QueueRow {
  std::string name;
  std::array<QueueFigures, core::media_type_count> media{};
};

class QueueBoard {
 public:
  /// Of the queues of `directory`, which is what the operator configured: no queue that is gone.
  QueueBoard(Metrics& metrics, const core::Directory& directory);

  /// What `event`, which is about to be applied to `before`, means to its queue. Of the engine's
  /// thread, as the next.
  void note(const core::State& before, const core::Event& event);
  void publish(const core::State& state);

  /// From any thread: in the order of the configuration, as they were last published.
  [[nodiscard]] std::vector<QueueRow> rows() const;
  /// From any thread: brings the metrics that grow with time up to `now`.
  void refresh(Instant now) const;

 private:
  struct Shown {
    Gauge* waiting;
    Gauge* longest_wait;
    Gauge* ready;
    Gauge* busy;
    std::array<Counter*, queue_count_kinds> counts;
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
  void count(QueueCount kind, std::optional<core::QueueIndex> queue, core::MediaType type);
  void count(QueueCount kind, const core::Call& call) { count(kind, call.queue, call.type); }

  std::vector<Shown> shown_;
  std::vector<QueueRow> counted_;  // Of the engine's thread.
  mutable std::mutex mutex_;
  std::vector<QueueRow> rows_;
};

}  // namespace cord::runtime
