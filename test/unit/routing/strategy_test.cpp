// Whom each strategy chooses, of those who have the skills; and which queue comes first.
#include <gtest/gtest.h>

#include "offers.hpp"
#include "routing/next_offer.hpp"

namespace cord::test {
namespace {

using core::Strategy;

core::Directory with(Strategy strategy) {
  core::Directory directory = call_centre();
  directory.queues[0].strategy = strategy;
  return directory;
}

// Takes the call it is offered, and is ready again at once.
void serve(World& world, const Client& client) {
  world.command(client, core::AnswerConversation{});
  if (world.directory().agents[client.agent].phone_mode == core::PhoneMode::ring) {
    world.report(core::LegAnswered{world.phone_leg(client)});
  }
  world.command(client, core::ReleaseConversation{});
  world.command(client, core::CompleteInteraction{});
  ASSERT_EQ(world.interaction_of(client), nullptr);
  world.advance(1s);
}

// Who gets each of `count` calls, when one comes after the other.
std::string order_of(World& world, const std::vector<Client>& clients, int count) {
  std::string order;
  for (int i = 0; i < count; ++i) {
    world.arrive("100", "x");
    for (const Client& client : clients) {
      if (world.interaction_of(client) == nullptr) continue;
      if (!order.empty()) order += ' ';
      order += world.directory().agents[client.agent].id;
      serve(world, client);
    }
  }
  return order;
}

// --- Round robin -----------------------------------------------------------------------------

TEST(RoundRobin, GoesRoundInTheOrderOfTheList) {
  World world(with(Strategy::round_robin));
  const std::vector<Client> clients{world.log_in_ready(eve), world.log_in_ready(alice),
                                    world.log_in_ready(carol)};
  EXPECT_EQ(order_of(world, clients, 5), "alice carol eve alice carol");
}

TEST(RoundRobin, PassesOverWhoIsNotThere) {
  World world(with(Strategy::round_robin));
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(carol);
  const Client third = world.log_in_ready(eve);
  EXPECT_EQ(order_of(world, {first, second, third}, 1), "alice");
  world.command(second, core::NotReadyChannel{});
  EXPECT_EQ(order_of(world, {first, second, third}, 1), "eve");
  world.command(second, core::ReadyChannel{});
  EXPECT_EQ(order_of(world, {first, second, third}, 2), "alice carol");
}

TEST(RoundRobin, ARefusedCallGoesOnToTheNext) {
  World world(with(Strategy::round_robin));
  const Client first = world.log_in_ready(alice);
  world.log_in_ready(carol);
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "alice:x");
  world.command(first, core::RejectInteraction{});
  EXPECT_EQ(offers(world), "carol:x");
}

TEST(RoundRobin, EachQueueHasARoundOfItsOwn) {
  core::Directory directory = with(Strategy::round_robin);
  directory.queues[1].strategy = Strategy::round_robin;
  directory.agents[alice].queues = {0, 1};
  World world(directory);
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(eve);
  EXPECT_EQ(order_of(world, {first, second}, 1), "alice");
  world.arrive("200", "y");
  EXPECT_EQ(offers(world), "alice:y");
}

TEST(RoundRobin, TheTurnIsInTheJournal) {
  World world(with(Strategy::round_robin));
  const std::vector<Client> clients{world.log_in_ready(alice), world.log_in_ready(carol)};
  EXPECT_EQ(order_of(world, clients, 1), "alice");
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
  EXPECT_EQ(world.state().queue({0, core::MediaType::telephony}).last_offered, alice);
}

// --- Fewest calls ----------------------------------------------------------------------------

TEST(FewestCalls, CountsWhatWasTakenSinceLogIn) {
  World world(with(Strategy::fewest_calls));
  const Client first = world.log_in_ready(alice);
  EXPECT_EQ(order_of(world, {first}, 2), "alice alice");
  const Client second = world.log_in_ready(eve);
  EXPECT_EQ(order_of(world, {first, second}, 3), "eve eve alice");
  EXPECT_EQ(world.channel_of(first)->taken, 3U);
  EXPECT_EQ(world.channel_of(second)->taken, 2U);
}

TEST(FewestCalls, AmongEqualsWhoIsIdleLongest) {
  World world(with(Strategy::fewest_calls));
  world.log_in_ready(eve);
  world.advance(1s);
  world.log_in_ready(alice);
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "eve:x");
}

TEST(FewestCalls, DoesNotCountWhatWasRefusedOrDialled) {
  World world(with(Strategy::fewest_calls));
  const Client client = world.log_in_ready(alice);
  world.arrive("100", "x");
  world.command(client, core::RejectInteraction{});
  world.command(client, core::DialNumber{"9555"});
  world.report(core::LegAnswered{world.customer_leg(client)});
  EXPECT_EQ(world.channel_of(client)->taken, 0U);
}

TEST(FewestCalls, ATakeoverGoesOnCounting) {
  World world(with(Strategy::fewest_calls));
  const Client client = world.log_in_ready(alice);
  EXPECT_EQ(order_of(world, {client}, 1), "alice");
  const Client again = world.prepare(alice, true);
  world.command(again, core::StartSession{});
  EXPECT_EQ(world.channel_of(again)->taken, 1U);
}

// --- Skills ----------------------------------------------------------------------------------

core::Directory with_skills() {
  core::Directory directory = call_centre();
  directory.queues[0].skills = {{"german", 2}, {"billing", 1}};
  directory.agents[alice].skills = {{"german", 3}, {"billing", 1}};
  directory.agents[bob].skills = {{"german", 1}, {"billing", 5}};
  directory.agents[carol].skills = {{"billing", 5}};
  directory.agents[eve].skills = {{"german", 2}, {"billing", 4}, {"chess", 9}};
  return directory;
}

TEST(Skills, EachIsNeededAtItsLevel) {
  const core::Directory directory = with_skills();
  EXPECT_TRUE(directory.is_skilled(alice, 0));
  EXPECT_FALSE(directory.is_skilled(bob, 0));
  EXPECT_FALSE(directory.is_skilled(carol, 0));
  EXPECT_TRUE(directory.is_skilled(eve, 0));
  EXPECT_EQ(directory.level_in(eve, 0), 6);
  EXPECT_EQ(directory.queues_of(carol), std::vector<core::QueueIndex>{});
  EXPECT_EQ(directory.queues_of(eve), (std::vector<core::QueueIndex>{0, 1}));
}

TEST(Skills, NobodyIsOfferedWhatTheyCannot) {
  World world(with_skills());
  world.log_in_ready(bob);
  world.log_in_ready(carol);
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "");
  world.log_in_ready(eve);
  EXPECT_EQ(offers(world), "eve:x");
}

TEST(Skills, AChannelCannotChooseAQueueWithoutThem) {
  World world(with_skills());
  const Client client = world.log_in(carol);
  const auto request = world.command(client, core::ActivateChannel{"support"});
  EXPECT_EQ(world.outcome(request), "invalid.request");
}

TEST(Skills, AmongEqualsTheBetterOne) {
  World world(with_skills());
  world.log_in_ready(alice);
  world.log_in_ready(eve);
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "eve:x");
}

TEST(Skills, ComeAfterTheStrategy) {
  World world(with_skills());
  world.log_in_ready(alice);
  world.advance(1s);
  world.log_in_ready(eve);
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "alice:x");
}

TEST(Skills, OneThatIsLostTakesTheQueueAway) {
  World world(with_skills());
  const Client client = world.log_in_ready(eve);
  core::Directory later = with_skills();
  later.agents[eve].skills = {{"billing", 4}};
  core::State state(later);
  for (const auto& [event, time] : world.journal()) core::apply(state, event, time);
  // First connections are lost, and then channels are refitted.
  core::apply(state, core::SessionDetached{world.session_of(client)->id}, world.now());
  const auto steps = core::steps_after_restart(state);
  ASSERT_EQ(steps.size(), 1U);
  const auto decision = core::decide(state, steps.front(), world.now());
  ASSERT_TRUE(decision.has_value());
  for (const core::Event& event : decision->blocks.front().events) {
    core::apply(state, event, world.now());
  }
  EXPECT_EQ(state.at(world.channel_of(client)->id).queues, std::vector<core::QueueIndex>{1});
}

// --- Priorities ------------------------------------------------------------------------------

TEST(Priority, TheHigherQueueComesFirst) {
  core::Directory directory = call_centre();
  directory.queues[1].priority = 10;
  World world(directory);
  world.arrive("100", "older");
  world.arrive("200", "younger");
  world.log_in_ready(eve);
  EXPECT_EQ(offers(world), "eve:younger");
}

TEST(Priority, DoesNotKeepOthersFromWorking) {
  core::Directory directory = call_centre();
  directory.queues[1].priority = 10;
  World world(directory);
  world.arrive("100", "low");
  world.arrive("200", "high");
  world.log_in_ready(alice);
  EXPECT_EQ(offers(world), "alice:low");
}

TEST(Priority, WhoRefusedTheHigherOneGetsTheLower) {
  core::Directory directory = call_centre();
  directory.queues[1].priority = 10;
  World world(directory);
  const Client client = world.log_in_ready(eve);
  world.arrive("200", "high");
  world.command(client, core::RejectInteraction{});
  world.arrive("100", "low");
  EXPECT_EQ(offers(world), "eve:low");
}

// --- Ring all: how its offers end is in unit/core/ring_all_test.cpp ----------------------------

TEST(RingAll, RingsAtEverybodyWhoIsReady) {
  World world(with(Strategy::ring_all));
  world.log_in_ready(alice);
  world.log_in_ready(bob);
  const Client idle = world.log_in(carol);
  world.command(idle, core::ActivateChannel{});
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "alice:x bob:x");
  world.command(idle, core::ReadyChannel{});
  EXPECT_EQ(offers(world), "alice:x bob:x carol:x");
}

TEST(RingAll, TheNextCallerWaitsForSomebodyToBeFree) {
  World world(with(Strategy::ring_all));
  const Client first = world.log_in_ready(alice);
  world.log_in_ready(eve);
  world.arrive("100", "one");
  world.arrive("100", "two");
  EXPECT_EQ(offers(world), "alice:one eve:one");
  world.command(first, core::AnswerConversation{});
  EXPECT_EQ(offers(world), "alice:one eve:two");
}

TEST(RingAll, AChatRingsOnceAtEachAgent) {
  core::Directory directory = with(Strategy::ring_all);
  World world(directory);
  const Client client = world.log_in(eve);
  for (const std::string name : {"a", "b"}) {
    world.command(client, core::AddChannel{{core::MediaType::chat, name}});
  }
  for (const std::size_t channel : {1U, 2U}) {
    world.command(client.on(channel), core::ActivateChannel{});
    world.command(client.on(channel), core::ReadyChannel{});
  }
  world.submit({.type = core::MediaType::chat, .queue = "support", .from = "ann@example"});
  EXPECT_EQ(world.state().interactions().size(), 1U);
}

}  // namespace
}  // namespace cord::test
