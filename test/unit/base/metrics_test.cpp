#include "base/metrics.hpp"

#include <gtest/gtest.h>

namespace cord {
namespace {

TEST(Metrics, OneNameAndKindIsOneMetric) {
  Metrics metrics;
  Counter& held = metrics.counter("cord_requests", "Requests.", "hold");
  metrics.counter("cord_requests", "Requests.", "mute").add(5);
  held.add();
  metrics.counter("cord_requests", "Requests.", "hold").add(2);
  EXPECT_EQ(held.value(), 3u);
}

TEST(Metrics, CollectsInOrderOfNameAndKind) {
  Metrics metrics;
  metrics.gauge("cord_b", "B.").set(-4);
  metrics.counter("cord_c", "C.", "two").add(2);
  metrics.counter("cord_c", "C.", "one").add(1);
  metrics.gauge("cord_a", "A.").add(7);
  const auto samples = metrics.collect();
  ASSERT_EQ(samples.size(), 4u);
  EXPECT_EQ(samples[0].name, "cord_a");
  EXPECT_EQ(samples[0].value, 7);
  EXPECT_FALSE(samples[0].counts_up);
  EXPECT_EQ(samples[1].value, -4);
  EXPECT_EQ(samples[2].label, "one");
  EXPECT_EQ(samples[3].label, "two");
  EXPECT_TRUE(samples[3].counts_up);
}

TEST(Metrics, AGaugeOfTheMostIsRaisedOnly) {
  Gauge gauge;
  gauge.raise(3);
  gauge.raise(2);
  EXPECT_EQ(gauge.value(), 3);
  gauge.raise(4);
  EXPECT_EQ(gauge.value(), 4);
}

TEST(Metrics, ABoundIsShownWithHowNearItIs) {
  Metrics metrics;
  metrics.bound("room.things_max", 7).set(2);
  const auto samples = metrics.collect();
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].name, "cord_bound_max");
  EXPECT_EQ(samples[0].label, "room.things_max");
  EXPECT_EQ(samples[0].value, 7);
  EXPECT_EQ(samples[1].name, "cord_bound_used");
  EXPECT_EQ(samples[1].value, 2);
}

TEST(Metrics, ReferencesSurviveGrowth) {
  Metrics metrics;
  Counter& first = metrics.counter("cord_first", "First.");
  for (int n = 0; n < 200; ++n) metrics.counter("cord_n", "N.", std::to_string(n));
  first.add();
  EXPECT_EQ(metrics.counter("cord_first", "First.").value(), 1u);
}

}  // namespace
}  // namespace cord
