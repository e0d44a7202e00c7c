// The queue between two threads: many producers, one consumer, a hard bound. Values only.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/instant.hpp"

namespace cord {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t items_max) : items_max_(items_max) {}

  /// Adds one item. False, and `item` untouched, if the queue is full: the caller says what then.
  /// A `share_max` below items_max leaves the rest of the room to more urgent producers.
  [[nodiscard]] bool push(T&& item, std::size_t share_max = SIZE_MAX) {
    {
      const std::lock_guard lock(mutex_);
      if (items_.size() >= std::min(items_max_, share_max)) return false;
      items_.push_back(std::move(item));
      if (items_.size() > 1) return true;  // The consumer was woken for the first one.
    }
    ready_.notify_one();
    return true;
  }

  /// Moves everything queued into `out` (cleared first) without waiting.
  void take_all(std::vector<T>& out) {
    out.clear();
    const std::lock_guard lock(mutex_);
    out.swap(items_);
  }

  /// As take_all, but waits up to `patience` (cut to patience_max) for something to come. False if
  /// nothing did.
  bool wait_and_take_all(std::vector<T>& out, Duration patience) {
    out.clear();
    std::unique_lock lock(mutex_);
    const auto came = [&] { return !items_.empty() || woken_; };
    if (!came() && patience > Duration::zero()) {
      ready_.wait_for(lock, std::min(patience, patience_max), came);
    }
    woken_ = false;
    out.swap(items_);
    return !out.empty();
  }

  /// Makes a waiting consumer return, with nothing if nothing is queued.
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    ready_.notify_one();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

  [[nodiscard]] std::size_t items_max() const { return items_max_; }

  /// A longer wait could overflow the clock it is added to.
  static constexpr Duration patience_max = std::chrono::hours(1);

 private:
  const std::size_t items_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<T> items_;
  bool woken_ = false;
};

}  // namespace cord
