#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class ReInvite : public World {
 protected:
  Written theirs(int cseq, const std::string& body) const {
    Written it = in_dialog("INVITE", cseq);
    it.body = body;
    return it;
  }
};

TEST_F(ReInvite, HoldsAndRetrieves) {
  inbound_call();
  receive(theirs(2, sdp_text("sendonly", 40000, "0 8 101", 2)));
  EXPECT_NE(next_sent("200").value().body.find("a=recvonly"), std::string::npos);
  EXPECT_FALSE(next<MediaAgreed>().value().media.may_send);
  receive(in_dialog("ACK", 2));
  receive(theirs(3, sdp_text("inactive", 40000, "0 8 101", 3)));
  const auto inactive = next<MediaAgreed>().value().media;
  EXPECT_FALSE(inactive.may_send || inactive.may_receive);
  receive(in_dialog("ACK", 3));
  receive(theirs(4, sdp_text("sendrecv", 40000, "0 8 101", 4)));
  EXPECT_TRUE(next<MediaAgreed>().value().media.may_send);
}

TEST_F(ReInvite, HoldsTheOldWay) {
  inbound_call();
  std::string body = sdp_text("sendrecv", 40000, "0 8 101", 2);
  body.replace(body.find("c=IN IP4 127.0.0.1"), 18, "c=IN IP4 0.0.0.0");
  receive(theirs(2, body));
  EXPECT_FALSE(next<MediaAgreed>().value().media.may_send);
}

TEST_F(ReInvite, ChangesAddressAndCodec) {
  inbound_call();
  Written it = theirs(2, sdp_text("sendrecv", 43000, "8 101", 2));
  it.contact = "<sip:moved@127.0.0.1:5081>";
  receive(it);
  const auto agreed = next<MediaAgreed>().value().media;
  EXPECT_EQ(agreed.codec, Codec::pcma);
  EXPECT_EQ(agreed.remote.port, 43000);
  receive(in_dialog("ACK", 2));
  agent->hang_up(CallHandle{1}, now);
  collect();
  EXPECT_EQ(print(next_sent("BYE").value().uri), "sip:moved@127.0.0.1:5081");
}

TEST_F(ReInvite, WithoutOfferGetsOurs) {
  inbound_call();
  receive(theirs(2, ""));
  EXPECT_NE(next_sent("200").value().body.find("m=audio 20000"), std::string::npos);
  EXPECT_FALSE(next<MediaAgreed>().has_value());
  Written ack = in_dialog("ACK", 2);
  ack.body = sdp_text("sendrecv", 44000, "0");
  receive(ack);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 44000);
}

TEST_F(ReInvite, WithoutOfferAndAnswerLeavesTheSession) {
  inbound_call();
  receive(theirs(2, ""));
  receive(in_dialog("ACK", 2));
  EXPECT_FALSE(next<CallEnded>().has_value());
  EXPECT_EQ(agent->live_calls(), 1U);
}

TEST_F(ReInvite, ThatCannotBeAgreedOnGets488) {
  inbound_call();
  receive(theirs(2, sdp_text("sendrecv", 40000, "9", 2)));
  EXPECT_TRUE(next_sent("488").has_value());
  EXPECT_FALSE(next<MediaAgreed>().has_value());
  EXPECT_EQ(agent->live_calls(), 1U);
}

TEST_F(ReInvite, BeforeTheFinalAnswerGets500) {
  agent->ring(offered(), now);
  collect();
  our_tag = next_sent("180").value().to_tag();
  receive(theirs(2, sdp_text()));
  const Message refusal = next_sent("500").value();
  EXPECT_LE(std::stoi(std::string(refusal.value(header::retry_after))), 10);
}

TEST_F(ReInvite, BeforeTheAckIsTakenForIt) {
  agent->answer(offered(), our_media(), now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  receive(theirs(2, sdp_text("sendonly", 40000, "0", 2)));
  EXPECT_TRUE(next_sent("200").has_value());
  receive(in_dialog("ACK", 2));
  pass(40s);
  EXPECT_FALSE(next<CallEnded>().has_value());
  EXPECT_EQ(count_sent("200"), 0U);
}

TEST_F(ReInvite, WhileOurOfferIsOpenGets491) {
  receive(Written{});
  agent->answer(next<CallOffered>().value().call, our_media(), now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  receive(theirs(2, sdp_text()));
  EXPECT_TRUE(next_sent("491").has_value());
}

TEST_F(ReInvite, Its200IsRepeatedUntilTheAck) {
  inbound_call();
  receive(theirs(2, sdp_text("sendonly", 40000, "0", 2)));
  forget_sent();
  pass(2s);
  EXPECT_EQ(count_sent("200"), 2U);
  pass(40s);
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::failed);
}

TEST_F(ReInvite, OfOursSucceeds) {
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  collect();
  const Message again = next_sent("INVITE").value();
  EXPECT_EQ(again.to_tag(), "phone");
  EXPECT_EQ(again.cseq().number, 2U);
  EXPECT_NE(again.body.find("m=audio 20002"), std::string::npos);
  const std::string ok = reply(again, 200, "phone", sdp_text("sendrecv", 45000));
  receive(ok, phone);
  EXPECT_EQ(next_sent("ACK").value().cseq().number, 2U);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 45000);
  EXPECT_TRUE(next<ReinviteEnded>().value().ok);
  receive(ok, phone);
  EXPECT_EQ(next_sent("ACK").value().cseq().number, 2U);
  pass(60s);
  EXPECT_FALSE(agent->next_due().has_value());
}

TEST_F(ReInvite, OfOursWaitsForTheAckOfTheFirst) {
  const CallHandle call = offered();
  agent->answer(call, our_media(), now);
  agent->reinvite(call, our_media(20002), now);
  collect();
  EXPECT_EQ(count_sent("INVITE"), 0U);
  our_tag = next_sent("200").value().to_tag();
  receive(in_dialog("ACK", 1));
  EXPECT_TRUE(next_sent("INVITE").has_value());
}

TEST_F(ReInvite, TwoMeetAndOursTriesAgain) {
  const CallHandle call = inbound_call();
  agent->reinvite(call, our_media(20002), now);
  collect();
  const Message first = next_sent("INVITE").value();
  receive(theirs(2, sdp_text()));
  EXPECT_TRUE(next_sent("491").has_value());
  receive(reply(first, 491));
  EXPECT_TRUE(next_sent("ACK").has_value());
  const Instant before = now;
  while (count_sent("INVITE") == 0 && now < before + 10s) pass(10ms);
  EXPECT_LE(now - before, 2s + 10ms);  // The other side owns the Call-ID.
  const Message second = next_sent("INVITE").value();
  receive(reply(second, 200, "", sdp_text()));
  EXPECT_TRUE(next<ReinviteEnded>().value().ok);
}

TEST_F(ReInvite, TheOwnerOfTheCallIdWaitsLonger) {
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  collect();
  receive(reply(next_sent("INVITE").value(), 491), phone);
  const Instant before = now;
  while (count_sent("INVITE") == 0 && now < before + 10s) pass(10ms);
  EXPECT_GE(now - before, 2100ms);
  EXPECT_LE(now - before, 4010ms);
}

TEST_F(ReInvite, OfOursGivesUpAfterSomeTries) {
  restart(config_with(&UserAgentConfig::reinvite_tries_max, 3));
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  collect();
  for (int i = 0; i < 3; ++i) {
    receive(reply(next_sent("INVITE").value(), 500, "", "", "Retry-After: 3\r\n"), phone);
    forget_sent();
    pass(3'100ms);
  }
  EXPECT_FALSE(next<ReinviteEnded>().value().ok);
  EXPECT_FALSE(next<CallEnded>().has_value());
}

TEST_F(ReInvite, OfOursRefusedLeavesTheSession) {
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  agent->reinvite(call, our_media(20004), now);
  collect();
  EXPECT_EQ(next<ReinviteEnded>().value().detail, "another one is under way");
  receive(reply(next_sent("INVITE").value(), 488), phone);
  EXPECT_EQ(next<ReinviteEnded>().value().detail, "488 X");
  EXPECT_FALSE(next<CallEnded>().has_value());
}

TEST_F(ReInvite, OfOursThatFindsNoDialogEndsTheCall) {
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  collect();
  receive(reply(next_sent("INVITE").value(), 481), phone);
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
}

TEST_F(ReInvite, OfOursWithoutAnswerEndsTheCall) {
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  pass(33s);
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_FALSE(next<ReinviteEnded>().value().ok);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
  pass(2min);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(ReInvite, OfOursEndsWithTheCall) {
  const CallHandle call = outbound_call();
  agent->reinvite(call, our_media(20002), now);
  agent->hang_up(call, now);
  collect();
  const Message again = next_sent("INVITE").value();
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_FALSE(next<ReinviteEnded>().value().ok);
  receive(reply(again, 200, "phone", sdp_text()), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_FALSE(next<MediaAgreed>().has_value());
}

}  // namespace
}  // namespace cord::sip::test
