#include "front/throttle.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace cord::front {
namespace {

using namespace std::chrono_literals;

constexpr Instant at(Duration after) {
  return Instant(1h) + after;
}

TEST(LogInThrottle, TheFifthWrongPasswordThrottlesTheAgent) {
  LogInThrottle throttle{ThrottleLimits{}};
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_FALSE(throttle.is_throttled("alice", 99, at(i * 1s)));
    throttle.add_failure("alice", i, at(i * 1s));
  }
  EXPECT_TRUE(throttle.is_throttled("alice", 99, at(4s)));
  EXPECT_FALSE(throttle.is_throttled("bob", 99, at(4s)));
  EXPECT_TRUE(throttle.is_throttled("alice", 99, at(4s + 5min - 1us)));
  EXPECT_FALSE(throttle.is_throttled("alice", 99, at(4s + 5min)));
}

TEST(LogInThrottle, TheFifthWrongPasswordThrottlesTheAddress) {
  LogInThrottle throttle{ThrottleLimits{}};
  for (int i = 0; i < 5; ++i) throttle.add_failure("agent" + std::to_string(i), 7, at(0s));
  EXPECT_TRUE(throttle.is_throttled("alice", 7, at(1s)));
  EXPECT_FALSE(throttle.is_throttled("alice", 8, at(1s)));
}

TEST(LogInThrottle, OldFailuresDoNotCount) {
  LogInThrottle throttle{ThrottleLimits{}};
  for (int i = 0; i < 20; ++i) throttle.add_failure("alice", 7, at(i * 75s));  // Four in 5 minutes.
  EXPECT_FALSE(throttle.is_throttled("alice", 7, at(20 * 75s)));
  LogInThrottle tight{ThrottleLimits{}};
  for (int i = 0; i < 5; ++i) tight.add_failure("alice", 7, at(i * 74s));
  EXPECT_TRUE(tight.is_throttled("alice", 7, at(5 * 74s)));
}

TEST(LogInThrottle, AfterThePauseCountingBeginsAnew) {
  LogInThrottle throttle{ThrottleLimits{}};
  for (int i = 0; i < 5; ++i) throttle.add_failure("alice", 7, at(0s));
  for (int i = 0; i < 4; ++i) {
    throttle.add_failure("alice", 7, at(5min));
    EXPECT_FALSE(throttle.is_throttled("alice", 7, at(5min)));
  }
  throttle.add_failure("alice", 7, at(5min));
  EXPECT_TRUE(throttle.is_throttled("alice", 7, at(5min)));
}

TEST(LogInThrottle, LongAgentNamesShareTheirBeginning) {
  LogInThrottle throttle{ThrottleLimits{}};
  const std::string name(60'000, 'x');
  for (std::uint32_t i = 0; i < 5; ++i) throttle.add_failure(name + std::to_string(i), i, at(0s));
  EXPECT_TRUE(throttle.is_throttled(name, 99, at(0s)));
}

TEST(FailureTable, IsBoundedAndForgetsTheOldest) {
  FailureTable<int> table(ThrottleLimits{.entries_max = 3});
  for (int key = 0; key < 3; ++key) {
    for (int i = 0; i < 5; ++i) table.add(key, at(0s));
  }
  EXPECT_EQ(table.size(), 3u);
  table.add(3, at(1s));
  EXPECT_EQ(table.size(), 3u);
  EXPECT_FALSE(table.is_throttled(0, at(1s)));
  EXPECT_TRUE(table.is_throttled(1, at(1s)));
}

TEST(FailureTable, ForgetsWhatNoLongerMatters) {
  FailureTable<int> table{ThrottleLimits{}};
  for (int key = 0; key < 1000; ++key) table.add(key, at(0s));
  table.add(1000, at(5min));
  EXPECT_EQ(table.size(), 1u);
}

TEST(ResumeThrottle, CountsEachSessionForItself) {
  ResumeThrottle throttle{ThrottleLimits{}};
  for (int i = 0; i < 4; ++i) throttle.add_failure("one", at(0s));
  EXPECT_FALSE(throttle.is_throttled("one", at(0s)));
  throttle.add_failure("one", at(0s));
  EXPECT_TRUE(throttle.is_throttled("one", at(299s)));
  EXPECT_FALSE(throttle.is_throttled("two", at(0s)));
  EXPECT_FALSE(throttle.is_throttled("one", at(300s)));
}

}  // namespace
}  // namespace cord::front
