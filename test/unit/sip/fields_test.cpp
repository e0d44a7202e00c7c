#include "sip/codec/fields.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

TEST(Via, ReadsSpacesAndParameters) {
  const auto via = parse_via("SIP  / 2.0  / udp   Host.example : 5062 ; branch = z9hG4bK1 ;rport");
  ASSERT_TRUE(via) << via.error().detail;
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->host, "Host.example");
  EXPECT_EQ(via->port, 5062);
  EXPECT_EQ(via->branch(), "z9hG4bK1");
  EXPECT_TRUE(via->params.has("rport"));
  EXPECT_EQ(print(*via), "SIP/2.0/UDP Host.example:5062;branch=z9hG4bK1;rport");
}

TEST(Via, IsNotFooledByQuotedParameters) {
  const auto via = parse_via("SIP/2.0/UDP h;x=\";branch=evil\";branch=good;received=2001:db8::9");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->branch(), "good");
  EXPECT_EQ(via->params.value("received"), "2001:db8::9");
  EXPECT_EQ(*parse_via(print(*via)), *via);
}

TEST(Via, RefusesBrokenOnes) {
  for (const std::string_view text :
       {"", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0 h", "SIP/2.0/UDPh;x", "HTTP/2.0/UDP h",
        "SIP/2.0/UDP h:", "SIP/2.0/UDP h:99999", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h;;",
        "SIP/2.0/UDP h;a=", "SIP/2.0/UDP h;a=\"x", "SIP/2.0/UDP [::1", "SIP/2.0/UDP [zz]",
        "SIP/2.0/UDP h x"}) {
    EXPECT_FALSE(parse_via(text)) << text;
  }
  EXPECT_EQ(parse_via("SIP/7.0/UDP h").error().code, Errc::bad_version);
}

TEST(NameAddr, ReadsAllForms) {
  const auto quote = parse_name_addr(R"("J. \"Q\", <x>" <sip:j@h;lr>;tag=1)");
  ASSERT_TRUE(quote) << quote.error().detail;
  EXPECT_EQ(quote->display, "J. \"Q\", <x>");
  EXPECT_TRUE(quote->uri.params.has("lr"));
  EXPECT_EQ(quote->tag(), "1");
  EXPECT_EQ(*parse_name_addr(print(*quote)), *quote);

  const auto tokens = parse_name_addr("first second  <sip:j,k@h>");
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->display, "first second");
  EXPECT_EQ(tokens->uri.user, "j,k");

  const auto bare = parse_name_addr("sip:j@h;tag=9");
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->uri.params.items.empty()) << "they belong to the header field";
  EXPECT_EQ(bare->tag(), "9");
}

TEST(NameAddr, KeepsControlCharactersOfQuotedPairs) {
  const std::string text("\"N:\\\0 D:\\\x7f\" <sip:a@b>", 21);
  const auto address = parse_name_addr(text);
  ASSERT_TRUE(address) << address.error().detail;
  EXPECT_EQ(address->display, std::string("N:\0 D:\x7f", 7));
  EXPECT_EQ(*parse_name_addr(print(*address)), *address);
}

TEST(NameAddr, RefusesBrokenOnes) {
  for (const std::string_view text :
       {"", "<>", "\"open <sip:a@b>", "<sip:a@b", "Bell, A <sip:a@b>", "x < sip:a@b >",
        "\"a\" b <sip:a@b>", "sip:a@b?x=y", "<sip:a@b>;;", "<sip:a@b>;tag=", "<sip:a@b> x",
        "<sip:a@b>, <sip:c@d>"}) {
    EXPECT_FALSE(parse_name_addr(text)) << text;
  }
}

TEST(CSeq, HoldsTheBoundOfTheRfc) {
  EXPECT_EQ(*parse_cseq("0009 \t INVITE"), (CSeq{9, "INVITE"}));
  EXPECT_EQ(parse_cseq("2147483647 A")->number, 2147483647u);
  for (const std::string_view text : {"", "INVITE", "1", "1INVITE", "1 ", "-1 A", "2147483648 A",
                                      "36893488147419103232 A", "1 A B", "1 A<"}) {
    EXPECT_FALSE(parse_cseq(text)) << text;
  }
}

TEST(ContentType, IsLowerCaseWithoutParameters) {
  EXPECT_EQ(*parse_content_type("Application / SDP ; charset=\"a;b\""), "application/sdp");
  for (const std::string_view text : {"", "a", "a/", "/b", "a/b c", "a/b;"}) {
    EXPECT_FALSE(parse_content_type(text)) << text;
  }
}

TEST(SplitList, CutsAtCommasOutsideQuotesAndBrackets) {
  const auto list = split_list(R"("a,b" <sip:x,y@h> , c;d="e\",f")");
  ASSERT_TRUE(list);
  EXPECT_EQ(*list, (std::vector<std::string_view>{R"("a,b" <sip:x,y@h>)", R"(c;d="e\",f")"}));
  for (const std::string_view text : {"", ",", "a,", ",a", "a,,b", "\"a", "<a"}) {
    EXPECT_FALSE(split_list(text)) << text;
  }
}

TEST(Number, IsDigitsWithinABound) {
  EXPECT_EQ(*parse_number("000255", 255), 255u);
  EXPECT_EQ(parse_number("256", 255).error().code, Errc::too_long);
  EXPECT_EQ(parse_number(std::string(100, '9'), UINT32_MAX).error().code, Errc::too_long);
  for (const std::string_view text : {"", "-1", "+1", "1 ", "0x1", "1e3"}) {
    EXPECT_FALSE(parse_number(text, 255)) << text;
  }
}

TEST(Params, AreFoundInAnyCaseAndReplaced) {
  Params params;
  params.set("Branch", "1");
  params.set("branch", "2");
  params.set_flag("rport");
  EXPECT_EQ(params.items.size(), 2u);
  EXPECT_EQ(params.value("BRANCH"), "2");
  EXPECT_EQ(params.value("rport"), "");
  params.remove("RPORT");
  EXPECT_FALSE(params.has("rport"));
}

TEST(Params, HoldTheirLimitAndEachNameOnce) {
  std::string via = "SIP/2.0/UDP h";
  for (std::size_t i = 0; i < params_max; ++i) via += ";p" + std::to_string(i);
  EXPECT_TRUE(parse_via(via));
  EXPECT_EQ(parse_via(via + ";q").error().code, Errc::too_long);
  EXPECT_FALSE(parse_via("SIP/2.0/UDP h;branch=z9hG4bK1;Branch=z9hG4bK2"));
  EXPECT_FALSE(parse_uri("sip:h;lr;LR"));
}

}  // namespace
}  // namespace cord::sip
