#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class UserAgentClient : public World {};

TEST_F(UserAgentClient, CallsAndIsAnswered) {
  OutgoingCall call = outgoing();
  call.headers = {{"Call-Info", "<sip:127.0.0.1>;answer-after=0"}};
  call_phone(call);
  EXPECT_EQ(last_flow, phone);
  EXPECT_EQ(print(invite.uri), "sip:1001@127.0.0.1:5071");
  EXPECT_EQ(print(invite.to().uri), "sip:1001@127.0.0.1");
  EXPECT_EQ(invite.from().display, "Bob");
  EXPECT_FALSE(invite.from_tag().empty());
  EXPECT_TRUE(invite.has("Call-Info"));
  EXPECT_NE(invite.body.find("m=audio 20000 RTP/AVP 0 8 101"), std::string::npos);
  receive(reply(invite, 180), phone);
  receive(reply(invite, 180), phone);
  EXPECT_TRUE(next<CallRinging>().has_value());
  EXPECT_FALSE(next<CallRinging>().has_value());
  receive(reply(invite, 200, "phone", sdp_text()), phone);
  const Message ack = next_sent("ACK").value();
  EXPECT_EQ(ack.cseq().number, 1U);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 40000);
  EXPECT_TRUE(next<CallAnswered>().has_value());
  pass(30s);  // ring_max means nothing any more.
  EXPECT_FALSE(next<CallEnded>().has_value());
}

TEST_F(UserAgentClient, CallsANameWhereItIs) {
  OutgoingCall call = outgoing("sip:1001@pbx.carrier.test");
  call.next_hop = NextHop{Transport::udp, phone.remote};
  call_phone(call);
  EXPECT_EQ(last_flow, phone);
  EXPECT_EQ(print(invite.uri), "sip:1001@pbx.carrier.test");
  call.next_hop = NextHop{Transport::tls, phone.remote};
  EXPECT_EQ(agent->invite(call, now).error().code, Errc::unsupported);
}

TEST_F(UserAgentClient, AcknowledgesA200EachTimeItComes) {
  outbound_call();
  receive(reply(invite, 200, "phone", sdp_text()), phone);
  receive(reply(invite, 200, "phone", sdp_text()), phone);
  EXPECT_EQ(count_sent("ACK"), 2U);
  EXPECT_FALSE(next<CallAnswered>().has_value());
}

TEST_F(UserAgentClient, TakesTheDescriptionOfThe183IfThe200HasNone) {
  call_phone();
  receive(reply(invite, 183, "phone", sdp_text("sendrecv", 42000)), phone);
  receive(reply(invite, 200, "phone"), phone);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 42000);
}

TEST_F(UserAgentClient, EndsACallAnsweredWithoutDescription) {
  call_phone();
  receive(reply(invite, 200, "phone"), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::failed);
}

TEST_F(UserAgentClient, TellsWhyItWasRefused) {
  call_phone();
  receive(reply(invite, 486), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  const auto ended = next<CallEnded>().value();
  EXPECT_EQ(ended.cause, EndCause::busy);
  EXPECT_EQ(ended.status, 486);
  EXPECT_EQ(ended.detail, "486 X");
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST(CauseOfStatus, KnowsAllClasses) {
  const std::vector<std::pair<std::uint16_t, EndCause>> table{
      {302, EndCause::rejected},    {400, EndCause::failed},      {401, EndCause::rejected},
      {403, EndCause::rejected},    {404, EndCause::unreachable}, {407, EndCause::rejected},
      {408, EndCause::unreachable}, {410, EndCause::unreachable}, {480, EndCause::unreachable},
      {486, EndCause::busy},        {488, EndCause::failed},      {500, EndCause::failed},
      {503, EndCause::unreachable}, {600, EndCause::busy},        {603, EndCause::rejected},
      {604, EndCause::unreachable}};
  for (const auto& [status, cause] : table) EXPECT_EQ(cause_of_status(status), cause) << status;
}

TEST_F(UserAgentClient, NobodyAnswersAtAll) {
  call_phone(OutgoingCall{outgoing()});
  OutgoingCall patient = outgoing();
  patient.ring_max = 60s;
  const CallHandle second = agent->invite(patient, now).value();
  pass(33s);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::timeout);  // The first: ring_max, 20 s.
  const auto ended = next<CallEnded>().value();
  EXPECT_EQ(ended.call, second);
  EXPECT_EQ(ended.cause, EndCause::unreachable);  // Timer B, 32 s.
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentClient, RingsNoLongerThanItMay) {
  call_phone();
  receive(reply(invite, 180), phone);
  pass(19s);
  EXPECT_EQ(count_sent("CANCEL"), 0U);
  pass(2s);
  EXPECT_TRUE(next_sent("CANCEL").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::timeout);
  receive(reply(invite, 487), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentClient, WaitsWithTheCancelForAProvisional) {
  const CallHandle call = call_phone();
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(count_sent("CANCEL"), 0U);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::request);
  receive(reply(invite, 100, ""), phone);
  const Message cancel = next_sent("CANCEL").value();
  EXPECT_EQ(cancel.top_via().branch(), invite.top_via().branch());
  receive(reply(cancel, 200), phone);
  receive(reply(invite, 487), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentClient, ACancelThatCrossesA200IsFollowedByBye) {
  const CallHandle call = call_phone();
  receive(reply(invite, 180), phone);
  agent->hang_up(call, now);
  collect();
  EXPECT_TRUE(next_sent("CANCEL").has_value());
  facts.clear();
  receive(reply(invite, 200, "phone", sdp_text()), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  const Message bye = next_sent("BYE").value();
  EXPECT_EQ(bye.to_tag(), "phone");
  EXPECT_EQ(bye.cseq().number, 2U);
  receive(reply(bye, 200), phone);
  EXPECT_TRUE(facts.empty());
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentClient, TheFirstForkThatAnswersWins) {
  call_phone();
  receive(reply(invite, 180, "one"), phone);
  receive(reply(invite, 180, "two"), phone);
  receive(reply(invite, 200, "two", sdp_text("sendrecv", 42000)), phone);
  EXPECT_EQ(next_sent("ACK").value().to_tag(), "two");
  EXPECT_TRUE(next<CallAnswered>().has_value());
  receive(reply(invite, 200, "one", sdp_text("sendrecv", 41000)), phone);
  EXPECT_EQ(next_sent("ACK").value().to_tag(), "one");
  EXPECT_EQ(next_sent("BYE").value().to_tag(), "one");
  EXPECT_TRUE(facts.empty());
  receive(reply(invite, 200, "one", sdp_text()), phone);  // Its ACK was lost.
  EXPECT_EQ(count_sent("ACK"), 1U);
  EXPECT_EQ(count_sent("BYE"), 0U);
}

TEST_F(UserAgentClient, RemembersABoundedNumberOfForks) {
  restart(config_with(&UserAgentConfig::early_dialogs_max, 2));
  call_phone();
  for (int i = 0; i < 50; ++i) receive(reply(invite, 180, fmt::format("f{}", i)), phone);
  for (int i = 0; i < 50; ++i) {
    receive(reply(invite, 200, fmt::format("f{}", i), sdp_text()), phone);
  }
  EXPECT_EQ(count_sent("ACK"), 50U);
  EXPECT_EQ(count_sent("BYE"), 49U);
}

TEST_F(UserAgentClient, AByeOfOneBranchLeavesTheOthers) {
  call_phone();
  receive(reply(invite, 180, "one"), phone);
  Written bye{.method = "BYE", .from_tag = "one", .to_tag = invite.from_tag()};
  bye.call_id = invite.call_id();
  receive(bye, phone);
  EXPECT_TRUE(next_sent("200").has_value());
  EXPECT_FALSE(next<CallEnded>().has_value());
  receive(reply(invite, 200, "two", sdp_text()), phone);
  EXPECT_TRUE(next<CallAnswered>().has_value());
}

TEST_F(UserAgentClient, ASpoiledContactStillGetsAckAndBye) {
  call_phone();
  std::string text = reply(invite, 200, "phone", sdp_text());
  text.replace(text.find("<sip:1001@127.0.0.1:5071>"), 25, "*");
  receive(text, phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::failed);
}

TEST_F(UserAgentClient, CallsOverTcp) {
  call_phone(outgoing("sip:1001@127.0.0.1:5071;transport=tcp"));
  EXPECT_EQ(last_flow, (Flow{Transport::tcp, 1, {loopback, 5071}, 0}));
  EXPECT_NE(invite.value(header::contact).find("transport=tcp"), std::string::npos);
  const Flow connected{Transport::tcp, 1, {loopback, 5071}, 4};
  std::string ok = reply(invite, 200, "phone", sdp_text());
  ok.replace(ok.find("5071>"), 5, "5071;transport=tcp>");
  receive(ok, connected);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_EQ(last_flow, connected);
  agent->transport_failed(connected, now);  // The dialog survives, on a connection of its own.
  agent->hang_up(CallHandle{1}, now);
  collect();
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(last_flow.connection, 0U);
}

TEST_F(UserAgentClient, AConnectionThatCannotBeMadeEndsTheCall) {
  call_phone(outgoing("sip:1001@127.0.0.1:5071;transport=tcp"));
  agent->transport_failed(last_flow, now);
  collect();
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentClient, RefusesWhereItCannotGo) {
  for (const std::string to :
       {"sip:1001@phone.test", "sips:1001@127.0.0.1", "sip:1001@127.0.0.1;transport=ws"}) {
    EXPECT_EQ(agent->invite(outgoing(to), now).error().code, Errc::unsupported) << to;
  }
  EXPECT_EQ(agent->live_calls(), 0U);
}

TEST_F(UserAgentClient, ATableFullOfTransactionsRefusesTheCall) {
  UserAgentConfig config;
  config.transactions.transactions_max = 1;
  restart(config);
  call_phone();
  EXPECT_EQ(agent->invite(outgoing(), now).error().code, Errc::full);
  EXPECT_EQ(agent->live_calls(), 1U);
  EXPECT_EQ(agent->held_calls(), 1U);
}

}  // namespace
}  // namespace cord::sip::test
