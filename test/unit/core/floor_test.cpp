// What supervisors see of agents, and who may look.
#include "core/floor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

constexpr Instant never{};

core::Directory with_a_supervisor() {
  core::Directory all = call_centre();
  all.agents[dave].may_supervise = true;
  all.reasons = {{"lunch", "Lunch break"}};
  return all;
}

core::FloorAgent row(const World& world, core::AgentIndex agent) {
  return core::floor_agent(world.state(), agent, never);
}

/// The agent's one work: "STARTED from 555 support held".
std::string work(const World& world, core::AgentIndex agent) {
  const core::FloorAgent it = row(world, agent);
  if (it.work.size() != 1) return fmt::format("{} works", it.work.size());
  const core::FloorWork& one = it.work.front();
  return fmt::format("{} from {} {}{}{}", name_of(one.state), one.from, one.queue,
                     one.held ? " held" : "", one.muted ? " muted" : "");
}

Duration age(const World& world, Instant since) {
  return world.now() - since;
}

// Proves: session.watch, session.endwatch, permission.denied
TEST(Watch, IsForSupervisorsAndChangesNothing) {
  World world(with_a_supervisor());
  const Client agent = world.log_in(alice);
  const Client boss = world.log_in(dave);
  const std::string before = world.state().dump();
  EXPECT_EQ(world.outcome(world.command(agent, core::WatchFloor{})), "permission.denied");
  EXPECT_EQ(world.outcome(world.command(agent, core::EndWatch{})), "permission.denied");
  EXPECT_EQ(world.outcome(world.command(boss, core::WatchFloor{})), "watches");
  EXPECT_EQ(world.outcome(world.command(boss, core::EndWatch{})), "watches no more");
  EXPECT_EQ(world.state().dump(), before);
  EXPECT_EQ(world.heard(boss), (Lines{"watches", "watches no more"}));
}

TEST(Watch, IsOfOnesOwnStartedSession) {
  World world(with_a_supervisor());
  const Client boss = world.prepare(dave);
  EXPECT_EQ(world.outcome(world.command(boss, core::WatchFloor{})), "session.not.started");
  const Client agent = world.log_in(alice);
  const Client stranger{boss.connection, agent.session, dave};
  EXPECT_EQ(world.outcome(world.command(stranger, core::WatchFloor{})), "target.not.found");
}

TEST(FloorAgent, ComesAndGoesWithItsSession) {
  World world(with_a_supervisor());
  EXPECT_EQ(row(world, alice).session, core::FloorSession::logged_out);
  EXPECT_EQ(row(world, alice).since, never);
  EXPECT_FALSE(row(world, alice).channel);
  const Client prepared = world.prepare(alice);
  EXPECT_EQ(row(world, alice).session, core::FloorSession::logged_out);
  world.command(prepared, core::StartSession{});
  EXPECT_EQ(row(world, alice).session, core::FloorSession::logged_in);
  EXPECT_EQ(row(world, alice).since, world.now());
  world.advance(3s);
  EXPECT_EQ(age(world, row(world, alice).since), 3s);
  world.run(core::ConnectionLost{prepared.connection});
  EXPECT_EQ(row(world, alice).session, core::FloorSession::detached);
  EXPECT_EQ(row(world, alice).since, world.now());
  world.advance(2s);
  world.resume(prepared);
  EXPECT_EQ(row(world, alice).session, core::FloorSession::logged_in);
  EXPECT_EQ(row(world, alice).since, world.now());
}

TEST(FloorAgent, HasTheStateOfItsTelephonyChannel) {
  World world(with_a_supervisor());
  const Client agent = world.log_in_ready(alice);
  world.command(agent, core::AddChannel{{core::MediaType::chat, "alice@shop"}});
  EXPECT_EQ(row(world, alice).channel->agent_state, core::AgentState::ready);
  world.advance(5s);
  world.command(agent, core::NotReadyChannel{"lunch"});
  const core::FloorAgent at_lunch = row(world, alice);
  EXPECT_EQ(at_lunch.channel->agent_state, core::AgentState::not_ready);
  EXPECT_EQ(at_lunch.channel->reason, "lunch");
  EXPECT_EQ(at_lunch.channel->reason_name, "Lunch break");
  EXPECT_EQ(at_lunch.since, world.now());
  EXPECT_EQ(at_lunch.channel->state, core::ChannelState::active);
  world.command(agent, core::ReadyChannel{});
  world.arrive();
  world.advance(1s);
  world.command(agent, core::NotReadyChannel{"lunch"});
  EXPECT_EQ(row(world, alice).channel->pending, core::AgentState::not_ready);
  EXPECT_EQ(age(world, row(world, alice).since), 1s) << "what is pending is no change yet";
}

TEST(FloorAgent, HasTheQueuesThatItServes) {
  using Names = std::vector<std::string>;
  World world(with_a_supervisor());
  EXPECT_EQ(row(world, eve).queues, (Names{"support", "sales"}));
  const Client agent = world.log_in(eve);
  EXPECT_EQ(row(world, eve).queues, (Names{"support", "sales"}));
  world.command(agent, core::ActivateChannel{"sales"});
  EXPECT_EQ(row(world, eve).queues, Names{"sales"});
  world.command(agent, core::ActivateChannel{"support"});
  EXPECT_EQ(row(world, eve).queues, Names{"support"});
  world.command(agent, core::LogoutSession{});
  EXPECT_EQ(row(world, eve).queues, (Names{"support", "sales"}));
}

TEST(FloorAgent, ShowsItsWorkFromTheOfferToTheWrapUp) {
  World world(with_a_supervisor());
  const Client agent = world.log_in_ready(alice);
  EXPECT_EQ(work(world, alice), "0 works");
  world.arrive("100", "555");
  EXPECT_EQ(work(world, alice), "ALERTING from 555 support");
  world.advance(4s);
  world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(work(world, alice), "STARTED from 555 support");
  EXPECT_EQ(row(world, alice).work.front().since, world.now());
  world.command(agent, core::HoldConversation{});
  world.command(agent, core::MuteConversation{});
  world.advance(2s);
  EXPECT_EQ(work(world, alice), "STARTED from 555 support held muted");
  EXPECT_EQ(age(world, row(world, alice).work.front().since), 2s);
  world.command(agent, core::ReleaseConversation{});
  EXPECT_EQ(work(world, alice), "ENDED from  ");
  EXPECT_EQ(row(world, alice).work.front().since, world.now());
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

TEST(FloorAgent, ShowsWhomItCallsAndTheConsultThatThePhoneHas) {
  World world(with_a_supervisor());
  const Client agent = world.log_in_ready(alice);
  world.arrive("100", "555");
  world.command(agent, core::AnswerConversation{});
  world.command(agent, core::HoldConversation{});
  world.command(agent, core::ConsultNumber{"9556"});
  EXPECT_EQ(work(world, alice), "STARTED from 555 support") << "who is consulted is not held";
  const Client other = world.log_in(eve);
  world.command(other, core::ActivateChannel{});
  world.command(other, core::DialNumber{"9777"});
  EXPECT_EQ(row(world, eve).work.size(), 1U);
  EXPECT_EQ(row(world, eve).work.front().direction, core::Direction::outbound);
  EXPECT_EQ(row(world, eve).work.front().from, "9777");
}

TEST(FloorAgent, ShowsChatsAndEmailsBesideTheCall) {
  World world(with_a_supervisor());
  const Client agent = world.log_in_ready(alice);
  world.command(agent, core::AddChannel{{core::MediaType::chat, "alice@shop"}});
  const Client chat = agent.on(1);
  world.command(chat, core::ActivateChannel{});
  world.command(chat, core::ReadyChannel{});
  world.submit({.type = core::MediaType::chat, .queue = "support", .from = "ann@example"});
  EXPECT_EQ(work(world, alice), "ALERTING from ann@example support");
  world.arrive("100", "555");
  ASSERT_EQ(row(world, alice).work.size(), 2U);
  EXPECT_EQ(row(world, alice).work.back().type, core::MediaType::chat);
  EXPECT_EQ(row(world, alice).channel->agent_state, core::AgentState::reserved);
}

TEST(FloorAgent, NamesTheSupervisorsWhoListen) {
  core::Directory all = with_a_supervisor();
  all.agents[eve].may_supervise = true;
  World world(all);
  const Client agent = world.log_in_ready(alice);
  world.arrive("100", "555");
  world.command(agent, core::AnswerConversation{});
  const Client boss = world.log_in(eve);
  world.command(boss, core::ActivateChannel{});
  EXPECT_EQ(row(world, alice).monitored_by, Lines{});
  world.command(boss, core::MonitorAgent{"alice"});
  EXPECT_EQ(row(world, alice).monitored_by, Lines{"eve"});
  world.command(boss, core::EndMonitor{"alice"});
  EXPECT_EQ(row(world, alice).monitored_by, Lines{});
}

}  // namespace
}  // namespace cord::test
