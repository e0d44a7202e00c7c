#include "media/json_text.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

TEST(JsonText, EscapesWhatMustBe) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01"), R"("a\"b\\c\u000a\u0001")");
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonText, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(json_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
  EXPECT_EQ(json_string("\xc3"), "\"\\ufffd\"") << "cut short";
  EXPECT_EQ(json_string("\xc0\x80"), "\"\\ufffd\\ufffd\"") << "overlong";
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"") << "a surrogate";
  EXPECT_EQ(json_string("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"") << "too high";
  EXPECT_EQ(json_string("\xe2\x82(x"), "\"\\ufffd\\ufffd(x\"");
}

TEST(JsonText, TimeIsUtcWithMilliseconds) {
  EXPECT_EQ(utc_text(Instant(std::chrono::microseconds(1'795'359'845'678'999))),
            "2026-11-22T15:04:05.678Z");
}

}  // namespace
}  // namespace cord::media::test
