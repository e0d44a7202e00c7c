// Numbers that agents dial: through a trunk, with the agent's phone in between.
#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::Cause;
using core::LegId;
using media::Source;

class SipDriverDials : public DriverWorld {
 protected:
  static core::DialLeg to_number(LegId leg = {2}, const std::string& trunk = "carrier") {
    return {.leg = leg,
            .trunk = trunk,
            .number = "9+4930",
            .caller = "1001",
            .caller_name = "Alice",
            .ring_max = 20s};
  }

  // The agent's phone is up (stream 1), and the number rings (stream 2).
  void dial() {
    order(to_phone());
    carrier->on_call = [](Peer& it, sip::CallHandle call, Instant at) { it.agent.ring(call, at); };
    order(to_number());
  }

  void answer() {
    carrier->agent.answer(carrier->call, carrier->media(), now);
    settle();
  }
};

TEST_F(SipDriverDials, CallsTheNumberAtTheTrunk) {
  dial();
  const auto dialled = last<core::LegDialed>();
  EXPECT_EQ(dialled.leg, LegId{2});
  const auto offered = carrier->all<sip::CallOffered>();
  ASSERT_EQ(offered.size(), 1U);
  EXPECT_EQ(offered[0].call_id, dialled.call_id);
  EXPECT_EQ(offered[0].target.user_text(), "9+4930");
  EXPECT_EQ(offered[0].from.uri.user_text(), "1001");
  EXPECT_EQ(offered[0].from.display, "Alice");
  EXPECT_EQ(last<core::LegRinging>().leg, LegId{2});
  // Told in this order: dialled, ringing, answered.
  answer();
  EXPECT_TRUE(std::holds_alternative<core::LegAnswered>(reports.back()));
  EXPECT_TRUE(std::holds_alternative<core::LegDialed>(reports.at(reports.size() - 3)));
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, NoPhoneIsAskedToPickUpThere) {
  dial();
  EXPECT_FALSE(messages.back().has(sip::header::call_info));
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, TheAgentHearsRingingThenTheFarEnd) {
  dial();
  order(core::PlayRinging{{1}});
  EXPECT_EQ(media->sources.at({1}).source, Source::ringback);
  answer();
  order(core::BridgeLegs{{2}, {1}});
  EXPECT_EQ(all<core::LegsBridged>().size(), 1U);
  EXPECT_EQ(media->sources.at({1}).peer, media::StreamId{2});
  EXPECT_EQ(media->sources.at({2}).peer, media::StreamId{1});
  order(core::HoldLeg{{2}, {1}});
  EXPECT_EQ(media->sources.at({2}).source, Source::music);
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, RingingEndsWithTheParkingOfThePhone) {
  dial();
  order(core::PlayRinging{{1}});
  order(core::ParkLeg{{1}});
  EXPECT_EQ(media->sources.at({1}).source, Source::silence);
  order(core::PlayRinging{{99}});  // Nobody's phone.
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, WhatTheFarEndsPhoneDoesIsNoHoldKey) {
  dial();
  answer();
  carrier->direction = sip::Direction::sendonly;
  carrier->agent.reinvite(carrier->call, carrier->media(), now);
  settle();
  EXPECT_TRUE(all<core::LegHeldByPhone>().empty());
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, TellsWhyNobodyAnswers) {
  order(to_phone());
  carrier->on_call = [](Peer& it, sip::CallHandle call, Instant at) {
    it.agent.hang_up(call, at, 486);
  };
  order(to_number());
  EXPECT_EQ(last<core::LegReleased>().leg, LegId{2});
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::busy);
  EXPECT_EQ(all<core::LegDialed>().size(), 1U);
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, GivesUpWhenItHasRungTooLong) {
  dial();
  pass(21s);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::timeout);
  EXPECT_EQ(carrier->all<sip::CallEnded>().size(), 1U);
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, NeedsATrunkWithAPeer) {
  SipConfig config;
  config.trunks = {{"carrier", {"127.0.0.1:5080"}}, {"closed", {}}};
  restart(config);
  order(to_number({2}, "closed"));
  order(to_number({3}, "unknown"));
  for (const LegId leg : {LegId{2}, LegId{3}}) EXPECT_EQ(released[leg], 1);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  EXPECT_TRUE(all<core::LegDialed>().empty());
  finish({{2}, {3}});
}

TEST_F(SipDriverDials, AreRefusedBeyondTheLastLeg) {
  SipConfig config;
  config.legs_max = 1;
  restart(config);
  order(to_phone());
  order(to_number());
  EXPECT_EQ(last<core::LegReleased>().leg, LegId{2});
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::failed);
  finish({{1}, {2}});
}

// Between colleagues each may hold the other: who is held hears music, whoever holds too.
TEST_F(SipDriverDials, HoldingEachOtherComposes) {
  order(to_phone({1}));
  order(to_phone({2}));
  order(core::BridgeLegs{{1}, {2}});
  const auto heard = [&](std::uint64_t stream) { return media->sources.at({stream}).source; };
  order(core::HoldLeg{{2}, {1}});
  order(core::HoldLeg{{1}, {2}});
  EXPECT_EQ(heard(1), Source::music);
  EXPECT_EQ(heard(2), Source::music);
  order(core::RetrieveLeg{{2}, {1}});
  EXPECT_EQ(last<core::LegRetrieved>().leg, LegId{1});
  EXPECT_EQ(heard(1), Source::music);
  EXPECT_EQ(heard(2), Source::silence);
  order(core::RetrieveLeg{{1}, {2}});
  EXPECT_EQ(heard(1), Source::peer);
  EXPECT_EQ(heard(2), Source::peer);
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, AFailedRetrieveLeavesTheOtherHoldAlone) {
  order(to_phone({1}));
  order(to_phone({2}));
  order(core::BridgeLegs{{1}, {2}});
  order(core::HoldLeg{{2}, {1}});
  order(core::HoldLeg{{1}, {2}});
  media->refuse_nth = media->submitted + 1;
  order(core::RetrieveLeg{{2}, {1}});
  EXPECT_EQ(last<core::LegOrderFailed>().leg, LegId{1});
  EXPECT_EQ(media->sources.at({1}).source, Source::music);
  EXPECT_EQ(media->sources.at({2}).source, Source::music);
  finish({{1}, {2}});
}

TEST_F(SipDriverDials, ClaimsEverything) {
  EXPECT_EQ(driver->capabilities().names().size(), core::Capabilities{}.names().size());
}

}  // namespace
}  // namespace cord::drivers::test
