#include "media/quality.hpp"

#include <gtest/gtest.h>

namespace cord::media {
namespace {

// 1,000 packets, so many of a hundred of which are lost.
Journey journey(std::uint64_t percent_lost, std::uint32_t jitter_ms, std::uint32_t round_trip_ms) {
  const std::uint64_t lost = percent_lost * 10;
  return {1'000 - lost, lost, jitter_ms * 1'000, round_trip_ms * 1'000};
}

// Ratings worked out by hand from G.107's sum, and turned into scores by its annex B.
TEST(OpinionScore, IsThatOfTheEModel) {
  EXPECT_NEAR(opinion_score(journey(0, 0, 0)), 4.40, 0.01);     // R = 93.2 - 0.48
  EXPECT_NEAR(opinion_score(journey(5, 20, 100)), 3.81, 0.01);  // R = 93.2 - 2.64 - 15.78
  EXPECT_NEAR(opinion_score(journey(0, 0, 800)), 2.91, 0.01);   // R = 93.2 - 10.08 - 26.70
  EXPECT_NEAR(opinion_score(journey(100, 0, 0)), 1.16, 0.01);   // R = 93.2 - 0.48 - 75.94
  EXPECT_EQ(opinion_score(journey(100, 500, 4'000)), 1.0);      // R < 0
}

TEST(OpinionScore, NothingMakesItBetter) {
  const double before = opinion_score(journey(2, 20, 100));
  EXPECT_LT(opinion_score(journey(3, 20, 100)), before);
  EXPECT_LT(opinion_score(journey(2, 30, 100)), before);
  EXPECT_LT(opinion_score(journey(2, 20, 200)), before);
}

TEST(OpinionScore, OfNothingIsThatOfAnUndisturbedOne) {
  EXPECT_NEAR(opinion_score({}), 4.40, 0.01);
}

TEST(SoundQuality, HasTheClassesOfG109) {
  EXPECT_EQ(quality_of(4.4), SoundQuality::good);
  EXPECT_EQ(quality_of(4.03), SoundQuality::good);
  EXPECT_EQ(quality_of(4.02), SoundQuality::fair);
  EXPECT_EQ(quality_of(3.59), SoundQuality::poor);
  EXPECT_EQ(quality_of(3.09), SoundQuality::bad);
}

}  // namespace
}  // namespace cord::media
