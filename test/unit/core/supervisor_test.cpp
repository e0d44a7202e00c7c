#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

// Dave supervises; he shares Alice's extension and stays inactive on it.
struct Floor {
  World world{directory()};
  Client boss = world.log_in(dave);

  static core::Directory directory() {
    core::Directory all = call_centre();
    all.agents[dave].may_supervise = true;
    return all;
  }
  Lines hears(const Client& client, core::Command it) {
    world.command(client, std::move(it));
    EXPECT_EQ(broken_invariants(world.state()), Lines{});
    return world.heard(client);
  }
  Lines boss_hears(core::Command it) { return hears(boss, std::move(it)); }
  // A caller for this client, answered.
  void connect(const Client& client) {
    world.arrive();
    world.command(client, core::AnswerConversation{});
    (void)world.heard(client);
  }
};

core::SetAgentState make(const char* agent, bool ready, std::optional<std::string> reason = {}) {
  return {.agent = agent, .ready = ready, .reason = std::move(reason), .type = {}};
}

// Proves: session.setagentstate, promise 7
TEST(SetAgentState, ChangesTheChannelsWithACauseOfItsOwn) {
  Floor floor;
  const Client agent = floor.world.log_in(alice);
  floor.world.command(agent, core::ActivateChannel{});
  (void)floor.world.heard(agent);
  (void)floor.world.heard(floor.boss);  // His channel at her endpoint is not available any more.
  EXPECT_EQ(floor.boss_hears(make("alice", true)), Lines{"ok"});
  EXPECT_EQ(floor.world.heard(agent), (Lines{"channel.infochanged ACTIVE READY queues=support",
                                             "state(channel) ACTIVE<-ACTIVE READY supervisor"}));
  EXPECT_EQ(floor.boss_hears(make("alice", false, "meeting")), Lines{"ok"});
  EXPECT_EQ(floor.world.heard(agent),
            (Lines{"channel.infochanged ACTIVE NOT_READY reason=meeting queues=support",
                   "state(channel) ACTIVE<-ACTIVE NOT_READY supervisor"}));
  EXPECT_EQ(floor.boss_hears(make("alice", false, "meeting")), Lines{"ok"});
  EXPECT_EQ(floor.world.heard(agent), Lines{});
  EXPECT_EQ(floor.world.replayed_dump(), floor.world.state().dump());
}

TEST(SetAgentState, IsPendingWhileTheAgentIsAtWork) {
  Floor floor;
  const Client agent = floor.world.log_in_ready(alice);
  floor.connect(agent);
  (void)floor.world.heard(floor.boss);
  EXPECT_EQ(floor.boss_hears(make("alice", false, "meeting")), Lines{"ok"});
  EXPECT_EQ(floor.world.heard(agent),
            (Lines{"channel.infochanged ACTIVE BUSY pending=NOT_READY:meeting queues=support",
                   "state(channel) ACTIVE<-ACTIVE BUSY supervisor"}));
}

TEST(SetAgentState, ReachesTheChannelsOfOneMediumOrOfAll) {
  Floor floor;
  const Client agent = floor.world.log_in_ready(alice);
  floor.world.command(agent, core::AddChannel{{core::MediaType::chat, "alice@shop"}});
  floor.world.command(agent.on(1), core::ActivateChannel{});
  core::SetAgentState chat = make("alice", true);
  chat.type = core::MediaType::chat;
  floor.world.command(floor.boss, chat);
  EXPECT_EQ(floor.world.channel_of(agent.on(1))->agent_state, core::AgentState::ready);
  floor.world.command(floor.boss, make("alice", false));
  EXPECT_EQ(floor.world.channel_of(agent)->agent_state, core::AgentState::not_ready);
  EXPECT_EQ(floor.world.channel_of(agent.on(1))->agent_state, core::AgentState::not_ready);
  chat.type = core::MediaType::email;
  (void)floor.world.heard(floor.boss);
  EXPECT_EQ(floor.boss_hears(chat), Lines{"invalid.state"});
}

TEST(SetAgentState, ChecksTheReason) {
  core::Directory directory = Floor::directory();
  directory.reasons = {{"meeting", "Meeting"}};
  directory.reason_required = true;
  World world(directory);
  const Client boss = world.log_in(dave);
  world.log_in_ready(alice);
  EXPECT_EQ(world.outcome(world.command(boss, make("alice", false))), "reason.required");
  EXPECT_EQ(world.outcome(world.command(boss, make("alice", false, "tea"))), "invalid.request");
  EXPECT_EQ(world.outcome(world.command(boss, make("alice", false, "meeting"))), "ok");
}

TEST(SetAgentState, OfOneselfFollowsTheAnswer) {
  Floor floor;
  floor.world.command(floor.boss, core::ActivateChannel{});
  (void)floor.world.heard(floor.boss);
  EXPECT_EQ(floor.boss_hears(make("dave", true)),
            (Lines{"ok", "channel.infochanged ACTIVE READY queues=support",
                   "state(channel) ACTIVE<-ACTIVE READY supervisor"}));
}

TEST(SetAgentState, NeedsAnAgentWhoIsThere) {
  Floor floor;
  EXPECT_EQ(floor.boss_hears(make("alice", true)), Lines{"invalid.state"});  // Not logged in.
  floor.world.prepare(bob);
  EXPECT_EQ(floor.boss_hears(make("bob", true)), Lines{"invalid.state"});  // Not started.
  const Client agent = floor.world.log_in(alice);
  EXPECT_EQ(floor.boss_hears(make("alice", true)), Lines{"invalid.state"});  // Not active.
  floor.world.command(agent, core::ActivateChannel{});
  (void)floor.world.heard(floor.boss);
  floor.world.run(core::ConnectionLost{agent.connection});
  EXPECT_EQ(floor.boss_hears(make("alice", true)), Lines{"invalid.state"});  // Sees no offers.
  EXPECT_EQ(floor.boss_hears(make("alice", false, "away")), Lines{"ok"});
  EXPECT_EQ(floor.boss_hears(make("nobody", true)), Lines{"target.not.found"});
}

TEST(SetAgentState, OfADetachedAgentOutlivesItsReturn) {
  Floor floor;
  const Client agent = floor.world.log_in_ready(alice);
  floor.world.run(core::ConnectionLost{agent.connection});
  floor.world.advance(6s);
  floor.world.command(floor.boss, make("alice", false, "away"));
  const Client back = floor.world.resume(agent);
  EXPECT_EQ(floor.world.channel_of(back)->reason, "away");
  EXPECT_EQ(floor.world.channel_of(back)->agent_state, core::AgentState::not_ready);
}

// Proves: permission.denied
TEST(Supervisor, NeedsThePermission) {
  Floor floor;
  const Client agent = floor.world.log_in(alice);
  floor.world.log_in_ready(bob);
  const std::string before = floor.world.state().dump();
  EXPECT_EQ(floor.hears(agent, make("bob", false)), Lines{"permission.denied"});
  EXPECT_EQ(floor.hears(agent, make("nobody", false)), Lines{"permission.denied"});
  EXPECT_EQ(floor.hears(agent, core::ForceLogout{"bob", ""}), Lines{"permission.denied"});
  EXPECT_EQ(floor.world.state().dump(), before);
}

// Proves: session.forcelogout, session.ended, close 4001
TEST(ForceLogout, EndsTheSessionAndItsConnection) {
  Floor floor;
  const Client agent = floor.world.log_in_ready(alice);
  (void)floor.world.heard(floor.boss);
  EXPECT_EQ(floor.boss_hears(core::ForceLogout{"alice", "shift.over"}),
            (Lines{"ok", "channel.infochanged INACTIVE NOT_READY queues=support",
                   "state(channel) INACTIVE<-UNAVAILABLE NOT_READY request"}));
  EXPECT_EQ(floor.world.heard(agent),
            (Lines{"channel.infochanged INACTIVE NOT_READY reason=shift.over queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY supervisor", "channel.disposed",
                   "state(session) LOGGED_OUT<-LOGGED_IN supervisor", "session.ended forced",
                   "close 4001"}));
  EXPECT_EQ(floor.world.session_of(agent), nullptr);
  EXPECT_EQ(floor.hears(agent, core::SnapshotSession{}), Lines{"target.not.found"});
  EXPECT_EQ(floor.world.replayed_dump(), floor.world.state().dump());
}

TEST(ForceLogout, IsRefusedWhileACallLivesAndCompletesAWrapUp) {
  Floor floor;
  const Client agent = floor.world.log_in_ready(alice);
  const core::LegId caller = floor.world.arrive();
  (void)floor.world.heard(floor.boss);
  EXPECT_EQ(floor.boss_hears(core::ForceLogout{"alice", ""}), Lines{"ongoing.interaction"});
  floor.world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(floor.boss_hears(core::ForceLogout{"alice", ""}), Lines{"ongoing.interaction"});
  floor.world.report(core::LegReleased{caller, core::Cause::remote, ""});
  (void)floor.world.heard(agent);
  floor.world.command(floor.boss, core::ForceLogout{"alice", ""});
  EXPECT_EQ(floor.world.heard(agent),
            (Lines{"state(interaction) COMPLETED<-ENDED NONE supervisor", "interaction.disposed",
                   "channel.infochanged INACTIVE NOT_READY queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY supervisor", "channel.disposed",
                   "state(session) LOGGED_OUT<-LOGGED_IN supervisor", "session.ended forced",
                   "close 4001"}));
  EXPECT_EQ(floor.world.state().deadline_count(), 0U);
}

TEST(ForceLogout, FailsWhatTheAgentWaitsFor) {
  Floor floor;
  floor.world.mood = Mood::silent;
  const Client agent = floor.world.log_in(carol);
  const auto activation = floor.world.command(agent, core::ActivateChannel{});
  floor.world.command(floor.boss, core::ForceLogout{"carol", ""});
  EXPECT_EQ(floor.world.outcome(activation), "invalid.state");
  EXPECT_EQ(floor.world.heard(agent).back(), "close 4001");
  EXPECT_EQ(broken_invariants(floor.world.state()), Lines{});
}

TEST(ForceLogout, EndsADetachedSessionAndOneThatIsNotStarted) {
  Floor floor;
  const Client detached = floor.world.log_in(alice);
  floor.world.run(core::ConnectionLost{detached.connection});
  const Client prepared = floor.world.prepare(bob);
  (void)floor.world.heard(prepared);
  (void)floor.world.heard(floor.boss);
  EXPECT_EQ(floor.boss_hears(core::ForceLogout{"alice", ""}), Lines{"ok"});
  EXPECT_EQ(floor.boss_hears(core::ForceLogout{"bob", ""}), Lines{"ok"});
  EXPECT_EQ(floor.world.heard(prepared), (Lines{"session.ended forced", "close 4001"}));
  EXPECT_EQ(floor.world.state().sessions().size(), 1U);
  EXPECT_EQ(floor.world.state().deadline_count(), 0U);
}

TEST(ForceLogout, IsNotForOneself) {
  Floor floor;
  EXPECT_EQ(floor.boss_hears(core::ForceLogout{"dave", ""}), Lines{"invalid.request"});
}

}  // namespace
}  // namespace cord::test
