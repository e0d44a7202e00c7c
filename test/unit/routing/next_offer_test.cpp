#include "routing/next_offer.hpp"

#include <gtest/gtest.h>

#include "offers.hpp"
#include "support/core_given.hpp"

namespace cord::test {
namespace {

TEST(LongestIdle, TheOldestCallFirst) {
  World world;
  world.arrive("100", "first");
  world.arrive("100", "second");
  world.log_in_ready(alice);
  EXPECT_EQ(offers(world), "alice:first");
  world.log_in_ready(bob);
  EXPECT_EQ(offers(world), "alice:first bob:second");
}

TEST(LongestIdle, TheAgentWhoIsReadyLongest) {
  World world;
  const Client first = world.log_in_ready(alice);
  world.advance(1s);
  world.log_in_ready(bob);
  world.advance(1s);
  world.command(first, core::NotReadyChannel{});
  world.command(first, core::ReadyChannel{});
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "bob:x");
}

TEST(LongestIdle, EqualTimesGoByTheChannel) {
  World world;
  world.log_in_ready(bob);
  world.log_in_ready(alice);
  world.arrive("100", "x");
  EXPECT_EQ(offers(world), "bob:x");
}

TEST(LongestIdle, OnlyAgentsOfTheQueue) {
  World world;
  world.log_in_ready(alice);
  world.arrive("200", "x");
  EXPECT_EQ(offers(world), "");
  world.log_in_ready(eve);
  EXPECT_EQ(offers(world), "eve:x");
}

TEST(LongestIdle, AcrossQueuesTheOldestCallFirst) {
  World world;
  world.arrive("200", "older");
  world.arrive("100", "younger");
  world.log_in_ready(eve);
  EXPECT_EQ(offers(world), "eve:older");
}

TEST(LongestIdle, ARefusedCallDoesNotBlockTheNext) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive("100", "first");
  world.command(client, core::RejectInteraction{});
  world.arrive("100", "second");
  EXPECT_EQ(offers(world), "alice:second");
  world.log_in_ready(eve);
  EXPECT_EQ(offers(world), "alice:second eve:first");
}

TEST(LongestIdle, ARefusedCallComesBackAfterItsRest) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive("100", "x");
  world.command(client, core::RejectInteraction{});
  EXPECT_EQ(routing::next_offer(world.state(), world.now()), std::nullopt);
  ASSERT_TRUE(routing::next_offer(world.state(), world.now() + 5s).has_value());
  world.advance(5001ms);
  EXPECT_EQ(offers(world), "alice:x");
}

TEST(LongestIdle, NobodyForNobody) {
  const core::Directory directory = call_centre();
  EXPECT_EQ(routing::next_offer(given(directory, {}), Instant{}), std::nullopt);
}

}  // namespace
}  // namespace cord::test
