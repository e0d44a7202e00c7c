#include <map>

#include <gtest/gtest.h>

#include "support/core_given.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

using Mover = std::function<void(World&, const Client&)>;

// An agent with a call that has been answered.
struct Talk {
  World world;
  Client client;
  core::LegId caller;

  explicit Talk(core::AgentIndex agent = alice, core::Directory directory = call_centre())
      : world(std::move(directory)) {
    client = world.log_in_ready(agent);
    caller = world.arrive();
    world.command(client, core::AnswerConversation{});
    (void)world.heard(client);
    (void)world.ordered();
  }
  std::string outcome_of(core::Command command) {
    return world.outcome(world.command(client, std::move(command)));
  }
};

Lines ended(const std::string& from, const std::string& cause, const std::string& flags = "") {
  return {"state(conversation) DISCONNECTED<-" + from + " " + cause + flags,
          "conversation.disposed",
          "interaction.ended " + cause,
          "state(interaction) ENDED<-STARTED NONE " + cause,
          "channel.infochanged ACTIVE WRAPUP queues=support",
          "state(channel) ACTIVE<-ACTIVE WRAPUP " + cause};
}

Lines after(const std::string& first, Lines rest) {
  rest.insert(rest.begin(), first);
  return rest;
}

// Every command in every state of a call: what comes of it, and with how many orders.
// Proves: conversation.hold, conversation.retrieve, conversation.mute, conversation.unmute
// Proves: invalid.state, promise 4
TEST(Conversation, EveryCommandInEveryState) {
  const std::map<std::string, Mover> states{
      {"ALERTING", [](World&, const Client&) {}},
      {"CONNECTED", [](World& w, const Client& c) { w.command(c, core::AnswerConversation{}); }},
      {"HELD",
       [](World& w, const Client& c) {
         w.command(c, core::AnswerConversation{});
         w.command(c, core::HoldConversation{});
       }},
      {"MUTED",
       [](World& w, const Client& c) {
         w.command(c, core::AnswerConversation{});
         w.command(c, core::MuteConversation{});
       }},
  };
  const std::map<std::string, core::Command> commands{
      {"answer", core::AnswerConversation{}}, {"release", core::ReleaseConversation{}},
      {"hold", core::HoldConversation{}},     {"retrieve", core::RetrieveConversation{}},
      {"mute", core::MuteConversation{}},     {"unmute", core::UnmuteConversation{}},
  };
  const std::map<std::string, std::map<std::string, std::string>> expected{
      {"ALERTING",
       {{"answer", "ok 2"},
        {"release", "invalid.state 0"},
        {"hold", "invalid.state 0"},
        {"retrieve", "invalid.state 0"},
        {"mute", "invalid.state 0"},
        {"unmute", "invalid.state 0"}}},
      {"CONNECTED",
       {{"answer", "ok 0"},
        {"release", "ok 2"},
        {"hold", "ok 1"},
        {"retrieve", "ok 0"},
        {"mute", "ok 1"},
        {"unmute", "ok 0"}}},
      {"HELD",
       {{"answer", "invalid.state 0"},
        {"release", "ok 2"},
        {"hold", "ok 0"},
        {"retrieve", "ok 1"},
        {"mute", "ok 1"},
        {"unmute", "ok 0"}}},
      {"MUTED",
       {{"answer", "ok 0"},
        {"release", "ok 2"},
        {"hold", "ok 1"},
        {"retrieve", "ok 0"},
        {"mute", "ok 0"},
        {"unmute", "ok 1"}}},
  };
  for (const auto& [state, go_there] : states) {
    for (const auto& [name, command] : commands) {
      World world;
      const Client client = world.log_in_ready(alice);
      world.arrive();
      go_there(world, client);
      (void)world.ordered();
      (void)world.heard(client);
      const auto request = world.command(client, command);
      const std::string got = fmt::format("{} {}", world.outcome(request), world.ordered().size());
      EXPECT_EQ(got, expected.at(state).at(name)) << name << " in " << state;
      const bool is_quiet = got == "ok 0" || got.starts_with("invalid");
      EXPECT_EQ(world.heard(client).size() == 1, is_quiet) << name << " in " << state;
    }
  }
}

// Proves: conversation.hold, conversation.mute, conversation.unmute
TEST(Conversation, HoldAndMuteAreIndependent) {
  Talk talk;
  talk.outcome_of(core::HoldConversation{});
  talk.outcome_of(core::MuteConversation{});
  talk.outcome_of(core::RetrieveConversation{});
  talk.outcome_of(core::UnmuteConversation{});
  EXPECT_EQ(talk.world.heard(talk.client),
            (Lines{"ok", "state(conversation) HELD<-CONNECTED request", "ok",
                   "state(conversation) HELD<-HELD request muted", "ok",
                   "state(conversation) CONNECTED<-HELD request muted", "ok",
                   "state(conversation) CONNECTED<-CONNECTED request"}));
  EXPECT_EQ(talk.world.ordered(),
            (Lines{"hold in1 out1", "mute out1", "retrieve in1 out1", "unmute out1"}));
}

// Proves: unsupported
TEST(Conversation, WhatThePlatformCannotIsUnsupported) {
  core::Directory directory = call_centre();
  directory.capabilities = {.hold = false, .mute = false, .recording = false};
  Talk talk(alice, directory);
  EXPECT_EQ(talk.outcome_of(core::HoldConversation{}), "unsupported");
  EXPECT_EQ(talk.outcome_of(core::RetrieveConversation{}), "unsupported");
  EXPECT_EQ(talk.outcome_of(core::MuteConversation{}), "unsupported");
  EXPECT_EQ(talk.outcome_of(core::UnmuteConversation{}), "unsupported");
  EXPECT_EQ(talk.world.ordered(), Lines{});
}

// Proves: cti.error
TEST(Conversation, ThePlatformsRefusalIsTheAnswer) {
  for (const core::Command& command :
       {core::Command{core::HoldConversation{}}, core::Command{core::MuteConversation{}}}) {
    Talk talk;
    talk.world.mood = Mood::failing;
    const auto request = talk.world.command(talk.client, command);
    EXPECT_EQ(talk.world.heard(talk.client), (Lines{"cti.error"}));
    EXPECT_EQ(talk.world.outcomes().at(request).front().outcome.error().detail,
              "488 Not Acceptable Here");
  }
}

// Proves: cti.timeout, promise 3
TEST(Conversation, ASilentPlatformIsATimeoutAndALateReportIsTrueAllTheSame) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::HoldConversation{});
  talk.world.advance(9s);
  EXPECT_EQ(talk.world.heard(talk.client), Lines{});
  talk.world.advance(2s);
  EXPECT_EQ(talk.world.heard(talk.client), (Lines{"cti.timeout"}));
  talk.world.report(core::LegHeld{talk.caller});
  EXPECT_EQ(talk.world.heard(talk.client), (Lines{"state(conversation) HELD<-CONNECTED request"}));
  talk.world.report(core::LegHeld{talk.caller});
  talk.world.report(core::LegMuted{talk.world.phone_leg(talk.client)});
  EXPECT_EQ(talk.world.heard(talk.client), (Lines{"state(conversation) HELD<-HELD request muted"}));
}

// Proves: promise 5
TEST(Conversation, CommandsRunOneAfterTheOther) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::HoldConversation{});
  talk.world.command(talk.client, core::RetrieveConversation{});
  EXPECT_EQ(talk.world.ordered(), (Lines{"hold in1 out1"}));
  talk.world.report(core::LegHeld{talk.caller});
  EXPECT_EQ(talk.world.ordered(), (Lines{"retrieve in1 out1"}));
  for (int i = 0; i < 32; ++i) talk.world.command(talk.client, core::HoldConversation{});
  EXPECT_EQ(talk.outcome_of(core::HoldConversation{}), "rate.limited");
}

TEST(Conversation, DecideRefusesASecondOperationByItself) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::HoldConversation{});
  const core::ClientRequest request{core::RequestId{999}, talk.client.connection,
                                    talk.world.target(talk.client, core::ObjectKind::conversation),
                                    core::MuteConversation{}};
  EXPECT_EQ(core::waits_for(talk.world.state(), request),
            talk.world.interaction_of(talk.client)->id);
  const auto decision = core::decide(talk.world.state(), request, talk.world.now());
  ASSERT_FALSE(decision.has_value());
  EXPECT_EQ(decision.error().code, Errc::invalid_state);
}

// --- How calls end --------------------------------------------------------------------------

// Proves: conversation.release, conversation.disposed, interaction.ended
TEST(CallEnd, ByRelease) {
  Talk talk;
  talk.world.command(talk.client, core::ReleaseConversation{});
  EXPECT_EQ(talk.world.heard(talk.client), after("ok", ended("CONNECTED", "request")));
  EXPECT_EQ(talk.world.ordered(), (Lines{"release in1 request", "release out1 request"}));
  EXPECT_TRUE(talk.world.state().legs().empty());
  EXPECT_TRUE(talk.world.state().calls().empty());
}

const core::LegQuality heard_well{{1'500, 3, 2'100, 431}, std::nullopt, 0};

Lines followed_by_quality(Lines told) {
  told.emplace_back("interaction.quality call-1 1500");
  return told;
}

// The phone has hung up; that the customer is released is still to come.
struct HungUp : Talk {
  HungUp() {
    world.mood = Mood::silent;
    world.report(core::LegReleased{world.phone_leg(client), core::Cause::remote, ""});
    (void)world.heard(client);
  }
};

// Proves: interaction.quality
TEST(CallEnd, ByReleaseSaysHowItWas) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::ReleaseConversation{});
  talk.world.report(core::LegReleased{talk.caller, core::Cause::request, "", heard_well});
  EXPECT_EQ(talk.world.heard(talk.client),
            followed_by_quality(after("ok", ended("CONNECTED", "request"))));
}

TEST(CallEnd, ByTheCallerSaysHowItWas) {
  Talk talk;
  talk.world.report(core::LegReleased{talk.caller, core::Cause::remote, "", heard_well});
  EXPECT_EQ(talk.world.heard(talk.client), followed_by_quality(ended("CONNECTED", "remote")));
}

TEST(CallEnd, IsFollowedByHowItWas) {
  HungUp talk;
  for (const Lines& told : {followed_by_quality({}), Lines{}}) {
    talk.world.report(core::LegReleased{talk.caller, core::Cause::request, "", heard_well});
    EXPECT_EQ(talk.world.heard(talk.client), told);
  }
  EXPECT_EQ(talk.world.state().parted_count(), 0u);
}

TEST(CallEnd, OfWhichNothingWasHeardSaysNothingOfIt) {
  HungUp talk;
  talk.world.report(core::LegReleased{talk.caller, core::Cause::request, ""});
  EXPECT_EQ(talk.world.heard(talk.client), Lines{});
  EXPECT_EQ(talk.world.state().parted_count(), 0u);
}

TEST(CallEnd, IsForgottenWithTheInteractionWhatNobodySaidOfIt) {
  HungUp talk;
  EXPECT_EQ(talk.world.state().parted_count(), 1u);
  talk.world.command(talk.client, core::CompleteInteraction{});
  EXPECT_EQ(talk.world.state().parted_count(), 0u);
}

TEST(CallEnd, ByReleaseParksAPersistentPhone) {
  Talk talk(carol);
  talk.world.command(talk.client, core::ReleaseConversation{});
  EXPECT_EQ(talk.world.heard(talk.client), after("ok", ended("CONNECTED", "request")));
  EXPECT_EQ(talk.world.ordered(), (Lines{"release in1 request", "park out1"}));
}

// Proves: promise 7
TEST(CallEnd, ByTheCaller) {
  Talk talk;
  talk.world.command(talk.client, core::MuteConversation{});
  talk.world.command(talk.client, core::HoldConversation{});
  (void)talk.world.heard(talk.client);
  (void)talk.world.ordered();
  talk.world.report(core::LegReleased{talk.caller, core::Cause::remote, ""});
  EXPECT_EQ(talk.world.heard(talk.client), ended("HELD", "remote", " muted"));
  EXPECT_EQ(talk.world.ordered(), (Lines{"release out1 remote"}));
}

TEST(CallEnd, ByTheCallerParksAPersistentPhone) {
  Talk talk(carol);
  talk.world.report(core::LegReleased{talk.caller, core::Cause::remote, ""});
  EXPECT_EQ(talk.world.ordered(), (Lines{"park out1"}));
}

TEST(CallEnd, ByThePhone) {
  Talk talk;
  talk.world.report(core::LegReleased{talk.world.phone_leg(talk.client), core::Cause::remote, ""});
  EXPECT_EQ(talk.world.heard(talk.client), ended("CONNECTED", "phone"));
  EXPECT_EQ(talk.world.ordered(), (Lines{"release in1 phone"}));
}

TEST(CallEnd, FailsWhatIsPending) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::HoldConversation{});
  talk.world.report(core::LegReleased{talk.caller, core::Cause::remote, ""});
  EXPECT_EQ(talk.world.heard(talk.client), after("invalid.state", ended("CONNECTED", "remote")));
}

TEST(CallEnd, ThatMeetsAReleaseIsItsSuccess) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::ReleaseConversation{});
  EXPECT_EQ(talk.world.heard(talk.client), Lines{});
  talk.world.report(core::LegReleased{talk.caller, core::Cause::remote, ""});
  EXPECT_EQ(talk.world.heard(talk.client), after("ok", ended("CONNECTED", "request")));
}

TEST(CallEnd, OfAPersistentPhoneThatMeetsAReleaseIsItsSuccess) {
  Talk talk(carol);
  talk.world.mood = Mood::silent;
  const auto request = talk.world.command(talk.client, core::ReleaseConversation{});
  talk.world.report(core::LegReleased{talk.world.phone_leg(talk.client), core::Cause::remote, ""});
  EXPECT_EQ(talk.world.outcome(request), "ok");
  EXPECT_EQ(talk.world.channel_of(talk.client)->reason, "phone.lost");
}

TEST(CallEnd, IsNotPreventedByASilentPlatform) {
  Talk talk;
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::ReleaseConversation{});
  (void)talk.world.ordered();
  talk.world.advance(11s);
  EXPECT_EQ(talk.world.heard(talk.client), after("cti.timeout", ended("CONNECTED", "timeout")));
  EXPECT_EQ(talk.world.ordered(), (Lines{"release in1 timeout"}));
}

TEST(CallEnd, DisposesOfTheConversation) {
  Talk talk;
  const core::Target target = talk.world.target(talk.client, core::ObjectKind::conversation);
  talk.outcome_of(core::ReleaseConversation{});
  const auto again = talk.world.command_at(talk.client, target, core::ReleaseConversation{});
  EXPECT_EQ(talk.world.outcome(again), "target.not.found");
}

// --- The phone's own hold key ---------------------------------------------------------------

// Proves: promise 7
TEST(HoldKey, HoldsAndRetrieves) {
  Talk talk;
  const core::LegId phone = talk.world.phone_leg(talk.client);
  talk.world.report(core::LegHeldByPhone{phone});
  talk.world.report(core::LegRetrievedByPhone{phone});
  EXPECT_EQ(talk.world.heard(talk.client), (Lines{"state(conversation) HELD<-CONNECTED phone",
                                                  "state(conversation) CONNECTED<-HELD phone"}));
  EXPECT_EQ(talk.world.ordered(), (Lines{"hold in1 out1", "retrieve in1 out1"}));
}

TEST(HoldKey, DoesNotUndoWhatTheDesktopAskedFor) {
  Talk talk;
  const core::LegId phone = talk.world.phone_leg(talk.client);
  talk.world.command(talk.client, core::HoldConversation{});
  (void)talk.world.heard(talk.client);
  talk.world.report(core::LegHeldByPhone{phone});
  talk.world.report(core::LegRetrievedByPhone{phone});
  EXPECT_EQ(talk.world.heard(talk.client), Lines{});
}

TEST(HoldKey, OfTheCallerIsNotOurs) {
  Talk talk;
  talk.world.report(core::LegHeldByPhone{talk.caller});
  EXPECT_EQ(talk.world.ordered(), Lines{});
}

TEST(HoldKey, PressedDuringAnotherCommandIsFollowedAfterIt) {
  Talk talk;
  const core::LegId phone = talk.world.phone_leg(talk.client);
  talk.world.mood = Mood::silent;
  talk.world.command(talk.client, core::MuteConversation{});
  talk.world.report(core::LegHeldByPhone{phone});
  EXPECT_EQ(talk.world.ordered(), (Lines{"mute out1"}));
  talk.world.report(core::LegMuted{phone});
  EXPECT_EQ(talk.world.ordered(), (Lines{"hold in1 out1"}));
  talk.world.report(core::LegRetrievedByPhone{phone});
  talk.world.report(core::LegHeld{phone});
  EXPECT_EQ(talk.world.ordered(), (Lines{"retrieve in1 out1"}));
  talk.world.report(core::LegRetrieved{phone});
  EXPECT_EQ(talk.world.heard(talk.client),
            (Lines{"ok", "state(conversation) CONNECTED<-CONNECTED request muted",
                   "state(conversation) HELD<-CONNECTED phone muted",
                   "state(conversation) CONNECTED<-HELD phone muted"}));
}

// --- Given events, when a command -----------------------------------------------------------

TEST(HoldConversation, IsRefusedWhileAlerting) {
  const core::Directory directory = call_centre();
  const core::State state = given(
      directory,
      {core::SessionPrepared{core::SessionId{1}, alice, core::ConnectionId{1}, "s", "t"},
       core::SessionStarted{core::SessionId{1}},
       core::ChannelOpened{.channel = core::ChannelId{1},
                           .session = core::SessionId{1},
                           .endpoint = "1001",
                           .queues = {0}},
       core::CallQueued{.call = core::CallId{1}, .leg = core::LegId{core::inbound_leg_bit | 1}},
       core::OfferMade{.call = core::CallId{1},
                       .channel = core::ChannelId{1},
                       .interaction = core::InteractionId{1},
                       .conversation = core::ConversationId{1}}});
  const core::Target target{"s",
                            {{core::ObjectKind::channel, 1},
                             {core::ObjectKind::interaction, 1},
                             {core::ObjectKind::conversation, 1}}};
  const auto outcome = core::decide(state,
                                    core::ClientRequest{core::RequestId{1}, core::ConnectionId{1},
                                                        target, core::HoldConversation{}},
                                    Instant{3s});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Errc::invalid_state);
}

}  // namespace
}  // namespace cord::test
