// How a queue is now, and what has become of those who came since the server was started
// (docs/queues.md, "Figures"). Counted by the runtime, spelled by src/wire.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "core/states.hpp"

namespace cord::core {

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

/// How many were answered in time: within Queue::service_level of their coming into the queue.
struct ServiceLevel {
  std::uint64_t answered = 0;  ///< in time
  std::uint64_t of = 0;  ///< who was answered, in time or not, or left unanswered after that time
  friend bool operator==(const ServiceLevel&, const ServiceLevel&) = default;
};

/// Of one queue and one medium.
struct QueueFigures {
  std::size_t waiting = 0;          ///< those at whom it rings in a ring-all queue included
  std::optional<Instant> oldest{};  ///< when the first of them came
  std::size_t ready = 0;            ///< agents who would be offered the next one
  std::size_t busy = 0;             ///< offered something, at work, or wrapping up
  std::size_t not_ready = 0;
  std::array<std::uint64_t, queue_count_kinds> counts{};  ///< by QueueCount
  ServiceLevel service_level{};

  [[nodiscard]] std::uint64_t count(QueueCount kind) const {
    return counts[static_cast<std::size_t>(kind)];
  }
  friend bool operator==(const QueueFigures&, const QueueFigures&) = default;
};

struct QueueRow {
  std::string name;
  Duration service_level{};  ///< Queue::service_level
  std::array<QueueFigures, media_type_count> media{};
};

/// What happened in a quarter of an hour, of one queue and one medium.
struct Quarter {
  Instant start{};  ///< a multiple of quarter_length since 1970, in UTC
  std::uint64_t entered = 0;
  std::uint64_t answered = 0;
  std::uint64_t abandoned = 0;
  friend bool operator==(const Quarter&, const Quarter&) = default;
};
inline constexpr Duration quarter_length = std::chrono::minutes(15);
inline constexpr std::size_t quarters_kept = 96;  ///< a day's, of those in which something happened

}  // namespace cord::core
