#include "sip/message.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

constexpr std::string_view invite =
    "INVITE sip:bob@biloxi.example SIP/2.0\r\n"
    "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa, SIP/2.0/TCP proxy.example;branch=z9hG4bKb\r\n"
    "Max-Forwards: 70\r\n"
    "t: Bob <sip:bob@biloxi.example>\r\n"
    "f: \"Alice\" <sip:alice@atlanta.example>;tag=1928\r\n"
    "i: a84b4c76e66710@pc33\r\n"
    "CSeq: 314159 INVITE\r\n"
    "m: <sip:alice@pc33>, \"Other\" <sip:a2@pc33>;q=0.1\r\n"
    "Route: <sip:p1;lr>\r\n"
    "Route: <sip:p2;lr>, <sip:p3;lr>\r\n"
    "k: timer, 100rel\r\n"
    "Expires: 30\r\n"
    "X-Own: kept; as, is\r\n"
    "c: Application/SDP;x=y\r\n"
    "l: 4\r\n"
    "\r\n"
    "v=0\r\n";

std::string with(std::string_view from, std::string_view to) {
  std::string text(invite);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Message, ReadsARequest) {
  const auto message = parse_message(invite);
  ASSERT_TRUE(message) << message.error().where << " " << message.error().detail;
  EXPECT_TRUE(message->is_request());
  EXPECT_EQ(message->method, method::invite);
  EXPECT_EQ(message->uri.host, "biloxi.example");
  EXPECT_EQ(message->top_via().branch(), "z9hG4bKa");
  EXPECT_EQ(message->list(header::via).size(), 2u);
  EXPECT_EQ(message->from().display, "Alice");
  EXPECT_EQ(message->from_tag(), "1928");
  EXPECT_EQ(message->to_tag(), "");
  EXPECT_EQ(message->call_id(), "a84b4c76e66710@pc33");
  EXPECT_EQ(message->cseq(), (CSeq{314159, "INVITE"}));
  EXPECT_EQ(message->max_forwards(), 70u);
  EXPECT_EQ(message->expires_s(), 30u);
  EXPECT_EQ(message->content_type(), "application/sdp");
  EXPECT_EQ(message->value("x-own"), "kept; as, is");
  EXPECT_EQ(message->contacts()->items.size(), 2u);
  EXPECT_EQ(message->addresses(header::route)->at(2).uri.host, "p3");
  EXPECT_TRUE(message->lists(header::supported, "100REL"));
  EXPECT_FALSE(message->lists(header::supported, "replaces"));
  EXPECT_EQ(message->body, "v=0\r") << "Content-Length ends it; the rest is ignored";
  EXPECT_FALSE(message->has(header::content_length));
}

TEST(Message, PrintsWhatItRead) {
  const auto message = parse_message(invite);
  const auto again = parse_message(print(*message));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *message);
  EXPECT_NE(print(*message).find("\r\nContent-Length: 4\r\n\r\nv=0\r"), std::string::npos);
}

TEST(Message, ReadsAResponse) {
  const auto message = parse_message(
      "SIP/2.0 180 \r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
      "To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\nbody");
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is_response());
  EXPECT_EQ(message->status, 180);
  EXPECT_EQ(message->reason, "");
  EXPECT_EQ(message->to_tag(), "2");
  EXPECT_EQ(message->body, "body") << "without Content-Length all the rest";
}

TEST(Message, SkipsLeadingLineEnds) {
  EXPECT_TRUE(parse_message("\r\n\r\n" + std::string(invite)));
}

TEST(Message, EditsHeaders) {
  Message message = *parse_message(invite);
  message.set("ROUTE", "<sip:one;lr>");
  EXPECT_EQ(message.list(header::route).size(), 1u);
  message.remove("supported");
  EXPECT_FALSE(message.has(header::supported));
  message.add("s", "hello");
  EXPECT_EQ(message.headers.back().name, "Subject");
  message.add_first(header::via, "SIP/2.0/UDP new;branch=z9hG4bKn");
  EXPECT_EQ(message.top_via().host, "new");
  message.remove(header::via);
  message.add_first(header::via, "SIP/2.0/UDP a, SIP/2.0/UDP b , SIP/2.0/UDP c");
  Via via = message.top_via();
  via.params.set("received", "192.0.2.9");
  message.set_top_via(via);
  EXPECT_EQ(message.value(header::via),
            "SIP/2.0/UDP a;received=192.0.2.9, SIP/2.0/UDP b , SIP/2.0/UDP c");
}

TEST(Message, ReadsAsEmptyWhatSomebodyBuiltWithoutFields) {
  const Message message;
  EXPECT_EQ(message.top_via(), Via{});
  EXPECT_EQ(message.from_tag(), "");
  EXPECT_EQ(message.cseq(), CSeq{});
  EXPECT_EQ(message.max_forwards(), std::nullopt);
  EXPECT_TRUE(message.contacts()->items.empty());
}

TEST(Message, RefusesBrokenRequestsAndAnswersThem) {
  const struct {
    std::string text;
    std::uint16_t answer;
  } cases[] = {
      {with("SIP/2.0\r\nv:", "SIP/3.0\r\nv:"), 505},
      {with("SIP/2.0\r\nv:", "sip/2.0 \r\nv:"), 400},
      {with("INVITE sip", "INVITE  sip"), 400},
      {with("biloxi.example SIP", "biloxi.example?a=b SIP"), 400},
      {with("CSeq: 314159 INVITE", "CSeq: 314159 BYE"), 400},
      {with("CSeq: 314159 INVITE", "CSeq: 2147483648 INVITE"), 400},
      {with("CSeq: 314159 INVITE\r\n", ""), 400},
      {with("i: a84b", "i: a b"), 400},
      {with("i: a84b4c76e66710@pc33", "i:"), 400},
      {with("Max-Forwards: 70", "Max-Forwards: 256"), 400},
      {with("Max-Forwards: 70", "Max-Forwards: -1"), 400},
      {with("l: 4", "l: 400"), 400},
      {with("l: 4", "l: -4"), 400},
      {with("l: 4", "l: 4\r\nContent-Length: 4"), 400},
      {with("l: 4", "l: 99999999999999999999999"), 400},
      {with("tag=1928", "tag=\"x"), 400},
      {with("X-Own: ", "X-Own "), 400},
      {with("X-Own: ", "X Own: "), 400},
      {with("X-Own: kept", "X-Own: ke\rpt"), 400},
      {with("X-Own: kept", "X-Own: ke\npt"), 400},
      {with("m: <sip:alice@pc33>", "m: *"), 400},
      {with("Route: <sip:p1;lr>", "Route: <sip:p1;lr"), 400},
      {with("c: Application/SDP", "c: Application"), 400},
      {with("Expires: 30", "Expires: 30\r\nExpires: 31"), 400},
      {with("\r\n\r\nv=0\r\n", "\r\n"), 400},
  };
  for (const auto& c : cases) {
    const auto message = parse_message(c.text);
    ASSERT_FALSE(message) << c.text;
    const auto refusal = refusal_for(c.text, message.error());
    ASSERT_TRUE(refusal) << c.text;
    EXPECT_EQ(refusal->status, c.answer) << c.text;
    EXPECT_TRUE(refusal->has(header::via));
  }
}

TEST(Message, DropsWhatMustNotBeAnswered) {
  for (const std::string& text :
       {std::string(), std::string("hello"), std::string("\r\n\r\n"), std::string(70'000, 'x'),
        with("INVITE sip:bob@biloxi.example SIP/2.0", "SIP/2.0 2000 OK"),
        with("INVITE sip:bob@biloxi.example SIP/2.0", "SIP/2.0 099 OK"),
        with("INVITE sip:bob@biloxi.example SIP/2.0", "SIP/2.0 700 OK"),
        with("INVITE sip:bob@biloxi.example SIP/2.0", "SIP/2.0 200"),
        with("INVITE sip:bob@biloxi.example SIP/2.0", "SIP/1.0 200 OK"),
        with("INVITE sip:bob@biloxi.example", "ACK <sip:bob@biloxi.example>"),
        with("v: SIP/2.0/UDP", "X-Via: SIP/2.0/UDP") + "x"}) {
    const auto message = parse_message(text);
    ASSERT_FALSE(message) << text;
    EXPECT_FALSE(refusal_for(text, message.error())) << text;
  }
}

TEST(Message, HoldsItsLimits) {
  std::string many(invite.substr(0, invite.find("\r\n\r\n") + 2));
  const std::size_t rows = 14;
  for (std::size_t i = rows; i < headers_max; ++i) many += "Y: y\r\n";
  EXPECT_TRUE(parse_message(many + "\r\nv=0\r\n"));
  EXPECT_EQ(parse_message(many + "Y: y\r\n\r\nv=0\r\n").error().code, Errc::too_long);

  const std::string value(header_value_bytes_max, 'v');
  EXPECT_TRUE(parse_message(with("kept; as, is", value)));
  EXPECT_EQ(parse_message(with("kept; as, is", value + "v")).error().code, Errc::too_long);

  const std::string padding(message_bytes_max - invite.size(), ' ');
  EXPECT_TRUE(parse_message(std::string(invite) + padding));
  EXPECT_EQ(parse_message(std::string(invite) + padding + " ").error().code, Errc::too_long);
}

TEST(HeaderNames, AreSpelledOneWay) {
  EXPECT_EQ(canonical_header_name("CALL-id"), "Call-ID");
  EXPECT_EQ(canonical_header_name("I"), "Call-ID");
  EXPECT_EQ(canonical_header_name("www-authenticate"), "WWW-Authenticate");
  EXPECT_EQ(canonical_header_name("accept"), "Accept");
  EXPECT_EQ(canonical_header_name("X-y"), "X-y");
  EXPECT_EQ(canonical_header_name("q"), "q");
}

TEST(ReasonPhrase, FallsBackToTheClass) {
  EXPECT_EQ(reason_phrase(487), "Request Terminated");
  EXPECT_EQ(reason_phrase(599), "Server Failure");
  EXPECT_EQ(reason_phrase(606), "Not Acceptable");
}

TEST(MessageFault, SaysWhatIsWrong) {
  const auto fault = [](const std::string& bytes) {
    const auto message = parse_message(bytes);
    EXPECT_FALSE(message) << bytes;
    return fault_of(message.error());
  };
  EXPECT_EQ(fault("junk"), MessageFault::incomplete);
  EXPECT_EQ(fault(with("v=0", std::string(message_bytes_max, '.'))), MessageFault::too_large);
  EXPECT_EQ(fault(with("SIP/2.0\r\nv:", "SIP/3.0\r\nv:")), MessageFault::version);
  EXPECT_EQ(fault(with("INVITE sip:", "INVITE ")), MessageFault::start_line);
  EXPECT_EQ(fault(with("INVITE sip:bob@biloxi.example ", "")), MessageFault::start_line);
  EXPECT_EQ(fault(with("CSeq: 314159 INVITE\r\n", "")), MessageFault::missing_field);
  EXPECT_EQ(fault(with("i: a84b", "i: one\r\ni: a84b")), MessageFault::repeated_field);
  EXPECT_EQ(fault(with("CSeq: 314159", "CSeq: many")), MessageFault::field_value);
  EXPECT_EQ(fault(with("l: 4", "l: 4000")), MessageFault::content_length);
}

}  // namespace
}  // namespace cord::sip
