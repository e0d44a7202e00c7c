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

}  // namespace
}  // namespace cord
