#include "sip/id_source.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

// The vectors of the reference implementation: key 00..0f, input 00, 00 01, ...
TEST(SipHash, GivesTheReferenceVectors) {
  const IdSecret key{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
  std::string input;
  EXPECT_EQ(siphash(key, input), 0x726fdb47dd0e0e31ULL);
  for (char c = 0; c < 15; ++c) input.push_back(c);
  EXPECT_EQ(siphash(key, input), 0xa129ca6149be45e5ULL);
}

TEST(IdSource, GivesNoTagTwiceAndOthersUnderAnotherSecret) {
  IdSource one(IdSecret{1, 2}), other(IdSecret{1, 3});
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(seen.insert(one.tag()).second);
    EXPECT_TRUE(seen.insert(other.tag()).second);
  }
  EXPECT_EQ(seen.begin()->size(), 16U);
  EXPECT_EQ(one.call_id().size(), 32U);
}

}  // namespace
}  // namespace cord::sip
