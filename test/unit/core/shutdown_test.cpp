// How the server ends (docs/closing.md, "The process"): callers who wait are turned away, what is
// left is cut, and the sessions end. One decision at a time.
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

using namespace core;

void shut_down(World& world) {
  for (auto steps = steps_to_shut_down(world.state()); !steps.empty();
       steps = steps_to_shut_down(world.state())) {
    for (const Input& it : steps) world.run(it);
  }
}

void expect_nothing_left(const World& world) {
  const State& state = world.state();
  EXPECT_TRUE(state.calls().empty());
  EXPECT_TRUE(state.legs().empty());
  EXPECT_TRUE(state.interactions().empty());
  EXPECT_TRUE(state.sessions().empty());
  EXPECT_EQ(state.deadline_count(), 0u);
  EXPECT_EQ(world.replayed_dump(), state.dump());
}

bool has(const std::vector<std::string>& lines, std::string_view part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& it) { return it.find(part) != std::string::npos; });
}

class WhateverItsPhase : public testing::TestWithParam<int> {};

TEST_P(WhateverItsPhase, ACallIsCutAndItsAgentIsToldWhy) {
  World world;
  const std::array agents{alice, bob, carol};
  const Client client = world.log_in_ready(agents[GetParam() % 3]);
  const int phase = GetParam() / 3;
  const LegId customer = world.arrive();
  if (phase == 1) world.mood = Mood::silent;
  if (phase >= 1) world.command(client, AnswerConversation{});
  if (phase == 3) world.command(client, HoldConversation{});
  if (phase == 4) world.command(client, ControlRecording{ControlRecording::Verb::start});
  if (phase == 5) {
    world.mood = Mood::silent;
    world.command(client, ReleaseConversation{});
  }
  (void)world.ordered();
  (void)world.heard(client);
  world.mood = Mood::silent;  // The platform need not say anything any more.
  shut_down(world);
  expect_nothing_left(world);
  const Lines heard = world.heard(client);
  ASSERT_GE(heard.size(), 2u);
  EXPECT_EQ(heard[heard.size() - 2], "session.ended shutdown");
  EXPECT_EQ(heard.back(), "close 4001");
  EXPECT_TRUE(has(heard, "interaction.ended " + std::string(phase == 5 ? "request" : "shutdown")));
  const Lines orders = world.ordered();
  EXPECT_EQ(orders.front(), fmt::format("release {} shutdown", text(customer)));
  EXPECT_EQ(has(orders, "stop "), phase == 4);
}

INSTANTIATE_TEST_SUITE_P(Phases, WhateverItsPhase, testing::Range(0, 18));

// Proves: session.ended
TEST(ShutDown, ASessionAtRestEndsWithReasonShutdown) {
  World world;
  const Client client = world.log_in_ready(alice);
  shut_down(world);
  EXPECT_EQ(world.heard(client),
            (Lines{"channel.infochanged INACTIVE NOT_READY queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY shutdown", "channel.disposed",
                   "state(session) LOGGED_OUT<-LOGGED_IN shutdown", "session.ended shutdown",
                   "close 4001"}));
  expect_nothing_left(world);
}

TEST(ShutDown, AWrapUpIsCompleted) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.report(LegReleased{world.arrive(), Cause::remote, ""});
  const LegId caller = world.arrive();
  world.command(client, AnswerConversation{});
  world.report(LegReleased{caller, Cause::remote, ""});
  (void)world.heard(client);
  shut_down(world);
  EXPECT_EQ(world.heard(client).front(), "state(interaction) COMPLETED<-ENDED NONE shutdown");
  expect_nothing_left(world);
}

TEST(ShutDown, ACallBetweenAgentsIsCutAtBothEnds) {
  World world;
  const Client caller = world.log_in_ready(alice);
  const Client callee = world.log_in_ready(eve);
  world.command(caller, DialNumber{"1005"});
  world.command(callee, AnswerConversation{});
  (void)world.heard(caller);
  (void)world.heard(callee);
  (void)world.ordered();
  shut_down(world);
  expect_nothing_left(world);
  for (const Client& it : {caller, callee}) {
    const Lines heard = world.heard(it);
    EXPECT_TRUE(has(heard, "interaction.ended"));
    EXPECT_EQ(heard.back(), "close 4001");
  }
  EXPECT_EQ(world.ordered().size(), 2u) << "each phone is hung up once";
}

TEST(ShutDown, WhatIsBeingDialledOrActivatedFails) {
  World world;
  const Client dialling = world.log_in_ready(alice);
  const Client activating = world.log_in(carol);
  world.mood = Mood::silent;
  const RequestId dial = world.command(dialling, DialNumber{"9123"});
  const RequestId activate = world.command(activating, ActivateChannel{});
  shut_down(world);
  EXPECT_NE(world.outcome(dial), "");
  EXPECT_NE(world.outcome(dial), "ok");
  EXPECT_NE(world.outcome(activate), "");
  EXPECT_NE(world.outcome(activate), "ok");
  expect_nothing_left(world);
}

TEST(ShutDown, WhoListensIsCutToo) {
  for (const AgentIndex agent : {carol, eve}) {
    for (const bool is_pending : {false, true}) {
      Directory directory = call_centre();
      directory.agents[agent].may_supervise = true;
      World world(std::move(directory));
      const Client client = world.log_in_ready(alice);
      world.arrive();
      world.command(client, AnswerConversation{});
      const Client chief = world.log_in_ready(agent);
      if (is_pending) world.mood = Mood::silent;
      const RequestId request = world.command(chief, MonitorAgent{"alice", MonitorMode::monitor});
      (void)world.heard(chief);
      world.mood = Mood::silent;
      shut_down(world);
      EXPECT_EQ(world.outcome(request), is_pending ? "invalid.state" : "ok");
      EXPECT_EQ(has(world.heard(chief), "ACTIVE<-ACTIVE READY shutdown"), !is_pending);
      expect_nothing_left(world);
    }
  }
}

TEST(ShutDown, EndsSessionsThatAreNotStartedOrDetached) {
  World world;
  const Client prepared = world.prepare(alice);
  const Client detached = world.log_in_ready(bob);
  world.run(ConnectionLost{detached.connection});
  (void)world.heard(prepared);
  shut_down(world);
  EXPECT_EQ(world.heard(prepared).back(), "close 4001");
  expect_nothing_left(world);
}

TEST(ShutDown, AnIdlePersistentPhoneIsHungUpOnce) {
  World world;
  const Client client = world.log_in_ready(carol);
  (void)world.ordered();
  (void)world.heard(client);
  shut_down(world);
  EXPECT_EQ(world.ordered().size(), 1u);
  EXPECT_FALSE(has(world.heard(client), "phone.lost"));
  expect_nothing_left(world);
}

TEST(TurnAway, ReleasesWhoWaitsAndLeavesWhoIsOffered) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  const LegId waiting = world.arrive();
  (void)world.ordered();
  (void)world.heard(client);
  const auto next = next_to_turn_away(world.state());
  ASSERT_TRUE(next);
  world.run(*next);
  EXPECT_EQ(world.ordered(), Lines{fmt::format("release {} shutdown", text(waiting))});
  EXPECT_FALSE(next_to_turn_away(world.state()));
  EXPECT_EQ(world.heard(client), Lines{});
  world.run(TurnAway{world.interaction_of(client)->call});
  EXPECT_NE(world.interaction_of(client), nullptr) << "it does not wait";
  world.run(*next);
}

TEST(TurnAway, TellsAnAgentWhoDialledAQueue) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.command(client, NotReadyChannel{"lunch"});
  world.command(client, DialNumber{"200"});
  (void)world.heard(client);
  const auto next = next_to_turn_away(world.state());
  ASSERT_TRUE(next);
  world.run(*next);
  EXPECT_TRUE(has(world.heard(client), "interaction.ended shutdown"));
  EXPECT_TRUE(world.state().calls().empty());
}

}  // namespace
}  // namespace cord::test
