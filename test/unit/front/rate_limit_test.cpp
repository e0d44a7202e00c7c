#include "front/rate_limit.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace cord::front {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

int taken(TokenBucket& bucket, Instant now) {
  int count = 0;
  while (bucket.take(now)) ++count;
  return count;
}

TEST(TokenBucket, GivesTheBurstAndThenTheRate) {
  TokenBucket bucket(50, 200, start);
  EXPECT_EQ(taken(bucket, start), 200);
  EXPECT_EQ(taken(bucket, start + 19'999us), 0);
  EXPECT_EQ(taken(bucket, start + 20ms), 1);
  EXPECT_EQ(taken(bucket, start + 1s), 49);
  EXPECT_EQ(taken(bucket, start + 2s), 50);
}

TEST(TokenBucket, HoldsNoMoreThanTheBurst) {
  TokenBucket bucket(50, 200, start);
  EXPECT_EQ(taken(bucket, start + 24h * 365), 200);
  EXPECT_EQ(taken(bucket, start + 24h * 365 + 4s), 200);
}

TEST(TokenBucket, ATimeThatGoesBackGivesNothing) {
  TokenBucket bucket(50, 1, start);
  EXPECT_EQ(taken(bucket, start + 1s), 1);
  EXPECT_EQ(taken(bucket, start), 0);
  EXPECT_EQ(taken(bucket, start + 1s), 0);
}

TEST(WindowLimit, AllowsSoManyInAnyWindow) {
  WindowLimit limit(20, 10s);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(limit.add(start + i * 100ms));
  EXPECT_FALSE(limit.add(start + 9'999'999us));
  EXPECT_TRUE(limit.add(start + 10s));
  EXPECT_FALSE(limit.add(start + 10s));
  EXPECT_TRUE(limit.add(start + 10'100ms));
}

}  // namespace
}  // namespace cord::front
