// The one time line of the server. The runtime reads clocks; everybody else is told `now`.
#pragma once

#include <chrono>
#include <cstdint>

namespace cord {

/// UTC microseconds since 1970, read from the wall clock once at start and carried on by the
/// monotonic clock: it never jumps while the process lives, and means the same after a restart.
struct Timeline {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<Timeline>;
  static constexpr bool is_steady = true;
};

using Instant = Timeline::time_point;
using Duration = Timeline::duration;

}  // namespace cord
