#include "wire/json_text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace cord::wire {
namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

TEST(AppendQuoted, EscapesWhatJsonWantsEscaped) {
  EXPECT_EQ(as_json(""), R"("")");
  EXPECT_EQ(as_json("plain / text"), R"("plain / text")");
  EXPECT_EQ(as_json("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(as_json(std::string("\0\x1f", 2)), R"("\u0000\u001f")");
  EXPECT_EQ(as_json("\x7f"), "\"\x7f\"");
}

TEST(AppendQuoted, KeepsUtf8AndReplacesTheRest) {
  for (const std::string_view good :
       {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(as_json(good), '"' + std::string(good) + '"');
  }
  const std::string one = "\xef\xbf\xbd";
  for (const auto& [bad, count] :
       std::initializer_list<std::pair<std::string_view, int>>{{"\x80", 1},
                                                               {"\xc1\xbf", 2},
                                                               {"\xe0\x9f\xbf", 3},
                                                               {"\xed\xa0\x80", 3},
                                                               {"\xf0\x8f\xbf\xbf", 4},
                                                               {"\xf4\x90\x80\x80", 4},
                                                               {"\xf5", 1},
                                                               {"\xff", 1},
                                                               {"\xe2\x82", 2},
                                                               {"\xf0\x90\x80", 3}}) {
    std::string expected = "\"";
    for (int i = 0; i < count; ++i) expected += one;
    EXPECT_EQ(as_json(bad), expected + '"');
  }
}

TEST(CutUtf8, NeverCutsACharacter) {
  const std::string text = "a\xc3\xa9\xf0\x9f\x98\x80";
  EXPECT_EQ(cut_utf8(text, 0), "");
  EXPECT_EQ(cut_utf8(text, 2), "a");
  EXPECT_EQ(cut_utf8(text, 3), "a\xc3\xa9");
  EXPECT_EQ(cut_utf8(text, 6), "a\xc3\xa9");
  EXPECT_EQ(cut_utf8(text, 7), text);
  EXPECT_EQ(count_characters(text), 3u);
}

}  // namespace
}  // namespace cord::wire
