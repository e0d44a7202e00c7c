#include "base/latency_histogram.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cord {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, IsExactForShortTimes) {
  LatencyHistogram times;
  for (int us = 1; us <= 100; ++us) times.add(Duration(us));
  EXPECT_EQ(times.count(), 100u);
  EXPECT_EQ(times.at_permille(500), 50us);
  EXPECT_EQ(times.at_permille(990), 99us);
  EXPECT_EQ(times.at_permille(1'000), 100us);
  EXPECT_EQ(times.max(), 100us);
}

TEST(LatencyHistogram, OfNothingIsNothing) {
  EXPECT_EQ(LatencyHistogram().at_permille(990), 0us);
  EXPECT_EQ(LatencyHistogram().max(), 0us);
}

// Against the whole list, sorted.
TEST(LatencyHistogram, IsNeverTooLowAndTooHighByASixtyFourthAtMost) {
  Prng prng(7);
  LatencyHistogram times;
  std::vector<Duration> all;
  for (int i = 0; i < 20'000; ++i) {
    const Duration value(static_cast<Duration::rep>(prng.below(1ULL << (1 + prng.below(35)))));
    times.add(value);
    all.push_back(value);
  }
  std::sort(all.begin(), all.end());
  for (const std::uint64_t permille : {1u, 100u, 500u, 900u, 990u, 999u, 1'000u}) {
    const Duration exact = all[all.size() * permille / 1'000 - 1];
    const Duration told = times.at_permille(permille);
    EXPECT_GE(told, exact) << permille;
    EXPECT_LE(told.count(), exact.count() + exact.count() / 64 + 1) << permille;
  }
  EXPECT_EQ(times.max(), all.back());
}

TEST(LatencyHistogram, CutsWhatIsOutOfItsRange) {
  LatencyHistogram times;
  times.add(-5us);
  EXPECT_EQ(times.max(), 0us);
  times.add(1000h);
  EXPECT_EQ(times.max(), LatencyHistogram::value_max);
  EXPECT_EQ(times.at_permille(1'000), LatencyHistogram::value_max);
}

}  // namespace
}  // namespace cord
