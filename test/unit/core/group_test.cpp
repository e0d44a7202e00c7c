#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

using ActivateAll = core::EachChannel<core::ActivateChannel>;
using DeactivateAll = core::EachChannel<core::DeactivateChannel>;
using ReadyAll = core::EachChannel<core::ReadyChannel>;
using NotReadyAll = core::EachChannel<core::NotReadyChannel>;

// Carol's group "desk" with her persistent extension, and Eve with a group of a chat and an e-mail
// channel.
struct Desk {
  World world;
  Client client;

  explicit Desk(core::AgentIndex agent = eve, core::Directory directory = call_centre())
      : world(std::move(directory)) {
    world.on_step = [this] { EXPECT_EQ(broken_invariants(world.state()), Lines{}); };
    client = world.log_in(agent);
    if (agent != eve) return;
    world.command(client, core::AddGroup{"web",
                                         {{core::MediaType::chat, "eve@shop"},
                                          {core::MediaType::email, "eve@shop"}}});
    (void)world.heard(client);
  }
  core::RequestId command(core::Command command) {
    const core::Target target{client.session,
                              {{core::ObjectKind::group, world.state().last_ids().group.value}}};
    return world.command_at(client, target, std::move(command));
  }
  Lines hears(core::Command it) {
    command(std::move(it));
    return world.heard(client);
  }
};

Lines two_of(const std::string& outcome, const std::string& info, const std::string& state) {
  return {outcome, "channel.infochanged " + info, "state(channel) " + state,
          "channel.infochanged " + info, "state(channel) " + state};
}

// Proves: channelgroup.activateall, channelgroup.deactivateall, channelgroup.ready
// Proves: channelgroup.notready
TEST(Group, ActsChannelByChannelBehindOneAnswer) {
  Desk desk;
  EXPECT_EQ(desk.hears(ActivateAll{}), two_of("ok", "ACTIVE NOT_READY queues=support,sales",
                                              "ACTIVE<-INACTIVE NOT_READY request"));
  EXPECT_EQ(desk.hears(ReadyAll{}),
            two_of("ok", "ACTIVE READY queues=support,sales", "ACTIVE<-ACTIVE READY request"));
  EXPECT_EQ(desk.hears(NotReadyAll{{"lunch"}}),
            two_of("ok", "ACTIVE NOT_READY reason=lunch queues=support,sales",
                   "ACTIVE<-ACTIVE NOT_READY request"));
  EXPECT_EQ(desk.hears(DeactivateAll{}), two_of("ok", "INACTIVE NOT_READY queues=support,sales",
                                                "INACTIVE<-ACTIVE NOT_READY request"));
  EXPECT_EQ(desk.world.channel_of(desk.client)->state, core::ChannelState::inactive);
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(Group, WhatHoldsAlreadySucceedsWithoutEvents) {
  Desk desk;
  EXPECT_EQ(desk.hears(DeactivateAll{}), Lines{"ok"});
  EXPECT_EQ(desk.hears(NotReadyAll{}), Lines{"ok"});
  desk.command(ActivateAll{});
  desk.command(ReadyAll{});
  (void)desk.world.heard(desk.client);
  EXPECT_EQ(desk.hears(ActivateAll{}), Lines{"ok"});
  EXPECT_EQ(desk.hears(ReadyAll{}), Lines{"ok"});
}

TEST(Group, ChoosesTheQueueForAll) {
  Desk desk;
  EXPECT_EQ(desk.hears(ActivateAll{{"sales"}}),
            two_of("ok", "ACTIVE NOT_READY queues=sales", "ACTIVE<-INACTIVE NOT_READY request"));
  EXPECT_EQ(desk.hears(ActivateAll{{"marketing"}}), Lines{"invalid.request"});
}

TEST(Group, StopsAtTheFirstErrorAndKeepsWhatWasDone) {
  Desk desk;
  desk.world.command(desk.client.on(1), core::ActivateChannel{});
  (void)desk.world.heard(desk.client);
  EXPECT_EQ(desk.hears(ReadyAll{}),
            (Lines{"invalid.state", "channel.infochanged ACTIVE READY queues=support,sales",
                   "state(channel) ACTIVE<-ACTIVE READY request"}));
  EXPECT_EQ(desk.world.channel_of(desk.client.on(2))->agent_state, core::AgentState::not_ready);
}

TEST(Group, RefusesWhatTheFirstChannelRefuses) {
  core::Directory directory = call_centre();
  directory.reasons = {{"lunch", "Lunch"}};
  directory.reason_required = true;
  Desk desk(eve, directory);
  EXPECT_EQ(desk.hears(ReadyAll{}), Lines{"invalid.state"});
  EXPECT_EQ(desk.hears(NotReadyAll{}), Lines{"reason.required"});
  EXPECT_EQ(desk.hears(NotReadyAll{{"sleep"}}), Lines{"invalid.request"});
  const auto wrong_kind = desk.world.command_at(
      desk.client, desk.world.target(desk.client, core::ObjectKind::channel), ReadyAll{});
  EXPECT_EQ(desk.world.outcome(wrong_kind), "invalid.target");
}

TEST(Group, WithoutChannelsSucceeds) {
  Desk desk(carol);
  desk.world.command(desk.client, core::RemoveChannel{desk.world.channel_of(desk.client)->id});
  (void)desk.world.heard(desk.client);
  EXPECT_EQ(desk.hears(ActivateAll{}), Lines{"ok"});
}

// --- With a persistent phone among its channels -------------------------------------------------

// Carol's group, with a chat channel before and an e-mail channel behind her extension.
struct PhoneDesk : Desk {
  PhoneDesk() : Desk(carol) {
    world.command(client, core::RemoveGroup{world.channel_of(client)->group});
    world.command(client, core::AddGroup{"all",
                                         {{core::MediaType::chat, "carol@shop"},
                                          {core::MediaType::telephony, "1003"},
                                          {core::MediaType::email, "carol@shop"}}});
    (void)world.heard(client);
    world.mood = Mood::silent;
  }
  [[nodiscard]] core::LegId phone() const { return world.phone_leg(client.on(1)); }
  [[nodiscard]] bool is_active(std::size_t channel) const {
    return world.channel_of(client.on(channel))->state == core::ChannelState::active;
  }
};

TEST(GroupWithPhone, ChangesTogetherWhenThePhoneIsThere) {
  PhoneDesk desk;
  EXPECT_EQ(desk.hears(ActivateAll{{"support"}}), Lines{});
  desk.world.report(core::LegAnswered{desk.phone()});
  const Lines heard = desk.world.heard(desk.client);
  ASSERT_EQ(heard.size(), 7U);
  EXPECT_EQ(heard.front(), "ok");
  EXPECT_TRUE(desk.is_active(0) && desk.is_active(1) && desk.is_active(2));
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(GroupWithPhone, IsCalledOnce) {
  PhoneDesk desk;
  desk.command(ActivateAll{});
  EXPECT_EQ(desk.hears(ActivateAll{}),
            (Lines{"invalid.state", "channel.infochanged ACTIVE NOT_READY queues=support",
                   "state(channel) ACTIVE<-INACTIVE NOT_READY request"}));
  EXPECT_EQ(desk.world.ordered(), (Lines{"originate out1 sip:1003@phones auto"}));
  desk.world.report(core::LegAnswered{desk.phone()});
  EXPECT_TRUE(desk.is_active(0) && desk.is_active(1) && desk.is_active(2));
}

TEST(GroupWithPhone, StopsAtAPhoneThatDoesNotCome) {
  PhoneDesk desk;
  desk.command(ActivateAll{});
  desk.world.report(core::LegReleased{desk.phone(), core::Cause::unreachable, ""});
  EXPECT_EQ(desk.world.heard(desk.client),
            (Lines{"endpoint.unreachable", "channel.infochanged ACTIVE NOT_READY queues=support",
                   "state(channel) ACTIVE<-INACTIVE NOT_READY request"}));
  EXPECT_TRUE(desk.is_active(0) && !desk.is_active(1) && !desk.is_active(2));
}

TEST(GroupWithPhone, StopsAtAPhoneThatNeverAnswers) {
  PhoneDesk desk;
  const auto request = desk.command(ActivateAll{});
  desk.world.advance(41s);
  EXPECT_EQ(desk.world.outcome(request), "cti.timeout");
  EXPECT_TRUE(desk.is_active(0) && !desk.is_active(1) && !desk.is_active(2));
  EXPECT_EQ(desk.world.state().deadline_count(), 0U);
}

TEST(GroupWithPhone, LetsThePhoneGoIfAnEarlierChannelCannotBeActiveAnyMore) {
  PhoneDesk desk;
  const auto request = desk.command(ActivateAll{});
  const Client other = desk.world.log_in(alice);
  desk.world.command(other, core::AddChannel{{core::MediaType::chat, "carol@shop"}});
  desk.world.command(other.on(1), core::ActivateChannel{});
  (void)desk.world.ordered();
  const core::LegId phone = desk.phone();
  desk.world.report(core::LegAnswered{phone});
  EXPECT_EQ(desk.world.outcome(request), "endpoint.in.use");
  EXPECT_EQ(desk.world.ordered(), (Lines{"release out1 request"}));
  EXPECT_FALSE(desk.is_active(0) || desk.is_active(1) || desk.is_active(2));
}

TEST(GroupWithPhone, DoesNotCallItIfAnEarlierChannelRefuses) {
  PhoneDesk desk;
  const Client other = desk.world.log_in(alice);
  desk.world.command(other, core::AddChannel{{core::MediaType::chat, "carol@shop"}});
  desk.world.command(other.on(1), core::ActivateChannel{});
  EXPECT_EQ(desk.world.outcome(desk.command(ActivateAll{})), "endpoint.in.use");
  EXPECT_EQ(desk.world.ordered(), Lines{});
}

TEST(GroupWithPhone, IsAnsweredWhenItsGroupIsRemoved) {
  PhoneDesk desk;
  desk.command(ActivateAll{});
  const core::GroupId group = desk.world.state().last_ids().group;
  desk.world.command(desk.client, core::RemoveGroup{group});
  EXPECT_EQ(desk.world.heard(desk.client),
            (Lines{"invalid.state", "ok", "channel.disposed", "channel.disposed",
                   "channel.disposed", "channelgroup.disposed"}));
  EXPECT_EQ(desk.world.state().deadline_count(), 0U);
}

}  // namespace
}  // namespace cord::test
