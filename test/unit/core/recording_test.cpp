#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

using Verb = core::ControlRecording::Verb;

struct Recorded {
  World world;
  Client client;
  core::LegId caller;

  explicit Recorded(core::Directory directory = call_centre()) : world(std::move(directory)) {
    client = world.log_in_ready(alice);
    caller = world.arrive();
    world.command(client, core::AnswerConversation{});
    (void)world.heard(client);
    (void)world.ordered();
  }
  std::string control(Verb verb) {
    return world.outcome(world.command(client, core::ControlRecording{verb}));
  }
  // Into a state, and nothing of it left to be heard.
  void go(std::initializer_list<Verb> verbs) {
    for (const Verb verb : verbs) control(verb);
    (void)world.heard(client);
    (void)world.ordered();
  }
  core::RecordingState state() { return world.interaction_of(client)->recording_state; }
};

// Proves: interaction.recording.start, interaction.recording.pause, interaction.recording.resume
// Proves: interaction.recording.stop
TEST(Recording, StartPauseResumeStop) {
  Recorded it;
  for (const Verb verb : {Verb::start, Verb::pause, Verb::resume, Verb::stop}) it.control(verb);
  EXPECT_EQ(it.world.heard(it.client),
            (Lines{"ok", "state(interaction) STARTED<-STARTED RECORDING request", "ok",
                   "state(interaction) STARTED<-STARTED PAUSED request", "ok",
                   "state(interaction) STARTED<-STARTED RECORDING request", "ok",
                   "state(interaction) STARTED<-STARTED NONE request"}));
  EXPECT_EQ(it.world.ordered(), (Lines{"record 1 by alice", "pause 1 by alice", "resume 1 by alice",
                                       "stop 1 by alice"}));
}

TEST(Recording, SaysWhatItIsOf) {
  Recorded it;
  it.world.mood = Mood::silent;
  it.world.advance(2s);
  it.control(Verb::start);
  ASSERT_EQ(it.world.orders.size(), 1U);
  const auto& order = std::get<core::StartRecording>(it.world.orders.front());
  EXPECT_EQ(order.base_name, "i-1-1-1795359602000");
  const std::vector<std::pair<std::string, std::string>> facts{
      {"agent", "alice"},
      {"queue", "support"},
      {"ani", "555"},
      {"dnis", "100"},
      {"call_id", "call-1"},
      {"interaction", "i-1"},
      {"arrived", "2026-11-22T15:00:00.000Z"},
      {"answered", "2026-11-22T15:00:00.000Z"}};
  EXPECT_EQ(order.facts, facts);
}

// Proves: interaction.recording.start, interaction.recording.pause, interaction.recording.resume
// Proves: interaction.recording.stop, promise 4
TEST(Recording, EveryCommandInEveryState) {
  struct Row {
    std::vector<Verb> way;
    std::vector<std::string> start_stop_pause_resume;
  };
  const std::vector<Row> rows{
      {{}, {"ok 1", "ok 0", "invalid.state 0", "invalid.state 0"}},
      {{Verb::start}, {"ok 0", "ok 1", "ok 1", "ok 0"}},
      {{Verb::start, Verb::pause}, {"invalid.state 0", "ok 1", "ok 0", "ok 1"}},
  };
  for (const Row& row : rows) {
    for (std::size_t verb = 0; verb < 4; ++verb) {
      Recorded it;
      for (const Verb step : row.way) it.control(step);
      (void)it.world.ordered();
      const std::string outcome = it.control(static_cast<Verb>(verb));
      EXPECT_EQ(fmt::format("{} {}", outcome, it.world.ordered().size()),
                row.start_stop_pause_resume[verb])
          << "verb " << verb << " after " << row.way.size() << " steps";
    }
  }
}

TEST(Recording, NeedsACallThatIsTalkedOn) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  const auto outcome = [&](Verb verb) {
    return world.outcome(world.command(client, core::ControlRecording{verb}));
  };
  EXPECT_EQ(outcome(Verb::start), "invalid.state");
  EXPECT_EQ(outcome(Verb::stop), "ok");
  world.command(client, core::AnswerConversation{});
  world.command(client, core::ReleaseConversation{});
  EXPECT_EQ(outcome(Verb::start), "invalid.state");
  EXPECT_EQ(outcome(Verb::pause), "invalid.state");
  EXPECT_EQ(outcome(Verb::stop), "ok");
}

TEST(Recording, WhatThePlatformCannotIsUnsupported) {
  core::Directory directory = call_centre();
  directory.capabilities.recording_pause = false;
  Recorded it(directory);
  EXPECT_EQ(it.control(Verb::start), "ok");
  EXPECT_EQ(it.control(Verb::pause), "unsupported");
  EXPECT_EQ(it.control(Verb::resume), "unsupported");
  directory.capabilities.recording = false;
  directory.record_automatically = true;
  Recorded none(directory);
  EXPECT_EQ(none.control(Verb::start), "unsupported");
  EXPECT_EQ(none.control(Verb::stop), "unsupported");
}

TEST(Recording, StartsByItselfWhenConfigured) {
  core::Directory directory = call_centre();
  directory.record_automatically = true;
  World world(directory);
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  world.command(client, core::AnswerConversation{});
  const Lines heard = world.heard(client);
  ASSERT_EQ(heard.size(), 7U);
  EXPECT_EQ(heard.back(), "state(interaction) STARTED<-STARTED RECORDING request");
}

TEST(Recording, ThatCannotStartByItselfIsSaidToHaveFailed) {
  core::Directory directory = call_centre();
  directory.record_automatically = true;
  World world(directory);
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.mood = Mood::silent;
  world.command(client, core::AnswerConversation{});
  world.report(core::LegAnswered{world.phone_leg(client)});
  world.report(core::LegsBridged{world.customer_leg(client), world.phone_leg(client)});
  (void)world.heard(client);
  world.report(core::RecordingFailed{core::RecordingId{1}, "disk full"});
  EXPECT_EQ(world.heard(client), (Lines{"state(interaction) STARTED<-STARTED NONE failed"}));
}

TEST(Recording, ThatCannotStartIsTheAnswerAndNothingElse) {
  Recorded it;
  it.world.mood = Mood::failing;
  EXPECT_EQ(it.control(Verb::start), "cti.error");
  EXPECT_EQ(it.world.heard(it.client), (Lines{"cti.error"}));
  EXPECT_TRUE(it.world.state().recordings().empty());
}

TEST(Recording, ThatDoesNotStartInTimeIsStopped) {
  Recorded it;
  it.world.mood = Mood::silent;
  it.control(Verb::start);
  it.world.advance(11s);
  EXPECT_EQ(it.world.heard(it.client), (Lines{"cti.timeout"}));
  EXPECT_EQ(it.world.ordered(), (Lines{"record 1 by alice", "stop 1 by alice"}));
  it.world.report(core::RecordingStarted{core::RecordingId{1}, "f"});
  EXPECT_EQ(it.world.ordered(), (Lines{"stop 1 by "}));
  EXPECT_EQ(it.state(), core::RecordingState::none);
}

// Proves: interaction.recording.pause, cti.timeout
TEST(Recording, PauseFailsClosed) {
  const Lines expected_orders{"pause 1 by alice", "stop 1 by alice"};
  Recorded timing_out;
  timing_out.go({Verb::start});
  timing_out.world.mood = Mood::silent;
  timing_out.control(Verb::pause);
  timing_out.world.advance(11s);
  EXPECT_EQ(timing_out.world.heard(timing_out.client),
            (Lines{"cti.timeout", "state(interaction) STARTED<-STARTED NONE failed"}));
  EXPECT_EQ(timing_out.world.ordered(), expected_orders);
  Recorded failing;
  failing.go({Verb::start});
  failing.world.mood = Mood::failing;
  failing.control(Verb::pause);
  EXPECT_EQ(failing.world.heard(failing.client),
            (Lines{"cti.error", "state(interaction) STARTED<-STARTED NONE failed"}));
  EXPECT_EQ(failing.world.ordered(), expected_orders);
}

TEST(Recording, ResumeThatFailsEndsIt) {
  Recorded it;
  it.go({Verb::start, Verb::pause});
  it.world.mood = Mood::failing;
  it.control(Verb::resume);
  EXPECT_EQ(it.world.heard(it.client),
            (Lines{"cti.error", "state(interaction) STARTED<-STARTED NONE failed"}));
}

TEST(Recording, LateReportsAreTrueAllTheSame) {
  Recorded it;
  it.go({Verb::start, Verb::pause});
  it.world.mood = Mood::silent;
  it.control(Verb::resume);
  it.world.advance(11s);
  EXPECT_EQ(it.world.heard(it.client), (Lines{"cti.timeout"}));
  EXPECT_EQ(it.state(), core::RecordingState::paused);
  it.world.report(core::RecordingResumed{core::RecordingId{1}});
  EXPECT_EQ(it.state(), core::RecordingState::recording);
  it.control(Verb::stop);
  it.world.advance(11s);
  it.world.report(core::RecordingStopped{core::RecordingId{1}});
  EXPECT_EQ(it.state(), core::RecordingState::none);
}

TEST(Recording, StopThatMeetsAFailureHasItsWish) {
  Recorded it;
  it.go({Verb::start});
  it.world.mood = Mood::silent;
  it.control(Verb::stop);
  it.world.report(core::RecordingFailed{core::RecordingId{1}, "disk full"});
  EXPECT_EQ(it.world.heard(it.client),
            (Lines{"ok", "state(interaction) STARTED<-STARTED NONE failed"}));
}

TEST(Recording, ThatFailsByItselfIsSaid) {
  Recorded it;
  it.go({Verb::start});
  it.world.report(core::RecordingFailed{core::RecordingId{1}, "disk full"});
  EXPECT_EQ(it.world.heard(it.client), (Lines{"state(interaction) STARTED<-STARTED NONE failed"}));
  EXPECT_EQ(it.control(Verb::start), "ok");
}

TEST(Recording, EndsWithTheCall) {
  Recorded it;
  it.go({Verb::start});
  it.world.report(core::LegReleased{it.caller, core::Cause::remote, ""});
  const Lines heard = it.world.heard(it.client);
  ASSERT_GE(heard.size(), 4U);
  EXPECT_EQ(heard[3], "state(interaction) ENDED<-STARTED NONE remote");
  EXPECT_EQ(it.world.ordered(), (Lines{"stop 1 by alice", "release out1 remote"}));
  EXPECT_TRUE(it.world.state().recordings().empty());
}

}  // namespace
}  // namespace cord::test
