#include "front/metrics_page.hpp"

#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace cord::front {

std::string metrics_page(const Metrics& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const MetricSample& sample : metrics.collect()) {
    if (families.empty() || families.back().name != sample.name) {
      prometheus::MetricFamily family;
      family.name = sample.name;
      family.help = sample.help;
      family.type =
          sample.counts_up ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
      families.push_back(std::move(family));
    }
    prometheus::ClientMetric metric;
    if (!sample.label.empty()) metric.label.push_back({"kind", sample.label});
    metric.counter.value = sample.value;
    metric.gauge.value = sample.value;
    families.back().metric.push_back(std::move(metric));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace cord::front
