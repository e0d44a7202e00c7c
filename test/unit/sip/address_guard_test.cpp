#include "sip/address_guard.hpp"

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1'000s};

TEST(AddressGuard, AdmitsABurstAndThenAnEvenPace) {
  AddressGuard guard({.request_every = 100ms, .burst = 5});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(guard.admit(1, start));
  EXPECT_FALSE(guard.admit(1, start));
  EXPECT_TRUE(guard.admit(2, start)) << "another address";
  EXPECT_TRUE(guard.admit(1, start + 100ms));
  EXPECT_FALSE(guard.admit(1, start + 100ms));
  EXPECT_TRUE(guard.admit(1, start + 10s));
}

TEST(AddressGuard, LocksOutWhoIsWrongTooOften) {
  AddressGuard guard({.failure_every = 10s, .failures = 3, .lock_out = 60s});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(guard.add_failure(1, start));
  EXPECT_FALSE(guard.is_locked_out(1, start));
  EXPECT_TRUE(guard.add_failure(1, start));
  EXPECT_TRUE(guard.is_locked_out(1, start + 59s));
  EXPECT_FALSE(guard.is_locked_out(2, start));
  EXPECT_FALSE(guard.is_locked_out(1, start + 60s));
  EXPECT_FALSE(guard.add_failure(1, start + 60s)) << "begins anew";
}

// One phone with an old password, trying again each minute, locks nobody out.
TEST(AddressGuard, ForgivesOneThatIsWrongNowAndThen) {
  AddressGuard guard({});
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(guard.add_failure(1, start + i * 60s));
}

TEST(AddressGuard, RemembersSoManyAddressesAndNoMore) {
  AddressGuard guard({.failures = 1, .addresses_max = 3});
  EXPECT_FALSE(guard.add_failure(1, start));
  EXPECT_TRUE(guard.add_failure(1, start));
  for (std::uint32_t i = 2; i < 4; ++i) EXPECT_TRUE(guard.admit(i, start));
  EXPECT_TRUE(guard.is_locked_out(1, start));
  EXPECT_TRUE(guard.admit(4, start));
  EXPECT_EQ(guard.addresses(), 3U);
  EXPECT_FALSE(guard.is_locked_out(1, start)) << "forgotten";
  EXPECT_TRUE(guard.admit(5, start + 1h));
  EXPECT_EQ(guard.addresses(), 1U) << "nothing is left to remember of the others";
}

}  // namespace
}  // namespace cord::sip
