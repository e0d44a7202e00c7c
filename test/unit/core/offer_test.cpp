#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

Lines withdrawn(const std::string& cause, const std::string& info, const std::string& agent_state) {
  return {"state(conversation) DISCONNECTED<-ALERTING " + cause,
          "conversation.disposed",
          "interaction.ended " + cause,
          "state(interaction) ENDED<-ALERTING NONE " + cause,
          "interaction.disposed",
          "channel.infochanged ACTIVE " + info + " queues=support",
          "state(channel) ACTIVE<-ACTIVE " + agent_state + " " + cause};
}

TEST(Arrival, ACallWaitsInTheQueueOfItsNumber) {
  World world;
  world.arrive("200", "555");
  EXPECT_EQ(world.ordered(), (Lines{"accept in1"}));
  ASSERT_EQ(world.state().calls().size(), 1U);
  EXPECT_EQ(world.state().calls().begin()->second.queue, 1U);
}

TEST(Arrival, ACallForNobodyOrTooManyIsReleased) {
  core::Directory directory = call_centre();
  directory.limits.calls_max = 3;
  directory.queues[0].waiting_max = 2;
  World world(directory);
  world.arrive("999");
  EXPECT_EQ(world.ordered(), (Lines{"release in1 rejected"}));
  world.arrive("100");
  world.arrive("100");
  world.arrive("100");
  EXPECT_EQ(world.ordered(), (Lines{"accept in2", "accept in3", "release in4 busy"}));
  world.arrive("200");
  world.arrive("200");
  EXPECT_EQ(world.ordered(), (Lines{"accept in5", "release in6 busy"}));
}

TEST(Arrival, ACallGivesUpAfterTheWaitOfItsQueue) {
  World world;
  world.arrive();
  world.advance(10min - 1s);
  EXPECT_EQ(world.state().calls().size(), 1U);
  world.advance(2s);
  EXPECT_EQ(world.ordered(), (Lines{"accept in1", "release in1 timeout"}));
  EXPECT_TRUE(world.state().calls().empty());
}

TEST(Arrival, ACallerWhoHangsUpIsGone) {
  World world;
  const core::LegId leg = world.arrive();
  world.report(core::LegReleased{leg, core::Cause::remote, ""});
  EXPECT_TRUE(world.state().calls().empty());
  EXPECT_TRUE(world.state().legs().empty());
  EXPECT_EQ(world.state().deadline_count(), 0U);
}

// Proves: interaction.created, conversation.created, conversation.member.added
// Proves: conversation.initialized, interaction.datachanged, interaction.preview
// Proves: interaction.initialized, state.updated
TEST(Offer, ComesInTheBirthOrder) {
  World world;
  world.arrive("100", "555");
  world.advance(1500ms);
  const Client client = world.log_in(alice);
  world.command(client, core::ActivateChannel{});
  (void)world.heard(client);
  world.command(client, core::ReadyChannel{});
  EXPECT_EQ(world.heard(client),
            (Lines{"ok", "channel.infochanged ACTIVE READY queues=support",
                   "state(channel) ACTIVE<-ACTIVE READY request",
                   "channel.infochanged ACTIVE RESERVED queues=support",
                   "state(channel) ACTIVE<-ACTIVE RESERVED remote", "interaction.created i-1",
                   "state(interaction) ALERTING<-ALERTING NONE remote", "conversation.created c-1",
                   "state(conversation) ALERTING<-ALERTING remote", "conversation.member.added 555",
                   "conversation.initialized",
                   "interaction.datachanged ANI=555 CallId=call-1 DNIS=100 Direction=INBOUND "
                   "Queue=support QueueTimeMs=1500",
                   "interaction.preview", "interaction.initialized"}));
}

// Proves: interaction.reject, interaction.ended, interaction.disposed
TEST(Offer, RejectedGoesOnToTheNextAndComesBackLater) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  world.command(client, core::RejectInteraction{"busy"});
  EXPECT_EQ(world.heard(client), (Lines{"ok", "state(interaction) ENDED<-ALERTING NONE request",
                                        "interaction.ended request", "interaction.disposed",
                                        "channel.infochanged ACTIVE READY queues=support",
                                        "state(channel) ACTIVE<-ACTIVE READY request"}));
  const Client other = world.log_in_ready(eve);
  EXPECT_NE(world.interaction_of(other), nullptr);
  world.command(other, core::RejectInteraction{});
  world.advance(4900ms);
  EXPECT_EQ(world.interaction_of(client), nullptr);
  world.advance(200ms);
  EXPECT_TRUE(world.interaction_of(client) != nullptr || world.interaction_of(other) != nullptr);
}

TEST(Offer, UnansweredTimesOutAndTheAgentIsNotReady) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  world.advance(20001ms);
  EXPECT_EQ(world.heard(client), withdrawn("timeout", "NOT_READY reason=no.answer", "NOT_READY"));
  EXPECT_EQ(world.state().calls().size(), 1U);
}

TEST(Offer, AbandonedLeavesTheAgentReadyInItsPlace) {
  World world;
  const Client client = world.log_in_ready(alice);
  const Instant idle_since = world.channel_of(client)->idle_since;
  world.advance(1s);
  const core::LegId leg = world.arrive();
  (void)world.heard(client);
  world.advance(1s);
  world.report(core::LegReleased{leg, core::Cause::remote, ""});
  EXPECT_EQ(world.heard(client), withdrawn("remote", "READY", "READY"));
  EXPECT_EQ(world.channel_of(client)->idle_since, idle_since);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST(Offer, WhatIsPendingTakesEffectWhenItEnds) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::NotReadyChannel{"lunch"});
  (void)world.heard(client);
  world.command(client, core::RejectInteraction{});
  EXPECT_EQ(world.channel_of(client)->agent_state, core::AgentState::not_ready);
  EXPECT_EQ(world.channel_of(client)->reason, "lunch");
  EXPECT_EQ(world.channel_of(client)->pending, std::nullopt);
}

TEST(Offer, ReturnedKeepsItsPlaceAndItsData) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive("100", "first");
  world.command(client, core::SetInteractionData{{{"note", core::DataValue{false, "hello"}}}});
  world.command(client, core::NotReadyChannel{});
  world.command(client, core::RejectInteraction{});
  world.arrive("100", "second");
  const Client next = world.log_in_ready(eve);
  ASSERT_NE(world.interaction_of(next), nullptr);
  EXPECT_EQ(world.interaction_of(next)->data.at("ANI").text, "first");
  EXPECT_EQ(world.interaction_of(next)->data.at("note").text, "hello");
}

TEST(Offer, OfACallPastItsWaitIsTheLast) {
  World world;
  world.arrive();
  world.advance(10min - 5s);
  const Client client = world.log_in_ready(alice);
  ASSERT_NE(world.interaction_of(client), nullptr);
  world.advance(10s);
  EXPECT_NE(world.interaction_of(client), nullptr);
  world.command(client, core::RejectInteraction{});
  world.advance(2ms);
  EXPECT_TRUE(world.state().calls().empty());
}

// Proves: interaction.reject
TEST(Offer, OnlyAlertingCanBeRejected) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  const auto request = world.command(client, core::RejectInteraction{});
  EXPECT_EQ(world.outcome(request), "invalid.state");
}

TEST(Offer, RefusalsAreForgottenBeyondTheirBound) {
  core::Directory directory = call_centre();
  directory.limits.refusals_max = 1;
  World world(directory);
  const Client first = world.log_in_ready(alice);
  world.arrive();
  world.command(first, core::RejectInteraction{});
  const Client second = world.log_in_ready(eve);
  world.command(second, core::RejectInteraction{});
  EXPECT_NE(world.interaction_of(first), nullptr);
}

TEST(Offer, NobodyCanBeMadeToTakeWhatDoesNotFit) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive("200");
  world.run(core::OfferCall{core::CallId{1}, world.channel_of(client)->id});
  world.run(core::OfferCall{core::CallId{7}, world.channel_of(client)->id});
  world.run(core::OfferCall{core::CallId{1}, core::ChannelId{7}});
  EXPECT_EQ(world.interaction_of(client), nullptr);
}

// --- A phone that rings with the offer ------------------------------------------------------

TEST(RingingPhone, RingsWithTheOfferAndStopsWithIt) {
  World world;
  const Client client = world.log_in_ready(bob);
  world.arrive();
  EXPECT_EQ(world.ordered(), (Lines{"accept in1", "originate out1 sip:1002@phones"}));
  world.command(client, core::RejectInteraction{});
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
}

TEST(RingingPhone, PickedUpAnswersTheCall) {
  World world;
  const Client client = world.log_in_ready(bob);
  world.arrive();
  (void)world.heard(client);
  (void)world.ordered();
  world.report(core::LegAnswered{world.phone_leg(client)});
  EXPECT_EQ(world.heard(client),
            (Lines{"state(conversation) CONNECTED<-ALERTING phone", "interaction.screenpop",
                   "state(interaction) STARTED<-ALERTING NONE phone",
                   "channel.infochanged ACTIVE BUSY queues=support",
                   "state(channel) ACTIVE<-ACTIVE BUSY phone"}));
  EXPECT_EQ(world.ordered(), (Lines{"bridge in1 out1"}));
}

TEST(RingingPhone, IsCalledAnewWhenTheDesktopAnswers) {
  World world;
  const Client client = world.log_in_ready(bob);
  world.arrive();
  (void)world.ordered();
  EXPECT_EQ(world.outcome(world.command(client, core::AnswerConversation{})), "ok");
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request", "originate out2 sip:1002@phones auto",
                                    "bridge in1 out2"}));
}

TEST(RingingPhone, ThatRingsOutIsNoAnswer) {
  World world;
  const Client client = world.log_in_ready(bob);
  world.arrive();
  (void)world.heard(client);
  world.report(core::LegReleased{world.phone_leg(client), core::Cause::timeout, ""});
  EXPECT_EQ(world.heard(client), withdrawn("timeout", "NOT_READY reason=no.answer", "NOT_READY"));
}

TEST(RingingPhone, ThatCannotBeReachedSendsTheCallOn) {
  World world;
  const Client client = world.log_in_ready(bob);
  world.arrive();
  (void)world.heard(client);
  world.report(core::LegReleased{world.phone_leg(client), core::Cause::unreachable, ""});
  EXPECT_EQ(world.heard(client),
            withdrawn("unreachable", "NOT_READY reason=phone.unreachable", "NOT_READY"));
  const Client next = world.log_in_ready(alice);
  EXPECT_NE(world.interaction_of(next), nullptr);
}

TEST(PersistentPhone, LostWhileRingingSendsTheCallOn) {
  World world;
  const Client client = world.log_in_ready(carol);
  world.arrive();
  (void)world.heard(client);
  world.report(core::LegReleased{world.phone_leg(client), core::Cause::remote, ""});
  EXPECT_EQ(world.heard(client),
            (Lines{"state(conversation) DISCONNECTED<-ALERTING phone", "conversation.disposed",
                   "interaction.ended phone", "state(interaction) ENDED<-ALERTING NONE phone",
                   "interaction.disposed",
                   "channel.infochanged INACTIVE NOT_READY reason=phone.lost queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY phone"}));
  EXPECT_EQ(world.state().calls().size(), 1U);
}

}  // namespace
}  // namespace cord::test
