#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class UserAgentServer : public World {};

TEST_F(UserAgentServer, OffersACallAndSends100) {
  receive(Written{.extra = "P-Asserted-Identity: \"Carol\" <sip:+1555@carrier.test>\r\n",
                  .body = sdp_text()});
  EXPECT_TRUE(next_sent("100").has_value());
  const auto offer = next<CallOffered>().value();
  EXPECT_EQ(offer.target.user_text(), "18005550100");
  EXPECT_EQ(offer.from.uri.user, "+15551234");
  EXPECT_EQ(offer.asserted.value().uri.user, "+1555");
  EXPECT_EQ(offer.call_id, "call-1");
  EXPECT_EQ(offer.codecs.size(), 2U);
  EXPECT_FALSE(offer.wants_privacy);
}

TEST_F(UserAgentServer, SeesPrivacy) {
  receive(Written{.extra = "Privacy: critical; id\r\n", .body = sdp_text()});
  EXPECT_TRUE(next<CallOffered>().value().wants_privacy);
}

TEST_F(UserAgentServer, AnswersAndIsHungUpOn) {
  const CallHandle call = offered();
  agent->ring(call, now);
  agent->answer(call, our_media(), now);
  collect();
  EXPECT_EQ(next_sent("180").value().value(header::contact), "<sip:127.0.0.1:5060>");
  const Message ok = next_sent("200").value();
  EXPECT_EQ(ok.content_type(), "application/sdp");
  our_tag = ok.to_tag();
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 40000);
  receive(in_dialog("ACK", 1));
  pass(40s);
  EXPECT_EQ(count_sent("200"), 0U);
  receive(in_dialog("BYE", 2));
  EXPECT_TRUE(next_sent("200").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::remote);
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
  EXPECT_FALSE(agent->next_due().has_value());
}

TEST_F(UserAgentServer, HangsUpWithBye) {
  const CallHandle call = inbound_call();
  agent->hang_up(call, now);
  collect();
  const Message bye = next_sent("BYE").value();
  EXPECT_EQ(print(bye.uri), "sip:caller@127.0.0.1:5080");
  EXPECT_EQ(last_flow, trunk);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::request);
  EXPECT_EQ(agent->byes(), 1U);
  receive(reply(bye, 100));
  EXPECT_EQ(agent->byes(), 1U);
  receive(reply(bye, 200));
  EXPECT_EQ(agent->byes(), 0U) << "though the transaction lives on";
  pass(60s);
  EXPECT_FALSE(next<CallEnded>().has_value());
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentServer, GivesEarlyMediaAndTheSameAnswerAgain) {
  const CallHandle call = offered();
  agent->progress(call, our_media(), now);
  collect();
  const std::string early = next_sent("183").value().body;
  EXPECT_TRUE(next<MediaAgreed>().has_value());
  agent->answer(call, our_media(20002), now);
  collect();
  EXPECT_EQ(next_sent("200").value().body, early);
  EXPECT_FALSE(next<MediaAgreed>().has_value());
}

TEST_F(UserAgentServer, RepeatsItsProvisionalEveryMinute) {
  agent->ring(offered(), now);
  collect();
  forget_sent();
  pass(3min + 1s);
  EXPECT_EQ(count_sent("180"), 3U);
}

TEST_F(UserAgentServer, RepeatsThe200UntilTheAckThenGivesUp) {
  const CallHandle call = offered();
  agent->answer(call, our_media(), now);
  collect();
  forget_sent();
  pass(31s);
  // 0.5, 1.5, 3.5, then every 4 s: 7.5, 11.5, ..., 27.5
  EXPECT_EQ(count_sent("200"), 9U);
  EXPECT_FALSE(next<CallEnded>().has_value());
  pass(2s);
  EXPECT_TRUE(next_sent("BYE").has_value());
  const auto ended = next<CallEnded>().value();
  EXPECT_EQ(ended.cause, EndCause::failed);
  EXPECT_EQ(ended.detail, "no ACK");
  EXPECT_EQ(agent->counters().calls_without_ack, 1U);
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentServer, WaitsForTheAckBeforeItsBye) {
  const CallHandle call = offered();
  agent->answer(call, our_media(), now);
  agent->hang_up(call, now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  EXPECT_EQ(count_sent("BYE"), 0U);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::request);
  pass(600ms);
  EXPECT_TRUE(next_sent("200").has_value());
  receive(in_dialog("ACK", 1));
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(agent->byes(), 1U);
  pass(40s);
  EXPECT_EQ(agent->byes(), 0U) << "nobody will answer it any more";
}

TEST_F(UserAgentServer, MakesTheOfferItselfIfTheCallerMadeNone) {
  receive(Written{});
  const CallHandle call = next<CallOffered>().value().call;
  agent->progress(call, our_media(), now);  // No early media without an offer.
  agent->answer(call, our_media(), now);
  collect();
  EXPECT_TRUE(next_sent("180").value().body.empty());
  const Message ok = next_sent("200").value();
  EXPECT_NE(ok.body.find("m=audio 20000"), std::string::npos);
  our_tag = ok.to_tag();
  EXPECT_FALSE(next<MediaAgreed>().has_value());
  Written ack = in_dialog("ACK", 1);
  ack.body = sdp_text("sendrecv", 41000, "8");
  receive(ack);
  const auto agreed = next<MediaAgreed>().value();
  EXPECT_EQ(agreed.media.codec, Codec::pcma);
  EXPECT_EQ(agreed.media.remote.port, 41000);
}

TEST_F(UserAgentServer, EndsACallWhoseAckHasNoAnswer) {
  receive(Written{});
  agent->answer(next<CallOffered>().value().call, our_media(), now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  receive(in_dialog("ACK", 1));
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::failed);
}

TEST_F(UserAgentServer, IsCancelledWhileRinging) {
  agent->ring(offered(), now);
  collect();
  receive(Written{.method = "CANCEL"});
  const Message ok = next_sent("200").value();
  EXPECT_EQ(ok.cseq().method, "CANCEL");
  const Message ended = next_sent("487").value();
  EXPECT_EQ(ended.to_tag(), ok.to_tag());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::remote);
  Written ack{.method = "ACK"};
  ack.to_tag = ended.to_tag();
  receive(ack);
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentServer, ACancelAfterTheAnswerChangesNothing) {
  const CallHandle call = offered();
  agent->answer(call, our_media(), now);
  collect();
  forget_sent();
  receive(Written{.method = "CANCEL"});
  EXPECT_EQ(next_sent("200").value().cseq().method, "CANCEL");
  EXPECT_EQ(count_sent("487"), 0U);
  EXPECT_FALSE(next<CallEnded>().has_value());
}

TEST_F(UserAgentServer, ACancelOfNothingGets481) {
  receive(Written{.method = "CANCEL"});
  EXPECT_TRUE(next_sent("481").has_value());
}

TEST_F(UserAgentServer, AByeInTheEarlyDialogEndsTheInvite) {
  agent->ring(offered(), now);
  collect();
  our_tag = next_sent("180").value().to_tag();
  receive(in_dialog("BYE", 2));
  EXPECT_TRUE(next_sent("200").has_value());
  EXPECT_TRUE(next_sent("487").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::remote);
}

TEST_F(UserAgentServer, AByeBeforeTheAckStopsEverything) {
  agent->answer(offered(), our_media(), now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  receive(in_dialog("BYE", 2));
  EXPECT_TRUE(next_sent("200").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::remote);
  pass(2min);
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentServer, TwoByesCross) {
  const CallHandle call = inbound_call();
  agent->hang_up(call, now);
  collect();
  const Message bye = next_sent("BYE").value();
  receive(in_dialog("BYE", 2));
  EXPECT_TRUE(next_sent("200").has_value());
  receive(reply(bye, 481));
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::request);
  EXPECT_FALSE(next<CallEnded>().has_value());
}

TEST_F(UserAgentServer, RefusesWithTheGivenStatus) {
  agent->hang_up(offered(), now, 486);
  collect();
  EXPECT_EQ(next_sent("486").value().reason, "Busy Here");
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::request);
  pass(60s);  // No ACK comes: timer H.
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentServer, AMergedRequestGets482) {
  offered();
  receive(Written{.branch = "z9hG4bKother", .body = sdp_text()});
  EXPECT_TRUE(next_sent("482").has_value());
  EXPECT_FALSE(next<CallOffered>().has_value());
  EXPECT_EQ(agent->live_calls(), 1U);
}

constexpr const char* all_methods = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER";

struct Refused {
  Written invite;
  std::string status;
  std::string header;
  std::string value;
};

class UserAgentRefuses : public World, public ::testing::WithParamInterface<int> {
 protected:
  static std::vector<Refused> cases() {
    const std::string sdp = sdp_text();
    return {
        {{.uri = "sips:a@127.0.0.1", .body = sdp}, "416", "", ""},
        {{.uri = "http://a.test/", .body = sdp}, "416", "", ""},
        {{.extra = "Require: 100rel, precondition, timer, x\r\n", .body = sdp},
         "420",
         "Unsupported",
         "precondition, x"},
        {{.body = "x", .type = "text/plain"}, "415", "Accept", "application/sdp"},
        {{.extra = "Content-Encoding: gzip\r\n", .body = sdp},
         "415",
         "Accept-Encoding",
         "identity"},
        {{.body = "nonsense"}, "400", "", ""},
        {{.body = sdp_text("sendrecv", 40000, "18")}, "488", "", ""},
        {{.contact = "", .body = sdp}, "400", "", ""},
        {{.method = "REGISTER"}, "405", "Allow", all_methods},
        {{.method = "MESSAGE"}, "405", "Allow", all_methods},
        {{.method = "PUBLISH"}, "489", "Allow", all_methods},
        {{.method = "SUBSCRIBE"}, "489", "Allow", all_methods},
        {{.method = "NOTIFY"}, "481", "", ""},
        {{.method = "INFO"}, "481", "", ""},
        {{.method = "PRACK"}, "481", "", ""},
        {{.method = "UPDATE"}, "481", "", ""},
        {{.method = "JUGGLE"}, "501", "Allow", all_methods},
        {{.method = "BYE"}, "481", "", ""},
        {{.method = "BYE", .to_tag = "nobody"}, "481", "", ""},
        {{.to_tag = "nobody", .body = sdp}, "481", "", ""},
        {{.method = "OPTIONS", .extra = "Require: x\r\n"}, "420", "Unsupported", "x"},
    };
  }
};

TEST_P(UserAgentRefuses, WhatItMust) {
  const Refused it = cases()[static_cast<std::size_t>(GetParam())];
  receive(it.invite);
  const auto response = next_sent(it.status);
  ASSERT_TRUE(response.has_value()) << it.status;
  EXPECT_FALSE(response->to_tag().empty());
  if (!it.header.empty()) {
    EXPECT_EQ(response->value(it.header), it.value);
  }
  EXPECT_FALSE(next<CallOffered>().has_value());
  pass(60s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, UserAgentRefuses, ::testing::Range(0, 21));

TEST_F(UserAgentServer, RefusesAnInviteThatHasNoHopsLeft) {
  std::string text = write(Written{.body = sdp_text()});
  text.replace(text.find("Max-Forwards: 70"), 16, "Max-Forwards: 0");
  receive(text);
  EXPECT_TRUE(next_sent("483").has_value());
}

TEST_F(UserAgentServer, TakesCallsFromPermittedAddressesOnly) {
  receive(Written{.body = sdp_text()}, phone);
  EXPECT_TRUE(next_sent("403").has_value());
  EXPECT_EQ(agent->counters().requests_from_strangers, 1U);
  EXPECT_EQ(agent->held_calls(), 0U);
  // Over TCP the port says nothing.
  receive(Written{.branch = "z9hG4bK2", .body = sdp_text()},
          Flow{Transport::tcp, 1, {loopback, 50123}, 9});
  EXPECT_TRUE(next<CallOffered>().has_value());
}

TEST_F(UserAgentServer, AnswersOptionsOfAnybody) {
  receive(Written{.method = "OPTIONS"}, phone);
  const Message ok = next_sent("200").value();
  EXPECT_EQ(ok.value(header::allow), all_methods);
  EXPECT_EQ(ok.value(header::accept), "application/sdp");
  EXPECT_EQ(ok.value(header::supported), "100rel, replaces, timer");
}

TEST_F(UserAgentServer, AnswersOptionsInsideADialog) {
  inbound_call();
  receive(in_dialog("OPTIONS", 2));
  EXPECT_TRUE(next_sent("200").has_value());
  receive(in_dialog("MESSAGE", 3));
  EXPECT_TRUE(next_sent("405").has_value());
  receive(in_dialog("NOTIFY", 4));
  EXPECT_TRUE(next_sent("481").has_value());
}

TEST_F(UserAgentServer, RequestsOutOfOrderGet500) {
  inbound_call();
  receive(in_dialog("OPTIONS", 5));
  receive(in_dialog("INFO", 4));
  EXPECT_TRUE(next_sent("500").has_value());
}

TEST_F(UserAgentServer, HasALimitOfCalls) {
  restart(config_with(&UserAgentConfig::calls_max, 2));
  offered({.branch = "z9hG4bK1", .call_id = "a"});
  const CallHandle second = offered({.branch = "z9hG4bK2", .call_id = "b"});
  forget_sent();
  receive(Written{.branch = "z9hG4bK3", .call_id = "c", .body = sdp_text()});
  EXPECT_EQ(next_sent("503").value().value(header::retry_after), "5");
  EXPECT_EQ(agent->counters().calls_over_limit, 1U);
  EXPECT_EQ(agent->invite(outgoing(), now).error().code, Errc::full);
  agent->hang_up(second, now);
  offered({.branch = "z9hG4bK4", .call_id = "d"});
}

TEST_F(UserAgentServer, TakesNoNewCallsWhileDraining) {
  inbound_call();
  agent->drain(now);
  receive(Written{.branch = "z9hG4bK3", .call_id = "c", .body = sdp_text()});
  EXPECT_TRUE(next_sent("503").has_value());
  EXPECT_EQ(agent->live_calls(), 1U);
}

TEST_F(UserAgentServer, SendsRequestsAlongTheRouteSet) {
  offered({.extra = "Record-Route: <sip:127.0.0.7:5090;lr>\r\n"});
  agent->answer(CallHandle{1}, our_media(), now);
  collect();
  const Message ok = next_sent("200").value();
  EXPECT_EQ(ok.value(header::record_route), "<sip:127.0.0.7:5090;lr>");
  our_tag = ok.to_tag();
  receive(in_dialog("ACK", 1));
  agent->hang_up(CallHandle{1}, now);
  collect();
  const Message bye = next_sent("BYE").value();
  EXPECT_EQ(bye.value(header::route), "<sip:127.0.0.7:5090;lr>");
  EXPECT_EQ(last_flow.remote, (Endpoint{0x7f000007, 5090}));
}

TEST_F(UserAgentServer, AHostNameInTheContactMeansTheWayTheCallerCame) {
  offered({.contact = "<sip:caller@pbx.carrier.test:5099>"});
  agent->answer(CallHandle{1}, our_media(), now);
  collect();
  our_tag = next_sent("200").value().to_tag();
  receive(in_dialog("ACK", 1));
  agent->hang_up(CallHandle{1}, now);
  collect();
  EXPECT_EQ(print(next_sent("BYE").value().uri), "sip:caller@pbx.carrier.test:5099");
  EXPECT_EQ(last_flow, trunk);
}

TEST_F(UserAgentServer, LosesAWaitingCallWithItsConnection) {
  const Flow tcp{Transport::tcp, 1, {loopback, 50123}, 9};
  receive(Written{.body = sdp_text()}, tcp);
  ASSERT_TRUE(next<CallOffered>().has_value());
  agent->transport_failed(tcp, now);
  collect();
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentServer, OrdersForACallThatHasGoneDoNothing) {
  const CallHandle call = offered();
  receive(Written{.method = "CANCEL"});
  forget_sent();
  facts.clear();
  agent->ring(call, now);
  agent->progress(call, our_media(), now);
  agent->answer(call, our_media(), now);
  agent->reinvite(call, our_media(), now);
  agent->hang_up(call, now);
  agent->hang_up(CallHandle{99}, now);
  collect();
  EXPECT_TRUE(sent.empty());
  EXPECT_TRUE(facts.empty());
}

}  // namespace
}  // namespace cord::sip::test
