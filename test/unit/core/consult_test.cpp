// A second call beside the first: consult, alternate, reconnect (docs/protocol.md, 5.2).
#include "two_calls.hpp"

namespace cord::test {
namespace {

using core::Cause;
using core::ConversationState;

using Consult = TwoCalls;

const Lines consulting_carol{"ok",
                             "state(conversation) HELD<-CONNECTED request",
                             "conversation.created c-2",
                             "state(conversation) DIALING<-DIALING request",
                             "conversation.member.added 1003",
                             "conversation.initialized",
                             "interaction.focuschanged c-2"};

Lines consult_ended(const std::string& previous, const std::string& cause) {
  return {"state(conversation) DISCONNECTED<-" + previous + " " + cause, "conversation.disposed",
          "interaction.focuschanged c-1"};
}

Lines all_ended(const std::string& previous, const std::string& cause) {
  return {"state(conversation) DISCONNECTED<-" + previous + " " + cause,
          "conversation.disposed",
          "interaction.ended " + cause,
          "state(interaction) ENDED<-STARTED NONE " + cause,
          "channel.infochanged ACTIVE WRAPUP queues=support",
          "state(channel) ACTIVE<-ACTIVE WRAPUP " + cause};
}

// Proves: interaction.consult, interaction.focuschanged
TEST_F(Consult, HoldsTheCustomerAndCallsAColleague) {
  const Client other = carol_ready();
  consult("1003");
  EXPECT_EQ(world_.heard(alice_), consulting_carol);
  EXPECT_EQ(world_.ordered(), (Lines{"hold in1 out1", "ringing out1"}));
  EXPECT_EQ(world_.heard(other).at(2), "interaction.created i-2");
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge out1 out2"}));
  EXPECT_EQ(world_.heard(alice_), (Lines{"state(conversation) CONNECTED<-DIALING remote"}));
  EXPECT_EQ(world_.channel_of(alice_)->agent_state, core::AgentState::busy);
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
}

TEST_F(Consult, CallsANumberOutside) {
  consult("9555");
  EXPECT_EQ(world_.ordered(),
            (Lines{"hold in1 out1", "dial out2 9555 via carrier", "ringing out1"}));
  EXPECT_EQ(world_.heard(alice_)[4], "conversation.member.added 9555");
  EXPECT_EQ(consult_part().members.front().role, core::MemberRole::external);
  world_.report(core::LegAnswered{core::LegId{2}});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge out2 out1"}));
  EXPECT_EQ(world_.heard(alice_), (Lines{"state(conversation) CONNECTED<-DIALING remote"}));
}

TEST_F(Consult, WaitsInAQueue) {
  consult("200");
  EXPECT_EQ(consult_part().members.front().name, "sales");
  const Client other = world_.log_in_ready(eve);
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(consult_part().state, ConversationState::connected);
  world_.command(other, core::ReleaseConversation{});
  EXPECT_EQ(interaction().consult, core::ConversationId{});
  EXPECT_EQ(primary().state, ConversationState::held);
}

TEST_F(Consult, WaitsInAQueueForSoLong) {
  consult("200");
  forget();
  world_.advance(10min);
  EXPECT_EQ(world_.heard(alice_), consult_ended("DIALING", "timeout"));
  EXPECT_EQ(world_.ordered(), (Lines{"stop ringing out1"}));
}

TEST_F(Consult, OfAHeldCustomerHoldsNobody) {
  world_.command(alice_, core::HoldConversation{});
  forget();
  consult("9555");
  EXPECT_EQ(world_.ordered(), (Lines{"dial out2 9555 via carrier", "ringing out1"}));
  EXPECT_EQ(world_.heard(alice_)[1], "conversation.created c-2");
}

// --- What fails --------------------------------------------------------------------------------

TEST_F(Consult, IsRefusedWhereItMakesNoSense) {
  for (const char* number : {"", "5", "1001", "no such"}) {
    EXPECT_EQ(world_.outcome(consult(number)), "invalid.request") << number;
  }
  EXPECT_EQ(world_.outcome(consult("1003")), "endpoint.unreachable");
  for (const core::Command& command :
       {core::Command{core::AlternateInteraction{}}, core::Command{core::ReconnectInteraction{}},
        core::Command{core::TransferInteraction{}}}) {
    EXPECT_EQ(world_.outcome(world_.command(alice_, command)), "invalid.state");
  }
  consult("9555");
  EXPECT_EQ(world_.outcome(consult("9556")), "invalid.state");
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::AlternateInteraction{})), "invalid.state");
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::TransferInteraction{})), "invalid.state");
  EXPECT_EQ(world_.outcome(command_part(primary().id, core::RetrieveConversation{})),
            "invalid.state");
}

TEST_F(Consult, FailsWithTheHoldAndChangesNothing) {
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(consult("9555")), "cti.error");
  EXPECT_EQ(world_.heard(alice_), (Lines{"cti.error"}));
  EXPECT_EQ(primary().state, ConversationState::connected);
}

TEST_F(Consult, ThatFailsAfterTheHoldLeavesTheCustomerHeld) {
  world_.mood = Mood::silent;
  const auto request = consult("9555");
  world_.mood = Mood::failing;
  world_.report(core::LegHeld{phone(), customer_});
  EXPECT_EQ(world_.outcome(request), "cti.error");
  EXPECT_EQ(world_.heard(alice_),
            (Lines{"cti.error", "state(conversation) HELD<-CONNECTED request"}));
  EXPECT_EQ(world_.state().legs().size(), 2U);
}

TEST_F(Consult, OfAColleagueWhoIsGoneAfterTheHoldSaysSo) {
  const Client other = carol_ready();
  world_.mood = Mood::silent;
  const auto request = consult("1003");
  world_.mood = Mood::prompt;
  world_.command(other, core::DeactivateChannel{});
  world_.report(core::LegHeld{phone(), customer_});
  EXPECT_EQ(world_.outcome(request), "endpoint.unreachable");
  EXPECT_EQ(primary().state, ConversationState::held);
}

TEST_F(Consult, DoesNotWaitForASilentPlatform) {
  world_.mood = Mood::silent;
  const auto request = consult("9555");
  world_.advance(39s);
  EXPECT_EQ(world_.outcome(request), "");
  world_.advance(2s);
  EXPECT_EQ(world_.heard(alice_), (Lines{"cti.timeout"}));
  const auto second = consult("9555");
  world_.report(core::LegHeld{phone(), customer_});
  (void)world_.ordered();
  world_.advance(41s);
  EXPECT_EQ(world_.outcome(second), "cti.timeout");
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request"}));
  EXPECT_EQ(primary().state, ConversationState::held);
}

TEST_F(Consult, TellsWhyTheFarEndDidNotAnswer) {
  consult("9555");
  forget();
  world_.report(core::LegReleased{core::LegId{2}, Cause::busy, ""});
  EXPECT_EQ(world_.heard(alice_), consult_ended("DIALING", "busy"));
  EXPECT_EQ(world_.ordered(), (Lines{"stop ringing out1"}));
  EXPECT_EQ(primary().state, ConversationState::held);
  world_.command(alice_, core::RetrieveConversation{});
  EXPECT_EQ(primary().state, ConversationState::connected);
}

TEST_F(Consult, DoesNotRingForEver) {
  consult("9555");
  forget();
  world_.advance(71s);
  EXPECT_EQ(world_.heard(alice_), consult_ended("DIALING", "timeout"));
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 timeout", "stop ringing out1"}));
}

TEST_F(Consult, IsRejectedByTheColleague) {
  const Client other = carol_ready();
  consult("1003");
  forget();
  world_.command(other, core::RejectInteraction{});
  EXPECT_EQ(world_.heard(alice_), consult_ended("DIALING", "rejected"));
}

TEST_F(Consult, EndsIfTheTwoCannotBeJoined) {
  consult("9555");
  forget();
  world_.mood = Mood::failing;
  world_.report(core::LegAnswered{core::LegId{2}});
  EXPECT_EQ(world_.heard(alice_), consult_ended("DIALING", "failed"));
}

// The answer is not lost while the platform does something else for the agent.
TEST_F(Consult, IsAnsweredDuringAnotherCommand) {
  consult("9555");
  forget();
  world_.mood = Mood::silent;
  const auto request = world_.command(alice_, core::MuteConversation{});
  EXPECT_EQ(world_.outcome(request), "ok") << "the phone has the other call";
  const auto recording = world_.command(alice_, core::ControlRecording{});
  world_.report(core::LegAnswered{core::LegId{2}});
  EXPECT_EQ(consult_part().state, ConversationState::dialing);
  world_.mood = Mood::prompt;
  world_.report(core::RecordingStarted{core::RecordingId{1}, "a.wav"});
  EXPECT_EQ(world_.outcome(recording), "ok");
  EXPECT_EQ(consult_part().state, ConversationState::connected);
}

// --- One and the other -------------------------------------------------------------------------

// Proves: interaction.alternate
TEST_F(Consult, AlternatesInOneOrder) {
  carol_consulted();
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{"retrieve in1 out1"}));
  EXPECT_EQ(world_.heard(alice_),
            (Lines{"ok", "state(conversation) HELD<-CONNECTED request",
                   "state(conversation) CONNECTED<-HELD request", "interaction.focuschanged c-1"}));
  EXPECT_EQ(primary().state, ConversationState::connected);
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{"retrieve out2 out1"}));
  EXPECT_EQ(consult_part().state, ConversationState::connected);
}

TEST_F(Consult, AlternatesFromAHeldOne) {
  carol_consulted();
  command_part(consult_part().id, core::HoldConversation{});
  forget();
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.heard(alice_), (Lines{"ok", "state(conversation) CONNECTED<-HELD request",
                                         "interaction.focuschanged c-1"}));
}

TEST_F(Consult, StaysWhereItIsIfThePlatformDoesNotAlternate) {
  carol_consulted();
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::AlternateInteraction{})), "cti.error");
  world_.mood = Mood::silent;
  const auto request = world_.command(alice_, core::AlternateInteraction{});
  world_.advance(11s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_EQ(interaction().focus, consult_part().id);
  // It was only late: true all the same.
  world_.report(core::LegRetrieved{phone(), customer_});
  EXPECT_EQ(interaction().focus, primary().id);
  EXPECT_EQ(consult_part().state, ConversationState::held);
}

TEST_F(Consult, MuteBelongsToTheConversation) {
  world_.command(alice_, core::MuteConversation{});
  (void)world_.ordered();
  carol_consulted();
  EXPECT_TRUE(primary().muted);
  EXPECT_FALSE(consult_part().muted);
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{"retrieve in1 out1", "mute out1"}));
  EXPECT_TRUE(primary().muted);
}

TEST_F(Consult, AColleagueWhoIsLeftWaitingHoldsForThemselves) {
  const Client other = carol_consulted();
  world_.command(alice_, core::AlternateInteraction{});
  world_.command(other, core::HoldConversation{});
  EXPECT_EQ(world_.conversation_of(other)->state, ConversationState::held);
  EXPECT_EQ(primary().state, ConversationState::connected);
  EXPECT_EQ(consult_part().state, ConversationState::held);
}

// --- Back to the customer ----------------------------------------------------------------------

// Proves: interaction.reconnect
TEST_F(Consult, ReconnectDropsTheColleague) {
  const Client other = carol_consulted();
  world_.command(alice_, core::ReconnectInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{"retrieve in1 out1", "park out2"}));
  EXPECT_EQ(
      world_.heard(alice_),
      (Lines{"ok", "state(conversation) DISCONNECTED<-CONNECTED request", "conversation.disposed",
             "state(conversation) CONNECTED<-HELD request", "interaction.focuschanged c-1"}));
  EXPECT_EQ(world_.heard(other).front(), "state(conversation) DISCONNECTED<-CONNECTED remote");
  EXPECT_EQ(world_.state().calls().size(), 1U);
}

TEST_F(Consult, ReconnectGivesUpWhatStillRings) {
  consult("9555");
  forget();
  world_.command(alice_, core::ReconnectInteraction{});
  EXPECT_EQ(world_.ordered(),
            (Lines{"retrieve in1 out1", "release out2 request", "stop ringing out1"}));
  EXPECT_EQ(primary().state, ConversationState::connected);
  EXPECT_EQ(world_.state().calls().size(), 1U);
}

TEST_F(Consult, ReconnectOfWhoIsConnectedOnlyDropsTheOther) {
  carol_consulted();
  world_.command(alice_, core::AlternateInteraction{});
  forget();
  world_.command(alice_, core::ReconnectInteraction{});
  EXPECT_EQ(world_.heard(alice_), with({"ok"}, consult_ended("HELD", "request")));
  EXPECT_EQ(primary().state, ConversationState::connected);
}

// The phone counted as holding it still, and its key retrieved who was not held.
TEST_F(Consult, ReconnectRetrievesWhatThePhoneHeld) {
  world_.report(core::LegHeldByPhone{phone()});
  consult("9555");
  world_.command(alice_, core::ReconnectInteraction{});
  EXPECT_FALSE(primary().held_by_phone);
  forget();
  world_.report(core::LegRetrievedByPhone{phone()});
  EXPECT_EQ(world_.ordered(), Lines{});
}

TEST_F(Consult, ReconnectThatFailsKeepsTheColleague) {
  carol_consulted();
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::ReconnectInteraction{})), "cti.error");
  EXPECT_EQ(consult_part().state, ConversationState::connected);
}

// --- Ends --------------------------------------------------------------------------------------

TEST_F(Consult, OutlivesTheCustomer) {
  const Client other = carol_consulted();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.heard(alice_), (Lines{"state(conversation) DISCONNECTED<-HELD remote",
                                         "conversation.disposed", "interaction.focuschanged c-2"}));
  EXPECT_EQ(world_.outcome(consult("9555")), "invalid.state");
  world_.command(alice_, core::HoldConversation{});
  world_.command(alice_, core::RetrieveConversation{});
  EXPECT_EQ(primary().state, ConversationState::connected) << "what is left";
  forget();
  world_.command(alice_, core::ReleaseConversation{});
  EXPECT_EQ(world_.heard(alice_), with({"ok"}, all_ended("CONNECTED", "request")));
  EXPECT_FALSE(world_.heard(other).empty());
  expect_all_over();
}

TEST_F(Consult, ThatOnlyRingsEndsWithTheCustomer) {
  const Client other = carol_ready();
  consult("1003");
  forget(other);
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.heard(alice_),
            with(consult_ended("DIALING", "remote"), all_ended("HELD", "remote")));
  EXPECT_EQ(world_.interaction_of(other), nullptr);
  expect_all_over();
}

TEST_F(Consult, EndsByTheColleagueAndTheCustomerWaits) {
  const Client other = carol_consulted();
  world_.command(other, core::ReleaseConversation{});
  EXPECT_EQ(world_.heard(alice_), consult_ended("CONNECTED", "remote"));
  EXPECT_EQ(primary().state, ConversationState::held);
}

TEST_F(Consult, EachConversationIsReleasedByItself) {
  const core::LegId outside = outside_consulted();
  command_part(consult_part().id, core::ReleaseConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"release " + text(outside) + " request"}));
  EXPECT_EQ(world_.heard(alice_), with({"ok"}, consult_ended("CONNECTED", "request")));
  outside_consulted();
  command_part(primary().id, core::ReleaseConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"release in1 request"}));
  EXPECT_EQ(world_.heard(alice_).back(), "interaction.focuschanged c-3");
  command_part(primary().id, core::ReleaseConversation{});
  expect_all_over();
}

// The phone is kept for the other call, and let go of when that goes first.
TEST_F(Consult, APhoneIsNotForgottenWhenBothEndAtOnce) {
  const core::LegId outside = outside_consulted();
  world_.mood = Mood::silent;
  command_part(primary().id, core::ReleaseConversation{});
  world_.report(core::LegReleased{outside, Cause::remote, ""});
  world_.report(core::LegReleased{customer_, Cause::request, ""});
  EXPECT_EQ(phone(), core::LegId{});
  expect_all_over();
}

TEST_F(Consult, ACustomerWhoIsLetGoWhileItRingsTakesItAlong) {
  consult("9555");
  world_.mood = Mood::silent;
  const auto request = command_part(primary().id, core::ReleaseConversation{});
  forget();
  world_.advance(11s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_EQ(phone(), core::LegId{});
  expect_all_over();
}

TEST_F(Consult, BothEndWithThePhone) {
  const Client other = carol_consulted();
  world_.report(core::LegReleased{phone(), Cause::remote, ""});
  EXPECT_EQ(world_.heard(alice_),
            with(consult_ended("CONNECTED", "phone"), all_ended("HELD", "phone")));
  EXPECT_EQ(world_.ordered(), (Lines{"park out2", "release in1 phone"}));
  EXPECT_EQ(world_.interaction_of(other)->state, core::InteractionState::ended);
  expect_all_over();
}

TEST_F(Consult, IsPresentedAfterATakeover) {
  carol_consulted();
  const Client fresh = world_.prepare(alice, true);
  world_.command(fresh, core::StartSession{});
  const Lines heard = world_.heard(fresh);
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "conversation.initialized"), 2);
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "interaction.focuschanged c-2"), 1);
  alice_ = fresh;
  world_.command(fresh, core::ReconnectInteraction{});
  EXPECT_EQ(primary().state, ConversationState::connected);
}

TEST_F(Consult, TheHoldKeyHoldsWhatThePhoneHas) {
  carol_consulted();
  world_.report(core::LegHeldByPhone{phone()});
  EXPECT_EQ(consult_part().state, ConversationState::held);
  world_.report(core::LegRetrievedByPhone{phone()});
  EXPECT_EQ(consult_part().state, ConversationState::connected);
}

TEST(ConsultLimits, APlatformThatCannotSaysSo) {
  core::Directory directory = call_centre();
  directory.capabilities.consult = false;
  directory.capabilities.transfer = false;
  World world(std::move(directory));
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  for (const core::Command& command :
       {core::Command{core::ConsultNumber{"9555"}}, core::Command{core::AlternateInteraction{}},
        core::Command{core::ReconnectInteraction{}}, core::Command{core::TransferInteraction{}},
        core::Command{core::BlindTransfer{"9555"}}}) {
    EXPECT_EQ(world.outcome(world.command(client, command)), "unsupported");
  }
}

TEST(ConsultLimits, NoMoreCallsThanThereMayBe) {
  core::Directory directory = call_centre();
  directory.limits.calls_max = 2;
  World world(std::move(directory));
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  world.mood = Mood::silent;
  const auto request = world.command(client, core::ConsultNumber{"9555"});
  world.report(core::LegHeld{world.phone_leg(client), core::LegId{}});
  world.arrive();
  world.report(core::LegDialed{core::LegId{2}, "id"});
  EXPECT_EQ(world.outcome(request), "not.accepting");
  EXPECT_EQ(world.conversation_of(client)->state, ConversationState::held);
  EXPECT_EQ(world.outcome(world.command(client, core::ConsultNumber{"9555"})), "not.accepting");
  EXPECT_EQ(broken_invariants(world.state()), Lines{});
}

}  // namespace
}  // namespace cord::test
