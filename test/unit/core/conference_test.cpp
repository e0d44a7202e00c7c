// More than two who talk (docs/protocol.md, 5.2, 5.3).
#include "two_calls.hpp"

namespace cord::test {
namespace {

using core::Cause;
using core::ConversationState;

class Conference : public TwoCalls {
 protected:
  explicit Conference(core::Directory directory = call_centre()) : TwoCalls(std::move(directory)) {}

  core::RequestId confer() { return world_.command(alice_, core::ConferenceInteraction{}); }
  core::RequestId invite(const std::string& number) {
    return world_.command(alice_, core::BlindConference{number});
  }
  core::RequestId drop(core::MemberId member) {
    return world_.command(alice_, core::DropMember{member});
  }
  core::RequestId leave(const Client& client) {
    return world_.command(client, core::ReleaseConversation{});
  }
  core::MemberId last_member() { return primary().members.back().id; }

  // The customer, Alice and Carol.
  Client three() {
    const Client other = carol_consulted();
    confer();
    forget(other);
    return other;
  }
  // The customer, Alice and 9555, on the leg given.
  core::LegId three_with_outside() {
    invite("9555");
    const core::LegId leg = primary().members.back().leg;
    world_.report(core::LegAnswered{leg});
    forget();
    return leg;
  }

  // Alice's consult gets a third one, outside. Gives the call.
  core::CallId consult_call_with_outside() {
    command_part(interaction().consult, core::BlindConference{"9555"});
    world_.report(core::LegAnswered{world_.state().last_ids().leg});
    forget();
    return interaction().consult_call;
  }

  [[nodiscard]] std::size_t talking() const {
    for (const auto& [id, call] : world_.state().calls()) {
      if (!call.conference.empty()) return call.conference.size();
    }
    return 0;
  }
  [[nodiscard]] std::size_t calls() const { return world_.state().calls().size(); }
};

const Lines still_talking{"state(conversation) CONNECTED<-CONNECTED conference"};

// --- After a consult ---------------------------------------------------------------------------

// Proves: interaction.consultconference
TEST_F(Conference, JoinsAllOfBothCalls) {
  const Client other = carol_consulted();
  confer();
  EXPECT_EQ(world_.ordered(), (Lines{"mix out1 in1 out2"}));
  EXPECT_EQ(
      world_.heard(alice_),
      (Lines{"ok", "state(conversation) DISCONNECTED<-CONNECTED conference",
             "conversation.disposed", "interaction.focuschanged c-1",
             "conversation.member.added 1003", "state(conversation) CONNECTED<-HELD conference"}));
  EXPECT_EQ(
      world_.heard(other),
      (Lines{"conversation.member.added 555", "state(conversation) CONNECTED<-CONNECTED conference",
             "interaction.datachanged ANI=555 CallId=call-1 DNIS=100 Direction=INBOUND "
             "Queue=support QueueTimeMs=0"}));
  EXPECT_EQ(talking(), 3U);
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
}

TEST_F(Conference, TheAgentLeavesAndTheOthersStay) {
  const Client other = three();
  leave(alice_);
  EXPECT_EQ(world_.ordered(), (Lines{"release out1 request"}));
  EXPECT_EQ(
      world_.heard(alice_),
      (Lines{"ok", "state(conversation) DISCONNECTED<-CONNECTED request", "conversation.disposed",
             "interaction.ended request", "state(interaction) ENDED<-STARTED NONE request",
             "channel.infochanged ACTIVE WRAPUP queues=support",
             "state(channel) ACTIVE<-ACTIVE WRAPUP request"}));
  EXPECT_EQ(world_.heard(other), (Lines{"conversation.member.removed 1001",
                                        "state(conversation) CONNECTED<-CONNECTED remote"}));
  EXPECT_EQ(talking(), 2U);
  leave(other);
  EXPECT_EQ(world_.ordered(), (Lines{"park out2", "release in1 remote"}));
  expect_all_over();
}

TEST_F(Conference, TheCustomerLeavesAndTheAgentsStay) {
  const Client other = three();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  const Lines removed{"conversation.member.removed 555",
                      "state(conversation) CONNECTED<-CONNECTED remote"};
  EXPECT_EQ(world_.heard(alice_), removed);
  EXPECT_EQ(world_.heard(other), removed);
  world_.report(core::LegReleased{phone(), Cause::remote, ""});
  EXPECT_EQ(world_.heard(other).at(2), "interaction.ended remote");
  expect_all_over();
}

TEST_F(Conference, ThoseOutsideGoOnWithoutAnAgent) {
  const core::LegId outside = outside_consulted();
  confer();
  forget();
  leave(alice_);
  EXPECT_EQ(world_.ordered(), (Lines{"release out1 request"}));
  EXPECT_EQ(calls(), 1U);
  world_.report(core::LegReleased{outside, Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release in1 remote"}));
  expect_all_over();
}

TEST_F(Conference, ThatFailsLeavesEverythingAsItWas) {
  const Client other = carol_consulted();
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(confer()), "cti.error");
  EXPECT_EQ(world_.ordered(),
            (Lines{"mix out1 in1 out2", "bridge in1 out1", "hold in1 out1", "bridge out2 out1"}));
  EXPECT_EQ(world_.heard(alice_), (Lines{"cti.error"}));
  EXPECT_EQ(world_.heard(other), Lines{});
  world_.mood = Mood::silent;
  const auto request = confer();
  world_.advance(20s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  world_.mood = Mood::prompt;
  EXPECT_EQ(world_.outcome(confer()), "ok");
}

TEST_F(Conference, LeavesTheColleaguesHoldAlone) {
  const Client other = carol_consulted();
  world_.command(other, core::HoldConversation{});
  forget(other);
  confer();
  EXPECT_EQ(world_.conversation_of(other)->state, ConversationState::held);
  EXPECT_EQ(world_.ordered().size(), 2U) << "mixed, and held again";
}

TEST_F(Conference, HoldsAndRetrievesOnesOwnPart) {
  const Client other = three();
  world_.command(alice_, core::HoldConversation{});
  EXPECT_EQ(primary().state, ConversationState::held);
  EXPECT_EQ(world_.heard(other), Lines{});
  world_.command(alice_, core::RetrieveConversation{});
  EXPECT_EQ(primary().state, ConversationState::connected);
}

TEST_F(Conference, ConsultsAndJoinsAFourth) {
  three();
  consult("9555");
  const core::LegId leg = world_.state().far_leg(consult_part());
  world_.report(core::LegAnswered{leg});
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(primary().state, ConversationState::connected);
  EXPECT_EQ(world_.outcome(confer()), "ok");
  EXPECT_EQ(talking(), 4U);
  EXPECT_EQ(primary().members.size(), 3U);
}

TEST_F(Conference, IsNotGivenAway) {
  three();
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::BlindTransfer{"9555"})), "invalid.state");
  consult("9555");
  world_.report(core::LegAnswered{world_.state().far_leg(consult_part())});
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::TransferInteraction{})), "invalid.state");
}

TEST_F(Conference, NorIsWhatMayBecomeOne) {
  invite("9555");
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::BlindTransfer{"9556"})), "invalid.state");
  drop(last_member());
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::BlindTransfer{"9556"})), "ok");
}

TEST_F(Conference, WhomAColleagueInvitesStaysThroughATransfer) {
  const Client other = carol_consulted();
  world_.command(other, core::BlindConference{"9555"});
  const core::LegId leg = world_.conversation_of(other)->members.back().leg;
  EXPECT_EQ(world_.outcome(world_.command(alice_, core::TransferInteraction{})), "ok");
  EXPECT_EQ(world_.conversation_of(other)->members.size(), 2U);
  world_.report(core::LegAnswered{leg});
  EXPECT_EQ(talking(), 3U);
}

TEST_F(Conference, ARecordingGoesOn) {
  const Client other = carol_consulted();
  world_.command(alice_, core::ControlRecording{});
  forget(other);
  confer();
  EXPECT_EQ(interaction().recording_state, core::RecordingState::recording);
  const Lines orders = world_.ordered();
  EXPECT_EQ(orders.size(), 2U);
  EXPECT_TRUE(orders.back().starts_with("move 1 to ")) << orders.back();
}

TEST_F(Conference, TakesAConsultThatIsAnswered) {
  EXPECT_EQ(world_.outcome(confer()), "invalid.state") << "there is none";
  consult("9555");
  EXPECT_EQ(world_.outcome(confer()), "invalid.state") << "it rings";
}

// --- Blindly -----------------------------------------------------------------------------------

// Proves: conversation.blindconference
TEST_F(Conference, BlindlyCallsANumberOutside) {
  invite("9555");
  EXPECT_EQ(world_.ordered(), (Lines{"dial out2 9555 via carrier"}));
  EXPECT_EQ(world_.heard(alice_), with({"ok", "conversation.member.added 9555"}, still_talking));
  world_.report(core::LegAnswered{core::LegId{2}});
  EXPECT_EQ(world_.ordered(), (Lines{"mix out2 in1 out1"}));
  EXPECT_EQ(world_.heard(alice_), still_talking);
  EXPECT_EQ(talking(), 3U);
  EXPECT_EQ(calls(), 1U);
  world_.report(core::LegReleased{core::LegId{2}, Cause::remote, ""});
  EXPECT_EQ(talking(), 2U);
  leave(alice_);
  EXPECT_EQ(world_.ordered(), (Lines{"release out1 request", "release in1 remote"}));
  expect_all_over();
}

TEST_F(Conference, ANumberThatIsBusyChangesNothing) {
  invite("9555");
  forget();
  world_.report(core::LegReleased{core::LegId{2}, Cause::busy, ""});
  EXPECT_EQ(world_.heard(alice_), (Lines{"conversation.member.removed 9555",
                                         "state(conversation) CONNECTED<-CONNECTED busy"}));
  EXPECT_EQ(world_.ordered(), Lines{});
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(world_.customer_leg(alice_), customer_);
}

TEST_F(Conference, ANumberThatNobodyAnswersIsLetGo) {
  invite("9555");
  forget();
  world_.advance(5min);
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 timeout"}));
  EXPECT_EQ(world_.heard(alice_), (Lines{"conversation.member.removed 9555",
                                         "state(conversation) CONNECTED<-CONNECTED timeout"}));
}

TEST_F(Conference, BlindlyOffersItToAColleague) {
  const Client other = carol_ready();
  world_.command(alice_, core::SetInteractionData{{{"crm", core::DataValue{false, "7"}}}});
  forget();
  invite("1003");
  EXPECT_EQ(world_.heard(alice_), with({"ok", "conversation.member.added 1003"}, still_talking));
  EXPECT_EQ(world_.interaction_of(other)->data.at("crm").text, "7");
  (void)world_.heard(other);
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"mix out2 in1 out1"}));
  EXPECT_EQ(world_.heard(alice_), still_talking);
  const Lines told = world_.heard(other);
  EXPECT_EQ(told.front(), "ok");
  EXPECT_EQ(told.at(told.size() - 2), "conversation.member.added 555");
  EXPECT_EQ(talking(), 3U);
}

TEST_F(Conference, AColleagueMayReject) {
  const Client other = carol_ready();
  invite("1003");
  forget(other);
  world_.command(other, core::RejectInteraction{});
  EXPECT_EQ(world_.heard(alice_), (Lines{"conversation.member.removed 1003",
                                         "state(conversation) CONNECTED<-CONNECTED rejected"}));
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(world_.outcome(invite("1003")), "ok");
}

TEST_F(Conference, WhoIsInvitedByAQueueWaitsThere) {
  invite("200");
  EXPECT_EQ(calls(), 2U);
  EXPECT_EQ(world_.outcome(invite("9555")), "invalid.state") << "one at a time";
  forget();
  world_.advance(11min);
  EXPECT_EQ(world_.heard(alice_).front(), "conversation.member.removed 200");
  EXPECT_EQ(calls(), 1U);
}

TEST_F(Conference, WhoInvitesAndLeavesTakesItBack) {
  const Client other = carol_ready();
  invite("1003");
  forget(other);
  leave(alice_);
  EXPECT_EQ(world_.heard(other).at(2), "interaction.ended remote");
  expect_all_over();
}

TEST_F(Conference, WhoIsInvitedIsNotJoinedToACallThatIsBeingReleased) {
  invite("9555");
  world_.mood = Mood::silent;
  world_.report(core::LegAnswered{core::LegId{2}});
  leave(alice_);
  world_.report(core::LegsMixed{core::LegId{2}});
  EXPECT_EQ(world_.ordered().back(), "release out1 request");
  world_.report(core::LegReleased{customer_, Cause::request, ""});
  expect_all_over();
}

TEST_F(Conference, TheEndOfTheCallEndsAnInvitation) {
  invite("9555");
  forget();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request", "release out1 remote"}));
  expect_all_over();
}

// --- With another call beside it ---------------------------------------------------------------

// The phone has its place in the mix until that is given up.
TEST_F(Conference, WhoConsultsAndLeavesItGivesUpThePlaceInTheMix) {
  const Client other = three();
  consult("9555");
  world_.report(core::LegAnswered{core::LegId{3}});
  const core::CallId mix = interaction().call;
  forget(other);
  command_part(interaction().conversation, core::ReleaseConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{fmt::format("leave out1 in mix {}", mix)}));
  EXPECT_EQ(talking(), 2U);
  EXPECT_EQ(world_.heard(other).front(), "conversation.member.removed 1001");
  EXPECT_EQ(world_.conversation_of(alice_)->type, core::ConversationType::consult);
}

TEST_F(Conference, AConsultConferenceThatIsReleasedGivesUpThePlaceToo) {
  const Client other = carol_consulted();
  const core::CallId mix = consult_call_with_outside();
  forget(other);
  command_part(interaction().consult, core::ReleaseConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{fmt::format("leave out1 in mix {}", mix)}));
  EXPECT_EQ(talking(), 2U);
}

TEST_F(Conference, WhoReconnectsGivesUpThePlaceInTheConsult) {
  carol_consulted();
  const core::CallId mix = consult_call_with_outside();
  world_.command(alice_, core::ReconnectInteraction{});
  EXPECT_EQ(world_.ordered(),
            (Lines{"retrieve in1 out1", fmt::format("leave out1 in mix {}", mix)}));
  EXPECT_EQ(primary().state, ConversationState::connected);
}

TEST_F(Conference, WhoIsDroppedWhileElsewhereGivesUpThePlace) {
  const Client other = three();
  world_.command(other, core::ConsultNumber{"9555"});
  world_.report(core::LegAnswered{core::LegId{3}});
  const core::CallId mix = interaction().call;
  forget(other);
  drop(last_member());
  EXPECT_EQ(world_.ordered(), (Lines{fmt::format("leave out2 in mix {}", mix)}));
}

TEST_F(Conference, OrdersSayWhichOfTwoIsMeant) {
  carol_consulted();
  const core::CallId second = consult_call_with_outside();
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{"retrieve in1 out1"}));
  invite("9666");
  world_.report(core::LegAnswered{world_.state().last_ids().leg});
  const core::CallId first = interaction().call;
  forget();
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{fmt::format("retrieve out0 out1 in mix {}", second)}));
  EXPECT_EQ(consult_part().state, ConversationState::connected);
  world_.command(alice_, core::AlternateInteraction{});
  EXPECT_EQ(world_.ordered(), (Lines{fmt::format("retrieve out0 out1 in mix {}", first)}));
  EXPECT_EQ(primary().state, ConversationState::connected);
  world_.command(alice_, core::HoldConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{fmt::format("hold out0 out1 in mix {}", first)}));
  EXPECT_EQ(primary().state, ConversationState::held);
}

// What comes late is about the mix it names, not about the other one.
TEST_F(Conference, ALateReportOfOneOfTwoIsNotTakenForTheOther) {
  carol_consulted();
  const core::CallId second = consult_call_with_outside();
  world_.command(alice_, core::AlternateInteraction{});
  invite("9666");
  world_.report(core::LegAnswered{world_.state().last_ids().leg});
  world_.report(core::LegRetrieved{phone(), {}, second});
  EXPECT_EQ(consult_part().state, ConversationState::connected);
  EXPECT_EQ(primary().state, ConversationState::held);
}

// --- Leaving -----------------------------------------------------------------------------------

// Proves: conversation.dropmember
TEST_F(Conference, DropsWhoIsOutside) {
  const core::LegId outside = three_with_outside();
  drop(last_member());
  EXPECT_EQ(world_.heard(alice_), with({"ok", "conversation.member.removed 9555"}, still_talking));
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request"}));
  world_.report(core::LegReleased{outside, Cause::request, ""});
  EXPECT_EQ(talking(), 2U);
}

TEST_F(Conference, DropsAColleague) {
  const Client other = three();
  drop(last_member());
  EXPECT_EQ(world_.heard(other).at(2), "interaction.ended conference");
  EXPECT_EQ(world_.heard(alice_).at(1), "conversation.member.removed 1003");
  EXPECT_EQ(talking(), 2U);
}

TEST_F(Conference, DropsWhoStillRings) {
  invite("9555");
  forget();
  drop(last_member());
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request"}));
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(world_.outcome(invite("9555")), "ok");
}

TEST_F(Conference, DropsOnlyMembersAndNotTheOnlyOne) {
  EXPECT_EQ(world_.outcome(drop(last_member())), "invalid.state");
  EXPECT_EQ(world_.outcome(drop(core::MemberId{99})), "target.not.found");
  EXPECT_EQ(calls(), 1U);
}

// --- Limits ------------------------------------------------------------------------------------

core::Directory of_three() {
  core::Directory directory = call_centre();
  directory.limits.conference_legs_max = 3;
  return directory;
}

class SmallConference : public Conference {
 protected:
  SmallConference() : Conference(of_three()) {}
};

TEST_F(SmallConference, HasRoomForSoManyOnly) {
  EXPECT_EQ(world_.outcome(invite("9555")), "ok");
  world_.report(core::LegAnswered{core::LegId{2}});
  EXPECT_EQ(world_.outcome(invite("9556")), "invalid.state");
  consult("9556");
  world_.report(core::LegAnswered{world_.state().far_leg(consult_part())});
  EXPECT_EQ(world_.outcome(confer()), "invalid.state");
  EXPECT_EQ(talking(), 3U);
}

// The customer, Alice and thirty numbers outside.
TEST_F(Conference, HasRoomForThirtyTwo) {
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(world_.outcome(invite(fmt::format("95{:02}", i))), "ok");
    world_.report(core::LegAnswered{world_.state().last_ids().leg});
  }
  EXPECT_EQ(talking(), 32U);
  EXPECT_EQ(primary().members.size(), 31U);
  forget();
  EXPECT_EQ(world_.outcome(invite("9600")), "invalid.state");
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
  leave(alice_);
  EXPECT_EQ(talking(), 31U);
}

TEST(ConferenceLimits, APlatformThatCannotSaysSo) {
  core::Directory directory = call_centre();
  directory.capabilities.conference = false;
  World world(std::move(directory));
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.outcome(world.command(client, core::ConferenceInteraction{})), "unsupported");
  EXPECT_EQ(world.outcome(world.command(client, core::BlindConference{"9555"})), "unsupported");
}

}  // namespace
}  // namespace cord::test
