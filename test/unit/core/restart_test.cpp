// Restarted and what follows from it (docs/journal.md, "After a restart"), one decision at a time.
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

using namespace core;

/// The platform is as new as the process: it answers nothing of what was ordered before.
void restart(World& world, Duration down = 1min) {
  world.mood = Mood::silent;
  world.orders.clear();
  world.run(Restarted{world.now() - down});
  for (auto steps = steps_after_restart(world.state()); !steps.empty();
       steps = steps_after_restart(world.state())) {
    for (const Input& it : steps) world.run(it);
  }
}

std::vector<std::string> lines_with(const std::vector<std::string>& lines, std::string_view part) {
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    if (line.find(part) != std::string::npos) found.push_back(line);
  }
  return found;
}

class InWhateverPhase : public testing::TestWithParam<int> {};

TEST_P(InWhateverPhase, NothingIsLeftOfACall) {
  World world;
  const Client client = world.log_in_ready(GetParam() % 2 == 0 ? alice : carol);
  const int phase = GetParam() / 2;
  world.arrive();
  if (phase == 1) world.mood = Mood::silent;
  if (phase >= 1) world.command(client, AnswerConversation{});
  if (phase == 3) world.command(client, HoldConversation{});
  if (phase == 4) world.command(client, ControlRecording{ControlRecording::Verb::start});
  if (phase == 5) {
    world.mood = Mood::silent;
    world.command(client, ReleaseConversation{});
  }
  world.arrive();
  restart(world);
  EXPECT_EQ(broken_after_restart(world.state(), world.now()), std::vector<std::string>{});
  EXPECT_TRUE(world.state().calls().empty());
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

INSTANTIATE_TEST_SUITE_P(Phases, InWhateverPhase, testing::Range(0, 12));

TEST(Restart, TheCauseOfACallsEndIsRecovery) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, AnswerConversation{});
  const InteractionId interaction = world.interaction_of(client)->id;
  restart(world);
  const Interaction* ended = world.state().find(interaction);
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->state, InteractionState::ended);
  // The connection is gone: what is told now is kept for whoever resumes.
  EXPECT_FALSE(lines_with(world.heard({}), "recovery").empty());
}

TEST(Restart, NobodyListensAnyMore) {
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
      const ChannelId channel = world.channel_of(chief)->id;
      restart(world);
      EXPECT_EQ(broken_after_restart(world.state(), world.now()), std::vector<std::string>{});
      EXPECT_FALSE(world.state().at(channel).monitoring.has_value());
      EXPECT_EQ(world.outcome(request), is_pending ? "invalid.state" : "ok");
      EXPECT_EQ(world.replayed_dump(), world.state().dump());
    }
  }
}

TEST(Restart, EveryDeadlineHasLeftWhatItHad) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, AnswerConversation{});
  world.command(client, ReleaseConversation{});
  const Instant due = world.interaction_of(client)->timer.due;
  restart(world, 7min);
  const auto& interactions = world.state().interactions();
  ASSERT_EQ(interactions.size(), 1u);
  EXPECT_EQ(interactions.begin()->second.timer.due, due + 7min);
  world.advance(world.directory().limits.detached_grace - 1s);
  EXPECT_EQ(world.state().interactions().size(), 1u);
}

// They have no leg and no platform: nothing of them has died.
TEST(Restart, ChatsAndEmailsAreSimplyStillThere) {
  World world;
  const Client client = world.log_in(alice);
  world.command(client, AddChannel{{MediaType::chat, "web"}});
  const Client chats = client.on(1);
  world.command(chats, ActivateChannel{});
  world.command(chats, ReadyChannel{});
  const auto submit = [&](std::string key) {
    world.submit({.queue = "support", .from = "ann@example", .key = std::move(key)});
  };
  submit("taken");
  world.command(chats, AcceptInteraction{});
  submit("waiting");
  const InteractionId taken = world.interaction_of(chats)->id;
  const Instant due = world.state().at(*world.state().find_task("waiting")).wait.due;
  restart(world, 7min);
  EXPECT_EQ(broken_after_restart(world.state(), world.now()), std::vector<std::string>{});
  ASSERT_NE(world.state().find(taken), nullptr);
  EXPECT_EQ(world.state().at(taken).state, InteractionState::started);
  EXPECT_EQ(world.state().task_count(), 2u);
  EXPECT_EQ(world.state().at(*world.state().find_task("waiting")).wait.due, due + 7min);
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

// Two calls of one agent, one of which still rings, or is still being placed.
TEST(Restart, BothCallsOfAConsultEnd) {
  for (const Mood mood : {Mood::prompt, Mood::silent}) {
    World world;
    const Client client = world.log_in_ready(alice);
    world.arrive();
    world.command(client, AnswerConversation{});
    world.mood = mood;
    world.command(client, ConsultNumber{"9555"});
    world.report(LegHeld{world.phone_leg(client), world.customer_leg(client)});
    restart(world);
    EXPECT_EQ(broken_after_restart(world.state(), world.now()), Lines{});
    EXPECT_TRUE(world.state().calls().empty());
  }
}

TEST(Restart, WhatWasGivenAwayEnds) {
  for (const char* number : {"9555", "200", "1003"}) {
    World world;
    const Client client = world.log_in_ready(alice);
    world.log_in_ready(carol);
    world.arrive();
    world.command(client, AnswerConversation{});
    world.command(client, BlindTransfer{number});
    restart(world);
    EXPECT_EQ(broken_after_restart(world.state(), world.now()), Lines{}) << number;
    EXPECT_TRUE(world.state().calls().empty()) << number;
  }
}

TEST(Restart, NothingHappensTwice) {
  World world;
  world.log_in_ready(alice);
  restart(world);
  EXPECT_TRUE(steps_after_restart(world.state()).empty());
}

}  // namespace
}  // namespace cord::test
