// What callers hear who wait in a queue with announcements.
#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::LegId;
using core::Waiting;
using media::Source;

constexpr std::uint16_t waiting_sounds = 3, farewell = 4;

class SipDriverQueueSounds : public DriverWorld {
 protected:
  SipDriverQueueSounds() {
    SipConfig config;
    config.queue_sounds = {{.queue = "support",
                            .waiting = waiting_sounds,
                            .farewell = farewell,
                            .farewell_takes = 5s}};
    restart(config);
  }

  LegId call_to(const std::string& queue) {
    const LegId leg = call_in();
    order(core::AcceptLeg{leg, Waiting::music, queue});
    return leg;
  }

  [[nodiscard]] std::optional<std::uint16_t> program() const {
    const media::SetSource& source = media->sources.at({1});
    EXPECT_EQ(source.source, Source::music);
    return source.program;
  }
};

TEST_F(SipDriverQueueSounds, AreThoseOfTheQueue) {
  const LegId leg = call_to("support");
  EXPECT_EQ(program(), waiting_sounds);
  finish({leg});
}

TEST_F(SipDriverQueueSounds, AreMusicWhereThereAreNone) {
  const LegId leg = call_to("sales");
  EXPECT_EQ(program(), std::nullopt);
  finish({leg});
}

TEST_F(SipDriverQueueSounds, EndWithTheWaitAndBeginAgainWithTheNextOne) {
  const LegId leg = call_to("support");
  order(to_phone());
  order(core::BridgeLegs{leg, {1}});
  order(core::HoldLeg{leg, {1}});
  EXPECT_EQ(program(), std::nullopt) << "who is held hears music";
  order(core::ReleaseLeg{{1}, core::Cause::failed});
  order(core::AcceptLeg{leg, Waiting::music, "support"});
  EXPECT_EQ(program(), waiting_sounds);
  finish({leg});
}

TEST_F(SipDriverQueueSounds, TheFarewellIsHeardBeforeTheRelease) {
  const LegId leg = call_to("support");
  order(core::ReleaseLeg{leg, core::Cause::timeout, "support"});
  EXPECT_EQ(program(), farewell);
  pass(4900ms);
  EXPECT_EQ(released[leg], 0);
  pass(200ms);
  EXPECT_EQ(released[leg], 1);
  EXPECT_EQ(last<core::LegReleased>().cause, core::Cause::timeout);
  finish({});
}

TEST_F(SipDriverQueueSounds, WhoHangsUpDuringTheFarewellIsGone) {
  const LegId leg = call_to("support");
  order(core::ReleaseLeg{leg, core::Cause::timeout, "support"});
  carrier->agent.hang_up(carrier->call, now);
  settle();
  EXPECT_EQ(released[leg], 1);
  finish({});
  EXPECT_EQ(released[leg], 1);
}

TEST_F(SipDriverQueueSounds, ASecondReleaseDoesNotWaitForTheFarewell) {
  const LegId leg = call_to("support");
  order(core::ReleaseLeg{leg, core::Cause::timeout, "support"});
  order(core::ReleaseLeg{leg, core::Cause::shutdown});
  EXPECT_EQ(released[leg], 1);
  finish({});
}

TEST_F(SipDriverQueueSounds, WhoWasNotAnsweredHearsNoFarewell) {
  const LegId leg = call_in();
  order(core::AcceptLeg{leg, Waiting::ringing, "support"});
  order(core::ReleaseLeg{leg, core::Cause::timeout, "support"});
  EXPECT_EQ(released[leg], 1);
  finish({});
}

}  // namespace
}  // namespace cord::drivers::test
