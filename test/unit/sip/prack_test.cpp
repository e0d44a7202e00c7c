// Reliable provisional responses both ways: RFC 3262, and what may be said in them.
#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

constexpr const char* knows = "Supported: 100rel\r\n";
constexpr const char* demands = "Require: 100rel\r\n";

class Prack : public World {
 protected:
  /// A caller who knows 100rel; our 183 is in `ringing`.
  CallHandle early_media(const std::string& extra = knows) {
    const CallHandle call = offered({.extra = extra});
    agent->progress(call, our_media(), now);
    collect();
    ringing = next_sent("183").value();
    our_tag = ringing.to_tag();
    return call;
  }

  /// The same without offer: ours is in the 183.
  CallHandle early_offer() {
    receive(Written{.extra = knows});
    const CallHandle call = next<CallOffered>().value().call;
    agent->progress(call, our_media(), now);
    collect();
    ringing = next_sent("183").value();
    our_tag = ringing.to_tag();
    return call;
  }

  [[nodiscard]] Written prack(const Message& response, int cseq,
                              const std::string& body = {}) const {
    Written it = in_dialog("PRACK", cseq);
    it.extra = fmt::format("RAck: {} 1 INVITE\r\n", response.value(header::rseq));
    it.body = body;
    return it;
  }

  static std::string reliable(int rseq) {
    return fmt::format("Require: 100rel\r\nRSeq: {}\r\n", rseq);
  }

  Message ringing;
};

TEST_F(Prack, OursIsRepeatedUntilIt) {
  const CallHandle call = early_media();
  EXPECT_EQ(ringing.value(header::require), "100rel");
  EXPECT_FALSE(ringing.body.empty());
  pass(4s);  // At 0.5, 1.5 and 3.5 s.
  EXPECT_EQ(count_sent("183"), 3U);
  EXPECT_EQ(next_sent("183").value(), ringing);
  receive(prack(ringing, 2));
  EXPECT_EQ(next_sent("200").value().cseq().method, "PRACK");
  pass(40s);
  EXPECT_EQ(count_sent("183"), 0U);
  EXPECT_TRUE(next<MediaAgreed>().has_value());
  agent->answer(call, our_media(), now);
  collect();
  EXPECT_TRUE(next_sent("200").value().body.empty());
  receive(in_dialog("ACK", 1));
  EXPECT_FALSE(next<CallEnded>().has_value());
  EXPECT_FALSE(next<MediaAgreed>().has_value());
}

TEST_F(Prack, OursIsPlainForWhoDoesNotKnow) {
  early_media("");
  EXPECT_FALSE(ringing.has(header::rseq));
  pass(10s);
  EXPECT_EQ(count_sent("183"), 0U);
}

TEST_F(Prack, RingingIsReliableOnDemandOnly) {
  agent->ring(offered({.extra = knows}), now);
  collect();
  EXPECT_FALSE(next_sent("180").value().has(header::rseq));
  const CallHandle other =
      offered({.branch = "z9hG4bK2", .call_id = "b", .extra = demands, .body = sdp_text()});
  agent->ring(other, now);
  collect();
  EXPECT_TRUE(next_sent("180").value().has(header::rseq));
}

TEST_F(Prack, WithoutItTheCallIsRefused) {
  early_media();
  pass(33s);
  EXPECT_TRUE(next_sent("504").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::failed);
  EXPECT_EQ(agent->counters().calls_without_prack, 1U);
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(Prack, TheAnswerWaitsForIt) {
  const CallHandle call = early_media();
  agent->answer(call, our_media(), now);
  collect();
  EXPECT_EQ(count_sent("200"), 0U);
  receive(prack(ringing, 2));
  EXPECT_EQ(next_sent("200").value().cseq().method, "PRACK");
  EXPECT_EQ(next_sent("200").value().cseq().method, "INVITE");
}

TEST_F(Prack, TheAnswerDoesNotWaitForThatOfRinging) {
  const CallHandle call = offered({.extra = demands});
  agent->ring(call, now);
  agent->answer(call, our_media(), now);
  collect();
  const Message rings = next_sent("180").value();
  our_tag = rings.to_tag();
  EXPECT_FALSE(next_sent("200").value().body.empty());
  receive(in_dialog("ACK", 1));
  pass(5s);
  EXPECT_EQ(count_sent("180"), 0U);
  receive(prack(rings, 2));
  EXPECT_TRUE(next_sent("200").has_value());
}

TEST_F(Prack, TheNextResponseWaitsForIt) {
  const CallHandle call = offered({.extra = demands});
  agent->ring(call, now);
  agent->progress(call, our_media(), now);
  collect();
  const Message rings = next_sent("180").value();
  our_tag = rings.to_tag();
  EXPECT_EQ(count_sent("183"), 0U);
  receive(prack(rings, 2));
  const Message progress = next_sent("183").value();
  EXPECT_EQ(std::stoi(std::string(progress.value(header::rseq))),
            std::stoi(std::string(rings.value(header::rseq))) + 1);
}

TEST_F(Prack, OfSomethingElseIsRefused) {
  early_media();
  Written wrong = prack(ringing, 2);
  wrong.extra = fmt::format("RAck: {} 2 INVITE\r\n", ringing.value(header::rseq));
  receive(wrong);
  EXPECT_TRUE(next_sent("481").has_value());
  wrong = prack(ringing, 3);
  wrong.extra = "RAck: x\r\n";
  receive(wrong);
  EXPECT_TRUE(next_sent("400").has_value());
  receive(prack(ringing, 4));
  EXPECT_TRUE(next_sent("200").has_value());
  receive(prack(ringing, 5));
  EXPECT_TRUE(next_sent("481").has_value());
}

TEST_F(Prack, AnswersOurOffer) {
  const CallHandle call = early_offer();
  EXPECT_NE(ringing.body.find("m=audio 20000"), std::string::npos);
  receive(prack(ringing, 2, sdp_text("sendrecv", 41000)));
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 41000);
  forget_sent();
  agent->answer(call, our_media(), now);
  collect();
  EXPECT_TRUE(next_sent("200").value().body.empty());
}

TEST_F(Prack, WithoutTheAnswerWeAskedForEndsTheCall) {
  early_offer();
  receive(prack(ringing, 2));
  EXPECT_TRUE(next_sent("488").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::failed);
}

TEST_F(Prack, MayOfferAnew) {
  early_media();
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 40000);
  receive(prack(ringing, 2, sdp_text("sendrecv", 41000, "8", 2)));
  EXPECT_NE(next_sent("200").value().body.find("RTP/AVP 8"), std::string::npos);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 41000);
}

TEST_F(Prack, ThatOffersWhatWeDoNotHaveGets488) {
  early_media();
  receive(prack(ringing, 2, sdp_text("sendrecv", 41000, "9", 2)));
  EXPECT_TRUE(next_sent("488").has_value());
  EXPECT_EQ(agent->live_calls(), 1U);
}

TEST_F(Prack, NothingRingsWhereItWouldHaveToOffer) {
  receive(Written{.extra = demands});
  agent->ring(next<CallOffered>().value().call, now);
  collect();
  EXPECT_EQ(count_sent("180"), 0U);
}

TEST_F(Prack, AfterTheEndIsWelcome) {
  const CallHandle call = early_media();
  agent->hang_up(call, now, 486);
  collect();
  EXPECT_TRUE(next_sent("486").has_value());
  receive(prack(ringing, 2));
  EXPECT_TRUE(next_sent("200").has_value());
}

TEST_F(Prack, TheReminderIsReliableOnDemand) {
  early_media(demands);
  receive(prack(ringing, 2));
  forget_sent();
  pass(61s);
  const Message again = next_sent("183").value();
  EXPECT_TRUE(again.body.empty());
  EXPECT_NE(again.value(header::rseq), ringing.value(header::rseq));
}

// --- What phones and trunks send reliably -----------------------------------------------------

TEST_F(Prack, IsSentOnceForEach) {
  call_phone();
  EXPECT_TRUE(invite.lists(header::supported, "100rel"));
  const std::string rings = reply(invite, 180, "phone", {}, reliable(7));
  receive(rings, phone);
  const Message ours = next_sent("PRACK").value();
  EXPECT_EQ(ours.value(header::rack), "7 1 INVITE");
  EXPECT_EQ(ours.cseq().number, 2U);
  EXPECT_EQ(ours.to_tag(), "phone");
  EXPECT_TRUE(next<CallRinging>().has_value());
  receive(rings, phone);
  receive(reply(invite, 183, "phone", sdp_text(), reliable(9)), phone);
  EXPECT_EQ(count_sent("PRACK"), 0U);
  receive(reply(invite, 183, "phone", sdp_text(), reliable(8)), phone);
  EXPECT_EQ(next_sent("PRACK").value().value(header::rack), "8 1 INVITE");
}

TEST_F(Prack, ResponsesWithoutNumberOrDialogGetNone) {
  call_phone();
  receive(reply(invite, 180, "phone", {}, "Require: 100rel\r\n"), phone);
  receive(reply(invite, 180, "", {}, reliable(1)), phone);
  EXPECT_EQ(count_sent("PRACK"), 0U);
  EXPECT_FALSE(next<CallRinging>().has_value());
}

TEST_F(Prack, AnAnswerGivenReliablyStays) {
  const CallHandle call = call_phone();
  receive(reply(invite, 183, "phone", sdp_text("sendrecv", 42000), reliable(1)), phone);
  const Message acknowledged = next_sent("PRACK").value();
  receive(reply(acknowledged, 200, ""), phone);
  receive(reply(invite, 200, "phone", sdp_text("sendrecv", 43000)), phone);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 42000);
  EXPECT_TRUE(next<CallAnswered>().has_value());
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(next_sent("BYE").value().cseq().number, 3U);
}

TEST_F(Prack, EachBranchCountsForItself) {
  call_phone();
  receive(reply(invite, 180, "one", {}, reliable(5)), phone);
  receive(reply(invite, 183, "two", sdp_text("sendrecv", 42000), reliable(90)), phone);
  EXPECT_EQ(next_sent("PRACK").value().to_tag(), "one");
  EXPECT_EQ(next_sent("PRACK").value().value(header::rack), "90 1 INVITE");
  receive(reply(invite, 200, "two"), phone);
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 42000);
  forget_sent();
  receive(reply(invite, 200, "one", sdp_text()), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  const Message bye = next_sent("BYE").value();
  EXPECT_EQ(bye.to_tag(), "one");
  EXPECT_EQ(bye.cseq().number, 3U);
  EXPECT_EQ(agent->live_calls(), 1U);
}

}  // namespace
}  // namespace cord::sip::test
