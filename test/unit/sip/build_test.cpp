#include "sip/build.hpp"

#include <string>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

Message invite() {
  return *parse_message(
      "INVITE sip:bob@biloxi.example SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb\r\n"
      "Max-Forwards: 68\r\nTo: <sip:bob@biloxi.example>\r\nFrom: <sip:alice@a.example>;tag=1\r\n"
      "Call-ID: c1\r\nCSeq: 7 INVITE\r\nRoute: <sip:p1;lr>\r\nRecord-Route: <sip:p9;lr>\r\n"
      "Timestamp: 54\r\nContent-Length: 0\r\n\r\n");
}

TEST(MakeResponse, CopiesWhatItMust) {
  const Message ringing = make_response(invite(), 180, {}, "99");
  EXPECT_EQ(ringing.status, 180);
  EXPECT_EQ(ringing.reason, "Ringing");
  EXPECT_EQ(ringing.list(header::via).size(), 2u);
  EXPECT_EQ(ringing.to_tag(), "99");
  EXPECT_EQ(ringing.value(header::record_route), "<sip:p9;lr>");
  EXPECT_FALSE(ringing.has(header::timestamp));
  EXPECT_TRUE(parse_message(print(ringing)));
}

TEST(MakeResponse, TakesTheTagOnlyWhereItBelongs) {
  const Message trying = make_response(invite(), 100, {}, "99");
  EXPECT_EQ(trying.to_tag(), "");
  EXPECT_EQ(trying.value(header::timestamp), "54");
  EXPECT_FALSE(trying.has(header::record_route));
  Message inside = invite();
  inside.set(header::to, "<sip:bob@biloxi.example>;tag=old");
  EXPECT_EQ(make_response(inside, 200, {}, "99").to_tag(), "old");
  const Message busy = make_response(invite(), 486, "No", "99");
  EXPECT_EQ(busy.reason, "No");
  EXPECT_FALSE(busy.has(header::record_route));
}

TEST(MakeCancel, IsTheInviteWithAnotherMethod) {
  const Message cancel = make_cancel(invite());
  EXPECT_EQ(cancel.method, method::cancel);
  EXPECT_EQ(cancel.uri, invite().uri);
  EXPECT_EQ(cancel.list(header::via).size(), 1u);
  EXPECT_EQ(cancel.top_via().branch(), "z9hG4bKa");
  EXPECT_EQ(cancel.cseq(), (CSeq{7, "CANCEL"}));
  EXPECT_EQ(cancel.value(header::to), invite().value(header::to));
  EXPECT_EQ(cancel.value(header::from), invite().value(header::from));
  EXPECT_EQ(cancel.value(header::route), "<sip:p1;lr>");
  EXPECT_TRUE(parse_message(print(cancel)));
}

TEST(MakeAckForFailure, TakesTheToOfTheResponse) {
  const Message ack = make_ack_for_failure(invite(), make_response(invite(), 486, {}, "99"));
  EXPECT_EQ(ack.method, method::ack);
  EXPECT_EQ(ack.cseq(), (CSeq{7, "ACK"}));
  EXPECT_EQ(ack.to_tag(), "99");
  EXPECT_EQ(ack.top_via().branch(), "z9hG4bKa");
  EXPECT_TRUE(parse_message(print(ack)));
}

TEST(MakeRequest, HasAllButTheVia) {
  RequestParts parts;
  parts.method = method::options;
  parts.uri = sip_uri("bob", "biloxi.example");
  parts.from = *parse_name_addr("<sip:alice@a.example>;tag=1");
  parts.to = *parse_name_addr("<sip:bob@biloxi.example>");
  parts.call_id = "c2";
  parts.cseq = 3;
  Message request = make_request(parts);
  EXPECT_FALSE(parse_message(print(request)));
  request.add_first(header::via, "SIP/2.0/UDP h;branch=z9hG4bKx");
  set_body(request, "text/plain", "hi");
  const auto parsed = parse_message(print(request));
  ASSERT_TRUE(parsed) << parsed.error().where;
  EXPECT_EQ(parsed->max_forwards(), 70u);
  EXPECT_EQ(parsed->body, "hi");
  EXPECT_EQ(parsed->content_type(), "text/plain");
}

}  // namespace
}  // namespace cord::sip
