// How near the engine is to its bounds (docs/operations.md, "Bounds"), as the metrics show it.
#include <gtest/gtest.h>

#include "support/engine_world.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::alice;
using test::bob;
using test::carol;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;
using test::eve;

double used(const EngineWorld& world, std::string_view bound) {
  world.engine.publish_gauges();
  return world.metric("cord_bound_used", bound);
}

TEST(BoundMetrics, FollowWhatTheStateHolds) {
  EngineSetup setup;
  setup.directory.limits.sessions_max = 5;
  setup.directory.queues[1].waiting_max = 2;
  EngineWorld world(std::move(setup));
  EXPECT_EQ(world.metric("cord_bound_max", "core.sessions_max"), 5);
  EXPECT_EQ(used(world, "core.sessions_max"), 0);
  world.log_in_ready(alice);
  EXPECT_EQ(used(world, "core.sessions_max"), 1);
  EXPECT_EQ(used(world, "core.channels_max"), 1);
  EXPECT_EQ(used(world, "core.groups_max"), 0);
  world.prepare(bob);
  EXPECT_EQ(used(world, "core.sessions_max"), 2);
}

TEST(BoundMetrics, ShowTheQueueThatIsFullest) {
  EngineSetup setup;
  setup.directory.queues[1].waiting_max = 2;
  EngineWorld world(std::move(setup));
  for (int i = 0; i < 3; ++i) world.call_arrives("100");
  EXPECT_EQ(used(world, "core.waiting_max"), 3);
  EXPECT_EQ(world.metric("cord_bound_max", "core.waiting_max"), 1'000);
  world.call_arrives("200");
  EXPECT_EQ(used(world, "core.waiting_max"), 1) << "one of two is nearer than three of a thousand";
  EXPECT_EQ(world.metric("cord_bound_max", "core.waiting_max"), 2);
  EXPECT_EQ(used(world, "core.calls_max"), 4);
}

TEST(BoundMetrics, RememberTheMostOfWhatEndsSoon) {
  EngineSetup setup;
  setup.sim.order_latency = {1s, 1s};
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, RejectInteraction{}, ObjectKind::interaction);
  EXPECT_EQ(used(world, "core.refusals_max"), 1);
  world.advance(10s);
  world.command(client, AnswerConversation{});
  world.advance(10s);
  const DataChange change{"crm", DataValue{.is_json = false, .text = std::string(100, 'x')}};
  world.command(client, SetInteractionData{{change}}, ObjectKind::interaction);
  EXPECT_GT(used(world, "core.call_data_bytes_max"), 100);
  const RequestKey key{"7", "digest"};
  world.command(client, HoldConversation{}, ObjectKind::conversation, key);
  world.command(client, HoldConversation{}, ObjectKind::conversation, key);
  world.command(client, RetrieveConversation{});
  EXPECT_EQ(used(world, "engine.askers_max"), 1);
  EXPECT_EQ(used(world, "engine.waiting_commands_max"), 1);
  world.advance(10s);
  EXPECT_EQ(used(world, "engine.waiting_commands_max"), 1) << "it was so";
  EXPECT_EQ(used(world, "engine.answers_max"), 1);
  EXPECT_GT(used(world, "engine.session_events_max"), 10);
}

TEST(BoundMetrics, CountWhoTalksInOneCall) {
  EngineSetup setup;
  setup.sim.phones_pick_up = true;
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  EXPECT_EQ(used(world, "core.conference_legs_max"), 0);
  world.command(client, BlindConference{"9555"});
  EXPECT_EQ(used(world, "core.conference_legs_max"), 3);
}

TEST(BoundMetrics, CountWhoListensToOneAgent) {
  EngineSetup setup;
  setup.directory.agents[carol].may_supervise = setup.directory.agents[eve].may_supervise = true;
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  EXPECT_EQ(used(world, "core.monitors_max"), 0);
  for (const AgentIndex agent : {carol, eve}) {
    const Client chief = world.log_in_ready(agent);
    world.command(chief, MonitorAgent{"alice", MonitorMode::monitor}, ObjectKind::channel);
  }
  EXPECT_EQ(used(world, "core.monitors_max"), 2);
}

TEST(BoundMetrics, CountTheDeadlinesThatPass) {
  EngineWorld world;
  world.call_arrives();
  world.advance(world.directory->queues[0].wait_max);
  EXPECT_EQ(world.metric("cord_deadlines_reached_total", "queue_wait"), 1);
}

}  // namespace
}  // namespace cord::runtime
