// Draining and the end: what the engine still takes, what it ends, and when it is over.
#include <gtest/gtest.h>

#include "support/engine_world.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::alice;
using test::bob;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;

Client in_a_call(EngineWorld& world) {
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  return client;
}

void drain(EngineWorld& world) {
  world.engine.drain(world.now);
  world.commit();
}

void shut_down(EngineWorld& world) {
  world.engine.shut_down(world.now);
  world.commit();
}

// Proves: not.accepting
TEST(EngineDrain, TakesNobodyIn) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  world.command(client, NotReadyChannel{"lunch"}, ObjectKind::channel);
  drain(world);
  const RequestId ready = world.command(client, ReadyChannel{}, ObjectKind::channel);
  EXPECT_EQ(world.failure_of(ready), Errc::not_accepting);
  const RequestId dial = world.command(client, DialNumber{"1002"}, ObjectKind::channel);
  EXPECT_EQ(world.failure_of(dial), Errc::not_accepting);
  world.prepare(bob);
  EXPECT_EQ(world.clients.replies().back().outcome.error().code, Errc::not_accepting);
  EXPECT_EQ(world.driver.call_arrives("100", "555", world.now).error().code, Errc::not_accepting);
}

TEST(EngineDrain, ReleasesWhoWaitsAtOnce) {
  EngineWorld world;
  const LegId first = world.call_arrives();
  const LegId second = world.call_arrives();
  EXPECT_FALSE(world.engine.is_idle());
  drain(world);
  EXPECT_FALSE(world.driver.leg(first));
  EXPECT_FALSE(world.driver.leg(second));
  EXPECT_TRUE(world.engine.is_idle());
  EXPECT_EQ(world.metric("cord_engine_decisions_total", "turn_away"), 2);
}

TEST(EngineDrain, LetsWhatRingsBeAnsweredAndReleasesItIfItIsNot) {
  EngineWorld world;
  const Client taker = world.log_in_ready(alice);
  const Client refuser = world.log_in_ready(bob);
  const LegId taken = world.call_arrives();
  const LegId refused = world.call_arrives();
  drain(world);
  EXPECT_TRUE(world.reply_to(world.command(taker, AnswerConversation{}))->outcome.has_value());
  const RequestId no = world.command(refuser, RejectInteraction{}, ObjectKind::interaction);
  EXPECT_TRUE(world.reply_to(no)->outcome.has_value());
  EXPECT_TRUE(world.driver.leg(taken));
  EXPECT_FALSE(world.driver.leg(refused)) << "nobody else is offered it";
  EXPECT_FALSE(world.engine.is_idle());
}

TEST(EngineDrain, ACallGoesOn) {
  EngineWorld world;
  const Client client = in_a_call(world);
  drain(world);
  EXPECT_TRUE(world.reply_to(world.command(client, HoldConversation{}))->outcome.has_value());
  EXPECT_TRUE(world.reply_to(world.command(client, ReleaseConversation{}))->outcome.has_value());
  EXPECT_TRUE(world.engine.is_idle());
}

TEST(EngineShutDown, CutsCallsAndEndsSessions) {
  EngineWorld world;
  const Client talking = in_a_call(world);
  const Client resting = world.log_in_ready(bob);
  const Client waiting = world.prepare(test::eve);
  drain(world);
  EXPECT_FALSE(world.engine.is_over());
  shut_down(world);
  EXPECT_TRUE(world.engine.is_over());
  EXPECT_TRUE(world.driver.legs().empty());
  for (const Client& client : {talking, resting}) {
    const auto events = world.events_to(client);
    ASSERT_FALSE(events.empty());
    const auto* ended = std::get_if<SessionEnded>(&events.back().data);
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->reason, SessionEnd::shutdown);
  }
  for (const Client& client : {talking, resting, waiting}) {
    const auto told = world.told(client);
    ASSERT_FALSE(told.empty());
    const auto* close = std::get_if<CloseConnection>(&told.back().what);
    ASSERT_NE(close, nullptr);
    EXPECT_EQ(close->code, 4001);
  }
}

TEST(EngineShutDown, AnswersWhatIsUnderWay) {
  EngineSetup setup;
  setup.sim.order_latency = {1s, 1s};
  EngineWorld world(std::move(setup));
  const Client client = in_a_call(world);
  world.advance(10s);
  const RequestId hold = world.command(client, HoldConversation{});
  const RequestId next = world.command(client, RetrieveConversation{});
  EXPECT_FALSE(world.reply_to(hold));
  drain(world);
  shut_down(world);
  EXPECT_TRUE(world.reply_to(hold));
  EXPECT_TRUE(world.reply_to(next));
  EXPECT_FALSE(world.engine.is_over()) << "the platform has not said that the legs are gone";
  world.advance(2s);
  EXPECT_TRUE(world.engine.is_over());
}

TEST(EngineShutDown, LeavesNothingForTheNextProcess) {
  EngineWorld world;
  in_a_call(world);
  drain(world);
  shut_down(world);
  EngineWorld next;
  next.go_on_with(world.journal.records);
  EXPECT_TRUE(next.engine.state().sessions().empty());
  EXPECT_TRUE(next.engine.state().calls().empty());
  next.prepare(alice);
  EXPECT_TRUE(next.clients.replies().back().outcome.has_value());
}

}  // namespace
}  // namespace cord::runtime
