// Following a 3xx: RFC 3261 §8.1.3.4.
#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class Redirect : public World {
 protected:
  CallHandle call_trunk() {
    OutgoingCall it = outgoing("sip:5550100@127.0.0.1:5080");
    it.redirects = {{loopback, 5080}, {loopback, 5082}};
    return call_phone(it);
  }

  void move_to(const std::string& contacts, int status = 302) {
    std::string text = reply(invite, status, "gone");
    text.insert(text.find("Content-Length"), contacts);
    receive(text);
  }

  /// The next INVITE goes there.
  void expect_invite(const std::string& uri) {
    const auto next = next_sent("INVITE");
    ASSERT_TRUE(next.has_value()) << uri;
    EXPECT_EQ(print(next->uri), uri);
    EXPECT_EQ(next->call_id(), invite.call_id());
    EXPECT_EQ(next->from_tag(), invite.from_tag());
    EXPECT_EQ(next->to_tag(), "");
    EXPECT_EQ(next->cseq().number, invite.cseq().number + 1);
    invite = *next;
  }
};

TEST_F(Redirect, IsFollowedWithinTheCall) {
  const CallHandle call = call_trunk();
  move_to("Contact: <sip:5550100@127.0.0.1:5082>\r\n");
  EXPECT_EQ(count_sent("ACK"), 1U);
  expect_invite("sip:5550100@127.0.0.1:5082");
  EXPECT_EQ(last_flow.remote.port, 5082);
  receive(reply(invite, 200, "new", sdp_text()));
  EXPECT_EQ(next<CallAnswered>().value().call, call);
  EXPECT_EQ(agent->counters().redirects_followed, 1U);
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(next_sent("BYE").value().cseq().number, 3U);
}

TEST_F(Redirect, TakesTheMostWantedFirstAndThenTheNext) {
  call_trunk();
  move_to(
      "Contact: <sip:c@127.0.0.1:5082>;q=0.25, <sip:a@127.0.0.1:5082>\r\n"
      "Contact: <sip:b@127.0.0.1:5082>;q=0.7\r\n");
  expect_invite("sip:a@127.0.0.1:5082");
  receive(reply(invite, 486, "busy"));
  expect_invite("sip:b@127.0.0.1:5082");
  receive(reply(invite, 480, "away"));
  expect_invite("sip:c@127.0.0.1:5082");
  receive(reply(invite, 486, "busy"));
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::busy);
}

TEST_F(Redirect, StopsWhenSomebodySpeaksForAll) {
  call_trunk();
  move_to("Contact: <sip:a@127.0.0.1:5082>, <sip:b@127.0.0.1:5082>\r\n");
  expect_invite("sip:a@127.0.0.1:5082");
  receive(reply(invite, 603, "no"));
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
  EXPECT_EQ(count_sent("INVITE"), 0U);
}

TEST_F(Redirect, GoesNowhereElse) {
  call_trunk();
  move_to(
      "Contact: <sip:a@127.0.0.1:5083>, <sip:b@127.0.0.9:5082>, <tel:+15550100>, "
      "<sip:c@name.test>, <sips:d@127.0.0.1:5082>\r\n");
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
  EXPECT_EQ(count_sent("INVITE"), 0U);
}

TEST_F(Redirect, OfAPhoneEndsTheCall) {
  call_phone();
  std::string text = reply(invite, 302, "gone");
  text.insert(text.find("Content-Length"), "Contact: <sip:a@127.0.0.1:5071>\r\n");
  receive(text, phone);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
}

TEST_F(Redirect, WithoutContactEndsTheCall) {
  call_trunk();
  move_to("");
  EXPECT_EQ(next<CallEnded>().value().status, 302);
}

TEST_F(Redirect, DoesNotGoInCircles) {
  call_trunk();
  move_to("Contact: <sip:5550100@127.0.0.1:5080>\r\n");
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
  call_trunk();
  move_to("Contact: <sip:a@127.0.0.1:5080>\r\n");
  expect_invite("sip:a@127.0.0.1:5080");
  move_to("Contact: <sip:5550100@127.0.0.1:5080>\r\n");
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
}

TEST_F(Redirect, HasALimit) {
  call_trunk();
  for (int i = 0; i < 5; ++i) {
    move_to(fmt::format("Contact: <sip:{}@127.0.0.1:5080>\r\n", i));
    expect_invite(fmt::format("sip:{}@127.0.0.1:5080", i));
  }
  move_to("Contact: <sip:5@127.0.0.1:5080>\r\n");
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
}

TEST_F(Redirect, TakesNoMoreTimeThanTheCallHas) {
  call_trunk();
  pass(15s);
  forget_sent();
  move_to("Contact: <sip:a@127.0.0.1:5080>\r\n");
  expect_invite("sip:a@127.0.0.1:5080");
  receive(reply(invite, 180, "a"));
  pass(6s);
  EXPECT_TRUE(next_sent("CANCEL").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::timeout);
  receive(reply(invite, 487, "a"));
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(Redirect, AfterWeHungUpIsNotFollowed) {
  const CallHandle call = call_trunk();
  receive(reply(invite, 180, "a"));
  agent->hang_up(call, now);
  collect();
  forget_sent();
  move_to("Contact: <sip:a@127.0.0.1:5080>\r\n");
  EXPECT_EQ(count_sent("INVITE"), 0U);
}

TEST_F(Redirect, A503WithRetryAfterIsLeftAlone) {
  call_trunk();
  receive(reply(invite, 503, "full", {}, "Retry-After: 20 (busy)\r\n"));
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
  EXPECT_EQ(agent->invite(outgoing("sip:1@127.0.0.1:5080"), now).error().code, Errc::not_accepting);
  EXPECT_TRUE(agent->invite(outgoing("sip:1@127.0.0.1:5082"), now).has_value());
  pass(21s);
  EXPECT_TRUE(agent->invite(outgoing("sip:1@127.0.0.1:5080"), now).has_value());
}

TEST_F(Redirect, A503WithoutRetryAfterIsNot) {
  call_trunk();
  receive(reply(invite, 503, "full"));
  EXPECT_TRUE(agent->invite(outgoing("sip:1@127.0.0.1:5080"), now).has_value());
}

}  // namespace
}  // namespace cord::sip::test
