#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

constexpr const char* birth_of_call =
    "interaction.datachanged ANI=555 CallId=call-1 DNIS=100 Direction=INBOUND Queue=support "
    "QueueTimeMs=0";

// Proves: session.start, session.initialized, channel.created, channel.initialized
TEST(Session, StartAnnouncesTheChannelAndThenItself) {
  World world;
  const Client client = world.prepare(alice);
  EXPECT_EQ(world.heard(client), (Lines{"prepared"}));
  world.command(client, core::StartSession{"1001"});
  EXPECT_EQ(world.heard(client), (Lines{"ok", "channel.created ch-1 1001",
                                        "channel.infochanged INACTIVE NOT_READY queues=support",
                                        "state(channel) INACTIVE<-INACTIVE NOT_READY request",
                                        "channel.initialized", "session.initialized alice"}));
}

// Proves: session.start, channelgroup.created, channelgroup.initialized
TEST(Session, StartAnnouncesTheGroupAroundItsChannel) {
  World world;
  const Client client = world.prepare(carol);
  (void)world.heard(client);
  world.command(client, core::StartSession{});
  EXPECT_EQ(world.heard(client),
            (Lines{"ok", "channelgroup.created g-1 desk", "channel.created ch-1 1003",
                   "channel.infochanged INACTIVE NOT_READY queues=support",
                   "state(channel) INACTIVE<-INACTIVE NOT_READY request", "channel.initialized",
                   "channelgroup.initialized", "session.initialized carol"}));
}

// Proves: session.start, session.already.started, endpoint.in.use
TEST(Session, StartIsRefusedWithAnotherExtensionOrTwice) {
  World world;
  const Client client = world.prepare(alice);
  const auto at_others = world.command(client, core::StartSession{"1002"});
  EXPECT_EQ(world.outcome(at_others), "endpoint.in.use");
  EXPECT_EQ(world.outcome(world.command(client, core::StartSession{"9"})), "invalid.request");
  EXPECT_EQ(world.outcome(world.command(client, core::StartSession{})), "ok");
  EXPECT_EQ(world.outcome(world.command(client, core::StartSession{})), "session.already.started");
}

// Proves: session.not.started
TEST(Session, NothingButStartComesFirst) {
  World world;
  const Client client = world.prepare(alice);
  EXPECT_EQ(world.outcome(world.command(client, core::LogoutSession{})), "session.not.started");
  const Client stranger{core::ConnectionId{77}, client.session, alice};
  EXPECT_EQ(world.outcome(world.command(stranger, core::StartSession{})), "session.not.started");
}

// Proves: session.limit, session.already.started
TEST(Session, OnePerConnectionOnePerAgentAndSoManyInAll) {
  core::Directory directory = call_centre();
  directory.limits.sessions_max = 2;
  World world(directory);
  const Client client = world.log_in(alice);
  world.run(core::PrepareSession{core::RequestId{900}, client.connection, bob, false, "n", "t"});
  EXPECT_EQ(world.outcome(core::RequestId{900}), "session.already.started");
  EXPECT_EQ(world.heard(world.prepare(alice)), (Lines{"confirm"}));
  EXPECT_EQ(world.heard(world.prepare(bob)), (Lines{"prepared"}));
  EXPECT_EQ(world.heard(world.prepare(eve)), (Lines{"session.limit"}));
  EXPECT_EQ(world.heard(world.prepare(bob, true)), (Lines{"prepared"}));
}

// Proves: session.ended, close 4001
TEST(Session, TakeoverKeepsTheCallAndEndsTheOldConnection) {
  World world;
  const Client old = world.log_in_ready(alice);
  world.arrive();
  world.command(old, core::AnswerConversation{});
  (void)world.heard(old);
  (void)world.ordered();
  const Client fresh = world.prepare(alice, true);
  EXPECT_EQ(world.heard(old), (Lines{"session.ended replaced", "close 4001"}));
  EXPECT_EQ(world.heard(fresh), (Lines{"prepared"}));
  EXPECT_EQ(world.outcome(world.command(old, core::HoldConversation{})), "target.not.found");
  world.command(fresh, core::StartSession{});
  EXPECT_EQ(
      world.heard(fresh),
      (Lines{"ok", "channel.created ch-1 1001", "channel.infochanged ACTIVE BUSY queues=support",
             "state(channel) ACTIVE<-ACTIVE BUSY request", "channel.initialized",
             "interaction.created i-1", "state(interaction) STARTED<-STARTED NONE remote",
             "conversation.created c-1", "state(conversation) CONNECTED<-CONNECTED remote",
             "conversation.member.added 555", "conversation.initialized", birth_of_call,
             "interaction.preview", "interaction.initialized", "session.initialized alice"}));
  EXPECT_EQ(world.ordered(), Lines{});
  EXPECT_EQ(world.outcome(world.command(fresh, core::HoldConversation{})), "ok");
}

TEST(Session, TakeoverAnswersWhatTheOldConnectionWaitsFor) {
  World world;
  const Client old = world.log_in_ready(alice);
  world.arrive();
  world.command(old, core::AnswerConversation{});
  (void)world.heard(old);
  world.mood = Mood::silent;
  world.command(old, core::HoldConversation{});
  world.command(old, core::MuteConversation{});
  const Client fresh = world.prepare(alice, true);
  EXPECT_EQ(world.heard(old), (Lines{"target.not.found", "session.ended replaced", "close 4001"}));
  world.command(fresh, core::StartSession{});
  (void)world.heard(fresh);
  world.report(core::LegHeld{world.customer_leg(fresh)});
  EXPECT_EQ(world.heard(fresh), (Lines{"state(conversation) HELD<-CONNECTED request"}));
  EXPECT_EQ(world.heard(old), (Lines{"target.not.found"}));
}

TEST(Session, ATakenOverChannelTakesNoOffersBeforeTheStart) {
  World world;
  world.log_in_ready(alice);
  const Client fresh = world.prepare(alice, true);
  world.arrive();
  EXPECT_EQ(world.interaction_of(fresh), nullptr);
  world.command(fresh, core::StartSession{});
  EXPECT_NE(world.interaction_of(fresh), nullptr);
}

// Proves: session.logout, session.ended, channel.disposed
TEST(Session, LogoutDisposesOfEverythingAndThenReplies) {
  World world;
  const Client client = world.log_in_ready(carol);
  (void)world.ordered();
  world.command(client, core::LogoutSession{"home"});
  EXPECT_EQ(world.heard(client),
            (Lines{"channel.infochanged INACTIVE NOT_READY reason=home queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY request", "channel.disposed",
                   "channelgroup.disposed", "state(session) LOGGED_OUT<-LOGGED_IN request",
                   "session.ended logout", "ok"}));
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
  EXPECT_EQ(world.outcome(world.command(client, core::LogoutSession{})), "target.not.found");
  EXPECT_EQ(world.state().deadline_count(), 0U);
  EXPECT_TRUE(world.state().channels().empty());
  EXPECT_TRUE(world.state().legs().empty());
}

// Proves: session.logout, ongoing.interaction
TEST(Session, LogoutWaitsForWrapUp) {
  World world;
  const Client client = world.log_in_ready(alice);
  const core::LegId caller = world.arrive();
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.outcome(world.command(client, core::LogoutSession{})), "ongoing.interaction");
  world.report(core::LegReleased{caller, core::Cause::remote, ""});
  EXPECT_EQ(world.outcome(world.command(client, core::LogoutSession{})), "ongoing.interaction");
  world.command(client, core::CompleteInteraction{});
  EXPECT_EQ(world.outcome(world.command(client, core::LogoutSession{})), "ok");
}

TEST(Session, LogoutWithAPhoneBeingCalledAnswersTheActivation) {
  World world;
  const Client client = world.log_in(carol);
  world.mood = Mood::silent;
  world.command(client, core::ActivateChannel{});
  world.command(client, core::LogoutSession{});
  const Lines heard = world.heard(client);
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.front(), "invalid.state");
  EXPECT_EQ(heard.back(), "ok");
  EXPECT_EQ(world.ordered(),
            (Lines{"originate out1 sip:1003@phones auto", "release out1 request"}));
}

TEST(Session, ADetachedOneTakesNoOffersAfterFiveSecondsAndExpiresAfterSixty) {
  World world;
  const Client client = world.log_in_ready(alice);
  const core::ChannelId channel = world.channel_of(client)->id;
  world.run(core::ConnectionLost{client.connection});
  world.advance(4900ms);
  EXPECT_EQ(world.state().at(channel).agent_state, core::AgentState::ready);
  world.advance(200ms);
  EXPECT_EQ(world.state().at(channel).agent_state, core::AgentState::not_ready);
  EXPECT_EQ(world.state().at(channel).reason, "connection.lost");
  world.arrive();
  EXPECT_EQ(world.interaction_of(client), nullptr);
  world.advance(54s);
  EXPECT_NE(world.session_of(client), nullptr);
  world.advance(1s);
  EXPECT_EQ(world.session_of(client), nullptr);
  EXPECT_TRUE(world.state().channels().empty());
}

TEST(Session, ADetachedOneWithACallLivesUntilTheCallEnds) {
  World world;
  world.on_step = [&] { EXPECT_EQ(broken_invariants(world.state()), Lines{}); };
  const Client client = world.log_in_ready(alice);
  const core::LegId caller = world.arrive();
  world.command(client, core::AnswerConversation{});
  world.run(core::ConnectionLost{client.connection});
  world.advance(10min);
  ASSERT_NE(world.session_of(client), nullptr);
  EXPECT_EQ(world.channel_of(client)->pending, core::AgentState::not_ready);
  EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::connected);
  world.report(core::LegReleased{caller, core::Cause::remote, ""});
  world.advance(2ms);
  EXPECT_EQ(world.session_of(client), nullptr);
  EXPECT_TRUE(world.state().interactions().empty());
}

TEST(Session, PreparedAndNeverStartedExpires) {
  World world;
  const Client client = world.prepare(alice);
  (void)world.heard(client);
  world.advance(61s);
  EXPECT_EQ(world.heard(client), (Lines{"session.ended expired", "close 4001"}));
  EXPECT_TRUE(world.state().sessions().empty());
  EXPECT_EQ(world.outcome(world.command(client, core::StartSession{})), "target.not.found");
}

TEST(Session, ConnectionsThatAreGoneAreForgotten) {
  World world;
  const Client client = world.log_in(alice);
  world.command(client, core::LogoutSession{});
  EXPECT_TRUE(world.state().has_lost_session(client.connection));
  world.run(core::ConnectionLost{client.connection});
  EXPECT_FALSE(world.state().has_lost_session(client.connection));
  EXPECT_EQ(world.outcome(world.command(client, core::LogoutSession{})), "session.not.started");
}

TEST(Session, AReplayedJournalGivesTheSameState) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  world.command(client, core::SetInteractionData{{{"k", core::DataValue{false, "v"}}}});
  world.command(client, core::ControlRecording{core::ControlRecording::Verb::start});
  world.prepare(bob);
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

}  // namespace
}  // namespace cord::test
