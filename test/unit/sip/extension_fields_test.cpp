#include "sip/codec/extension_fields.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

TEST(RAckField, IsReadAndPrinted) {
  const auto it = parse_rack(" 776656  1 INVITE ");
  ASSERT_TRUE(it);
  EXPECT_EQ(*it, (RAck{776656, {1, "INVITE"}}));
  EXPECT_EQ(print(*it), "776656 1 INVITE");
  for (const std::string_view bad : {"", "1", "1 1", "0 1 INVITE", "x 1 INVITE",
                                     "2147483648 1 INVITE", "1 1 INVITE x", "-1 1 INVITE"}) {
    EXPECT_FALSE(parse_rack(bad)) << bad;
  }
}

TEST(SessionExpiresField, IsReadAndPrinted) {
  EXPECT_EQ(*parse_session_expires("1800"), (SessionExpires{1800, Refresher::unsaid}));
  EXPECT_EQ(*parse_session_expires("90 ; Refresher=UAC"), (SessionExpires{90, Refresher::uac}));
  EXPECT_EQ(*parse_session_expires("90;x=y;refresher=uas"), (SessionExpires{90, Refresher::uas}));
  EXPECT_EQ(parse_session_expires("99999999999999999999")->interval_s, 2147483647U);
  for (const std::string_view bad : {"", "x", "-1", "90;refresher=me", "90;refresher", "90 x"}) {
    EXPECT_FALSE(parse_session_expires(bad)) << bad;
  }
  EXPECT_EQ(print(SessionExpires{90, Refresher::uas}), "90;refresher=uas");
  EXPECT_EQ(print(SessionExpires{90, Refresher::unsaid}), "90");
}

TEST(Seconds, IsRead) {
  EXPECT_EQ(*parse_seconds(" 120;x=y"), 120U);
  EXPECT_EQ(*parse_seconds("99999999999"), 2147483647U);
  EXPECT_EQ(*parse_seconds("18000 (I am at lunch)"), 18000U);
  EXPECT_FALSE(parse_seconds("x"));
}

TEST(ReplacesField, IsRead) {
  EXPECT_EQ(*parse_replaces("a@b;to-tag=x;from-tag=y"), (Replaces{"a@b", "x", "y", false}));
  EXPECT_EQ(*parse_replaces(" a ; from-tag=y;early-only;to-tag=x"),
            (Replaces{"a", "x", "y", true}));
  for (const std::string_view bad : {"", ";to-tag=x;from-tag=y", "a;to-tag=x", "a;from-tag=y",
                                     "a;to-tag=x;to-tag=z;from-tag=y", "a b;to-tag=x;from-tag=y"}) {
    EXPECT_FALSE(parse_replaces(bad)) << bad;
  }
}

TEST(Key, IsReadFromBothTypes) {
  const std::string_view relay = "application/dtmf-relay", plain = "application/dtmf";
  EXPECT_EQ(parse_key(relay, "Signal=0\r\nDuration=100")->event, 0);
  EXPECT_EQ(parse_key(relay, "signal = a\r\n")->event, 12);
  EXPECT_EQ(parse_key(relay, "Signal=11\r\n")->event, 11);
  EXPECT_EQ(parse_key(plain, "9")->event, 9);
  EXPECT_EQ(parse_key(plain, "#\r\n")->event, 11);
  EXPECT_EQ(parse_key(plain, "").error().code, Errc::malformed);
  EXPECT_EQ(parse_key(relay, "Signal=").error().code, Errc::malformed);
  EXPECT_EQ(parse_key(relay, "Signal=55").error().code, Errc::malformed);
  EXPECT_EQ(parse_key(relay, std::string(2, '\0')).error().code, Errc::malformed);
  EXPECT_EQ(parse_key("text/plain", "9").error().code, Errc::unsupported);
}

}  // namespace
}  // namespace cord::sip
