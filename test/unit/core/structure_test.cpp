#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

const core::Endpoint chat{core::MediaType::chat, "alice@shop"};
const core::Endpoint email{core::MediaType::email, "alice@shop"};
const core::Endpoint extension{core::MediaType::telephony, "1001"};

Lines birth(const std::string& channel) {
  return {"channel.created " + channel, "channel.infochanged INACTIVE NOT_READY queues=support",
          "state(channel) INACTIVE<-INACTIVE NOT_READY request", "channel.initialized"};
}

Lines operator+(Lines all, const Lines& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Alice, logged in with her extension, and nothing heard yet.
struct Desk {
  World world;
  Client client;

  explicit Desk(core::Directory directory = call_centre()) : world(std::move(directory)) {
    world.on_step = [this] { EXPECT_EQ(broken_invariants(world.state()), Lines{}); };
    client = world.log_in(alice);
  }
  std::string outcome(core::Command command) {
    return world.outcome(world.command(client, std::move(command)));
  }
  Lines hears(core::Command command) {
    world.command(client, std::move(command));
    return world.heard(client);
  }
  // The newest channel, and the newest group.
  [[nodiscard]] core::ChannelId channel() const { return world.state().last_ids().channel; }
  [[nodiscard]] core::GroupId group() const { return world.state().last_ids().group; }
};

// Proves: session.addchannel, channel.created, channel.infochanged, channel.initialized
TEST(AddChannel, AnnouncesIt) {
  Desk desk;
  EXPECT_EQ(desk.hears(core::AddChannel{chat}), Lines{"ok"} + birth("ch-2 alice@shop"));
  EXPECT_EQ(desk.hears(core::AddChannel{email}), Lines{"ok"} + birth("ch-3 alice@shop"));
  const core::Channel& added = desk.world.state().at(desk.channel());
  EXPECT_EQ(added.type, core::MediaType::email);
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(AddChannel, IsRefusedWithoutAGoodEndpoint) {
  Desk desk;
  const auto outcome = [&](core::MediaType type, std::string name) {
    return desk.outcome(core::AddChannel{{type, std::move(name)}});
  };
  using enum core::MediaType;
  EXPECT_EQ(outcome(chat, ""), "invalid.request");
  EXPECT_EQ(outcome(chat, std::string(core::endpoint_bytes_max + 1, 'x')), "invalid.request");
  EXPECT_EQ(outcome(telephony, "1002"), "endpoint.in.use");
  EXPECT_EQ(outcome(telephony, "9"), "invalid.request");
  EXPECT_EQ(outcome(telephony, "1001"), "invalid.state");
  EXPECT_EQ(outcome(chat, std::string(core::endpoint_bytes_max, 'x')), "ok");
  EXPECT_EQ(outcome(chat, "1001"), "ok");
}

TEST(AddChannel, IsRefusedBeyondTheBound) {
  core::Directory directory = call_centre();
  directory.limits.channels_max = 3;
  Desk desk(directory);
  EXPECT_EQ(desk.outcome(core::AddChannel{chat}), "ok");
  EXPECT_EQ(desk.outcome(core::AddChannel{email}), "ok");
  EXPECT_EQ(desk.outcome(core::AddChannel{{core::MediaType::chat, "more"}}), "invalid.state");
  EXPECT_EQ(desk.outcome(core::RemoveChannel{desk.channel()}), "ok");
  EXPECT_EQ(desk.outcome(core::AddChannel{{core::MediaType::chat, "more"}}), "ok");
}

TEST(AddChannel, AtAnEndpointInUseIsUnavailable) {
  Desk desk;
  desk.outcome(core::AddChannel{chat});
  desk.world.command(desk.client.on(1), core::ActivateChannel{});
  const Client other = desk.world.log_in(bob);
  desk.world.command(other, core::AddChannel{chat});
  EXPECT_EQ(desk.world.channel_of(other.on(1))->state, core::ChannelState::unavailable);
  const auto refused = desk.world.command(other.on(1), core::ActivateChannel{});
  EXPECT_EQ(desk.world.outcome(refused), "endpoint.in.use");
  desk.world.command(desk.client,
                     core::RemoveChannel{desk.world.channel_of(desk.client.on(1))->id});
  EXPECT_EQ(desk.world.channel_of(other.on(1))->state, core::ChannelState::inactive);
}

TEST(AddChannel, OfAnotherMediumIsOfferedNoCalls) {
  Desk desk;
  desk.outcome(core::AddChannel{chat});
  desk.world.command(desk.client.on(1), core::ActivateChannel{});
  desk.world.command(desk.client.on(1), core::ReadyChannel{});
  desk.world.arrive();
  EXPECT_TRUE(desk.world.state().interactions().empty());
  desk.world.command(desk.client, core::ActivateChannel{});
  desk.world.command(desk.client, core::ReadyChannel{});
  EXPECT_NE(desk.world.interaction_of(desk.client), nullptr);
  EXPECT_EQ(desk.world.interaction_of(desk.client.on(1)), nullptr);
}

// Proves: session.removechannel, channel.disposed
TEST(RemoveChannel, DisposesOfIt) {
  Desk desk;
  desk.outcome(core::AddChannel{chat});
  desk.world.command(desk.client.on(1), core::ActivateChannel{});
  (void)desk.world.heard(desk.client);
  EXPECT_EQ(desk.hears(core::RemoveChannel{desk.channel()}), (Lines{"ok", "channel.disposed"}));
  EXPECT_EQ(desk.outcome(core::RemoveChannel{desk.channel()}), "target.not.found");
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

// Proves: session.removechannel, ongoing.interaction
TEST(RemoveChannel, IsRefusedForWhatIsNotOnesOwnOrAtWork) {
  Desk desk;
  const Client other = desk.world.log_in(bob);
  EXPECT_EQ(desk.outcome(core::RemoveChannel{}), "target.not.found");
  EXPECT_EQ(desk.outcome(core::RemoveChannel{desk.world.channel_of(other)->id}),
            "target.not.found");
  desk.outcome(core::ActivateChannel{});
  desk.outcome(core::ReadyChannel{});
  const core::LegId caller = desk.world.arrive();
  const core::ChannelId own = desk.world.channel_of(desk.client)->id;
  EXPECT_EQ(desk.outcome(core::RemoveChannel{own}), "ongoing.interaction");
  desk.world.report(core::LegReleased{caller, core::Cause::remote, ""});
  EXPECT_EQ(desk.outcome(core::RemoveChannel{own}), "ok");
  EXPECT_EQ(desk.outcome(core::AddChannel{extension}), "ok");
}

TEST(RemoveChannel, HangsUpItsPersistentPhone) {
  World world;
  const Client client = world.log_in_ready(carol);
  (void)world.ordered();
  world.command(client, core::RemoveChannel{world.channel_of(client)->id});
  EXPECT_EQ(world.heard(client), (Lines{"ok", "channel.disposed"}));
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
  EXPECT_TRUE(world.state().legs().empty());
}

TEST(RemoveChannel, AnswersItsActivationFirst) {
  World world;
  world.mood = Mood::silent;
  const Client client = world.log_in(carol);
  world.command(client, core::ActivateChannel{});
  world.command(client, core::RemoveChannel{world.channel_of(client)->id});
  EXPECT_EQ(world.heard(client), (Lines{"invalid.state", "ok", "channel.disposed"}));
  EXPECT_EQ(world.state().deadline_count(), 0U);
}

// Proves: session.addchannelgroup, channelgroup.created, channelgroup.initialized
TEST(AddGroup, AnnouncesItAroundItsChannels) {
  Desk desk;
  const Lines expected = Lines{"ok", "channelgroup.created g-1 web"} + birth("ch-2 alice@shop") +
                         birth("ch-3 alice@shop") + Lines{"channelgroup.initialized"};
  EXPECT_EQ(desk.hears(core::AddGroup{"web", {chat, email}}), expected);
  EXPECT_EQ(desk.world.state().at(desk.channel()).group, desk.group());
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(AddGroup, IsRefusedWholeIfAnyOfItIsWrong) {
  core::Directory directory = call_centre();
  directory.limits.channels_max = 3;
  directory.limits.groups_max = 1;
  Desk desk(directory);
  const auto outcome = [&](std::string name, std::vector<core::Endpoint> channels) {
    return desk.outcome(core::AddGroup{std::move(name), std::move(channels)});
  };
  const std::string before = desk.world.state().dump();
  EXPECT_EQ(outcome("", {chat}), "invalid.request");
  EXPECT_EQ(outcome(std::string(core::group_name_bytes_max + 1, 'x'), {chat}), "invalid.request");
  EXPECT_EQ(outcome("web", {chat, chat}), "invalid.request");
  EXPECT_EQ(outcome("web", {chat, {core::MediaType::email, ""}}), "invalid.request");
  EXPECT_EQ(outcome("web", {chat, extension}), "invalid.state");
  EXPECT_EQ(outcome("web", {chat, {core::MediaType::telephony, "1002"}}), "endpoint.in.use");
  EXPECT_EQ(outcome("web", {chat, email, {core::MediaType::chat, "x"}}), "invalid.state");
  EXPECT_EQ(desk.world.state().dump(), before);
  EXPECT_EQ(outcome("web", {chat}), "ok");
  EXPECT_EQ(outcome("more", {email}), "invalid.state");
}

// Proves: session.removechannelgroup, channelgroup.disposed
TEST(RemoveGroup, DisposesOfItsChannelsAndThenOfIt) {
  Desk desk;
  desk.outcome(core::AddGroup{"web", {chat, email}});
  (void)desk.world.heard(desk.client);
  EXPECT_EQ(desk.hears(core::RemoveGroup{desk.group()}),
            (Lines{"ok", "channel.disposed", "channel.disposed", "channelgroup.disposed"}));
  EXPECT_EQ(desk.outcome(core::RemoveGroup{desk.group()}), "target.not.found");
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(RemoveGroup, IsRefusedForWhatIsNotOnesOwnOrAtWork) {
  World world;
  const Client client = world.log_in_ready(carol);
  const Client other = world.log_in(alice);
  const core::GroupId group = world.channel_of(client)->group;
  const auto foreign = world.command(other, core::RemoveGroup{group});
  EXPECT_EQ(world.outcome(foreign), "target.not.found");
  world.arrive();
  const auto refused = world.command(client, core::RemoveGroup{group});
  EXPECT_EQ(world.outcome(refused), "ongoing.interaction");
}

TEST(Structure, LogoutDisposesOfAllOfIt) {
  Desk desk;
  desk.outcome(core::AddGroup{"web", {chat}});
  desk.outcome(core::AddChannel{email});
  desk.world.command(desk.client.on(1), core::ActivateChannel{});
  (void)desk.world.heard(desk.client);
  EXPECT_EQ(desk.hears(core::LogoutSession{}),
            (Lines{"channel.disposed", "channel.infochanged INACTIVE NOT_READY queues=support",
                   "state(channel) INACTIVE<-ACTIVE NOT_READY request", "channel.disposed",
                   "channel.disposed", "channelgroup.disposed",
                   "state(session) LOGGED_OUT<-LOGGED_IN request", "session.ended logout", "ok"}));
  EXPECT_TRUE(desk.world.state().channels().empty());
  EXPECT_TRUE(desk.world.state().groups().empty());
}

TEST(Structure, LogoutWaitsForTheWorkOfAnyChannel) {
  Desk desk;
  desk.outcome(core::AddChannel{chat});
  desk.outcome(core::ActivateChannel{});
  desk.outcome(core::ReadyChannel{});
  desk.world.arrive();
  EXPECT_EQ(desk.outcome(core::LogoutSession{}), "ongoing.interaction");
}

TEST(Structure, ATakeoverPresentsGroupsThenChannelsThenInteractions) {
  Desk desk;
  desk.outcome(core::AddChannel{email});
  desk.outcome(core::AddGroup{"web", {chat}});
  const Client fresh = desk.world.prepare(alice, true);
  (void)desk.world.heard(fresh);
  desk.world.command(fresh, core::StartSession{});
  const Lines expected = Lines{"ok", "channelgroup.created g-1 web"} + birth("ch-3 alice@shop") +
                         Lines{"channelgroup.initialized"} + birth("ch-1 1001") +
                         birth("ch-2 alice@shop") + Lines{"session.initialized alice"};
  EXPECT_EQ(desk.world.heard(fresh), expected);
}

TEST(Structure, ATakeoverOfASessionWithoutChannelsBringsNoneBack) {
  Desk desk;
  desk.outcome(core::RemoveChannel{desk.channel()});
  const Client fresh = desk.world.prepare(alice, true);
  (void)desk.world.heard(fresh);
  desk.world.command(fresh, core::StartSession{});
  EXPECT_EQ(desk.world.heard(fresh), (Lines{"ok", "session.initialized alice"}));
}

TEST(Structure, ADetachedSessionTakesNoOffersOnAnyChannel) {
  Desk desk;
  desk.outcome(core::AddChannel{chat});
  for (const std::size_t n : {0, 1}) {
    desk.world.command(desk.client.on(n), core::ActivateChannel{});
    desk.world.command(desk.client.on(n), core::ReadyChannel{});
  }
  desk.world.run(core::ConnectionLost{desk.client.connection});
  desk.world.advance(6s);
  for (const std::size_t n : {0, 1}) {
    EXPECT_EQ(desk.world.channel_of(desk.client.on(n))->reason, "connection.lost");
  }
}

}  // namespace
}  // namespace cord::test
