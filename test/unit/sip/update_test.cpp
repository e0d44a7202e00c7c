// UPDATE from the far end: RFC 3311, in every state of offer and answer.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class Update : public World {
 protected:
  [[nodiscard]] Written update(int cseq, const std::string& body) const {
    Written it = in_dialog("UPDATE", cseq);
    it.body = body;
    return it;
  }

  /// An UPDATE of the phone we call, in its early dialog.
  [[nodiscard]] Written update_of_phone(const std::string& body) const {
    return {.method = "UPDATE",
            .uri = "sip:127.0.0.1:5060",
            .branch = "z9hG4bKu1",
            .from_tag = "phone",
            .to_tag = invite.from_tag(),
            .call_id = std::string(invite.call_id()),
            .cseq = 1,
            .contact = "<sip:1001@127.0.0.1:5071>",
            .body = body};
  }

  void ring_reliably() {
    const CallHandle call = offered({.extra = "Supported: 100rel\r\n"});
    agent->progress(call, our_media(), now);
    collect();
    const Message ringing = next_sent("183").value();
    our_tag = ringing.to_tag();
    Written prack = in_dialog("PRACK", 2);
    prack.extra = fmt::format("RAck: {} 1 INVITE\r\n", ringing.value(header::rseq));
    receive(prack);
    forget_sent();
    facts.clear();
  }
};

TEST_F(Update, ChangesMediaAndTarget) {
  const CallHandle call = inbound_call();
  Written it = update(2, sdp_text("sendonly", 43000, "8", 2));
  it.contact = "<sip:moved@127.0.0.1:5081>";
  receive(it);
  const Message ok = next_sent("200").value();
  EXPECT_NE(ok.body.find("a=recvonly"), std::string::npos);
  EXPECT_TRUE(ok.has(header::contact));
  const auto agreed = next<MediaAgreed>().value().media;
  EXPECT_EQ(agreed.remote.port, 43000);
  EXPECT_FALSE(agreed.may_send);
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(print(next_sent("BYE").value().uri), "sip:moved@127.0.0.1:5081");
}

TEST_F(Update, WithoutOfferChangesTheTargetOnly) {
  const CallHandle call = inbound_call();
  Written it = update(2, "");
  it.contact = "<sip:moved@127.0.0.1:5081>";
  receive(it);
  EXPECT_TRUE(next_sent("200").value().body.empty());
  EXPECT_FALSE(next<MediaAgreed>().has_value());
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(print(next_sent("BYE").value().uri), "sip:moved@127.0.0.1:5081");
}

TEST_F(Update, OfNothingWeHaveGets488AndChangesNothing) {
  const CallHandle call = inbound_call();
  Written it = update(2, sdp_text("sendrecv", 43000, "9", 2));
  it.contact = "<sip:moved@127.0.0.1:5081>";
  receive(it);
  EXPECT_TRUE(next_sent("488").has_value());
  EXPECT_FALSE(next<MediaAgreed>().has_value());
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(print(next_sent("BYE").value().uri), "sip:caller@127.0.0.1:5080");
}

TEST_F(Update, NeedsToBeUnderstood) {
  inbound_call();
  Written it = update(2, sdp_text());
  it.extra = "Require: precondition\r\n";
  receive(it);
  EXPECT_EQ(next_sent("420").value().value(header::unsupported), "precondition");
  it = update(3, "hello");
  it.type = "text/plain";
  receive(it);
  EXPECT_TRUE(next_sent("415").has_value());
}

// Who has an open offer, and what an UPDATE with another one gets then: RFC 3311 §5.2.

TEST_F(Update, BeforeWeAnswerGets500) {
  agent->ring(offered(), now);
  collect();
  our_tag = next_sent("180").value().to_tag();
  receive(update(2, sdp_text()));
  EXPECT_LE(std::stoi(std::string(next_sent("500").value().value(header::retry_after))), 10);
}

TEST_F(Update, AfterAnUnreliableAnswerGets500) {
  agent->progress(offered(), our_media(), now);
  collect();
  our_tag = next_sent("183").value().to_tag();
  receive(update(2, sdp_text()));
  EXPECT_TRUE(next_sent("500").has_value());
}

TEST_F(Update, AfterAReliableAnswerIsTaken) {
  ring_reliably();
  receive(update(3, sdp_text("sendrecv", 43000, "0", 2)));
  EXPECT_FALSE(next_sent("200").value().body.empty());
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 43000);
}

TEST_F(Update, WhileWeOweAnOfferGets491) {
  receive(Written{});
  agent->ring(next<CallOffered>().value().call, now);
  collect();
  our_tag = next_sent("180").value().to_tag();
  receive(update(2, sdp_text()));
  EXPECT_TRUE(next_sent("491").has_value());
}

TEST_F(Update, WhileOurOfferWaitsForTheAckGets491) {
  receive(Written{});
  agent->answer(next<CallOffered>().value().call, our_media(), now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  receive(update(2, sdp_text()));
  EXPECT_TRUE(next_sent("491").has_value());
}

TEST_F(Update, WhileOurReInviteIsOpenGets491) {
  agent->reinvite(inbound_call(), our_media(20002), now);
  collect();
  receive(update(2, sdp_text()));
  EXPECT_TRUE(next_sent("491").has_value());
  receive(update(3, ""));
  EXPECT_TRUE(next_sent("200").has_value());
}

TEST_F(Update, BeforeThePhoneAnswersGets491) {
  call_phone();
  receive(reply(invite, 183, "phone", sdp_text()), phone);
  receive(update_of_phone(sdp_text("sendrecv", 43000, "0", 2)), phone);
  EXPECT_TRUE(next_sent("491").has_value());
}

TEST_F(Update, AfterThePhoneHasAnsweredReliablyIsTaken) {
  call_phone();
  receive(reply(invite, 183, "phone", sdp_text(), "Require: 100rel\r\nRSeq: 1\r\n"), phone);
  receive(update_of_phone(sdp_text("sendrecv", 43000, "8", 2)), phone);
  EXPECT_NE(next_sent("200").value().body.find("RTP/AVP 8"), std::string::npos);
  EXPECT_FALSE(next<MediaAgreed>().has_value());
  receive(reply(invite, 200, "phone"), phone);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 43000);
  EXPECT_TRUE(next<CallAnswered>().has_value());
}

}  // namespace
}  // namespace cord::sip::test
