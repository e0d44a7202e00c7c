#include "net/source_limiter.hpp"

#include <gtest/gtest.h>

namespace cord::net {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t trunk = 0x0a000001, stranger = 0xc0000201, other = 0xc0000202;

SourceLimiter::Time at(std::chrono::milliseconds since_start) {
  return SourceLimiter::Time(1h) + since_start;
}

int admitted(SourceLimiter& limiter, std::uint32_t ip, int count, SourceLimiter::Time now) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += limiter.admits(ip, now) ? 1 : 0;
  return sum;
}

TEST(SourceLimiter, AStrangerHasItsRateAndFourTimesAsMuchAtOnce) {
  SourceLimiter limiter({.known = {trunk}, .rate_per_s = 50}, 1);
  EXPECT_EQ(admitted(limiter, stranger, 1'000, at(0s)), 200);
  EXPECT_EQ(admitted(limiter, stranger, 1'000, at(1s)), 50);
  EXPECT_EQ(admitted(limiter, stranger, 1'000, at(1h)), 200) << "quiet time is not saved up";
}

TEST(SourceLimiter, OneStrangerDoesNotHurtAnother) {
  SourceLimiter limiter({.known = {}, .rate_per_s = 50}, 1);
  admitted(limiter, stranger, 100'000, at(0s));
  EXPECT_EQ(admitted(limiter, other, 1'000, at(0s)), 200);
}

TEST(SourceLimiter, AllStrangersTogetherAreBounded) {
  SourceLimiter limiter({.known = {}, .rate_per_s = 50}, 1);
  int sum = 0;
  for (std::uint32_t ip = 1; ip <= 100'000; ++ip) sum += limiter.admits(ip, at(0s)) ? 1 : 0;
  EXPECT_EQ(sum, 2'000);
}

TEST(SourceLimiter, KnownAddressesAreNotLimitedWhateverStrangersDo) {
  SourceLimiter limiter({.known = {other, trunk}, .rate_per_s = 1}, 1);
  for (std::uint32_t ip = 1; ip <= 100'000; ++ip) (void)limiter.admits(ip, at(0s));
  EXPECT_EQ(admitted(limiter, trunk, 100'000, at(0s)), 100'000);
  EXPECT_EQ(admitted(limiter, other, 100'000, at(0s)), 100'000);
}

TEST(SourceLimiter, WhoSharesABucketIsNotToBeGuessed) {
  // Of many strangers one meets the flooder's bucket; it is another one for another secret.
  const auto victims = [](std::uint64_t secret) {
    SourceLimiter limiter({.known = {}, .rate_per_s = 100'000}, secret);
    admitted(limiter, stranger, 1'000'000, at(0s));
    std::vector<std::uint32_t> found;
    for (std::uint32_t ip = 1; ip <= 20'000; ++ip) {
      if (!limiter.admits(ip, at(0s))) found.push_back(ip);
    }
    return found;
  };
  EXPECT_FALSE(victims(1).empty());
  EXPECT_NE(victims(1), victims(2));
}

}  // namespace
}  // namespace cord::net
