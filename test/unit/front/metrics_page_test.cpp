#include "front/metrics_page.hpp"

#include <gtest/gtest.h>

namespace cord::front {
namespace {

TEST(MetricsPage, IsPrometheusText) {
  Metrics metrics;
  metrics.counter("cord_b_total", "Bees", "big").add(3);
  metrics.counter("cord_b_total", "Bees", "small").add(4);
  metrics.gauge("cord_a_bytes", "As").set(-5);
  EXPECT_EQ(metrics_page(metrics),
            "# HELP cord_a_bytes As\n"
            "# TYPE cord_a_bytes gauge\n"
            "cord_a_bytes -5\n"
            "# HELP cord_b_total Bees\n"
            "# TYPE cord_b_total counter\n"
            "cord_b_total{kind=\"big\"} 3\n"
            "cord_b_total{kind=\"small\"} 4\n");
  EXPECT_EQ(metrics_page(Metrics()), "");
}

}  // namespace
}  // namespace cord::front
