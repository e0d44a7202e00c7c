#include "sip/nonces.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1'000'000s};

TEST(Nonces, AreTakenOncePerCount) {
  Nonces nonces({1, 2}, {});
  const std::string one = nonces.make(start);
  EXPECT_TRUE(nonces.use(one, "00000001", start + 1s));
  EXPECT_FALSE(nonces.use(one, "00000001", start + 1s)) << "a replay";
  EXPECT_TRUE(nonces.use(one, "00000003", start + 1s));
  EXPECT_TRUE(nonces.use(one, "00000002", start + 1s)) << "overtaken on the way";
  EXPECT_FALSE(nonces.use(one, "00000002", start + 1s));
  EXPECT_TRUE(nonces.use(one, "00000100", start + 1s));
  EXPECT_FALSE(nonces.use(one, "000000c0", start + 1s)) << "below the window";
  EXPECT_TRUE(nonces.use(one, "000000c1", start + 1s)) << "the last in the window";
  EXPECT_FALSE(nonces.use(one, "00000000", start + 1s));
}

TEST(Nonces, AreForOneRequestWithoutQop) {
  Nonces nonces({1, 2}, {});
  const std::string one = nonces.make(start);
  EXPECT_TRUE(nonces.use(one, "", start));
  EXPECT_FALSE(nonces.use(one, "", start));
  EXPECT_FALSE(nonces.use(one, "00000001", start));
}

TEST(Nonces, GrowOld) {
  Nonces nonces({1, 2}, {.life = 10s});
  const std::string one = nonces.make(start);
  EXPECT_TRUE(nonces.use(one, "00000001", start + 9s));
  EXPECT_FALSE(nonces.use(one, "00000002", start + 10s));
  EXPECT_FALSE(nonces.use(nonces.make(start + 20s), "00000001", start)) << "not made yet";
}

TEST(Nonces, OfOthersAreRefused) {
  Nonces nonces({1, 2}, {}), others({1, 3}, {});
  EXPECT_FALSE(nonces.use(others.make(start), "00000001", start));
  std::string bent = nonces.make(start);
  bent[3] = bent[3] == 'f' ? '0' : 'f';
  EXPECT_FALSE(nonces.use(bent, "00000001", start));
  for (const auto* text : {"", "x", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"}) {
    EXPECT_FALSE(nonces.use(text, "00000001", start));
  }
  EXPECT_EQ(nonces.used(), 0U) << "what was not ours costs nothing";
}

TEST(Nonces, AreAllDifferent) {
  Nonces nonces({1, 2}, {});
  EXPECT_NE(nonces.make(start), nonces.make(start));
}

// At the bound the oldest go, and with them every nonce as old: none is ever taken twice.
TEST(Nonces, ForgottenOnesAreStale) {
  Nonces nonces({1, 2}, {.life = 300s, .nonces_max = 8});
  std::vector<std::string> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(nonces.make(start + i * 1s));
    EXPECT_TRUE(nonces.use(all.back(), "00000001", start + i * 1s));
    EXPECT_LE(nonces.used(), 8U);
  }
  for (const std::string& it : all) EXPECT_FALSE(nonces.use(it, "00000001", start + 20s));
  EXPECT_FALSE(nonces.use(all.front(), "00000002", start + 20s));
  EXPECT_TRUE(nonces.use(all.back(), "00000002", start + 20s));
}

TEST(Nonces, OldOnesLeaveTheTable) {
  Nonces nonces({1, 2}, {.life = 10s});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(nonces.use(nonces.make(start), "00000001", start));
  EXPECT_EQ(nonces.used(), 5U);
  EXPECT_TRUE(nonces.use(nonces.make(start + 11s), "00000001", start + 11s));
  EXPECT_EQ(nonces.used(), 1U);
}

}  // namespace
}  // namespace cord::sip
