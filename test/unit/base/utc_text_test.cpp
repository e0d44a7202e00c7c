#include "base/utc_text.hpp"

#include <gtest/gtest.h>

namespace cord {
namespace {

using namespace std::chrono_literals;

TEST(UtcText, IsCutToMilliseconds) {
  EXPECT_EQ(utc_text(Instant{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(Instant(999us)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(Instant(1ms)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(utc_text(Instant(1'709'251'199'999'999us)), "2024-02-29T23:59:59.999Z");
  EXPECT_EQ(utc_text(Instant(-1us)), "1969-12-31T23:59:59.999Z");
}

TEST(UtcText, IsReadBack) {
  for (const Duration since : {0us, 1'709'251'199'999'000us, -62'167'219'200'000'000us}) {
    EXPECT_EQ(parse_utc_text(utc_text(Instant(since))), Instant(since)) << since.count();
  }
}

TEST(UtcText, NothingElseIsRead) {
  for (const char* text :
       {"", "2024-02-29", "2024-02-29T23:59:59Z", "2024-02-30T23:59:59.999Z",
        "2024-02-29T24:00:00.000Z", "2024-02-29T23:59:60.000Z", "2024-02-29 23:59:59.999Z",
        "2024-02-29T23:59:59.999+", "2024-02-29T23:59:59.9990Z", "-024-02-29T23:59:59.999Z",
        "2024-02-29T23:59: 9.999Z", "2024-13-01T00:00:00.000Z"}) {
    EXPECT_FALSE(parse_utc_text(text)) << text;
  }
}

}  // namespace
}  // namespace cord
