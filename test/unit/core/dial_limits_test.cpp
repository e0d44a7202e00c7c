// What channel.dial refuses when there is room for no more calls, or no platform for it.
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

TEST(DialLimits, RefuseOneCallMore) {
  core::Directory directory = call_centre();
  directory.limits.calls_max = 1;
  World world(std::move(directory));
  const Client one = world.log_in_ready(carol);
  const Client other = world.log_in_ready(eve);
  EXPECT_EQ(world.outcome(world.command(one, core::DialNumber{"9555"})), "ok");
  EXPECT_EQ(world.outcome(world.command(other, core::DialNumber{"9555"})), "not.accepting");
}

// Found by make sim, seed 286: both are asked for while there is room for one.
TEST(DialLimits, HoldForCallsThatAreOnTheirWayAtOnce) {
  core::Directory directory = call_centre();
  directory.limits.calls_max = 1;
  World world(std::move(directory));
  const Client one = world.log_in_ready(alice);
  const Client other = world.log_in_ready(carol);
  const auto dial_slowly = [&](const Client& client) {
    world.mood = Mood::silent;
    const auto request = world.command(client, core::DialNumber{"9555"});
    const core::LegId phone = world.channel_of(client)->leg;
    if (!world.state().at(phone).is_answered) world.report(core::LegAnswered{phone});
    return request;
  };
  const auto first = dial_slowly(one);
  const auto second = dial_slowly(other);
  world.mood = Mood::prompt;
  const core::LegId leg = world.channel_of(other)->dial->leg;
  world.report(core::LegDialed{world.channel_of(one)->dial->leg, "call-a"});
  world.report(core::LegDialed{leg, "call-b"});
  EXPECT_EQ(world.outcome(first), "ok");
  EXPECT_EQ(world.outcome(second), "not.accepting");
  EXPECT_EQ(world.state().find(leg), nullptr);
  EXPECT_EQ(broken_invariants(world.state()), Lines{});
}

TEST(DialLimits, NeedAPlatformThatCan) {
  core::Directory directory = call_centre();
  directory.capabilities.dial = directory.capabilities.dtmf = false;
  World world(std::move(directory));
  const Client client = world.log_in_ready(alice);
  EXPECT_EQ(world.outcome(world.command(client, core::DialNumber{"9555"})), "unsupported");
  world.arrive();
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(world.outcome(world.command(client, core::SendTones{"1"})), "unsupported");
}

}  // namespace
}  // namespace cord::test
