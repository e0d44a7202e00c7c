// A call that rings at several agents: whoever answers first has it (docs/queues.md, "ring-all").
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

class RingAllOffers : public testing::Test {
 protected:
  RingAllOffers() : world(directory()) {
    world.on_step = [this] { EXPECT_EQ(broken_invariants(world.state()), Lines{}); };
  }

  static core::Directory directory() {
    core::Directory directory = call_centre();
    directory.queues[0].strategy = core::Strategy::ring_all;
    return directory;
  }

  [[nodiscard]] core::AgentState agent_state(const Client& client) const {
    return world.channel_of(client)->agent_state;
  }
  [[nodiscard]] bool is_ringing_at(const Client& client) const {
    const core::Interaction* interaction = world.interaction_of(client);
    return interaction != nullptr && interaction->state == core::InteractionState::alerting;
  }
  [[nodiscard]] bool has_call(const Client& client) const {
    const core::Interaction* interaction = world.interaction_of(client);
    return interaction != nullptr && interaction->state == core::InteractionState::started;
  }

  World world;
};

TEST_F(RingAllOffers, TheFirstAnswerHasTheCallAndTheOthersAreToldSo) {
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(eve);
  world.arrive("100", "555");
  ASSERT_TRUE(is_ringing_at(first) && is_ringing_at(second));
  const core::InteractionId lost = world.interaction_of(second)->id;
  (void)world.heard(second);
  // Both have pressed the key: the second one's command is on its way when the first one's counts.
  const core::Target late = world.target(second, core::ObjectKind::conversation);
  const auto won = world.command(first, core::AnswerConversation{});
  const auto refused = world.command_at(second, late, core::AnswerConversation{});
  EXPECT_EQ(world.outcome(won), "ok");
  EXPECT_EQ(world.outcome(refused), "target.not.found");
  EXPECT_TRUE(has_call(first));
  EXPECT_EQ(world.interaction_of(second), nullptr);
  EXPECT_EQ(world.state().find(lost), nullptr);
  EXPECT_EQ(agent_state(second), core::AgentState::ready);
  EXPECT_EQ(world.heard(second),
            (Lines{"state(conversation) DISCONNECTED<-ALERTING transfer", "conversation.disposed",
                   "interaction.ended transfer", "state(interaction) ENDED<-ALERTING NONE transfer",
                   "interaction.disposed", "channel.infochanged ACTIVE READY queues=support,sales",
                   "state(channel) ACTIVE<-ACTIVE READY transfer", "target.not.found"}));
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

TEST_F(RingAllOffers, APhoneThatIsPickedUpIsAnAnswer) {
  const Client first = world.log_in_ready(bob);
  const Client second = world.log_in_ready(alice);
  world.arrive("100", "555");
  ASSERT_TRUE(is_ringing_at(first) && is_ringing_at(second));
  world.report(core::LegAnswered{world.phone_leg(first)});
  EXPECT_TRUE(has_call(first));
  EXPECT_EQ(world.interaction_of(second), nullptr);
}

TEST_F(RingAllOffers, APhoneThatLostStopsRinging) {
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(bob);
  world.arrive("100", "555");
  const core::LegId phone = world.phone_leg(second);
  ASSERT_TRUE(phone);
  world.command(first, core::AnswerConversation{});
  EXPECT_EQ(world.state().find(phone), nullptr);
  (void)world.ordered();
  // It was picked up at the same time.
  world.report(core::LegAnswered{phone});
  ASSERT_FALSE(world.orders.empty());
  EXPECT_TRUE(std::holds_alternative<core::ReleaseLeg>(world.orders.front()));
  EXPECT_EQ(world.interaction_of(second), nullptr);
  EXPECT_TRUE(has_call(first));
}

TEST_F(RingAllOffers, WhoRejectsLeavesItToTheOthers) {
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(eve);
  world.arrive("100", "555");
  world.command(first, core::RejectInteraction{});
  EXPECT_FALSE(is_ringing_at(first));
  EXPECT_TRUE(is_ringing_at(second));
  world.advance(5001ms);
  EXPECT_TRUE(is_ringing_at(first));
}

TEST_F(RingAllOffers, ItEndsEverywhereWithItsCaller) {
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(bob);
  const core::LegId caller = world.arrive("100", "555");
  world.report(core::LegReleased{caller, core::Cause::remote, ""});
  EXPECT_EQ(agent_state(first), core::AgentState::ready);
  EXPECT_EQ(agent_state(second), core::AgentState::ready);
  EXPECT_TRUE(world.state().calls().empty());
  EXPECT_TRUE(world.state().legs().empty());
}

TEST_F(RingAllOffers, AWinnerWhosePhoneFailsGivesItBackToAll) {
  const Client first = world.log_in_ready(alice);
  const Client second = world.log_in_ready(eve);
  world.arrive("100", "555");
  world.mood = Mood::failing;
  world.command(first, core::AnswerConversation{});
  EXPECT_EQ(agent_state(first), core::AgentState::not_ready);
  EXPECT_TRUE(is_ringing_at(second));
}

TEST_F(RingAllOffers, TheWaitGoesOnWhileItRings) {
  const Client client = world.log_in_ready(alice);
  world.arrive("100", "555");
  for (int minute = 0; minute < 10; ++minute) {
    world.advance(1min);
    world.command(client, core::ReadyChannel{});
  }
  EXPECT_TRUE(world.state().calls().empty());
  EXPECT_EQ(world.interaction_of(client), nullptr);
}

TEST_F(RingAllOffers, AColleagueWhoDialledTheQueueReachesOne) {
  const Client caller = world.log_in_ready(alice);
  const Client first = world.log_in_ready(carol);
  const Client second = world.log_in_ready(eve);
  world.command(caller, core::DialNumber{"100"});
  ASSERT_TRUE(is_ringing_at(first) && is_ringing_at(second));
  world.command(second, core::AnswerConversation{});
  EXPECT_TRUE(has_call(second));
  EXPECT_TRUE(has_call(caller));
  EXPECT_EQ(world.interaction_of(first), nullptr);
}

TEST_F(RingAllOffers, AColleagueWhoGivesUpStopsItEverywhere) {
  const Client caller = world.log_in_ready(alice);
  const Client first = world.log_in_ready(carol);
  const Client second = world.log_in_ready(eve);
  world.command(caller, core::DialNumber{"100"});
  world.command(caller, core::ReleaseConversation{});
  EXPECT_EQ(world.interaction_of(first), nullptr);
  EXPECT_EQ(world.interaction_of(second), nullptr);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST(RingAll, ATransferThatNobodyTakesComesBackToAnAgentAtWhomItRings) {
  core::Directory directory = call_centre();
  directory.queues[0].strategy = core::Strategy::ring_all;
  directory.queues[0].ring_timeout = 5min;
  directory.queues[0].wait_max = 30s;
  World world(directory);
  const Client agent = world.log_in_ready(eve);
  world.arrive("200", "555");
  world.command(agent, core::AnswerConversation{});
  world.command(agent, core::BlindTransfer{"100"});
  world.command(agent, core::CompleteInteraction{});
  ASSERT_NE(world.interaction_of(agent), nullptr);
  const core::InteractionId rang = world.interaction_of(agent)->id;
  world.advance(31s);
  ASSERT_NE(world.interaction_of(agent), nullptr);
  EXPECT_NE(world.interaction_of(agent)->id, rang);
  const core::Call& call = world.state().calls().begin()->second;
  EXPECT_EQ(call.interaction, world.interaction_of(agent)->id);
  EXPECT_TRUE(call.ringing.empty());
  EXPECT_EQ(broken_invariants(world.state()), Lines{});
}

TEST(RingAll, WhoseOfferTheEndOfTheWaitTookAwayHasRefusedNothing) {
  core::Directory directory = call_centre();
  directory.queues[1].strategy = core::Strategy::ring_all;
  directory.queues[1].ring_timeout = 5min;
  directory.queues[1].wait_max = 30s;
  World world(directory);
  const Client giver = world.log_in_ready(alice);
  world.arrive("100", "555");
  world.command(giver, core::AnswerConversation{});
  const Client agent = world.log_in_ready(eve);
  world.command(giver, core::BlindTransfer{"200"});
  world.command(giver, core::NotReadyChannel{});
  world.command(giver, core::CompleteInteraction{});
  world.run(core::ConnectionLost{giver.connection});
  ASSERT_NE(world.interaction_of(agent), nullptr);
  const core::InteractionId rang = world.interaction_of(agent)->id;
  world.advance(31s);
  EXPECT_EQ(world.state().calls().begin()->second.queue, core::QueueIndex(0));
  ASSERT_NE(world.interaction_of(agent), nullptr) << "she serves that queue too";
  EXPECT_NE(world.interaction_of(agent)->id, rang);
  EXPECT_EQ(broken_invariants(world.state()), Lines{});
}

TEST_F(RingAllOffers, AChatIsTakenOnce) {
  std::vector<Client> clients;
  for (const core::AgentIndex agent : {alice, eve}) {
    const Client client = world.log_in(agent);
    const std::string& desk = world.directory().agents[agent].id;
    world.command(client, core::AddChannel{{core::MediaType::chat, desk}});
    clients.push_back(client.on(1));
    world.command(clients.back(), core::ActivateChannel{});
    world.command(clients.back(), core::ReadyChannel{});
  }
  world.submit({.type = core::MediaType::chat, .queue = "support", .from = "ann@example"});
  ASSERT_TRUE(is_ringing_at(clients[0]) && is_ringing_at(clients[1]));
  world.command(clients[1], core::AcceptInteraction{});
  EXPECT_TRUE(has_call(clients[1]));
  EXPECT_EQ(world.interaction_of(clients[0]), nullptr);
}

TEST_F(RingAllOffers, AWithdrawnChatRingsNowhere) {
  const Client client = world.log_in(alice).on(1);
  world.command(client, core::AddChannel{{core::MediaType::chat, "desk"}});
  world.command(client, core::ActivateChannel{});
  world.command(client, core::ReadyChannel{});
  world.submit({.type = core::MediaType::chat, .queue = "support", .from = "ann@example"});
  ASSERT_TRUE(is_ringing_at(client));
  world.withdraw(world.state().calls().begin()->first);
  EXPECT_EQ(world.interaction_of(client), nullptr);
  EXPECT_TRUE(world.state().calls().empty());
}

TEST_F(RingAllOffers, WhatRingsIsNotTurnedAway) {
  const Client client = world.log_in_ready(alice);
  world.arrive("100", "rings");
  EXPECT_EQ(core::next_to_turn_away(world.state()), std::nullopt);
  world.arrive("100", "waits");
  const auto turned = core::next_to_turn_away(world.state());
  ASSERT_TRUE(turned.has_value());
  EXPECT_EQ(world.state().at(turned->call).caller, "waits");
  EXPECT_TRUE(is_ringing_at(client));
}

}  // namespace
}  // namespace cord::test
