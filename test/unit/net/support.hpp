// Waiting with a deadline, and a record of what callbacks told, for the tests of this room.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/metrics.hpp"

namespace cord::net::test {

using namespace std::chrono_literals;

inline constexpr auto patience = 10s;  // Far beyond what anything here takes; no test waits it out.

/// What io threads report and the test takes, in order.
template <class T>
class Inbox {
 public:
  void put(T item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    ++total_;
    changed_.notify_all();
  }

  /// The next item, or none after `limit`.
  std::optional<T> take(std::chrono::milliseconds limit = patience) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return !items_.empty(); })) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  /// True once `count` items have come in all, taken or not.
  bool wait_for_total(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return total_ >= count; });
  }

  [[nodiscard]] std::size_t total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  std::size_t total_ = 0;
};

/// True as soon as `holds` is, for what nobody tells a test; false if it never is.
template <class Predicate>
bool eventually(Predicate holds) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

inline double metric(const Metrics& metrics, std::string_view name, std::string_view label = {}) {
  for (const MetricSample& it : metrics.collect()) {
    if (it.name == name && it.label == label) return it.value;
  }
  return -1;
}

}  // namespace cord::net::test
