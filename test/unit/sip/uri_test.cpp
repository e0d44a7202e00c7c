#include "sip/codec/uri.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

TEST(Uri, ReadsEveryPart) {
  const auto uri = parse_uri("SIP:alice:secret@Example.com:5070;transport=tcp;lr?subject=x&a=b");
  ASSERT_TRUE(uri) << uri.error().detail;
  EXPECT_EQ(uri->scheme, "sip");
  EXPECT_EQ(uri->user, "alice");
  EXPECT_EQ(uri->password, "secret");
  EXPECT_EQ(uri->host, "Example.com");
  EXPECT_EQ(uri->port, 5070);
  EXPECT_EQ(uri->params.value("TRANSPORT"), "tcp");
  EXPECT_TRUE(uri->params.has("lr"));
  EXPECT_EQ(uri->headers, "subject=x&a=b");
  EXPECT_EQ(print(*uri), "sip:alice:secret@Example.com:5070;transport=tcp;lr?subject=x&a=b");
}

TEST(Uri, ReadsIpv6ReferencesAndTelAndUnknownSchemes) {
  const auto v6 = parse_uri("sip:bob@[2001:db8::10]:5070");
  ASSERT_TRUE(v6) << v6.error().detail;
  EXPECT_EQ(v6->host, "[2001:db8::10]");
  EXPECT_EQ(v6->port, 5070);
  EXPECT_EQ(print(*v6), "sip:bob@[2001:db8::10]:5070");

  const auto tel = parse_uri("tel:+1-201-555-0123;phone-context=x");
  ASSERT_TRUE(tel);
  EXPECT_EQ(tel->user, "+1-201-555-0123");
  EXPECT_EQ(print(*tel), "tel:+1-201-555-0123;phone-context=x");

  const auto other = parse_uri("soap.beep://192.0.2.103:3002");
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->is_sip());
  EXPECT_EQ(print(*other), "soap.beep://192.0.2.103:3002");
}

TEST(Uri, UndoesEscapesOnlyWhenAsked) {
  const auto uri = parse_uri("sip:sips%3Auser%40example.com@example.net");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->user, "sips%3Auser%40example.com");
  EXPECT_EQ(uri->user_text(), "sips:user@example.com");
  EXPECT_EQ(parse_uri("sip:%00%00@h")->user_text(), std::string(2, '\0'));
}

TEST(Uri, EscapesWhatAUserPartMayNotHold) {
  const Uri uri = sip_uri("*69#; a", "127.0.0.1", 5071);
  EXPECT_EQ(print(uri), "sip:*69%23%3B%20a@127.0.0.1:5071");
  EXPECT_EQ(parse_uri(print(uri))->user_text(), "*69#; a");
}

TEST(Uri, RefusesWhatIsNoUri) {
  for (const std::string_view text :
       {"",           "sip",         "sip:",      ":x",        "1sip:x",     "sip:@host",
        "sip:user@",  "sip:user@;x", "sip:a@b@c", "sip:a b@c", "sip:<a>@c",  "sip:\"a\"@c",
        "sip:h:port", "sip:h:70000", "sip:h:0",   "sip:h:",    "sip:h;",     "sip:h;=x",
        "sip:h?",     "sip:%zz@h",   "sip:a%4@h", "sip:[::1",  "sip:[::1]x", "sip:x[::1]",
        "sip:a@h/x",  "sip:a::b@h",  "tel:",      "tel:abc;;", "tel:xyz",    "sip:h;a=<"}) {
    EXPECT_FALSE(parse_uri(text)) << text;
  }
}

TEST(Uri, RefusesTooLongOnes) {
  const std::string longest = "sip:" + std::string(uri_bytes_max - 4, 'a');
  EXPECT_TRUE(parse_uri(longest));
  const auto over = parse_uri(longest + 'a');
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Errc::too_long);
}

TEST(Uri, TakesLinearTimeOnHostileInput) {
  const auto repeated = [](std::string_view unit) {
    std::string text = "sip:";
    while (text.size() + unit.size() <= uri_bytes_max) text += unit;
    return text;
  };
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    for (const std::string_view unit :
         {"a", ":", "@", ";", "?", "[", "a:", "a@;", "[a", ";=", "%41"}) {
      (void)parse_uri(repeated(unit));
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

// The pairs of RFC 3261 §19.1.4.
TEST(Uri, ComparesAsTheRfcDoes) {
  const auto same = [](std::string_view a, std::string_view b) {
    const bool one_way = equivalent(*parse_uri(a), *parse_uri(b));
    EXPECT_EQ(one_way, equivalent(*parse_uri(b), *parse_uri(a)));
    return one_way;
  };
  EXPECT_TRUE(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_TRUE(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  EXPECT_TRUE(same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
  EXPECT_FALSE(same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  EXPECT_FALSE(same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
  EXPECT_FALSE(same("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
  EXPECT_FALSE(same("sip:carol@chicago.com;security=off", "sip:carol@chicago.com;security=on"));
}

}  // namespace
}  // namespace cord::sip
