// A phone with two calls, and two calls without a phone: who hears what.
#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::LegId;
using media::Source;

class SipDriverTwoCalls : public DriverWorld {
 protected:
  SipDriverTwoCalls() {
    // Streams are numbered as the legs come: the customer's is 1.
    customer_ = call_in();
    order(core::AcceptLeg{customer_, core::Waiting::music});
    order(to_phone(agent_));
    order(core::BridgeLegs{customer_, agent_});
    order(to_phone(colleague_));
  }

  // The agent has the customer waiting and speaks to the colleague.
  void consult() {
    order(core::HoldLeg{customer_, agent_});
    order(core::PlayRinging{agent_});
    order(core::BridgeLegs{agent_, colleague_});
  }

  // What a leg hears: "music", "silence", "ringing", or who.
  [[nodiscard]] std::string heard(LegId leg) const {
    const media::SetSource& source = media->sources.at(stream_of(leg));
    switch (source.source) {
      case Source::peer:
        return source.peer == stream_of(customer_) ? "customer"
               : source.peer == stream_of(agent_)  ? "agent"
                                                   : "colleague";
      case Source::music:
        return "music";
      case Source::ringback:
        return "ringing";
      default:
        return "silence";
    }
  }

  [[nodiscard]] media::StreamId stream_of(LegId leg) const {
    if (leg == customer_) return {1};
    return {leg == agent_ ? 2U : 3U};
  }

  void finish_all() { finish({customer_, agent_, colleague_}); }

  LegId customer_;
  const LegId agent_{1}, colleague_{2};
};

TEST_F(SipDriverTwoCalls, WhoConsultsHearsTheColleagueAndTheCustomerMusic) {
  order(core::HoldLeg{customer_, agent_});
  order(core::PlayRinging{agent_});
  EXPECT_EQ(heard(agent_), "ringing");
  EXPECT_EQ(heard(customer_), "music");
  order(core::BridgeLegs{agent_, colleague_});
  EXPECT_EQ(heard(agent_), "colleague");
  EXPECT_EQ(heard(colleague_), "agent");
  EXPECT_EQ(heard(customer_), "music");
  finish_all();
}

TEST_F(SipDriverTwoCalls, RingingStopsWhenNobodyAnswers) {
  order(core::HoldLeg{customer_, agent_});
  order(core::PlayRinging{agent_});
  order(core::StopRinging{agent_});
  EXPECT_EQ(heard(agent_), "silence");
  EXPECT_EQ(heard(customer_), "music");
  order(core::RetrieveLeg{customer_, agent_});
  EXPECT_EQ(heard(agent_), "customer");
  finish_all();
}

TEST_F(SipDriverTwoCalls, AlternatingTakesThePhoneAndBringsItBack) {
  consult();
  order(core::RetrieveLeg{customer_, agent_});
  EXPECT_EQ(last<core::LegRetrieved>().customer, customer_);
  EXPECT_EQ(heard(agent_), "customer");
  EXPECT_EQ(heard(customer_), "agent");
  EXPECT_EQ(heard(colleague_), "music");
  order(core::RetrieveLeg{colleague_, agent_});
  EXPECT_EQ(heard(agent_), "colleague");
  EXPECT_EQ(heard(colleague_), "agent");
  EXPECT_EQ(heard(customer_), "music");
  finish_all();
}

// The colleague's own hold is there when the agent comes back.
TEST_F(SipDriverTwoCalls, TheColleaguesHoldOutlivesTheAgentsAbsence) {
  consult();
  order(core::RetrieveLeg{customer_, agent_});
  order(core::HoldLeg{agent_, colleague_});
  EXPECT_EQ(last<core::LegHeld>().leg, colleague_);
  order(core::RetrieveLeg{colleague_, agent_});
  EXPECT_EQ(heard(agent_), "music");
  EXPECT_EQ(heard(colleague_), "silence");
  finish_all();
}

TEST_F(SipDriverTwoCalls, ATransferJoinsTheFarEnds) {
  consult();
  order(core::BridgeLegs{customer_, colleague_});
  EXPECT_EQ(heard(customer_), "colleague");
  EXPECT_EQ(heard(colleague_), "customer");
  EXPECT_EQ(heard(agent_), "music") << "nothing of either";
  order(core::ReleaseLeg{agent_, core::Cause::transfer});
  EXPECT_EQ(heard(customer_), "colleague");
  finish_all();
}

TEST_F(SipDriverTwoCalls, WhoIsLeftHearsMusicAndAPhoneNothing) {
  consult();
  order(core::ReleaseLeg{colleague_, core::Cause::request});
  EXPECT_EQ(heard(agent_), "silence");
  order(core::RetrieveLeg{customer_, agent_});
  EXPECT_EQ(heard(agent_), "customer");
  order(core::ParkLeg{agent_});
  EXPECT_EQ(heard(customer_), "music");
  EXPECT_EQ(heard(agent_), "silence");
  finish_all();
}

TEST_F(SipDriverTwoCalls, WhatThePlaneRefusesIsTakenBack) {
  consult();
  media->refuse_nth = media->submitted + 2;
  order(core::BridgeLegs{customer_, colleague_});
  EXPECT_EQ(last<core::LegOrderFailed>().leg, colleague_);
  EXPECT_EQ(heard(customer_), "music");
  EXPECT_EQ(heard(agent_), "colleague");
  EXPECT_EQ(heard(colleague_), "agent");
  order(core::RetrieveLeg{customer_, agent_});
  EXPECT_EQ(heard(agent_), "customer");
  finish_all();
}

// An order that fails late takes nothing back of what was ordered since.
TEST_F(SipDriverTwoCalls, ALateFailureLeavesLaterOrdersAlone) {
  consult();
  media->lose_nth = media->submitted + 1;
  order(core::BridgeLegs{customer_, colleague_});
  order(core::BridgeLegs{customer_, agent_});
  pass(10s);
  EXPECT_EQ(last<core::LegOrderFailed>().leg, colleague_);
  EXPECT_EQ(heard(agent_), "customer");
  EXPECT_EQ(heard(customer_), "agent");
  finish_all();
}

TEST_F(SipDriverTwoCalls, ARetrieveOfWhoIsNotThereFails) {
  order(core::RetrieveLeg{colleague_, agent_});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::retrieve);
  EXPECT_EQ(heard(agent_), "customer");
  finish_all();
}

TEST_F(SipDriverTwoCalls, ARecordingFollowsATransfer) {
  consult();
  order(core::StartRecording{{7}, agent_, colleague_, "a", {}, "carol"});
  order(core::BridgeLegs{customer_, colleague_});
  order(core::MoveRecording{{7}, customer_, colleague_});
  ASSERT_EQ(media->moved.size(), 1U);
  EXPECT_EQ(media->moved.front().left, media::StreamId{1});
  EXPECT_EQ(media->moved.front().right, media::StreamId{3});
  order(core::MoveRecording{{7}, LegId{99}, colleague_});
  EXPECT_EQ(last<core::RecordingFailed>().recording, core::RecordingId{7});
  finish_all();
}

}  // namespace
}  // namespace cord::drivers::test
