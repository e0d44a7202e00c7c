#include "drivers/sim/sim_driver.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace cord::drivers::sim {
namespace {

using namespace std::chrono_literals;
using core::Cause;
using core::LegId;
using core::Report;

constexpr Instant start = Instant(1'795'000'000s);
constexpr LegId phone{7};

struct World {
  explicit World(SimOptions options = {}, std::uint64_t seed = 1)
      : driver(options, seed, [this](Report it) { reports.push_back(std::move(it)); }) {}

  LegId call_arrives() {
    const auto leg = driver.call_arrives("18005550100", "5551234", now);
    EXPECT_TRUE(leg.has_value());
    return leg.value_or(LegId{});
  }
  LegId answered_phone(LegId leg = phone) {
    driver.execute(core::OriginateLeg{leg, "sip:1001@h", "", "", true, 20s}, now);
    return leg;
  }
  void pass(Duration time) {
    now += time;
    driver.on_timer(now);
  }
  template <class T>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(reports.begin(), reports.end(),
                      [](const Report& it) { return std::holds_alternative<T>(it); }));
  }
  template <class T>
  T last() const {
    EXPECT_FALSE(reports.empty());
    const T* it = std::get_if<T>(&reports.back());
    EXPECT_NE(it, nullptr);
    return it == nullptr ? T{} : *it;
  }

  std::vector<Report> reports;
  Instant now = start;
  SimDriver driver;
};

TEST(SimDriver, NumbersInboundLegsApartFromTheCores) {
  World world;
  const LegId leg = world.call_arrives();
  EXPECT_NE(leg.value & core::inbound_leg_bit, 0u);
  const auto arrived = world.last<core::CallArrived>();
  EXPECT_EQ(arrived.leg, leg);
  EXPECT_EQ(arrived.called, "18005550100");
  EXPECT_EQ(arrived.caller, "5551234");
}

TEST(SimDriver, WithoutLatencyReportsWithinTheOrder) {
  World world;
  const LegId customer = world.call_arrives();
  world.driver.execute(core::AcceptLeg{customer, core::Waiting::ringing}, world.now);
  world.answered_phone();
  world.last<core::LegAnswered>();
  world.driver.execute(core::BridgeLegs{customer, phone}, world.now);
  world.last<core::LegsBridged>();
  world.driver.execute(core::HoldLeg{customer, phone}, world.now);
  world.last<core::LegHeld>();
  world.driver.execute(core::MuteLeg{phone}, world.now);
  world.last<core::LegMuted>();
  EXPECT_TRUE(world.driver.leg(phone)->holds);
  EXPECT_TRUE(world.driver.leg(phone)->muted);
  EXPECT_EQ(world.driver.leg(customer)->peer, phone);
}

TEST(SimDriver, WithLatencyReportsWhenItIsDue) {
  World world({.order_latency = {50ms, 80ms}, .ring = {100ms, 100ms}, .pickup = {1s, 1s}});
  world.answered_phone();
  EXPECT_TRUE(world.reports.empty());
  EXPECT_LE(*world.driver.next_due(), start + 100ms);
  world.pass(100ms);
  world.last<core::LegRinging>();
  world.pass(1s);
  world.last<core::LegAnswered>();
  world.driver.execute(core::ReleaseLeg{phone, Cause::request}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->phase, LegPhase::releasing);
  world.pass(80ms);
  EXPECT_EQ(world.last<core::LegReleased>().leg, phone);
  EXPECT_FALSE(world.driver.leg(phone));
}

TEST(SimDriver, APhoneRingsUntilItsTimeIsUp) {
  World world;
  world.driver.execute(core::OriginateLeg{phone, "sip:1001@h", "", "", false, 20s}, world.now);
  world.last<core::LegRinging>();
  world.pass(20s);
  EXPECT_EQ(world.last<core::LegReleased>().cause, Cause::timeout);
  EXPECT_FALSE(world.driver.phone_answers(phone));
}

TEST(SimDriver, APhoneDoesWhatItIsTold) {
  World world;
  const core::OriginateLeg ring{phone, "sip:1001@h", "", "", false, 20s};
  world.driver.execute(ring, world.now);
  EXPECT_TRUE(world.driver.phone_refuses(phone, Cause::busy));
  EXPECT_EQ(world.last<core::LegReleased>().detail, "486 Busy Here");
  world.driver.execute(ring, world.now);
  EXPECT_TRUE(world.driver.phone_answers(phone));
  world.last<core::LegAnswered>();
  EXPECT_FALSE(world.driver.phone_refuses(phone, Cause::busy));
  EXPECT_TRUE(world.driver.phone_holds(phone));
  world.last<core::LegHeldByPhone>();
  EXPECT_TRUE(world.driver.phone_retrieves(phone));
  world.last<core::LegRetrievedByPhone>();
  world.pass(1min);  // The ring time of both attempts is over; this one was answered.
  EXPECT_EQ(world.driver.leg(phone)->phase, LegPhase::up);
}

TEST(SimDriver, ALegIsReleasedOnce) {
  World world({.order_latency = {10ms, 10ms}});
  const LegId customer = world.call_arrives();
  world.driver.execute(core::ReleaseLeg{customer, Cause::request}, world.now);
  world.driver.execute(core::ReleaseLeg{customer, Cause::request}, world.now);
  EXPECT_FALSE(world.driver.hangs_up(customer, Cause::remote));
  world.pass(1s);
  EXPECT_EQ(world.count<core::LegReleased>(), 1u);
}

TEST(SimDriver, ReleasingAnUnknownLegStillReports) {
  World world;
  world.driver.execute(core::ReleaseLeg{LegId{99}, Cause::request}, world.now);
  EXPECT_EQ(world.last<core::LegReleased>().leg, LegId{99});
}

TEST(SimDriver, AnOrderOnALegThatIsNotBridgedFails) {
  World world;
  const LegId customer = world.call_arrives();
  world.answered_phone();
  world.driver.execute(core::HoldLeg{customer, phone}, world.now);
  EXPECT_EQ(world.last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::hold);
  EXPECT_EQ(world.last<core::LegOrderFailed>().leg, phone);
  world.driver.execute(core::SendDigits{customer, phone, "1"}, world.now);
  EXPECT_EQ(world.last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::tones);
}

TEST(SimDriver, ASupervisorHearsAnAgentUntilOneOfThemIsLeft) {
  constexpr LegId supervisor{9};
  World world;
  world.answered_phone();
  world.answered_phone(supervisor);
  const auto heard_by = [&] { return world.driver.leg(supervisor)->monitored; };
  const core::MonitorLeg order{phone, supervisor, core::MonitorMode::whisper};
  world.driver.execute(order, world.now);
  EXPECT_EQ(world.last<core::LegMonitored>().leg, supervisor);
  EXPECT_EQ(world.last<core::LegMonitored>().agent, phone);
  EXPECT_EQ(world.driver.leg(supervisor)->monitor_mode, core::MonitorMode::whisper);
  EXPECT_EQ(heard_by(), phone);
  world.driver.execute(core::ParkLeg{supervisor}, world.now);
  EXPECT_EQ(heard_by(), LegId{});
  world.driver.execute(order, world.now);
  world.driver.execute(core::ParkLeg{phone}, world.now);
  EXPECT_EQ(heard_by(), LegId{});
  world.driver.execute(order, world.now);
  EXPECT_TRUE(world.driver.hangs_up(phone, Cause::remote));
  EXPECT_EQ(heard_by(), LegId{});
  world.driver.execute(order, world.now);
  EXPECT_EQ(world.last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::monitor);
  EXPECT_EQ(world.last<core::LegOrderFailed>().leg, supervisor);
}

TEST(SimDriver, SeveralTalkUntilEachIsElsewhere) {
  constexpr LegId second{9};
  World world;
  const LegId customer = world.call_arrives();
  world.answered_phone();
  world.answered_phone(second);
  world.driver.execute(core::BridgeLegs{customer, phone}, world.now);
  world.driver.execute(core::MixLegs{phone, {customer, second}}, world.now);
  EXPECT_EQ(world.last<core::LegsMixed>().leg, phone);
  for (const LegId leg : {customer, phone, second}) EXPECT_EQ(world.driver.leg(leg)->peer, leg);
  world.driver.execute(core::HoldLeg{{}, second}, world.now);
  EXPECT_EQ(world.last<core::LegHeld>().leg, second);
  EXPECT_TRUE(world.driver.leg(second)->holds);
  world.driver.execute(core::RetrieveLeg{{}, second}, world.now);
  EXPECT_FALSE(world.driver.leg(second)->holds);
  world.driver.execute(core::ParkLeg{phone}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->peer, LegId{});
  EXPECT_EQ(world.driver.leg(customer)->peer, customer);
  world.driver.execute(core::ReleaseLeg{second, Cause::request}, world.now);
  world.driver.execute(core::MixLegs{phone, {customer, second}}, world.now);
  EXPECT_EQ(world.last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::mix);
}

TEST(SimDriver, APhoneIsInOneMixAndLeavesIt) {
  constexpr LegId second{9};
  constexpr core::CallId one{5}, two{6};
  World world;
  const LegId customer = world.call_arrives();
  world.answered_phone();
  world.answered_phone(second);
  world.driver.execute(core::BridgeLegs{customer, phone}, world.now);
  world.driver.execute(core::MixLegs{phone, {customer, second}, one}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->mix, one);
  world.driver.execute(core::RetrieveLeg{{}, phone, two}, world.now);
  EXPECT_EQ(world.last<core::LegRetrieved>().mix, two);
  world.driver.execute(core::HoldLeg{{}, phone, one}, world.now);
  EXPECT_EQ(world.last<core::LegOrderFailed>().order, core::LegOrderFailed::Order::hold);
  world.driver.execute(core::LeaveMix{phone, one}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->mix, two) << "it is in the other one";
  world.driver.execute(core::LeaveMix{phone, two}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->peer, LegId{});
}

TEST(SimDriver, APhoneAsksForATransfer) {
  World world;
  world.answered_phone();
  EXPECT_FALSE(world.driver.phone_transfers({77}, "1003"));
  EXPECT_TRUE(world.driver.phone_transfers(phone, "1003"));
  const auto asked = world.last<core::LegTransferRequested>();
  EXPECT_EQ(asked.to, "1003");
  EXPECT_TRUE(core::is_of_phone(asked.request));
  world.driver.execute(core::AcceptTransfer{asked.request}, world.now);
  EXPECT_EQ(world.driver.open_transfers(), 1U);
  world.driver.execute(core::EndTransfer{asked.request, core::TransferEnd::busy}, world.now);
  EXPECT_EQ(world.driver.open_transfers(), 0U);
  EXPECT_EQ(world.driver.last_transfer(), core::TransferEnd::busy);
}

constexpr LegId number{8};

core::DialLeg to_number() {
  return {number, "carrier", "9555", "1001", "Alice", 20s};
}

TEST(SimDriver, DialsANumberThatAnswersIfItIsMadeTo) {
  World world;
  world.driver.execute(to_number(), world.now);
  EXPECT_EQ(world.count<core::LegDialed>(), 1u);
  EXPECT_EQ(world.last<core::LegRinging>().leg, number);
  EXPECT_TRUE(world.driver.phone_answers(number));
  EXPECT_EQ(world.last<core::LegAnswered>().leg, number);
  world.answered_phone();
  world.driver.execute(core::BridgeLegs{number, phone}, world.now);
  world.driver.execute(core::SendDigits{number, phone, "12#"}, world.now);
  EXPECT_EQ(world.last<core::TonesSent>().leg, phone);
}

TEST(SimDriver, DialsANumberThatAnswersByItself) {
  World world({.order_latency = {10ms, 10ms}, .phones_pick_up = true});
  world.driver.execute(to_number(), world.now);
  EXPECT_TRUE(world.reports.empty());
  world.pass(1s);
  EXPECT_EQ(world.last<core::LegAnswered>().leg, number);
}

TEST(SimDriver, ADialledNumberRingsNoLongerThanItMay) {
  World world;
  world.driver.execute(to_number(), world.now);
  world.pass(21s);
  EXPECT_EQ(world.last<core::LegReleased>().cause, Cause::timeout);
}

TEST(SimDriver, RefusesADialledNumberWithOrWithoutPlacingTheCall) {
  World world({.refused_permille = 700}, 3);
  for (int i = 0; i < 50; ++i) {
    core::DialLeg order = to_number();
    order.leg = LegId{100u + static_cast<std::uint64_t>(i)};
    world.driver.execute(order, world.now);
  }
  const std::size_t placed = world.count<core::LegDialed>();
  EXPECT_GT(placed, 0u);
  EXPECT_LT(placed, 50u);
  EXPECT_GT(world.count<core::LegReleased>(), 50u - placed);
}

TEST(SimDriver, DialsNoNumberBeyondItsLegs) {
  World world({.legs_max = 1});
  world.call_arrives();
  world.driver.execute(to_number(), world.now);
  EXPECT_EQ(world.last<core::LegReleased>().leg, number);
  EXPECT_EQ(world.count<core::LegDialed>(), 0u);
}

// Each of two agents may hold the other.
TEST(SimDriver, HoldsBelongToWhoHolds) {
  World world;
  world.answered_phone();
  world.answered_phone(number);
  world.driver.execute(core::BridgeLegs{phone, number}, world.now);
  world.driver.execute(core::HoldLeg{phone, number}, world.now);
  world.driver.execute(core::HoldLeg{number, phone}, world.now);
  EXPECT_EQ(world.last<core::LegHeld>().leg, phone);
  world.driver.execute(core::RetrieveLeg{number, phone}, world.now);
  EXPECT_TRUE(world.driver.leg(number)->holds);
  EXPECT_FALSE(world.driver.leg(phone)->holds);
}

// A phone has one of two calls; who waits for it gets it back.
TEST(SimDriver, APhoneGoesFromOneCallToTheOther) {
  World world;
  const LegId customer = world.call_arrives();
  world.answered_phone();
  world.answered_phone(number);
  world.driver.execute(core::BridgeLegs{customer, phone}, world.now);
  world.driver.execute(core::HoldLeg{customer, phone}, world.now);
  world.driver.execute(core::PlayRinging{phone}, world.now);
  world.driver.execute(core::BridgeLegs{number, phone}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->peer, number);
  EXPECT_EQ(world.driver.leg(customer)->peer, phone);
  world.driver.execute(core::RetrieveLeg{customer, phone}, world.now);
  EXPECT_EQ(world.last<core::LegRetrieved>().customer, customer);
  EXPECT_EQ(world.driver.leg(phone)->peer, customer);
  EXPECT_EQ(world.driver.leg(number)->peer, phone);
  world.driver.execute(core::BridgeLegs{customer, number}, world.now);
  world.driver.execute(core::ParkLeg{phone}, world.now);
  EXPECT_EQ(world.driver.leg(phone)->peer, LegId{});
  EXPECT_EQ(world.driver.leg(customer)->peer, number);
  EXPECT_EQ(world.driver.leg(number)->peer, customer);
}

// Of several orders about who a phone is connected with the last one counts, whenever they are
// reported.
TEST(SimDriver, TheLastOrderCounts) {
  World world({.order_latency = {0ms, 500ms}}, 7);
  const LegId customer = world.call_arrives();
  world.answered_phone();
  world.answered_phone(number);
  world.pass(1s);
  for (int i = 0; i < 20; ++i) {
    world.driver.execute(core::BridgeLegs{customer, phone}, world.now);
    world.driver.execute(core::BridgeLegs{number, phone}, world.now);
    world.driver.execute(core::RetrieveLeg{customer, phone}, world.now);
    world.pass(1s);
    EXPECT_EQ(world.driver.leg(phone)->peer, customer);
  }
}

TEST(SimDriver, AReportThatIsNoLongerTrueIsNotMade) {
  World world({.order_latency = {10ms, 10ms}});
  const LegId customer = world.call_arrives();
  world.answered_phone();
  world.driver.execute(core::BridgeLegs{customer, phone}, world.now);
  EXPECT_TRUE(world.driver.hangs_up(customer, Cause::remote));
  world.pass(1s);
  EXPECT_EQ(world.count<core::LegsBridged>(), 0u);
}

TEST(SimDriver, RefusesEverythingWhenToldTo) {
  World world({.refused_permille = 1'000});
  world.answered_phone();
  EXPECT_EQ(world.last<core::LegReleased>().leg, phone);
  const LegId customer = world.call_arrives();
  world.driver.execute(core::StartRecording{{5}, customer, phone, "a", {}, "alice"}, world.now);
  world.last<core::RecordingFailed>();
  EXPECT_EQ(world.driver.recording_count(), 0u);
}

TEST(SimDriver, ARecorderRunsUntilStoppedOrFailed) {
  World world;
  const LegId customer = world.call_arrives();
  const core::RecordingId recording{5};
  world.driver.execute(core::StartRecording{recording, customer, phone, "a", {}, "alice"},
                       world.now);
  EXPECT_EQ(world.last<core::RecordingStarted>().file, "a.wav");
  EXPECT_TRUE(world.driver.recorders().at(0).takes_audio);
  world.driver.execute(core::PauseRecording{recording, "alice"}, world.now);
  world.last<core::RecordingPaused>();
  EXPECT_FALSE(world.driver.recorders().at(0).takes_audio);
  world.driver.execute(core::ResumeRecording{recording, "alice"}, world.now);
  world.last<core::RecordingResumed>();
  EXPECT_TRUE(world.driver.recorders().at(0).takes_audio);
  EXPECT_TRUE(world.driver.recorder_fails(recording));
  world.last<core::RecordingFailed>();
  EXPECT_FALSE(world.driver.recorder_fails(recording));
}

TEST(SimDriver, ACallerLosesPatience) {
  World world({.caller_patience = Span{1s, 3s}});
  world.call_arrives();
  world.pass(3s + 1ms);
  EXPECT_EQ(world.last<core::LegReleased>().cause, Cause::remote);
}

TEST(SimDriver, IsBoundedInLegsAndRecorders) {
  World world({.legs_max = 2, .recordings_max = 1});
  world.call_arrives();
  world.call_arrives();
  const auto third = world.driver.call_arrives("1", "2", world.now);
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().code, Errc::full);
  world.answered_phone();
  EXPECT_EQ(world.last<core::LegReleased>().cause, Cause::failed);
  world.driver.execute(core::StartRecording{{1}, {}, {}, "a", {}, ""}, world.now);
  world.driver.execute(core::StartRecording{{2}, {}, {}, "b", {}, ""}, world.now);
  world.last<core::RecordingFailed>();
}

TEST(SimDriver, TakesNoCallsWhileDraining) {
  World world;
  world.driver.drain(world.now);
  const auto refused = world.driver.call_arrives("1", "2", world.now);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::not_accepting);
}

TEST(SimDriver, TheSameSeedIsTheSameWorld) {
  const auto run = [](std::uint64_t seed) {
    World world({.order_latency = {1ms, 90ms},
                 .ring = {1ms, 500ms},
                 .pickup = {1ms, 2s},
                 .refused_permille = 200,
                 .silent_permille = 100},
                seed);
    std::vector<std::size_t> kinds;
    for (std::uint64_t n = 1; n <= 50; ++n) {
      const LegId customer = world.call_arrives();
      world.answered_phone({n});
      world.pass(700ms);
      world.driver.execute(core::BridgeLegs{customer, {n}}, world.now);
      world.pass(300ms);
    }
    for (const Report& it : world.reports) kinds.push_back(it.index());
    return kinds;
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3), run(4));
}

}  // namespace
}  // namespace cord::drivers::sim
