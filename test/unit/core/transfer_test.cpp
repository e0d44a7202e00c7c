// Giving a call away: after a consult and blindly, and what comes back
// (docs/protocol.md, 5.2, 5.3).
#include "two_calls.hpp"

namespace cord::test {
namespace {

using core::Cause;
using core::ConversationState;
using core::InteractionState;

class Transfer : public TwoCalls {
 protected:
  explicit Transfer(core::Directory directory = call_centre()) : TwoCalls(std::move(directory)) {}

  core::RequestId blindly(const std::string& number) {
    return world_.command(alice_, core::BlindTransfer{number});
  }
  core::RequestId transfer() { return world_.command(alice_, core::TransferInteraction{}); }

  // Alice has given the customer to 9555, which rings.
  core::LegId ringing_outside() {
    blindly("9555");
    forget();
    return core::LegId{2};
  }

  [[nodiscard]] std::size_t calls() const { return world_.state().calls().size(); }
};

const Lines given_away{"state(conversation) DISCONNECTED<-CONNECTED transfer",
                       "conversation.disposed",
                       "interaction.ended transfer",
                       "state(interaction) ENDED<-STARTED NONE transfer",
                       "channel.infochanged ACTIVE WRAPUP queues=support",
                       "state(channel) ACTIVE<-ACTIVE WRAPUP transfer"};

// --- After a consult ---------------------------------------------------------------------------

// Proves: interaction.consulttransfer, conversation.member.removed
TEST_F(Transfer, JoinsCustomerAndColleague) {
  const Client other = carol_consulted();
  world_.command(alice_, core::SetInteractionData{{{"crm", core::DataValue{false, "7"}}}});
  forget(other);
  transfer();
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2", "release out1 transfer"}));
  EXPECT_EQ(world_.heard(alice_), with({"ok", "state(conversation) DISCONNECTED<-HELD transfer",
                                        "conversation.disposed", "interaction.focuschanged c-2"},
                                       given_away));
  EXPECT_EQ(world_.heard(other),
            (Lines{"conversation.member.removed 1001", "conversation.member.added 555",
                   "interaction.datachanged ANI=555 CallId=call-1 DNIS=100 Direction=INBOUND "
                   "Queue=support QueueTimeMs=0 crm=7"}));
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(world_.customer_leg(other), customer_);
  world_.command(other, core::ReleaseConversation{});
  expect_all_over();
}

TEST_F(Transfer, JoinsTwoWhoAreOutside) {
  const core::LegId outside = outside_consulted();
  transfer();
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2", "release out1 transfer"}));
  EXPECT_EQ(calls(), 2U);
  world_.report(core::LegReleased{outside, Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release in1 remote"}));
  expect_all_over();
}

TEST_F(Transfer, EitherOutsideEndsBoth) {
  outside_consulted();
  transfer();
  (void)world_.ordered();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 remote"}));
  expect_all_over();
}

TEST_F(Transfer, LeavesTheColleaguesHoldAlone) {
  const Client other = carol_consulted();
  world_.command(other, core::HoldConversation{});
  forget(other);
  transfer();
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2", "release out1 transfer", "hold in1 out2"}));
  EXPECT_EQ(world_.conversation_of(other)->state, ConversationState::held);
}

TEST_F(Transfer, MovesTheColleaguesRecordingAndEndsTheAgents) {
  const Client other = carol_consulted();
  world_.command(alice_, core::ControlRecording{});
  world_.command(other, core::ControlRecording{});
  forget(other);
  transfer();
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2", "stop 1 by alice", "release out1 transfer",
                                     "move 2 to in1 out2"}));
  EXPECT_EQ(world_.interaction_of(other)->recording_state, core::RecordingState::recording);
  EXPECT_EQ(interaction().recording_state, core::RecordingState::none);
}

TEST_F(Transfer, ThatFailsLeavesEverythingAsItWas) {
  const Client other = carol_consulted();
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(transfer()), "cti.error");
  EXPECT_EQ(world_.ordered(),
            (Lines{"bridge in1 out2", "bridge in1 out1", "hold in1 out1", "bridge out2 out1"}));
  EXPECT_EQ(world_.heard(alice_), (Lines{"cti.error"}));
  EXPECT_EQ(world_.heard(other), Lines{});
  world_.mood = Mood::prompt;
  EXPECT_EQ(world_.outcome(transfer()), "ok");
}

TEST_F(Transfer, DoesNotWaitForASilentPlatform) {
  carol_consulted();
  world_.mood = Mood::silent;
  const auto request = transfer();
  world_.advance(11s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_EQ(primary().state, ConversationState::held);
  EXPECT_EQ(consult_part().state, ConversationState::connected);
}

TEST_F(Transfer, EndsWithWhoHangsUpMeanwhile) {
  const Client other = carol_consulted();
  world_.mood = Mood::silent;
  const auto request = transfer();
  (void)world_.ordered();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.outcome(request), "invalid.state");
  EXPECT_EQ(world_.ordered(), (Lines{"bridge out2 out1"}));
  EXPECT_EQ(primary().state, ConversationState::connected) << "with the colleague";
  EXPECT_EQ(world_.conversation_of(other)->state, ConversationState::connected);
}

TEST_F(Transfer, NeedsAColleagueWhoListens) {
  const Client other = carol_consulted();
  world_.command(other, core::ConsultNumber{"9555"});
  world_.report(core::LegAnswered{core::LegId{3}});
  EXPECT_EQ(world_.outcome(transfer()), "invalid.state");
  world_.command(other, core::ReconnectInteraction{});
  EXPECT_EQ(world_.outcome(transfer()), "ok");
}

// Who was consulted consults, and gives the call on: three agents, one after the other.
TEST_F(Transfer, GoesOnFromColleagueToColleague) {
  const Client second = carol_consulted();
  const Client third = world_.log_in_ready(eve);
  world_.command(second, core::ConsultNumber{"1005"});
  world_.command(third, core::AnswerConversation{});
  forget(third);
  (void)world_.heard(second);
  world_.command(second, core::TransferInteraction{});
  EXPECT_EQ(world_.heard(second).front(), "ok");
  EXPECT_EQ(world_.heard(alice_).at(1), "conversation.member.added 1005");
  EXPECT_EQ(world_.heard(third).at(1), "conversation.member.added 1001");
  forget(third);
  EXPECT_EQ(world_.outcome(transfer()), "ok");
  EXPECT_EQ(world_.customer_leg(third), customer_);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(Transfer, OfAColleaguesCallToANumberOutside) {
  World world;
  const Client caller = world.log_in_ready(carol);
  const Client called = world.log_in_ready(alice);
  world.command(caller, core::DialNumber{"1001"});
  world.command(called, core::AnswerConversation{});
  world.command(called, core::ConsultNumber{"9555"});
  world.report(core::LegAnswered{core::LegId{3}});
  (void)world.ordered();
  (void)world.heard(caller);
  EXPECT_EQ(world.outcome(world.command(called, core::TransferInteraction{})), "ok");
  EXPECT_EQ(world.ordered(), (Lines{"bridge out3 out1", "release out2 transfer"}));
  EXPECT_EQ(world.heard(caller).at(1), "conversation.member.added 9555");
  EXPECT_EQ(world.customer_leg(caller), core::LegId{3});
  EXPECT_EQ(broken_invariants(world.state()), Lines{});
  world.report(core::LegReleased{core::LegId{3}, Cause::remote, ""});
  EXPECT_TRUE(world.state().calls().empty());
}

// --- Blindly -----------------------------------------------------------------------------------

// Proves: conversation.blindtransfer
TEST_F(Transfer, BlindlyOffersTheCallToAColleague) {
  const Client other = carol_ready();
  blindly("1003");
  EXPECT_EQ(world_.ordered(), (Lines{"release out1 transfer"}));
  EXPECT_EQ(world_.heard(alice_), with({"ok"}, given_away));
  const Lines heard = world_.heard(other);
  EXPECT_EQ(heard.at(3), "state(interaction) ALERTING<-ALERTING NONE remote");
  EXPECT_EQ(heard.at(6), "conversation.member.added 555");
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2"}));
  EXPECT_EQ(world_.conversation_of(other)->state, ConversationState::connected);
}

TEST_F(Transfer, WhatNobodyTakesComesBack) {
  const Client other = carol_ready();
  blindly("1003");
  forget(other);
  world_.command(other, core::SetInteractionData{{{"crm", core::DataValue{false, "7"}}}});
  world_.command(other, core::RejectInteraction{});
  const Lines heard = world_.heard(alice_);
  EXPECT_EQ(
      Lines(heard.begin(), heard.begin() + 5),
      (Lines{"state(interaction) COMPLETED<-ENDED NONE transfer.failed", "interaction.disposed",
             "channel.infochanged ACTIVE RESERVED queues=support",
             "state(channel) ACTIVE<-ACTIVE RESERVED transfer.failed", "interaction.created i-3"}));
  EXPECT_EQ(heard.at(7), "state(conversation) ALERTING<-ALERTING transfer.failed");
  EXPECT_NE(heard.at(10).find("crm=7"), std::string::npos) << heard.at(10);
  world_.command(alice_, core::AnswerConversation{});
  EXPECT_EQ(world_.customer_leg(alice_), customer_);
}

TEST_F(Transfer, WhatRingsTooLongComesBack) {
  const Client other = carol_ready();
  blindly("1003");
  world_.command(alice_, core::CompleteInteraction{});
  world_.advance(21s);
  EXPECT_EQ(interaction().state, InteractionState::alerting);
  EXPECT_EQ(world_.channel_of(other)->agent_state, core::AgentState::not_ready);
}

TEST_F(Transfer, WithoutItsAgentItIsItsQueuesAgain) {
  const Client other = carol_ready();
  blindly("1003");
  world_.command(alice_, core::CompleteInteraction{});
  world_.command(alice_, core::NotReadyChannel{});
  world_.run(core::ConnectionLost{alice_.connection});
  world_.command(other, core::RejectInteraction{});
  ASSERT_EQ(calls(), 1U);
  EXPECT_EQ(world_.state().queue({0, core::MediaType::telephony}).waiting_count(), 1U);
  world_.advance(6s);
  EXPECT_NE(world_.interaction_of(other), nullptr) << "offered again";
}

TEST_F(Transfer, WithoutAgentAndQueueItEnds) {
  World world;
  const Client first = world.log_in_ready(alice);
  const Client other = world.log_in_ready(carol);
  world.command(first, core::DialNumber{"9555"});
  world.report(core::LegAnswered{core::LegId{3}});
  world.command(first, core::BlindTransfer{"1003"});
  EXPECT_EQ(world.conversation_of(other)->members.front().address, "9555");
  world.run(core::ConnectionLost{first.connection});
  (void)world.ordered();
  world.command(other, core::RejectInteraction{});
  EXPECT_EQ(world.ordered(), (Lines{"release out3 rejected"}));
  EXPECT_TRUE(world.state().calls().empty());
}

TEST_F(Transfer, WhatComesBackAndIsRejectedIsItsQueuesAgain) {
  const Client other = carol_ready();
  blindly("1003");
  world_.command(other, core::RejectInteraction{});
  world_.command(alice_, core::RejectInteraction{});
  EXPECT_EQ(world_.state().queue({0, core::MediaType::telephony}).waiting_count(), 1U);
}

TEST_F(Transfer, ToAQueueWaitsThereAndComesBack) {
  world_.advance(15min);
  blindly("200");
  EXPECT_EQ(world_.state().queue({1, core::MediaType::telephony}).waiting_count(), 1U);
  world_.advance(9min);
  EXPECT_EQ(world_.state().queue({1, core::MediaType::telephony}).waiting_count(), 1U);
  world_.advance(61s);
  EXPECT_EQ(interaction().state, InteractionState::alerting);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(Transfer, ToAQueueIsTakenThere) {
  const Client other = world_.log_in_ready(eve);
  world_.command(other, core::NotReadyChannel{});
  blindly("200");
  world_.command(other, core::ReadyChannel{});
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(world_.customer_leg(other), customer_);
  EXPECT_EQ(world_.interaction_of(other)->data.at("Queue").text, "sales");
}

TEST_F(Transfer, ACustomerWhoHangsUpMeanwhileIsGone) {
  const Client other = carol_ready();
  blindly("1003");
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.interaction_of(other), nullptr);
  expect_all_over();
}

TEST_F(Transfer, BlindlyToANumberOutside) {
  blindly("9555");
  EXPECT_EQ(world_.ordered(), (Lines{"dial out2 9555 via carrier", "release out1 transfer"}));
  EXPECT_EQ(world_.heard(alice_), with({"ok"}, given_away));
  world_.report(core::LegAnswered{core::LegId{2}});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2"}));
  world_.advance(2h);
  EXPECT_EQ(calls(), 2U) << "they talk";
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 remote"}));
  EXPECT_TRUE(world_.state().calls().empty());
}

TEST_F(Transfer, ComesBackFromOutside) {
  ringing_outside();
  world_.report(core::LegReleased{core::LegId{2}, Cause::busy, ""});
  EXPECT_EQ(interaction().state, InteractionState::alerting);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(Transfer, ComesBackIfThePlatformDoesNotJoinThem) {
  for (const Mood mood : {Mood::failing, Mood::silent}) {
    ringing_outside();
    world_.mood = mood;
    const core::LegId leg = world_.state().last_ids().leg;
    world_.report(core::LegAnswered{leg});
    world_.advance(mood == Mood::silent ? 71s : 0s);
    world_.mood = Mood::prompt;
    EXPECT_EQ(interaction().state, InteractionState::alerting);
    EXPECT_EQ(calls(), 1U);
    world_.command(alice_, core::AnswerConversation{});
    forget();
  }
}

TEST_F(Transfer, DoesNotRingForEver) {
  ringing_outside();
  world_.advance(71s);
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 timeout"}));
  EXPECT_EQ(interaction().state, InteractionState::alerting);
}

TEST_F(Transfer, OfACustomerWhoHangsUpEndsWhatRings) {
  ringing_outside();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 remote"}));
  expect_all_over();
}

TEST_F(Transfer, ThatThePlatformDoesNotPlaceChangesNothing) {
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(blindly("9555")), "cti.error");
  world_.mood = Mood::silent;
  const auto request = blindly("9555");
  (void)world_.ordered();
  world_.advance(41s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_EQ(world_.ordered(), (Lines{"release out3 request"}));
  EXPECT_EQ(primary().state, ConversationState::connected);
  EXPECT_EQ(world_.state().legs().size(), 2U);
}

TEST_F(Transfer, IsRefusedWhereItMakesNoSense) {
  EXPECT_EQ(world_.outcome(blindly("5")), "invalid.request");
  EXPECT_EQ(world_.outcome(blindly("1001")), "invalid.request");
  EXPECT_EQ(world_.outcome(blindly("1003")), "endpoint.unreachable");
  const Client other = carol_consulted();
  EXPECT_EQ(world_.outcome(blindly("9555")), "invalid.state");
  const auto of_colleague = world_.command(other, core::BlindTransfer{"9555"});
  EXPECT_EQ(world_.outcome(of_colleague), "invalid.state");
}

}  // namespace
}  // namespace cord::test
