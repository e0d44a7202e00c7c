// The server's one clock: see Timeline (base/instant.hpp).
#pragma once

#include <chrono>

#include "base/instant.hpp"

namespace cord::runtime {

/// The wall clock as it was at construction, carried on by the monotonic clock. Thread-safe; one
/// for the whole process, so that all its threads mean the same instant.
class Clock {
 public:
  /// From now on it shows at least `earliest`: a wall clock that was set back must not make what
  /// has happened future. Before any other thread reads it.
  void begin_at_least_at(Instant earliest) {
    const Duration behind = earliest - now();
    if (behind > Duration::zero()) start_ += behind;
  }

  [[nodiscard]] Instant now() const {
    const auto elapsed = std::chrono::steady_clock::now() - steady_start_;
    return start_ + std::chrono::duration_cast<Duration>(elapsed);
  }

 private:
  std::chrono::steady_clock::time_point steady_start_ = std::chrono::steady_clock::now();
  Instant start_ = Instant(
      std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
};

}  // namespace cord::runtime
