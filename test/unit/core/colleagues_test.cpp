// session.request.directory, and what a session says that its agent may do.
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

std::string listed(World& world, const Client& client) {
  const auto request = world.command(client, core::ListDirectory{});
  EXPECT_EQ(broken_invariants(world.state()), Lines{});
  return world.outcome(request);
}

// Proves: session.directory
TEST(ListDirectory, HasEverybodyAndEveryQueueInTheirOrder) {
  World world;
  const Client agent = world.log_in(bob);
  EXPECT_EQ(listed(world, agent),
            "directory alice:1001:LOGGED_OUT bob:1002:NOT_READY carol:1003:LOGGED_OUT "
            "dave:1001:LOGGED_OUT eve:1005:LOGGED_OUT support:100 sales:200");
  EXPECT_EQ(world.heard(agent).size(), 1U) << "a question has no events";
}

TEST(ListDirectory, KnowsWhoIsFreeAndWhoIsAtWork) {
  World world;
  const Client asks = world.log_in(eve);
  const Client agent = world.log_in_ready(alice);
  const auto state = [&] {
    const std::string all = listed(world, asks);
    const auto from = all.find("alice:1001:") + 11;
    return all.substr(from, all.find(' ', from) - from);
  };
  EXPECT_EQ(state(), "READY");
  world.arrive();
  EXPECT_EQ(state(), "BUSY") << "while it rings";
  world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(state(), "BUSY");
  world.command(agent, core::ReleaseConversation{});
  EXPECT_EQ(state(), "BUSY") << "while the agent wraps up";
  world.command(agent, core::CompleteInteraction{});
  EXPECT_EQ(state(), "READY");
  world.command(agent, core::NotReadyChannel{});
  EXPECT_EQ(state(), "NOT_READY");
  world.command(agent, core::LogoutSession{});
  EXPECT_EQ(state(), "LOGGED_OUT");
}

TEST(ListDirectory, IsOfTheTelephonyChannel) {
  World world;
  const Client asks = world.log_in(eve);
  const Client agent = world.log_in(alice);
  world.command(agent, core::AddChannel{{core::MediaType::chat, "alice@shop"}});
  world.command(agent.on(1), core::ActivateChannel{});
  world.command(agent.on(1), core::ReadyChannel{});
  EXPECT_NE(listed(world, asks).find("alice:1001:NOT_READY"), std::string::npos);
}

TEST(ListDirectory, LeavesOutWhatTheOperatorHasTakenAway) {
  core::Directory all = call_centre();
  all.agents[carol].is_gone = true;
  all.queues[1].is_gone = true;
  World world(all);
  const std::string listing = listed(world, world.log_in(bob));
  EXPECT_EQ(listing.find("carol"), std::string::npos) << listing;
  EXPECT_EQ(listing.find("sales"), std::string::npos) << listing;
}

TEST(Permissions, AreToldInASnapshotAndOnlyWhereThereAreAny) {
  core::Directory all = call_centre();
  all.agents[dave].may_supervise = true;
  World world(all);
  const auto permissions = [&](const Client& client) {
    const auto request = world.command(client, core::SnapshotSession{});
    const auto& outcome = world.outcomes().at(request).front().outcome;
    return std::get<core::SessionView>(*outcome).profile.permissions;
  };
  EXPECT_EQ(permissions(world.log_in(dave)), std::vector<std::string>{"supervise"});
  EXPECT_EQ(permissions(world.log_in(bob)), std::vector<std::string>{});
}

}  // namespace
}  // namespace cord::test
