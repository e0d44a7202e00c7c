#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

const Lines answered{"ok",
                     "state(conversation) CONNECTED<-ALERTING request",
                     "interaction.screenpop",
                     "state(interaction) STARTED<-ALERTING NONE request",
                     "channel.infochanged ACTIVE BUSY queues=support",
                     "state(channel) ACTIVE<-ACTIVE BUSY request"};

// Proves: conversation.answer, interaction.screenpop
TEST(Answer, CallsThePhoneAndBridges) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  (void)world.ordered();
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.heard(client), answered);
  EXPECT_EQ(world.ordered(), (Lines{"originate out1 sip:1001@phones auto", "bridge in1 out1"}));
}

// Proves: interaction.accept
TEST(Answer, IsWhatAcceptDoesToACall) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  world.command(client, core::AcceptInteraction{});
  EXPECT_EQ(world.heard(client), answered);
  world.command(client, core::AcceptInteraction{});
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.heard(client), (Lines{"ok", "ok"}));
  world.command(client, core::ReleaseConversation{});
  const auto too_late = world.command(client, core::AcceptInteraction{});
  EXPECT_EQ(world.outcome(too_late), "invalid.state");
}

TEST(Answer, BridgesAPersistentPhoneAtOnce) {
  World world;
  const Client client = world.log_in_ready(carol);
  world.arrive();
  (void)world.heard(client);
  (void)world.ordered();
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.heard(client), answered);
  EXPECT_EQ(world.ordered(), (Lines{"bridge in1 out1"}));
}

TEST(Answer, EndsTheRingTimer) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.mood = Mood::silent;
  world.advance(19s);
  const auto request = world.command(client, core::AnswerConversation{});
  world.advance(39s);
  EXPECT_EQ(world.outcome(request), "");
  EXPECT_EQ(world.interaction_of(client)->state, core::InteractionState::alerting);
  world.advance(2s);
  EXPECT_EQ(world.outcome(request), "cti.timeout");
  EXPECT_EQ(world.interaction_of(client), nullptr);
}

struct Failure {
  core::Cause cause;
  const char* outcome;
  const char* event_cause;
};

TEST(Answer, FailsWithThePhoneAndTheCallGoesOn) {
  for (const Failure& it :
       {Failure{core::Cause::unreachable, "endpoint.unreachable", "unreachable"},
        Failure{core::Cause::timeout, "endpoint.unreachable", "timeout"},
        Failure{core::Cause::busy, "cti.error", "busy"},
        Failure{core::Cause::rejected, "cti.error", "rejected"},
        Failure{core::Cause::failed, "cti.error", "failed"},
        Failure{core::Cause::remote, "cti.error", "phone"}}) {
    World world;
    const Client client = world.log_in_ready(alice);
    world.arrive();
    (void)world.heard(client);
    world.mood = Mood::silent;
    const auto request = world.command(client, core::AnswerConversation{});
    world.report(core::LegReleased{world.phone_leg(client), it.cause, "the platform's words"});
    const std::string cause = it.event_cause;
    EXPECT_EQ(world.heard(client),
              (Lines{it.outcome, "state(conversation) DISCONNECTED<-ALERTING " + cause,
                     "conversation.disposed", "interaction.ended " + cause,
                     "state(interaction) ENDED<-ALERTING NONE " + cause, "interaction.disposed",
                     "channel.infochanged ACTIVE NOT_READY reason=phone.unreachable "
                     "queues=support",
                     "state(channel) ACTIVE<-ACTIVE NOT_READY " + cause}));
    const core::Reply& reply = world.outcomes().at(request).front();
    EXPECT_EQ(reply.outcome.error().detail, "the platform's words");
    world.mood = Mood::prompt;
    EXPECT_NE(world.interaction_of(world.log_in_ready(eve)), nullptr);
  }
}

TEST(Answer, ThatCannotBeBridgedLetsTheCallerWaitAgain) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.ordered();
  world.mood = Mood::silent;
  const auto request = world.command(client, core::AnswerConversation{});
  const core::LegId phone = world.phone_leg(client);
  world.report(core::LegAnswered{phone});
  world.report(core::LegOrderFailed{phone, core::LegOrderFailed::Order::bridge, "no media"});
  EXPECT_EQ(world.outcome(request), "cti.error");
  EXPECT_EQ(world.ordered(), (Lines{"originate out1 sip:1001@phones auto", "bridge in1 out1",
                                    "accept in1", "release out1 failed"}));
  EXPECT_EQ(world.channel_of(client)->agent_state, core::AgentState::not_ready);
}

TEST(Answer, ThatCannotBeBridgedParksAPersistentPhone) {
  World world;
  const Client client = world.log_in_ready(carol);
  world.arrive();
  (void)world.ordered();
  world.mood = Mood::failing;
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.ordered(), (Lines{"bridge in1 out1", "accept in1", "park out1"}));
  EXPECT_EQ(world.channel_of(client)->state, core::ChannelState::active);
}

TEST(Answer, MeetsACallerWhoHasHungUp) {
  World world;
  const Client client = world.log_in_ready(alice);
  const core::LegId caller = world.arrive();
  world.mood = Mood::silent;
  const auto request = world.command(client, core::AnswerConversation{});
  (void)world.ordered();
  world.report(core::LegReleased{caller, core::Cause::remote, ""});
  EXPECT_EQ(world.outcome(request), "invalid.state");
  EXPECT_EQ(world.ordered(), (Lines{"release out1 remote"}));
  EXPECT_EQ(world.channel_of(client)->agent_state, core::AgentState::ready);
}

TEST(Answer, IgnoresReportsThatDoNotFit) {
  World world;
  const Client client = world.log_in_ready(alice);
  const core::LegId caller = world.arrive();
  world.mood = Mood::silent;
  world.command(client, core::AnswerConversation{});
  const core::LegId phone = world.phone_leg(client);
  world.report(core::LegsBridged{caller, phone});
  world.report(core::LegOrderFailed{phone, core::LegOrderFailed::Order::bridge, ""});
  world.report(core::LegRinging{phone});
  EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::alerting);
  world.report(core::LegAnswered{phone});
  world.report(core::LegsBridged{phone, caller});
  EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::alerting);
  world.report(core::LegsBridged{caller, phone});
  EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::connected);
}

TEST(Answer, AStrayLegIsReleased) {
  World world;
  world.report(core::LegAnswered{core::LegId{42}});
  EXPECT_EQ(world.ordered(), (Lines{"release out42 request"}));
}

}  // namespace
}  // namespace cord::test
