// More than two: conferences, supervisors, keys, and what is recorded of them. Who hears whom.
#include <algorithm>

#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::LegId;
using core::MonitorMode;
using media::Source;

class SipDriverConferences : public DriverWorld {
 protected:
  SipDriverConferences() { begin(); }

  // The customer talks to the agent; three more phones are up.
  void begin() {
    // Streams are numbered as the legs come: the customer's is 1.
    customer_ = call_in();
    order(core::AcceptLeg{customer_, core::Waiting::music});
    order(to_phone(agent_));
    order(core::BridgeLegs{customer_, agent_});
    for (const LegId leg : {colleague_, expert_, supervisor_}) order(to_phone(leg));
  }

  // As after a consult: all three talk.
  void confer() {
    consult();
    order(core::MixLegs{agent_, {customer_, colleague_}});
  }
  void consult() {
    order(core::HoldLeg{customer_, agent_});
    order(core::BridgeLegs{agent_, colleague_});
  }

  [[nodiscard]] std::string name_of(media::StreamId stream) const {
    constexpr std::array names{"customer", "agent", "colleague", "expert", "supervisor"};
    return names.at(stream.value - 1);
  }
  [[nodiscard]] media::StreamId stream_of(LegId leg) const {
    return leg == customer_ ? media::StreamId{1} : media::StreamId{leg.value + 1};
  }

  // What a leg hears: "music", "silence", "ringing", or who, in the order of their streams.
  [[nodiscard]] std::string heard(LegId leg) const {
    const media::SetSource& source = media->sources.at(stream_of(leg));
    std::vector<media::StreamId> voices = source.mixed;
    switch (source.source) {
      case Source::peer:
        return name_of(source.peer);
      case Source::music:
        return "music";
      case Source::ringback:
        return "ringing";
      case Source::mix:
        break;
      default:
        return "silence";
    }
    std::sort(voices.begin(), voices.end(), [](auto a, auto b) { return a.value < b.value; });
    std::string all;
    for (const media::StreamId it : voices) all += (all.empty() ? "" : " ") + name_of(it);
    return all;
  }

  template <class Report>
  [[nodiscard]] std::size_t count() const {
    return all<Report>().size();
  }

  void finish_all() { finish({customer_, agent_, colleague_, expert_, supervisor_}); }

  LegId customer_;
  const LegId agent_{1}, colleague_{2}, expert_{3}, supervisor_{4};
};

TEST_F(SipDriverConferences, EachHearsTheOthers) {
  confer();
  EXPECT_EQ(last<core::LegsMixed>().leg, agent_);
  EXPECT_EQ(heard(customer_), "agent colleague");
  EXPECT_EQ(heard(agent_), "customer colleague");
  EXPECT_EQ(heard(colleague_), "customer agent");
  finish_all();
}

TEST_F(SipDriverConferences, SomebodyComesAndGoes) {
  confer();
  order(core::MixLegs{expert_, {customer_, agent_, colleague_}});
  EXPECT_EQ(heard(customer_), "agent colleague expert");
  EXPECT_EQ(heard(expert_), "customer agent colleague");
  order(core::ReleaseLeg{customer_, core::Cause::request});
  EXPECT_EQ(heard(expert_), "agent colleague");
  order(core::ParkLeg{colleague_});
  EXPECT_EQ(heard(colleague_), "silence");
  EXPECT_EQ(heard(agent_), "expert") << "two are a relay again";
  EXPECT_EQ(heard(expert_), "agent");
  order(core::ReleaseLeg{expert_, core::Cause::request});
  EXPECT_EQ(heard(agent_), "silence");
  finish_all();
}

TEST_F(SipDriverConferences, WhoHoldsHearsNothingAndTheOthersGoOn) {
  confer();
  order(core::HoldLeg{{}, agent_});
  EXPECT_EQ(last<core::LegHeld>().leg, agent_);
  EXPECT_EQ(last<core::LegHeld>().customer, LegId{});
  EXPECT_EQ(heard(agent_), "silence");
  EXPECT_EQ(heard(customer_), "colleague");
  EXPECT_EQ(heard(colleague_), "customer");
  order(core::HoldLeg{{}, colleague_});
  EXPECT_EQ(heard(customer_), "music");
  order(core::RetrieveLeg{{}, agent_});
  EXPECT_EQ(heard(agent_), "customer");
  order(core::RetrieveLeg{{}, colleague_});
  EXPECT_EQ(last<core::LegRetrieved>().leg, colleague_);
  EXPECT_EQ(heard(agent_), "customer colleague");
  finish_all();
}

// What a colleague holds stays held when somebody joins.
TEST_F(SipDriverConferences, AHoldOutlivesANewcomer) {
  confer();
  order(core::HoldLeg{{}, colleague_});
  order(core::MixLegs{expert_, {customer_, agent_, colleague_}});
  EXPECT_EQ(heard(colleague_), "silence");
  EXPECT_EQ(heard(expert_), "customer agent");
  finish_all();
}

TEST_F(SipDriverConferences, WhoConsultsFromItIsAwayAndComesBack) {
  confer();
  order(core::HoldLeg{{}, agent_});
  order(core::BridgeLegs{agent_, expert_});
  EXPECT_EQ(heard(agent_), "expert");
  EXPECT_EQ(heard(customer_), "colleague");
  order(core::RetrieveLeg{{}, agent_});
  EXPECT_EQ(heard(agent_), "customer colleague");
  EXPECT_EQ(heard(customer_), "agent colleague");
  EXPECT_EQ(heard(expert_), "music");
  order(core::RetrieveLeg{expert_, agent_});
  EXPECT_EQ(heard(agent_), "expert");
  order(core::MixLegs{agent_, {customer_, colleague_, expert_}});
  EXPECT_EQ(heard(expert_), "customer agent colleague");
  finish_all();
}

// The agent has somebody called to join, and talks to the colleague when that one comes.
TEST_F(SipDriverConferences, WhoIsAwayWhenItBeginsIsInIt) {
  consult();
  order(core::MixLegs{expert_, {customer_}});
  EXPECT_EQ(heard(customer_), "expert");
  EXPECT_EQ(heard(expert_), "customer");
  EXPECT_EQ(heard(agent_), "colleague");
  order(core::RetrieveLeg{{}, agent_});
  EXPECT_EQ(heard(agent_), "customer expert");
  EXPECT_EQ(heard(colleague_), "music");
  finish_all();
}

TEST_F(SipDriverConferences, OneWhoIsLeftAloneIsInNone) {
  confer();
  order(core::ReleaseLeg{customer_, core::Cause::request});
  order(core::ReleaseLeg{colleague_, core::Cause::request});
  order(core::RetrieveLeg{{}, agent_});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::retrieve);
  finish_all();
}

TEST_F(SipDriverConferences, WhatCannotBeIsRefused) {
  order(core::MixLegs{agent_, {customer_, LegId{99}}});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::mix);
  order(core::HoldLeg{{}, agent_});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::hold);
  order(core::MonitorLeg{LegId{99}, supervisor_, MonitorMode::monitor});
  EXPECT_EQ(last<core::LegOrderFailed>().leg, supervisor_);
  order(core::MonitorLeg{agent_, agent_, MonitorMode::monitor});
  EXPECT_EQ(last<core::LegOrderFailed>().leg, agent_);
  order(core::SendDigits{{}, colleague_, "1"});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::tones);
  EXPECT_EQ(heard(agent_), "customer");
  EXPECT_EQ(count<core::LegOrderFailed>(), 5U);
  finish_all();
}

TEST_F(SipDriverConferences, MoreThanMayJoinAreRefused) {
  finish_all();
  SipConfig config;
  config.conference_legs_max = 3;
  restart(config);
  begin();
  confer();
  order(core::MixLegs{expert_, {customer_, agent_, colleague_}});
  EXPECT_EQ(last<core::LegOrderFailed>().leg, expert_);
  EXPECT_EQ(heard(agent_), "customer colleague");
  EXPECT_EQ(heard(expert_), "silence");
  finish_all();
}

TEST_F(SipDriverConferences, AFailedMixLeavesEverybodyWhereTheyWere) {
  consult();
  const std::size_t before = media->submitted;
  for (const std::size_t nth : {1U, 2U, 3U}) {
    media->refuse_nth = media->submitted + nth;
    order(core::MixLegs{agent_, {customer_, colleague_}});
    EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::mix);
    EXPECT_EQ(heard(agent_), "colleague");
    EXPECT_EQ(heard(colleague_), "agent");
    EXPECT_EQ(heard(customer_), "music");
    order(core::RetrieveLeg{{}, agent_});
    EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::retrieve);
  }
  EXPECT_GT(media->submitted, before);
  order(core::RetrieveLeg{customer_, agent_});
  EXPECT_EQ(heard(agent_), "customer");
  finish_all();
}

TEST_F(SipDriverConferences, ANewcomerWhoseMixFailsLeavesTheConferenceAsItWas) {
  confer();
  media->lose_nth = media->submitted + 2;
  order(core::MixLegs{expert_, {customer_, agent_, colleague_}});
  pass(10s);
  EXPECT_EQ(last<core::LegOrderFailed>().leg, expert_);
  EXPECT_EQ(heard(customer_), "agent colleague");
  EXPECT_EQ(heard(agent_), "customer colleague");
  EXPECT_EQ(heard(expert_), "silence");
  order(core::HoldLeg{{}, agent_});
  order(core::RetrieveLeg{{}, agent_});
  EXPECT_EQ(heard(colleague_), "customer agent");
  finish_all();
}

// --- Two of them, and leaving one ---------------------------------------------------------------

class SipDriverTwoConferences : public SipDriverConferences {
 protected:
  // The agent talks to expert and supervisor, and has a place with customer and colleague.
  SipDriverTwoConferences() {
    consult();
    order(core::MixLegs{agent_, {customer_, colleague_}, first_});
    order(core::HoldLeg{{}, agent_, first_});
    order(core::BridgeLegs{agent_, expert_});
    order(core::MixLegs{supervisor_, {agent_, expert_}, second_});
  }
  const core::CallId first_{7}, second_{8};
};

TEST_F(SipDriverTwoConferences, ThePhoneGoesToTheOneThatIsNamed) {
  EXPECT_EQ(heard(agent_), "expert supervisor");
  EXPECT_EQ(heard(customer_), "colleague");
  order(core::RetrieveLeg{{}, agent_, first_});
  EXPECT_EQ(last<core::LegRetrieved>().mix, first_);
  EXPECT_EQ(heard(agent_), "customer colleague");
  EXPECT_EQ(heard(expert_), "supervisor");
  order(core::RetrieveLeg{{}, agent_, first_});
  EXPECT_EQ(heard(agent_), "customer colleague") << "it is there already";
  order(core::RetrieveLeg{{}, agent_, second_});
  EXPECT_EQ(last<core::LegRetrieved>().mix, second_);
  EXPECT_EQ(heard(agent_), "expert supervisor");
  EXPECT_EQ(count<core::LegOrderFailed>(), 0U);
  finish_all();
}

TEST_F(SipDriverTwoConferences, AHoldIsOfTheOneThePhoneIsIn) {
  order(core::HoldLeg{{}, agent_, first_});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::hold);
  EXPECT_EQ(heard(agent_), "expert supervisor");
  order(core::HoldLeg{{}, agent_, second_});
  EXPECT_EQ(last<core::LegHeld>().mix, second_);
  EXPECT_EQ(heard(expert_), "supervisor");
  finish_all();
}

TEST_F(SipDriverTwoConferences, APlaceThatIsGivenUpIsGone) {
  order(core::LeaveMix{agent_, first_});
  EXPECT_EQ(heard(agent_), "expert supervisor") << "the other one goes on";
  order(core::RetrieveLeg{{}, agent_, first_});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::retrieve);
  EXPECT_EQ(heard(customer_), "colleague");
  order(core::LeaveMix{agent_, first_});
  finish_all();
}

TEST_F(SipDriverTwoConferences, WhoLeavesTheOneItIsInHearsNothing) {
  order(core::LeaveMix{agent_, second_});
  EXPECT_EQ(heard(agent_), "silence");
  EXPECT_EQ(heard(expert_), "supervisor");
  EXPECT_EQ(heard(supervisor_), "expert");
  order(core::RetrieveLeg{{}, agent_, first_});
  EXPECT_EQ(heard(agent_), "customer colleague");
  order(core::LeaveMix{customer_, first_});
  order(core::LeaveMix{colleague_, first_});
  EXPECT_EQ(heard(agent_), "silence") << "nobody is left";
  finish_all();
}

// Somebody joins one: who has a place in it and is away keeps that.
TEST_F(SipDriverTwoConferences, ANewcomerJoinsTheOneThatIsNamed) {
  order(core::ReleaseLeg{supervisor_, core::Cause::request});
  order(core::LeaveMix{expert_, second_});
  order(core::MixLegs{expert_, {customer_, colleague_}, first_});
  EXPECT_EQ(heard(expert_), "customer colleague");
  order(core::RetrieveLeg{{}, agent_, first_});
  EXPECT_EQ(heard(agent_), "customer colleague expert");
  finish({customer_, agent_, colleague_, expert_});
}

TEST_F(SipDriverTwoConferences, ARecordingIsOfOneOfThem) {
  order(core::StartRecording{{7}, {}, agent_, "a", {}, "alice", first_});
  ASSERT_EQ(media->all<media::StartRecorder>().size(), 1U);
  ASSERT_EQ(media->all<media::StartRecorder>()[0].conference.size(), 2U);
  EXPECT_EQ(media->all<media::StartRecorder>()[0].conference[0].stream, stream_of(customer_));
  order(core::ReleaseLeg{expert_, core::Cause::remote});
  EXPECT_EQ(media->moved.size(), 0U);
  order(core::ReleaseLeg{customer_, core::Cause::remote});
  EXPECT_EQ(media->moved.size(), 1U);
  finish_all();
}

// --- Supervisors --------------------------------------------------------------------------------

TEST_F(SipDriverConferences, ASupervisorIsHeardAsTheModeSays) {
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::monitor});
  EXPECT_EQ(last<core::LegMonitored>().leg, supervisor_);
  EXPECT_EQ(last<core::LegMonitored>().agent, agent_);
  EXPECT_EQ(heard(supervisor_), "customer agent");
  EXPECT_EQ(heard(customer_), "agent");
  EXPECT_EQ(heard(agent_), "customer");
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::whisper});
  EXPECT_EQ(last<core::LegMonitored>().mode, MonitorMode::whisper);
  EXPECT_EQ(heard(supervisor_), "customer agent");
  EXPECT_EQ(heard(customer_), "agent");
  EXPECT_EQ(heard(agent_), "customer supervisor");
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::barge});
  EXPECT_EQ(heard(supervisor_), "customer agent");
  EXPECT_EQ(heard(customer_), "agent supervisor");
  EXPECT_EQ(heard(agent_), "customer supervisor");
  order(core::ParkLeg{supervisor_});
  EXPECT_EQ(heard(supervisor_), "silence");
  EXPECT_EQ(heard(customer_), "agent");
  EXPECT_EQ(heard(agent_), "customer");
  finish_all();
}

TEST_F(SipDriverConferences, ASupervisorFollowsTheAgentsPhone) {
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::barge});
  consult();
  EXPECT_EQ(heard(supervisor_), "agent colleague");
  EXPECT_EQ(heard(colleague_), "agent supervisor");
  EXPECT_EQ(heard(customer_), "music");
  order(core::MixLegs{agent_, {customer_, colleague_}});
  EXPECT_EQ(heard(supervisor_), "customer agent colleague");
  EXPECT_EQ(heard(customer_), "agent colleague supervisor");
  order(core::HoldLeg{{}, agent_});
  EXPECT_EQ(heard(supervisor_), "agent");
  EXPECT_EQ(heard(customer_), "colleague");
  EXPECT_EQ(heard(agent_), "supervisor");
  order(core::ParkLeg{agent_});
  EXPECT_EQ(heard(supervisor_), "silence");
  EXPECT_EQ(heard(agent_), "silence");
  EXPECT_EQ(heard(customer_), "colleague");
  finish_all();
}

TEST_F(SipDriverConferences, SeveralSupervisorsOfOneAgent) {
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::monitor});
  order(core::MonitorLeg{agent_, expert_, MonitorMode::whisper});
  EXPECT_EQ(heard(supervisor_), "customer agent expert");
  EXPECT_EQ(heard(expert_), "customer agent");
  EXPECT_EQ(heard(agent_), "customer expert");
  order(core::ReleaseLeg{expert_, core::Cause::request});
  EXPECT_EQ(heard(agent_), "customer");
  EXPECT_EQ(heard(supervisor_), "customer agent");
  finish_all();
}

TEST_F(SipDriverConferences, ASupervisorWhoIsNotHeardByThePlaneStaysAsBefore) {
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::monitor});
  media->refuse_nth = media->submitted + 1;
  order(core::MonitorLeg{agent_, supervisor_, MonitorMode::barge});
  EXPECT_EQ(last<core::LegOrderFailed>().leg, supervisor_);
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::monitor);
  EXPECT_EQ(heard(supervisor_), "customer agent");
  EXPECT_EQ(heard(agent_), "customer");
  EXPECT_EQ(heard(customer_), "agent");
  finish_all();
}

// --- Keys ---------------------------------------------------------------------------------------

TEST_F(SipDriverConferences, KeysGoToTheCustomer) {
  order(core::SendDigits{customer_, agent_, "12#"});
  const auto sent = media->all<media::SendTones>();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent.front().stream, stream_of(customer_));
  EXPECT_EQ(sent.front().digits, "12#");
  EXPECT_EQ(last<core::TonesSent>().leg, agent_);
  finish_all();
}

TEST_F(SipDriverConferences, KeysGoToAllOthersOfAConference) {
  confer();
  order(core::SendDigits{{}, agent_, "1"});
  EXPECT_EQ(media->all<media::SendTones>().size(), 2U);
  EXPECT_EQ(count<core::TonesSent>(), 1U);
  finish_all();
}

// A key takes 160 ms, a comma 500 ms; the plane has its usual time beside that.
TEST_F(SipDriverConferences, KeysMayTakeTheirTime) {
  media->sends_keys = false;
  order(core::SendDigits{customer_, agent_, ",,,,,,,,,,1"});
  pass(7s);
  EXPECT_EQ(count<core::LegOrderFailed>(), 0U);
  pass(1s);
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::tones);
  finish_all();
}

TEST_F(SipDriverConferences, KeysThatCannotBeSentFail) {
  media->fail_nth = media->submitted + 1;
  order(core::SendDigits{customer_, agent_, "1"});
  EXPECT_EQ(last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::tones);
  EXPECT_EQ(last<core::LegOrderFailed>().detail, "no audio");
  order(core::HoldLeg{customer_, agent_});
  order(core::SendDigits{customer_, agent_, "1"});
  EXPECT_EQ(count<core::LegOrderFailed>(), 2U) << "nobody would hear them";
  finish_all();
}

// --- Recordings ---------------------------------------------------------------------------------

TEST_F(SipDriverConferences, ARecordingTakesAllOthers) {
  order(core::StartRecording{{7}, customer_, agent_, "a", {}, "alice"});
  confer();
  order(core::MoveRecording{{7}, {}, agent_});
  ASSERT_EQ(media->moved.size(), 1U);
  EXPECT_EQ(media->moved[0].right, stream_of(agent_));
  ASSERT_EQ(media->moved[0].conference.size(), 2U);
  EXPECT_EQ(media->moved[0].conference[0].stream, stream_of(customer_));
  EXPECT_EQ(media->moved[0].conference[0].name, "+15551234");
  EXPECT_EQ(media->moved[0].conference[1].name, "1001");
  order(core::ReleaseLeg{customer_, core::Cause::remote});
  ASSERT_EQ(media->moved.size(), 2U) << "who has left is not in it any more";
  EXPECT_EQ(media->moved[1].conference.size(), 1U);
  order(core::StopRecording{{7}, "alice"});
  order(core::ReleaseLeg{colleague_, core::Cause::remote});
  EXPECT_EQ(media->moved.size(), 2U);
  finish_all();
}

TEST_F(SipDriverConferences, ARecordingMayBeginInAConference) {
  confer();
  order(core::StartRecording{{7}, {}, colleague_, "a", {}, "bob"});
  const auto started = media->all<media::StartRecorder>();
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started.front().right, stream_of(colleague_));
  ASSERT_EQ(started.front().conference.size(), 2U);
  EXPECT_EQ(count<core::RecordingStarted>(), 1U);
  finish_all();
}

}  // namespace
}  // namespace cord::drivers::test
