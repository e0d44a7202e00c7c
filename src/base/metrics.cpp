#include "base/metrics.hpp"

#include <algorithm>
#include <tuple>

namespace cord {
namespace {

template <class Table>
auto& find_or_add(Table& table, std::string_view name, std::string_view help,
                  std::string_view kind) {
  for (auto& it : table) {
    if (it.name == name && it.kind == kind) return it.metric;
  }
  auto& added = table.emplace_back();
  added.name = name;
  added.help = help;
  added.kind = kind;
  return added.metric;
}

template <class Table>
void append(std::vector<MetricSample>& out, const Table& table, bool counts_up) {
  for (const auto& it : table) {
    out.push_back({it.name, it.help, it.kind, counts_up, static_cast<double>(it.metric.value())});
  }
}

}  // namespace

Counter& Metrics::counter(std::string_view name, std::string_view help, std::string_view kind) {
  const std::lock_guard lock(mutex_);
  return find_or_add(counters_, name, help, kind);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, std::string_view kind) {
  const std::lock_guard lock(mutex_);
  return find_or_add(gauges_, name, help, kind);
}

Gauge& Metrics::bound(std::string_view bound, std::size_t max) {
  gauge("cord_bound_max", "What there is room for, by bound", bound)
      .set(static_cast<std::int64_t>(max));
  return gauge("cord_bound_used",
               "How much of each bound is taken: now, or at most so far by any one", bound);
}

std::vector<MetricSample> Metrics::collect() const {
  std::vector<MetricSample> samples;
  {
    const std::lock_guard lock(mutex_);
    append(samples, counters_, true);
    append(samples, gauges_, false);
  }
  std::sort(samples.begin(), samples.end(), [](const MetricSample& a, const MetricSample& b) {
    return std::tie(a.name, a.label) < std::tie(b.name, b.label);
  });
  return samples;
}

}  // namespace cord
