#include "drivers/sim/sim_platform.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace cord::drivers::sim {
namespace {

using namespace std::chrono_literals;
using core::LegId;
using core::Report;

constexpr Instant start = Instant(1'795'000'000s);

SimTraffic traffic(std::uint32_t calls_per_minute) {
  return {.numbers = {"100", "200"},
          .calls_per_minute = calls_per_minute,
          .patience = {.min = 60s, .max = 90s},
          .talk = {.min = 2s, .max = 3s}};
}

struct World {
  explicit World(const SimTraffic& given, SimOptions options = {}, std::uint64_t seed = 1)
      : driver(options, given, seed,
               {.sink = [this](Report it) { reports.push_back(std::move(it)); },
                .metrics = metrics,
                .now = now}) {}

  /// As the engine does: whenever something is due, and in the end.
  void pass(Duration time) {
    const Instant end = now + time;
    for (auto due = driver.next_due(); due && *due <= end; due = driver.next_due()) {
      now = std::max(now, *due);
      driver.on_timer(now);
    }
    now = end;
    driver.on_timer(now);
  }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Report& report : reports) {
      if (const auto* it = std::get_if<T>(&report)) found.push_back(*it);
    }
    return found;
  }

  LegId connected(LegId phone) {
    const LegId caller = all<core::CallArrived>().front().leg;
    driver.execute(core::OriginateLeg{phone, "sip:1001@h", "", "", true, 20s}, now);
    driver.execute(core::BridgeLegs{caller, phone}, now);
    return caller;
  }

  std::uint64_t count(std::string_view kind) {
    return metrics.counter("cord_sim_calls_total", "", kind).value();
  }

  Metrics metrics;
  std::vector<Report> reports;
  Instant now = start;
  SimPlatform driver;
};

TEST(SimPlatform, CallsComeAtTheirRateForAllNumbers) {
  World world(traffic(600));
  world.pass(60s);
  const auto calls = world.all<core::CallArrived>();
  EXPECT_NEAR(double(calls.size()), 600.0, 60.0);
  EXPECT_EQ(world.count("arrived"), calls.size());
  for (const char* number : {"100", "200"}) {
    const auto share = std::count_if(calls.begin(), calls.end(),
                                     [&](const auto& it) { return it.called == number; });
    EXPECT_NEAR(double(share), double(calls.size()) / 2, double(calls.size()) / 8) << number;
  }
}

TEST(SimPlatform, NobodyCallsAtRateZeroOrWithoutANumber) {
  World idle(traffic(0));
  World lost({.numbers = {}, .calls_per_minute = 600, .patience = {}, .talk = {}});
  EXPECT_FALSE(idle.driver.next_due());
  EXPECT_FALSE(lost.driver.next_due());
}

TEST(SimPlatform, ACallerWhoIsConnectedTalksAndHangsUp) {
  World world(traffic(60));
  world.pass(3s);
  const LegId caller = world.connected(LegId{7});
  world.pass(1900ms);
  EXPECT_TRUE(world.all<core::LegReleased>().empty());
  world.pass(1200ms);
  ASSERT_EQ(world.all<core::LegReleased>().size(), 1u);
  EXPECT_EQ(world.all<core::LegReleased>().front().leg, caller);
  EXPECT_EQ(world.all<core::LegReleased>().front().cause, core::Cause::remote);
}

TEST(SimPlatform, ACallerWhoWaitsTooLongHangsUp) {
  World world(traffic(60));
  world.pass(3s);
  const LegId caller = world.all<core::CallArrived>().front().leg;
  world.driver.execute(core::AcceptLeg{caller, core::Waiting::ringing}, world.now);
  world.pass(57s);
  EXPECT_TRUE(world.all<core::LegReleased>().empty());
  world.pass(33s);
  const auto gone = world.all<core::LegReleased>();
  EXPECT_TRUE(
      std::any_of(gone.begin(), gone.end(), [&](const auto& it) { return it.leg == caller; }));
}

// A caller who is put through to somebody else has no second time to talk.
TEST(SimPlatform, ConnectedAgainACallerTalksOnWithoutANewLimit) {
  World world(traffic(60));
  world.pass(3s);
  const LegId caller = world.connected(LegId{7});
  world.pass(1500ms);
  world.driver.execute(core::BridgeLegs{caller, LegId{7}}, world.now);
  world.pass(1600ms);
  ASSERT_EQ(world.all<core::LegReleased>().size(), 1u);
}

TEST(SimPlatform, ACallerWhoIsGoneDoesNotHangUp) {
  World world(traffic(60));
  world.pass(3s);
  const LegId caller = world.connected(LegId{7});
  world.driver.execute(core::ReleaseLeg{caller, core::Cause::request}, world.now);
  world.pass(4s);
  EXPECT_EQ(world.all<core::LegReleased>().size(), 1u);
}

TEST(SimPlatform, NobodyCallsWhileItDrains) {
  World world(traffic(600));
  world.pass(1s);
  const auto before = world.reports.size();
  world.driver.drain(world.now);
  world.pass(30s);
  EXPECT_EQ(world.reports.size(), before);
}

TEST(SimPlatform, ACallBeyondItsBoundIsRefusedAndCounted) {
  World world(traffic(600), {.legs_max = 3});
  world.pass(10s);
  EXPECT_EQ(world.all<core::CallArrived>().size(), 3u);
  EXPECT_GT(world.count("refused"), 50u);
}

TEST(SimPlatform, TheSameSeedBringsTheSameCallers) {
  World one(traffic(600)), two(traffic(600)), other(traffic(600), {}, 2);
  for (World* world : {&one, &two, &other}) world->pass(5s);
  const auto callers = [](const World& world) {
    std::vector<std::string> all;
    for (const auto& it : world.all<core::CallArrived>()) all.push_back(it.caller);
    return all;
  };
  EXPECT_EQ(callers(one), callers(two));
  EXPECT_NE(callers(one), callers(other));
}

}  // namespace
}  // namespace cord::drivers::sim
