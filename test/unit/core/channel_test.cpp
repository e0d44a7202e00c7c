#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

Lines channel_lines(const std::string& info, const std::string& state) {
  return {"ok", "channel.infochanged " + info, "state(channel) " + state};
}

// Proves: channel.activate, channel.ready, channel.notready, channel.deactivate
// Proves: channel.infochanged, state.updated
TEST(Channel, ActivateReadyNotReadyDeactivate) {
  World world;
  const Client client = world.log_in(alice);
  world.command(client, core::ActivateChannel{});
  EXPECT_EQ(world.heard(client),
            channel_lines("ACTIVE NOT_READY queues=support", "ACTIVE<-INACTIVE NOT_READY request"));
  world.command(client, core::ReadyChannel{});
  EXPECT_EQ(world.heard(client),
            channel_lines("ACTIVE READY queues=support", "ACTIVE<-ACTIVE READY request"));
  world.command(client, core::NotReadyChannel{"lunch"});
  EXPECT_EQ(world.heard(client), channel_lines("ACTIVE NOT_READY reason=lunch queues=support",
                                               "ACTIVE<-ACTIVE NOT_READY request"));
  world.command(client, core::NotReadyChannel{"meeting"});
  EXPECT_EQ(world.heard(client), channel_lines("ACTIVE NOT_READY reason=meeting queues=support",
                                               "ACTIVE<-ACTIVE NOT_READY request"));
  world.command(client, core::DeactivateChannel{});
  EXPECT_EQ(world.heard(client), channel_lines("INACTIVE NOT_READY queues=support",
                                               "INACTIVE<-ACTIVE NOT_READY request"));
}

// Proves: promise 4
TEST(Channel, WhatHoldsAlreadySucceedsWithoutEvents) {
  World world;
  const Client client = world.log_in(alice);
  const auto quiet = [&](core::Command command) {
    world.command(client, std::move(command));
    EXPECT_EQ(world.heard(client), (Lines{"ok"}));
  };
  quiet(core::DeactivateChannel{});
  quiet(core::NotReadyChannel{});
  world.command(client, core::ActivateChannel{});
  (void)world.heard(client);
  quiet(core::ActivateChannel{});
  quiet(core::ActivateChannel{"support"});
  quiet(core::NotReadyChannel{});
  world.command(client, core::ReadyChannel{});
  (void)world.heard(client);
  quiet(core::ReadyChannel{});
}

TEST(Channel, ReadyNeedsAnActiveChannel) {
  World world;
  const Client client = world.log_in(alice);
  EXPECT_EQ(world.outcome(world.command(client, core::ReadyChannel{})), "invalid.state");
}

// Proves: reason.required, channel.notready
TEST(Channel, ReasonsAreCheckedAgainstTheDirectory) {
  core::Directory directory = call_centre();
  directory.reasons = {{"lunch", "Lunch"}};
  directory.reason_required = true;
  World world(directory);
  const Client client = world.log_in_ready(alice);
  const auto outcome = [&](std::optional<std::string> reason) {
    return world.outcome(world.command(client, core::NotReadyChannel{std::move(reason)}));
  };
  EXPECT_EQ(outcome(std::nullopt), "reason.required");
  EXPECT_EQ(outcome(""), "reason.required");
  EXPECT_EQ(outcome("sleep"), "invalid.request");
  EXPECT_EQ(outcome("lunch"), "ok");
}

TEST(Channel, AQueueOfTheAgentMayBeChosen) {
  World world;
  const Client client = world.log_in(eve);
  const auto outcome = [&](const char* queue) {
    return world.outcome(world.command(client, core::ActivateChannel{queue}));
  };
  EXPECT_EQ(outcome("marketing"), "invalid.request");
  EXPECT_EQ(outcome("sales"), "ok");
  world.command(client, core::ReadyChannel{});
  world.arrive("100");
  EXPECT_EQ(world.interaction_of(client), nullptr);
  (void)world.heard(client);
  EXPECT_EQ(outcome("support"), "ok");
  EXPECT_NE(world.interaction_of(client), nullptr);
  const Client other = world.log_in(alice);
  const auto not_hers = world.command(other, core::ActivateChannel{"sales"});
  EXPECT_EQ(world.outcome(not_hers), "invalid.request");
}

// Proves: endpoint.in.use
TEST(Channel, AnEndpointIsActiveForOneAgentAtATime) {
  World world;
  const Client first = world.log_in(alice);
  const Client second = world.log_in(dave);
  world.command(first, core::ActivateChannel{});
  EXPECT_EQ(world.heard(second), (Lines{"channel.infochanged UNAVAILABLE NOT_READY queues=support",
                                        "state(channel) UNAVAILABLE<-INACTIVE NOT_READY request"}));
  EXPECT_EQ(world.outcome(world.command(second, core::ActivateChannel{})), "endpoint.in.use");
  (void)world.heard(second);
  world.command(first, core::DeactivateChannel{});
  EXPECT_EQ(world.heard(second), (Lines{"channel.infochanged INACTIVE NOT_READY queues=support",
                                        "state(channel) INACTIVE<-UNAVAILABLE NOT_READY request"}));
  EXPECT_EQ(world.outcome(world.command(second, core::ActivateChannel{})), "ok");
  world.command(second, core::LogoutSession{});
  EXPECT_EQ(world.channel_of(first)->state, core::ChannelState::inactive);
}

TEST(Channel, AnEndpointInUseIsUnavailableFromTheStart) {
  World world;
  world.log_in_ready(alice);
  const Client second = world.log_in(dave);
  EXPECT_EQ(world.channel_of(second)->state, core::ChannelState::unavailable);
}

// Proves: ongoing.interaction
TEST(Channel, DeactivateNeedsTheWorkToBeCompleted) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  const auto refused = world.command(client, core::DeactivateChannel{});
  EXPECT_EQ(world.outcome(refused), "ongoing.interaction");
}

TEST(Channel, DuringACallReadyAndNotReadyArePending) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  world.command(client, core::NotReadyChannel{"lunch"});
  EXPECT_EQ(world.heard(client),
            channel_lines("ACTIVE RESERVED pending=NOT_READY:lunch queues=support",
                          "ACTIVE<-ACTIVE RESERVED request"));
  world.command(client, core::NotReadyChannel{"lunch"});
  EXPECT_EQ(world.heard(client), (Lines{"ok"}));
  world.command(client, core::AnswerConversation{});
  (void)world.heard(client);
  world.command(client, core::ReadyChannel{});
  EXPECT_EQ(world.heard(client), channel_lines("ACTIVE BUSY pending=READY queues=support",
                                               "ACTIVE<-ACTIVE BUSY request"));
  world.command(client, core::NotReadyChannel{"lunch"});
  world.command(client, core::ReleaseConversation{});
  (void)world.heard(client);
  world.command(client, core::CompleteInteraction{});
  EXPECT_EQ(world.heard(client),
            (Lines{"ok", "state(interaction) COMPLETED<-ENDED NONE request", "interaction.disposed",
                   "channel.infochanged ACTIVE NOT_READY reason=lunch queues=support",
                   "state(channel) ACTIVE<-ACTIVE NOT_READY request"}));
}

// Whatever the work is at, the last wish counts.
TEST(Channel, WhatIsPendingMayBeChangedAgainInEveryStateOfWork) {
  for (const core::AgentState at :
       {core::AgentState::reserved, core::AgentState::busy, core::AgentState::wrapup}) {
    World world;
    Client client = world.log_in_ready(alice);
    const core::LegId caller = world.arrive();
    if (at != core::AgentState::reserved) world.command(client, core::AnswerConversation{});
    if (at == core::AgentState::wrapup) world.command(client, core::ReleaseConversation{});
    ASSERT_EQ(world.channel_of(client)->agent_state, at);
    (void)world.heard(client);
    const std::string name(name_of(at));
    const auto hears = [&](core::Command it) {
      world.command(client, std::move(it));
      return world.heard(client);
    };
    const auto pending = [&](const std::string& wish) {
      return channel_lines("ACTIVE " + name + " pending=" + wish + " queues=support",
                           "ACTIVE<-ACTIVE " + name + " request");
    };
    EXPECT_EQ(hears(core::NotReadyChannel{"lunch"}), pending("NOT_READY:lunch"));
    EXPECT_EQ(hears(core::NotReadyChannel{"tea"}), pending("NOT_READY:tea"));
    EXPECT_EQ(hears(core::ReadyChannel{}), pending("READY"));
    EXPECT_EQ(hears(core::ReadyChannel{}), Lines{"ok"});
    EXPECT_EQ(hears(core::NotReadyChannel{"lunch"}), pending("NOT_READY:lunch"));
    client = world.prepare(alice, true);
    world.command(client, core::StartSession{});
    if (at == core::AgentState::reserved) {
      world.report(core::LegReleased{caller, core::Cause::remote, ""});
    } else {
      if (at == core::AgentState::busy) world.command(client, core::ReleaseConversation{});
      world.advance(world.directory().limits.wrapup_max + 1s);
    }
    EXPECT_EQ(world.channel_of(client)->agent_state, core::AgentState::not_ready) << name;
    EXPECT_EQ(world.channel_of(client)->reason, "lunch") << name;
    EXPECT_FALSE(world.channel_of(client)->pending) << name;
  }
}

// Proves: channel.externaldispositions, channel.externaldispositions.updated
TEST(Channel, TellsTheDispositionsThereAre) {
  core::Directory directory = call_centre();
  directory.dispositions = {{"sold", "Sold"}, {"lost", "Lost"}};
  World world(directory);
  const Client client = world.log_in(alice);
  world.command(client, core::ListDispositions{});
  EXPECT_EQ(world.heard(client), (Lines{"ok", "channel.externaldispositions.updated sold lost"}));
  EXPECT_EQ(world.replayed_dump(), world.state().dump());
}

// --- A persistent phone ---------------------------------------------------------------------

TEST(PersistentPhone, IsCalledOnActivateAndKept) {
  World world;
  const Client client = world.log_in(carol);
  world.command(client, core::ActivateChannel{});
  EXPECT_EQ(world.ordered(), (Lines{"originate out1 sip:1003@phones auto"}));
  EXPECT_EQ(world.heard(client),
            channel_lines("ACTIVE NOT_READY queues=support", "ACTIVE<-INACTIVE NOT_READY request"));
  world.command(client, core::DeactivateChannel{});
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
  EXPECT_EQ(world.channel_of(client)->leg, core::LegId{});
}

struct PhoneFailure {
  core::Cause cause;
  const char* detail;
  const char* outcome;
};

// Proves: endpoint.unreachable
TEST(PersistentPhone, ThatCannotBeReachedFailsTheActivation) {
  for (const PhoneFailure& it : {PhoneFailure{core::Cause::unreachable, "", "endpoint.unreachable"},
                                 PhoneFailure{core::Cause::timeout, "", "endpoint.unreachable"},
                                 PhoneFailure{core::Cause::busy, "486 Busy", "cti.error"},
                                 PhoneFailure{core::Cause::rejected, "603 No", "cti.error"},
                                 PhoneFailure{core::Cause::failed, "500 Oops", "cti.error"}}) {
    World world;
    world.mood = Mood::silent;
    const Client client = world.log_in(carol);
    const auto request = world.command(client, core::ActivateChannel{});
    EXPECT_EQ(world.outcome(request), "");
    EXPECT_EQ(world.outcome(world.command(client, core::ActivateChannel{})), "invalid.state");
    EXPECT_EQ(world.outcome(world.command(client, core::DeactivateChannel{})), "invalid.state");
    world.report(core::LegReleased{world.phone_leg(client), it.cause, it.detail});
    EXPECT_EQ(world.outcome(request), it.outcome);
    EXPECT_EQ(world.channel_of(client)->state, core::ChannelState::inactive);
    EXPECT_EQ(world.state().deadline_count(), 0U);
  }
}

TEST(PersistentPhone, ThatNeverAnswersTimesOut) {
  World world;
  world.mood = Mood::silent;
  const Client client = world.log_in(carol);
  const auto request = world.command(client, core::ActivateChannel{});
  world.advance(39s);
  EXPECT_EQ(world.outcome(request), "");
  world.advance(2s);
  EXPECT_EQ(world.outcome(request), "cti.timeout");
  EXPECT_EQ(world.ordered(),
            (Lines{"originate out1 sip:1003@phones auto", "release out1 timeout"}));
  world.report(core::LegAnswered{core::LegId{1}});
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
}

TEST(PersistentPhone, LostWhileIdleMakesTheChannelInactive) {
  World world;
  const Client client = world.log_in_ready(carol);
  world.report(core::LegReleased{world.phone_leg(client), core::Cause::remote, ""});
  EXPECT_EQ(world.heard(client),
            (Lines{"channel.infochanged INACTIVE NOT_READY reason=phone.lost queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY phone"}));
  EXPECT_EQ(world.outcome(world.command(client, core::ActivateChannel{})), "ok");
}

TEST(PersistentPhone, LostDuringACallEndsItFirst) {
  World world;
  const Client client = world.log_in_ready(carol);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  (void)world.heard(client);
  (void)world.ordered();
  world.report(core::LegReleased{world.phone_leg(client), core::Cause::failed, ""});
  EXPECT_EQ(world.heard(client),
            (Lines{"state(conversation) DISCONNECTED<-CONNECTED phone", "conversation.disposed",
                   "interaction.ended phone", "state(interaction) ENDED<-STARTED NONE phone",
                   "channel.infochanged ACTIVE WRAPUP queues=support",
                   "state(channel) ACTIVE<-ACTIVE WRAPUP phone",
                   "channel.infochanged INACTIVE NOT_READY reason=phone.lost queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY phone"}));
  EXPECT_EQ(world.ordered(), (Lines{"release in1 phone"}));
  world.command(client, core::ActivateChannel{});
  world.command(client, core::ReadyChannel{});
  EXPECT_EQ(world.channel_of(client)->pending, core::AgentState::ready);
  world.command(client, core::CompleteInteraction{});
  EXPECT_EQ(world.channel_of(client)->agent_state, core::AgentState::ready);
}

}  // namespace
}  // namespace cord::test
