// The Nth order to the media plane fails, is lost, or is not taken, for every N of a whole call:
// every leg still ends, once, and nothing stays behind.
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::Cause;
using core::Waiting;

enum class Kind { fails, is_lost, is_refused };

class MediaFailures : public DriverWorld,
                      public ::testing::WithParamInterface<std::tuple<Kind, Waiting>> {
 protected:
  // A whole call as the core would drive it, whatever comes of each step.
  void whole_call(core::LegId customer) {
    order(core::AcceptLeg{customer, std::get<Waiting>(GetParam())});
    order(to_phone());
    order(core::BridgeLegs{customer, {1}});
    pass(3s);
    order(core::StartRecording{{7}, customer, {1}, "i-1", {}, "alice"});
    order(core::HoldLeg{customer, {1}});
    order(core::MuteLeg{{1}});
    pass(3s);
    order(core::PauseRecording{{7}, "alice"});
    order(core::RetrieveLeg{customer, {1}});
    order(core::UnmuteLeg{{1}});
    order(core::SendDigits{customer, {1}, "1"});
    pass(3s);
    order(to_phone({2}));
    order(core::MixLegs{{2}, {customer, {1}}});
    order(core::MonitorLeg{{1}, {2}, core::MonitorMode::barge});
    order(core::HoldLeg{{}, {1}});
    pass(3s);
    order(core::StopRecording{{7}, "alice"});
    pass(3s);
    order(core::ReleaseLeg{customer, Cause::request});
    order(core::ParkLeg{{1}});
  }

  void break_nth(std::size_t nth) {
    switch (std::get<Kind>(GetParam())) {
      case Kind::fails:
        media->fail_nth = nth;
        break;
      case Kind::is_lost:
        media->lose_nth = nth;
        break;
      case Kind::is_refused:
        media->refuse_nth = nth;
        break;
    }
  }

  [[nodiscard]] std::size_t answers() const {
    return all<core::LegsBridged>().size() + all<core::LegHeld>().size() +
           all<core::LegRetrieved>().size() + all<core::LegMuted>().size() +
           all<core::LegUnmuted>().size() + all<core::TonesSent>().size() +
           all<core::LegsMixed>().size() + all<core::LegMonitored>().size() +
           all<core::LegOrderFailed>().size();
  }
  [[nodiscard]] std::size_t recording_answers() const {
    return all<core::RecordingStarted>().size() + all<core::RecordingPaused>().size() +
           all<core::RecordingStopped>().size() + all<core::RecordingFailed>().size();
  }
};

TEST_P(MediaFailures, LeaveNothingBehind) {
  std::size_t orders = 0;
  for (std::size_t nth = 0; nth <= orders; ++nth) {
    SCOPED_TRACE(nth);
    restart(SipConfig{});
    break_nth(nth);
    const core::LegId customer = call_in();
    whole_call(customer);
    finish({customer, {1}, {2}});
    EXPECT_EQ(answers(), 9U);
    EXPECT_EQ(recording_answers(), 3U);
    if (nth == 0) {
      EXPECT_EQ(all<core::LegOrderFailed>().size(), 0U);
      orders = media->submitted;
    }
  }
  EXPECT_GT(orders, 15U);
}

INSTANTIATE_TEST_SUITE_P(
    All, MediaFailures,
    ::testing::Combine(::testing::Values(Kind::fails, Kind::is_lost, Kind::is_refused),
                       ::testing::Values(Waiting::ringing, Waiting::tone, Waiting::music)));

}  // namespace
}  // namespace cord::drivers::test
