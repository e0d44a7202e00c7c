#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace cord {
namespace {

TEST(Utf8, KeepsCharactersAndReplacesTheRest) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(valid_utf8(text), text);
  const std::string no(utf8_replacement);
  EXPECT_EQ(valid_utf8("\xc3"), no) << "cut short";
  EXPECT_EQ(valid_utf8("\xc0\x80"), no + no) << "overlong";
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), no + no + no) << "a surrogate";
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), no + no + no + no) << "too high";
  EXPECT_EQ(valid_utf8("\xe2\x82(x"), no + no + "(x");
}

}  // namespace
}  // namespace cord
