// How fast a connection may ask (docs/protocol.md, section 1). Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/instant.hpp"

namespace cord::front {

/// A bucket of `burst` requests that is filled with `per_second` of them.
class TokenBucket {
 public:
  TokenBucket(std::uint32_t per_second, std::uint32_t burst, Instant now)
      : per_second_(per_second), full_(std::int64_t{burst} * token), level_(full_), filled_(now) {}

  /// Takes one if there is one.
  [[nodiscard]] bool take(Instant now) {
    const auto elapsed_us = std::clamp<std::int64_t>((now - filled_).count(), 0, full_);
    filled_ = std::max(filled_, now);
    level_ = std::min(full_, level_ + elapsed_us * per_second_);
    if (level_ < token) return false;
    level_ -= token;
    return true;
  }

 private:
  static constexpr std::int64_t token = 1'000'000;  // A microsecond brings `per_second` of these.

  std::int64_t per_second_;
  std::int64_t full_;
  std::int64_t level_;
  Instant filled_;
};

/// At most `count_max` of something in any `window`.
class WindowLimit {
 public:
  WindowLimit(std::size_t count_max, Duration window) : count_max_(count_max), window_(window) {}

  /// Counts one more. False if it is one too many; that one is not counted.
  [[nodiscard]] bool add(Instant now) {
    while (!times_.empty() && times_.front() + window_ <= now) times_.pop_front();
    if (times_.size() >= count_max_) return false;
    times_.push_back(now);
    return true;
  }

  /// Of them in the last window.
  [[nodiscard]] std::size_t count() const { return times_.size(); }

 private:
  std::size_t count_max_;
  Duration window_;
  std::deque<Instant> times_;
};

}  // namespace cord::front
