// Who has waited long enough goes on: to another queue, to a number, or is let go.
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

class Overflow : public testing::Test {
 protected:
  static core::Directory to_queue() {
    core::Directory directory = call_centre();
    directory.queues[0].wait_max = 30s;
    directory.queues[0].overflow_queue = 1;
    return directory;
  }
  static core::Directory to_number() {
    core::Directory directory = call_centre();
    directory.queues[0].wait_max = 30s;
    directory.queues[0].overflow_number = "9555";
    return directory;
  }
  static void watch(World& world) {
    world.on_step = [&world] { EXPECT_EQ(broken_invariants(world.state()), Lines{}); };
  }

  static const core::Call& only_call(const World& world) {
    return world.state().calls().begin()->second;
  }

  /// The number that was dialled last.
  static core::LegId dialled(const World& world) {
    core::LegId leg{};
    for (const core::Effect& order : world.orders) {
      if (const auto* dial = std::get_if<core::DialLeg>(&order)) leg = dial->leg;
    }
    return leg;
  }
};

TEST_F(Overflow, AnotherQueueGoesOnWithIt) {
  World world(to_queue());
  watch(world);
  const Client nobody = world.log_in_ready(alice);
  world.command(nobody, core::NotReadyChannel{});
  world.arrive("100", "555");
  world.advance(29s);
  EXPECT_EQ(only_call(world).queue, core::QueueIndex(0));
  world.advance(2s);
  EXPECT_EQ(only_call(world).queue, core::QueueIndex(1));
  const Client agent = world.log_in_ready(eve);
  ASSERT_NE(world.interaction_of(agent), nullptr);
  const core::CallData& data = world.interaction_of(agent)->data;
  EXPECT_EQ(data.at("Queue").text, "sales");
  // All of it, in both queues.
  EXPECT_EQ(data.at("QueueTimeMs").text, "31000");
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

TEST_F(Overflow, TheWaitThereBeginsAnew) {
  World world(to_queue());
  watch(world);
  world.arrive("100", "555");
  world.advance(31s);
  world.advance(9min);
  EXPECT_EQ(world.state().calls().size(), 1U);
  world.advance(1min);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST_F(Overflow, KeepsThePlaceOfItsArrival) {
  World world(to_queue());
  watch(world);
  world.arrive("100", "older");
  world.advance(20s);
  world.arrive("200", "younger");
  world.advance(11s);
  const Client agent = world.log_in_ready(eve);
  EXPECT_EQ(world.interaction_of(agent)->data.at("ANI").text, "older");
}

TEST_F(Overflow, WhoRefusedItThereMayGetItHere) {
  World world(to_queue());
  watch(world);
  const Client agent = world.log_in_ready(eve);
  world.arrive("100", "555");
  world.advance(1s);
  for (int i = 0; i < 5; ++i) {
    world.command(agent, core::RejectInteraction{});
    world.advance(5001ms);
  }
  world.command(agent, core::RejectInteraction{});
  world.advance(4s);
  EXPECT_EQ(only_call(world).queue, core::QueueIndex(1));
  EXPECT_NE(world.interaction_of(agent), nullptr);
}

TEST_F(Overflow, AFullQueueTakesNobody) {
  core::Directory directory = to_queue();
  directory.queues[1].waiting_max = 1;
  World world(directory);
  watch(world);
  world.arrive("200", "first");
  const core::LegId leg = world.arrive("100", "second");
  world.advance(31s);
  EXPECT_EQ(world.state().calls().size(), 1U);
  EXPECT_EQ(world.state().find(leg), nullptr);
}

TEST_F(Overflow, OffersOfARingAllQueueAreWithdrawn) {
  core::Directory directory = to_queue();
  directory.queues[0].strategy = core::Strategy::ring_all;
  directory.queues[0].ring_timeout = 5min;
  World world(directory);
  watch(world);
  const Client here = world.log_in_ready(alice);
  const Client there = world.log_in_ready(eve);
  world.arrive("100", "555");
  world.advance(31s);
  EXPECT_EQ(world.interaction_of(here), nullptr);
  EXPECT_EQ(world.channel_of(here)->agent_state, core::AgentState::ready);
  ASSERT_NE(world.interaction_of(there), nullptr);
  EXPECT_EQ(world.interaction_of(there)->data.at("Queue").text, "sales");
}

TEST_F(Overflow, ANumberOutsideIsCalledAndJoined) {
  World world(to_number());
  watch(world);
  const core::LegId caller = world.arrive("100", "555");
  world.advance(31s);
  const core::LegId far = dialled(world);
  ASSERT_TRUE(far);
  EXPECT_EQ(world.state().calls().size(), 2U);
  world.orders.clear();
  world.report(core::LegAnswered{far});
  ASSERT_FALSE(world.orders.empty());
  const auto* bridge = std::get_if<core::BridgeLegs>(&world.orders.front());
  ASSERT_NE(bridge, nullptr);
  EXPECT_EQ(bridge->customer, caller);
  EXPECT_EQ(bridge->agent, far);
  for (const auto& [id, call] : world.state().calls()) EXPECT_TRUE(call.partner);
  world.report(core::LegReleased{far, core::Cause::remote, ""});
  EXPECT_TRUE(world.state().calls().empty());
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

TEST_F(Overflow, ANumberThatIsNotToBeHadEndsTheCall) {
  World world(to_number());
  watch(world);
  const core::LegId caller = world.arrive("100", "555");
  world.advance(31s);
  const core::LegId far = dialled(world);
  world.orders.clear();
  world.report(core::LegReleased{far, core::Cause::busy, "486 Busy Here"});
  ASSERT_FALSE(world.orders.empty());
  const auto* release = std::get_if<core::ReleaseLeg>(&world.orders.front());
  ASSERT_NE(release, nullptr);
  EXPECT_EQ(release->leg, caller);
  EXPECT_EQ(release->cause, core::Cause::busy);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST_F(Overflow, WhoWaitedInVainIsReleasedByTheLastQueue) {
  World world(to_queue());
  watch(world);
  const core::LegId caller = world.arrive("100", "555");
  world.advance(31s);
  world.orders.clear();
  world.advance(10min);
  ASSERT_FALSE(world.orders.empty());
  const auto* release = std::get_if<core::ReleaseLeg>(&world.orders.front());
  ASSERT_NE(release, nullptr);
  EXPECT_EQ(release->leg, caller);
  EXPECT_EQ(release->cause, core::Cause::timeout);
  EXPECT_EQ(release->queue, "sales");
}

TEST_F(Overflow, ANumberThatDoesNotAnswerEndsTheCall) {
  World world(to_number());
  watch(world);
  world.arrive("100", "555");
  world.mood = Mood::silent;
  world.advance(31s);
  world.advance(80s);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST_F(Overflow, ACallerWhoGivesUpStopsTheNumberRinging) {
  World world(to_number());
  watch(world);
  const core::LegId caller = world.arrive("100", "555");
  world.advance(31s);
  world.orders.clear();
  world.report(core::LegReleased{caller, core::Cause::remote, ""});
  EXPECT_TRUE(world.state().calls().empty());
  ASSERT_FALSE(world.orders.empty());
  EXPECT_TRUE(std::holds_alternative<core::ReleaseLeg>(world.orders.front()));
}

TEST_F(Overflow, AnAgentsCallIsNotCalledOn) {
  World world(to_number());
  watch(world);
  const Client agent = world.log_in_ready(alice);
  world.command(agent, core::DialNumber{"100"});
  world.orders.clear();
  world.advance(31s);
  EXPECT_FALSE(dialled(world));
  EXPECT_EQ(world.interaction_of(agent)->state, core::InteractionState::ended);
}

TEST_F(Overflow, WithoutTheMeansTheCallerIsReleased) {
  core::Directory directory = to_number();
  directory.capabilities.dial = false;
  World world(directory);
  watch(world);
  world.arrive("100", "555");
  world.advance(31s);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST_F(Overflow, ATransferredCallThatNobodyTakesComesBackAfterAll) {
  core::Directory directory = to_number();
  World world(directory);
  watch(world);
  const Client agent = world.log_in_ready(eve);
  world.arrive("200", "555");
  world.command(agent, core::AnswerConversation{});
  world.command(agent, core::BlindTransfer{"100"});
  world.advance(31s);
  const core::LegId far = dialled(world);
  ASSERT_TRUE(far);
  world.report(core::LegReleased{far, core::Cause::busy, ""});
  ASSERT_NE(world.interaction_of(agent), nullptr);
  EXPECT_EQ(world.interaction_of(agent)->state, core::InteractionState::alerting);
}

TEST_F(Overflow, ChatsWaitOn) {
  World world(to_queue());
  watch(world);
  world.submit({.type = core::MediaType::chat, .queue = "support", .from = "ann@example"});
  world.advance(1h);
  ASSERT_EQ(world.state().calls().size(), 1U);
  EXPECT_EQ(only_call(world).queue, core::QueueIndex(0));
}

}  // namespace
}  // namespace cord::test
