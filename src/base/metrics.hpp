// Metrics as plain atomics with a name and a help text. The text format is made at the edge
// (front/metrics_page.cpp, with prometheus-cpp).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cord {

/// Counts up for ever.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A level that goes up and down.
class Gauge {
 public:
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  /// Up to `n` if it is lower: for the most there has been.
  void raise(std::int64_t n) {
    std::int64_t most = value();
    while (most < n && !value_.compare_exchange_weak(most, n, std::memory_order_relaxed)) {
    }
  }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

struct MetricSample {
  std::string name;  ///< cord_..., with the unit last: cord_journal_queued_records
  std::string help;
  std::string label;  ///< empty, or the value of the label `kind`
  bool counts_up = true;
  double value = 0;
};

/// Owns counters and gauges; references stay valid as long as the registry. Thread-safe.
class Metrics {
 public:
  /// The counter of that name and kind, made on first use. Kinds are a closed set, in code or
  /// in the configuration (names of queues), never input: the table cannot grow without bound.
  Counter& counter(std::string_view name, std::string_view help, std::string_view kind = {});
  Gauge& gauge(std::string_view name, std::string_view help, std::string_view kind = {});

  /// Shows a bound, as cord_bound_max, and gives what shows how near it is, cord_bound_used: how
  /// much of it is taken now, or the most that any one of those it bounds has taken so far. `bound`
  /// is ROOM.MEMBER; docs/operations.md has all of them.
  Gauge& bound(std::string_view bound, std::size_t max);

  /// Everything as it stands, in order of name and kind.
  [[nodiscard]] std::vector<MetricSample> collect() const;

 private:
  template <class M>
  struct Named {
    std::string name, help, kind;
    M metric;
  };
  mutable std::mutex mutex_;
  std::deque<Named<Counter>> counters_;
  std::deque<Named<Gauge>> gauges_;
};

}  // namespace cord
