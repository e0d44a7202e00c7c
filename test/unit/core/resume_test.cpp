#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

constexpr const char* attended = "state(session) LOGGED_IN<-LOGGED_IN request";

Client lose(World& world, const Client& client, Duration away = 0s) {
  world.run(core::ConnectionLost{client.connection});
  world.advance(away);
  (void)world.heard(client);
  return client;
}

TEST(Resume, BindsTheLivingSessionAndItsDeadlinesStop) {
  World world;
  const Client lost = lose(world, world.log_in_ready(alice), 2s);
  const Client back = world.resume(lost);
  EXPECT_EQ(world.heard(back), (Lines{"resumed", attended}));
  world.advance(10min);
  EXPECT_EQ(world.heard(back), Lines{});
  EXPECT_EQ(world.outcome(world.command(back, core::NotReadyChannel{})), "ok");
}

TEST(Resume, WrongTokenAndUnknownSessionAreOneFailure) {
  World world;
  const Client alices = lose(world, world.log_in(alice));
  const Client bobs = world.log_in(bob);
  const Lines refused{"authentication.failed"};
  for (const std::string& token : {std::string(), std::string("token"), "token-" + bobs.session,
                                   "token-" + alices.session + "x"}) {
    EXPECT_EQ(world.heard(world.resume(alices, token)), refused) << token;
  }
  EXPECT_EQ(world.heard(world.resume({{}, "nobody", alice}, "token-nobody")), refused);
  EXPECT_EQ(world.heard(world.resume(alices)), (Lines{"resumed", attended}));
}

TEST(Resume, TheTokenOfATakenOverSessionIsStale) {
  World world;
  const Client old = world.log_in(alice);
  const Client fresh = world.prepare(alice, true);
  EXPECT_EQ(world.heard(world.resume(old)), (Lines{"authentication.failed"}));
  EXPECT_EQ(world.heard(world.resume(fresh)), (Lines{"resumed"}));
}

TEST(Resume, TheTokenOfAnExpiredSessionIsStale) {
  World world;
  const Client lost = lose(world, world.log_in(alice), 61s);
  EXPECT_EQ(world.heard(world.resume(lost)), (Lines{"authentication.failed"}));
}

TEST(Resume, OneSessionPerConnection) {
  World world;
  const Client alices = world.log_in(alice);
  const Client bobs = world.log_in(bob);
  world.run(core::ResumeSession{{900}, bobs.connection, alices.session, "token-" + alices.session});
  EXPECT_EQ(world.outcome({900}), "session.already.started");
}

// Proves: session.resume, close 4002
TEST(Resume, AHalfOpenConnectionIsReplacedAndTold) {
  World world;
  const Client old = world.log_in_ready(alice);
  const Client back = world.resume(old);
  EXPECT_EQ(world.heard(old), (Lines{"close 4002"}));
  EXPECT_EQ(world.heard(back), (Lines{"resumed"}));
  EXPECT_EQ(world.outcome(world.command(old, core::ReadyChannel{})), "target.not.found");
  world.run(core::ConnectionLost{old.connection});
  EXPECT_EQ(world.outcome(world.command(back, core::ReadyChannel{})), "ok");
  EXPECT_EQ(world.state().has_lost_session(old.connection), false);
}

TEST(Resume, OfTwoThatRaceTheLaterWins) {
  World world;
  const Client lost = lose(world, world.log_in(alice));
  const Client first = world.resume(lost);
  const Client second = world.resume(lost);
  EXPECT_EQ(world.heard(first), (Lines{"resumed", attended, "close 4002"}));
  EXPECT_EQ(world.heard(second), (Lines{"resumed"}));
}

TEST(Resume, RestoresTheReadinessThatTheLossTook) {
  World world;
  const Client lost = lose(world, world.log_in_ready(alice), 6s);
  EXPECT_EQ(world.channel_of(lost)->reason, "connection.lost");
  const Instant idle_since = world.channel_of(lost)->idle_since;
  const Client back = world.resume(lost);
  EXPECT_EQ(world.heard(back),
            (Lines{"resumed", attended, "channel.infochanged ACTIVE READY queues=support",
                   "state(channel) ACTIVE<-ACTIVE READY request"}));
  EXPECT_EQ(world.channel_of(back)->idle_since, idle_since);
}

TEST(Resume, RestoresWhatWasToComeAfterTheCall) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  const Client back = world.resume(lose(world, client, 6s));
  EXPECT_EQ(world.heard(back),
            (Lines{"resumed", attended, "channel.infochanged ACTIVE BUSY queues=support",
                   "state(channel) ACTIVE<-ACTIVE BUSY request"}));
  EXPECT_EQ(world.channel_of(back)->pending, std::nullopt);
}

TEST(Resume, LeavesWhatTheAgentChose) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  world.command(client, core::NotReadyChannel{"lunch"});
  const Client back = world.resume(lose(world, client, 6s));
  EXPECT_EQ(world.channel_of(back)->pending_reason, "lunch");
  EXPECT_EQ(world.heard(back), (Lines{"resumed", attended}));
}

TEST(Resume, AnOverdueSessionLivesAgain) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  const Client back = world.resume(lose(world, client, 90s));
  world.command(back, core::ReleaseConversation{});
  world.advance(5min);
  EXPECT_NE(world.session_of(back), nullptr);
}

TEST(Resume, AfterAGapNothingIsSaidBeforeTheStartAndThenEverything) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  const Client back = world.resume(lose(world, client, 6s), true);
  world.command(back, core::HoldConversation{});
  EXPECT_EQ(world.heard(back), (Lines{"resume.gap", "session.not.started"}));
  world.command(back, core::StartSession{});
  const Lines all = world.heard(back);
  ASSERT_GE(all.size(), 3u);
  EXPECT_EQ(all.front(), "ok");
  EXPECT_EQ(all[1], "channel.created ch-1 1001");
  EXPECT_EQ(all[2], "channel.infochanged ACTIVE BUSY queues=support");
  EXPECT_EQ(all.back(), "session.initialized alice");
  EXPECT_EQ(world.outcome(world.command(back, core::HoldConversation{})), "ok");
}

TEST(Resume, AfterAGapTheStartHasADeadlineAndNoOffersComeBefore) {
  World world;
  const Client client = world.log_in_ready(alice);
  const Client back = world.resume(client, true);
  EXPECT_EQ(world.heard(client), (Lines{"close 4002"}));
  world.arrive();
  EXPECT_EQ(world.interaction_of(back), nullptr);
  world.advance(61s);
  EXPECT_EQ(world.session_of(back), nullptr);
  EXPECT_EQ(world.heard(back), (Lines{"resume.gap", "session.ended expired", "close 4001"}));
}

TEST(Resume, APreparedSessionIsResumedAndThenStarted) {
  World world;
  const Client lost = lose(world, world.prepare(alice));
  const Client back = world.resume(lost);
  EXPECT_EQ(world.heard(back), (Lines{"resumed"}));
  EXPECT_EQ(world.outcome(world.command(back, core::StartSession{})), "ok");
}

// Proves: session.snapshot
TEST(Snapshot, HasEverythingThatLives) {
  World world;
  const Client client = world.log_in_ready(carol);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  world.command(client, core::MuteConversation{});
  world.command(client, core::NotReadyChannel{"lunch"});
  const auto request = world.command(client, core::SnapshotSession{});
  ASSERT_EQ(world.outcome(request), "snapshot");
  const auto& view = std::get<core::SessionView>(*world.outcomes().at(request).front().outcome);
  EXPECT_EQ(view.name, client.session);
  EXPECT_EQ(view.profile.agent_id, "carol");
  EXPECT_FALSE(view.detached);
  ASSERT_EQ(view.groups.size(), 1u);
  ASSERT_EQ(view.channels.size(), 1u);
  const core::ChannelView& channel = view.channels[0];
  EXPECT_EQ(channel.group, view.groups[0].id);
  EXPECT_EQ(channel.info.agent_state, core::AgentState::busy);
  EXPECT_EQ(channel.info.pending, core::AgentState::not_ready);
  EXPECT_EQ(channel.info.pending_reason, "lunch");
  ASSERT_EQ(channel.interactions.size(), 1u);
  EXPECT_EQ(channel.interactions[0].state, core::InteractionState::started);
  EXPECT_EQ(channel.interactions[0].data.at("ANI").text, "555");
  ASSERT_EQ(channel.interactions[0].conversations.size(), 1u);
  const core::ConversationView& conversation = channel.interactions[0].conversations[0];
  EXPECT_EQ(conversation.state, core::ConversationState::connected);
  EXPECT_TRUE(conversation.muted);
  ASSERT_EQ(conversation.members.size(), 1u);
  EXPECT_EQ(conversation.members[0].address, "555");
}

TEST(Snapshot, NeedsAStartedSessionAndItsTarget) {
  World world;
  const Client client = world.prepare(alice);
  EXPECT_EQ(world.outcome(world.command(client, core::SnapshotSession{})), "session.not.started");
  world.command(client, core::StartSession{});
  EXPECT_EQ(world.outcome(world.command_at(client, world.target(client, core::ObjectKind::channel),
                                           core::SnapshotSession{})),
            "invalid.target");
}

}  // namespace
}  // namespace cord::test
