// An agent whose browser is the phone: docs/protocol.md, "Audio in the browser".
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

core::Directory with_browser() {
  core::Directory all = call_centre();
  all.agents[eve].phone_mode = core::PhoneMode::browser;
  all.agents[eve].phone = "sip:1005@browser.invalid";
  all.agents[eve].queues = {0};
  return all;
}

class Media : public ::testing::Test {
 protected:
  ~Media() override { EXPECT_EQ(world.replayed_dump(), world.state().dump()); }

  Client ready() {
    const Client client = world.log_in(eve);
    world.command(client, core::RequestMedia{"offer"});
    world.command(client, core::ActivateChannel{});
    world.command(client, core::ReadyChannel{});
    (void)world.heard(client);
    (void)world.ordered();
    return client;
  }
  Client talking() {
    const Client client = ready();
    world.arrive();
    world.command(client, core::AnswerConversation{});
    EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::connected);
    (void)world.heard(client);
    (void)world.ordered();
    return client;
  }
  core::LegId leg() { return world.phone_leg({.session = "session-1", .agent = eve}); }
  void lose() { world.report(core::LegMediaLost{leg()}); }

  World world{with_browser()};
};

// Proves: channel.media, channel.infochanged
TEST_F(Media, AnOfferIsAnsweredAndThenTheAudioComes) {
  const Client client = world.log_in(eve);
  world.command(client, core::RequestMedia{"offer"});
  EXPECT_EQ(world.ordered(), (Lines{"answer offer out1 sip:1005@browser.invalid offer"}));
  EXPECT_EQ(world.heard(client),
            (Lines{"answer to offer",
                   "channel.infochanged INACTIVE NOT_READY queues=support media=CONNECTING",
                   "state(channel) INACTIVE<-INACTIVE NOT_READY request",
                   "channel.infochanged INACTIVE NOT_READY queues=support media=CONNECTED",
                   "state(channel) INACTIVE<-INACTIVE NOT_READY phone"}));
}

TEST_F(Media, OneLegServesForAllCallsUntilTheSessionEnds) {
  const Client client = ready();
  for (int i = 0; i < 2; ++i) {
    const core::LegId customer = world.arrive();
    world.command(client, core::AnswerConversation{});
    EXPECT_EQ(world.ordered().back(), "bridge in" + std::to_string(i + 1) + " out1");
    world.report(core::LegReleased{customer, core::Cause::remote, ""});
    EXPECT_EQ(world.ordered(), (Lines{"park out1"}));
    world.command(client, core::CompleteInteraction{});
  }
  world.command(client, core::DeactivateChannel{});
  EXPECT_TRUE(world.ordered().empty());
  world.command(client, core::LogoutSession{});
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
}

TEST_F(Media, WithoutAudioThereIsNoActivation) {
  const Client client = world.log_in(eve);
  EXPECT_EQ(world.outcome(world.command(client, core::ActivateChannel{})), "endpoint.unreachable");
  EXPECT_TRUE(world.ordered().empty());
}

TEST_F(Media, ActivationWaitsForAudioThatIsOnItsWay) {
  const Client client = world.log_in(eve);
  world.mood = Mood::silent;
  world.command(client, core::RequestMedia{"offer"});
  const auto asked = std::get<core::AnswerOffer>(world.orders.back());
  world.report(core::OfferAnswered{asked.leg, asked.channel, asked.request, "answer"});
  const core::RequestId activation = world.command(client, core::ActivateChannel{});
  EXPECT_EQ(world.outcome(activation), "");
  world.report(core::LegMediaUp{asked.leg});
  EXPECT_EQ(world.outcome(activation), "ok");
  EXPECT_EQ(world.channel_of(client)->state, core::ChannelState::active);
}

TEST_F(Media, AudioThatNeverComesFailsTheActivationAndEndsTheLeg) {
  const Client client = world.log_in(eve);
  world.mood = Mood::silent;
  world.command(client, core::RequestMedia{"offer"});
  const auto asked = std::get<core::AnswerOffer>(world.orders.back());
  world.report(core::OfferAnswered{asked.leg, asked.channel, asked.request, "answer"});
  const core::RequestId activation = world.command(client, core::ActivateChannel{});
  (void)world.ordered();
  (void)world.heard(client);
  world.advance(world.directory().limits.browser_grace);
  EXPECT_EQ(world.outcome(activation), "endpoint.unreachable");
  EXPECT_EQ(world.ordered(), (Lines{"release out1 timeout"}));
  EXPECT_EQ(world.heard(client),
            (Lines{"endpoint.unreachable",
                   "channel.infochanged INACTIVE NOT_READY queues=support media=NONE",
                   "state(channel) INACTIVE<-INACTIVE NOT_READY phone"}));
}

TEST_F(Media, ABadOfferChangesNothing) {
  const Client client = world.log_in(eve);
  world.mood = Mood::failing;
  world.command(client, core::RequestMedia{"offer"});
  EXPECT_EQ(world.heard(client), (Lines{"invalid.request"}));
  EXPECT_TRUE(world.state().legs().empty());
  world.mood = Mood::prompt;
  world.command(client, core::RequestMedia{"offer"});
  (void)world.heard(client);
  world.mood = Mood::failing;
  world.command(client, core::RequestMedia{"offer"});
  EXPECT_EQ(world.heard(client), (Lines{"invalid.request"}));
  EXPECT_EQ(world.state().legs().size(), 1U);
}

TEST_F(Media, ANewOfferDuringACallIsForTheSameLegAndTheCallStays) {
  const Client client = talking();
  world.command(client, core::RequestMedia{"second"});
  EXPECT_EQ(world.ordered(), (Lines{"answer offer out1 sip:1005@browser.invalid second"}));
  EXPECT_EQ(world.heard(client), (Lines{"answer to second"}));
  EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::connected);
}

TEST_F(Media, TheCustomerIsKeptWhileTheAudioIsLostAndItComesBack) {
  const Client client = talking();
  lose();
  EXPECT_EQ(world.heard(client), (Lines{"channel.infochanged ACTIVE BUSY queues=support media=LOST",
                                        "state(channel) ACTIVE<-ACTIVE BUSY unreachable"}));
  world.advance(world.directory().limits.browser_grace - 1s);
  EXPECT_TRUE(world.ordered().empty());
  world.report(core::LegMediaUp{leg()});
  EXPECT_EQ(world.heard(client),
            (Lines{"channel.infochanged ACTIVE BUSY queues=support media=CONNECTED",
                   "state(channel) ACTIVE<-ACTIVE BUSY phone"}));
  world.advance(1min);
  EXPECT_EQ(world.conversation_of(client)->state, core::ConversationState::connected);
}

TEST_F(Media, AudioThatStaysLostIsAPhoneThatIsLost) {
  const Client client = talking();
  lose();
  (void)world.heard(client);
  world.advance(world.directory().limits.browser_grace);
  EXPECT_EQ(world.ordered(), (Lines{"release out1 timeout", "release in1 phone"}));
  const core::Channel& channel = *world.channel_of(client);
  EXPECT_EQ(channel.state, core::ChannelState::inactive);
  EXPECT_EQ(channel.reason, "phone.lost");
  EXPECT_EQ(world.heard(client).back(), "state(channel) INACTIVE<-ACTIVE NOT_READY phone");
}

TEST_F(Media, WhoseAudioIsLostIsOfferedNothingAndCannotGoReady) {
  const Client client = ready();
  lose();
  world.arrive();
  EXPECT_EQ(world.interaction_of(client), nullptr);
  world.command(client, core::NotReadyChannel{"lunch"});
  EXPECT_EQ(world.outcome(world.command(client, core::ReadyChannel{})), "endpoint.unreachable");
  world.report(core::LegMediaUp{leg()});
  EXPECT_EQ(world.outcome(world.command(client, core::ReadyChannel{})), "ok");
  EXPECT_NE(world.interaction_of(client), nullptr);
}

TEST_F(Media, OffersThatComeTooOftenAreRefused) {
  const Client client = world.log_in(eve);
  const std::size_t most = world.directory().limits.media_offers_max;
  for (std::size_t i = 0; i < most; ++i) {
    EXPECT_EQ(world.outcome(world.command(client, core::RequestMedia{"offer"})), "answer to offer");
  }
  EXPECT_EQ(world.outcome(world.command(client, core::RequestMedia{"offer"})), "rate.limited");
  world.advance(world.directory().limits.media_offers_window);
  EXPECT_EQ(world.outcome(world.command(client, core::RequestMedia{"offer"})), "answer to offer");
  EXPECT_EQ(world.channel_of(client)->media_offers.size(), 1U);
}

TEST_F(Media, OtherPhonesHaveNone) {
  const Client client = world.log_in(alice);
  EXPECT_EQ(world.outcome(world.command(client, core::RequestMedia{"offer"})), "unsupported");
}

TEST_F(Media, ALaterOfferTakesTheEarliersPlace) {
  const Client client = world.log_in(eve);
  world.mood = Mood::silent;
  const core::RequestId first = world.command(client, core::RequestMedia{"first"});
  const core::RequestId second = world.command(client, core::RequestMedia{"second"});
  EXPECT_EQ(world.outcome(first), "invalid.state");
  EXPECT_EQ(world.ordered(), (Lines{"answer offer out1 sip:1005@browser.invalid first",
                                    "answer offer out1 sip:1005@browser.invalid second"}));
  const core::ChannelId channel = world.channel_of(client)->id;
  world.report(core::OfferAnswered{{1}, channel, first, "to first"});
  EXPECT_EQ(world.outcome(second), "");
  world.report(core::OfferAnswered{{1}, channel, second, "to second"});
  EXPECT_EQ(world.outcome(second), "answer to second");
}

TEST_F(Media, AnOfferThatNobodyAnswersTimesOutAndItsLegIsReleased) {
  const Client client = world.log_in(eve);
  world.mood = Mood::silent;
  const core::RequestId asked = world.command(client, core::RequestMedia{"offer"});
  (void)world.ordered();
  world.advance(world.directory().limits.request_timeout);
  EXPECT_EQ(world.outcome(asked), "cti.timeout");
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
}

TEST_F(Media, AnAnswerToNobodyReleasesTheLeg) {
  const Client client = world.log_in(eve);
  world.mood = Mood::silent;
  world.command(client, core::RequestMedia{"offer"});
  const auto asked = std::get<core::AnswerOffer>(world.orders.back());
  world.prepare(eve, true);
  (void)world.ordered();
  world.report(core::OfferAnswered{asked.leg, asked.channel, asked.request, "answer"});
  EXPECT_EQ(world.ordered(), (Lines{"release out1 request"}));
  EXPECT_TRUE(world.state().legs().empty());
}

TEST_F(Media, AfterARestartTheChannelSaysThatThereIsNoAudio) {
  const Client client = talking();
  world.mood = Mood::silent;
  world.run(core::Restarted{world.now()});
  for (auto steps = core::steps_after_restart(world.state()); !steps.empty();
       steps = core::steps_after_restart(world.state())) {
    for (const core::Input& it : steps) world.run(it);
  }
  EXPECT_EQ(broken_after_restart(world.state(), world.now()), std::vector<std::string>{});
  const Client back = world.resume(client);
  (void)world.heard(back);
  EXPECT_EQ(world.channel_of(back)->state, core::ChannelState::inactive);
  EXPECT_EQ(world.channel_of(back)->reason, "phone.lost");
  EXPECT_EQ(world.outcome(world.command(back, core::ReadyChannel{})), "invalid.state");
  world.mood = Mood::prompt;
  EXPECT_EQ(world.outcome(world.command(back, core::RequestMedia{"offer"})), "answer to offer");
}

}  // namespace
}  // namespace cord::test
