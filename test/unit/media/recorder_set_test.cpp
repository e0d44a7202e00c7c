#include "media/recorder_set.hpp"

#include "plane_support.hpp"

namespace cord::media::test {
namespace {

using Action = ControlRecorder::Action;
constexpr RecorderId recorder{7};

// A bridged call that is being recorded from 0 s on.
struct Fixture : PlaneFixture {
  explicit Fixture(Plane::Config config = {}) : PlaneFixture(config) {
    open_both(at(0s));
    bridge(at(0s));
    plane.execute(StartRecorder{20, recorder, customer, agent, "call", {{"call", "1"}}, "alice"},
                  at(0s));
    plane.take({RecordingOutcome::Kind::started, 20, recorder, "/r/call.wav"});
  }
  void control(Action action, Duration t, Token order_token = 0, const char* by = "alice") {
    plane.execute(ControlRecorder{order_token, recorder, action, by}, at(t));
  }
  Wav stop(Duration t) {
    plane.advance(at(t));
    control(Action::stop, t, 99);
    return sink.wav();
  }
};

TEST(RecorderSet, RecordsBothSidesFromStartToStop) {
  Fixture it;
  it.talk(0s, 3s);
  const auto wav = it.stop(3s);
  EXPECT_EQ(wav.left.size(), 24'000u);
  EXPECT_TRUE(none_zero(wav.left));
  EXPECT_TRUE(none_zero(wav.right));
  EXPECT_TRUE(it.all<Done>().back().token != 99) << "not before the file is complete";
  it.plane.take({RecordingOutcome::Kind::finished, 99, recorder, {}});
  EXPECT_EQ(it.all<Done>().back().token, 99u);
  ASSERT_EQ(it.all<RecorderStarted>().size(), 1u);
  EXPECT_EQ(it.all<RecorderStarted>()[0].file, "/r/call.wav");
}

TEST(RecorderSet, HandsOverEverySecondAndNotEverythingAtOnce) {
  Fixture it;
  it.talk(0s, 5s);
  const auto blocks = it.sink.all<AppendRecording>();
  EXPECT_GE(blocks.size(), 4u);
  for (const auto* block : blocks) EXPECT_LE(block->frames, 8'400u);
}

TEST(RecorderSet, TellsTheWholeStory) {
  Fixture it;
  it.control(Action::pause, 1s, 30, "bob");
  it.control(Action::pause, 2s, 31, "carol");  // changes nothing
  it.control(Action::resume, 3s, 32, "dave");
  it.stop(4s);
  const auto& story = it.sink.all<FinishRecording>()[0]->story;
  EXPECT_EQ(story.facts, (decltype(story.facts){{"call", "1"}}));
  ASSERT_EQ(story.actions.size(), 4u);
  EXPECT_EQ(story.actions[1].action, "pause");
  EXPECT_EQ(story.actions[1].by, "bob");
  EXPECT_EQ(story.actions[2].at, at(3s));
  EXPECT_EQ(story.actions[3].action, "stop");
  for (const Token token : {30u, 31u, 32u}) {
    const auto done = it.all<Done>();
    EXPECT_TRUE(std::any_of(done.begin(), done.end(), [&](Done d) { return d.token == token; }));
  }
}

TEST(RecorderSet, PauseIsExactlyZeroOnBothSides) {
  Fixture it;
  it.talk(0s, 1s);
  it.control(Action::pause, 1s);
  it.talk(1s, 2s);
  it.control(Action::resume, 2s);
  it.talk(2s, 3s);
  const auto wav = it.stop(3s);
  for (const auto* side : {&wav.left, &wav.right}) {
    EXPECT_TRUE(none_zero(part(*side, 0, 8'000)));
    EXPECT_TRUE(all_zero(part(*side, 8'000, 16'000)));
    EXPECT_TRUE(none_zero(part(*side, 16'000, 24'000)));
  }
}

TEST(RecorderSet, MuteSilencesOneSideHoldBoth) {
  Fixture it;
  it.talk(0s, 1s);
  it.plane.execute(SetMuted{0, it.agent, true}, at(1s));
  it.talk(1s, 2s);
  it.plane.execute(SetMuted{0, it.agent, false}, at(2s));
  it.plane.execute(SetSource{0, it.customer, Source::music}, at(2s));  // hold: one way is enough
  it.talk(2s, 3s);
  it.bridge(at(3s));
  it.talk(3s, 4s);
  const auto wav = it.stop(4s);
  EXPECT_TRUE(none_zero(part(wav.left, 0, 16'000)));
  EXPECT_TRUE(none_zero(part(wav.right, 0, 8'000)));
  EXPECT_TRUE(all_zero(part(wav.right, 8'000, 24'000)));
  EXPECT_TRUE(all_zero(part(wav.left, 16'000, 24'000)));
  EXPECT_TRUE(none_zero(part(wav.left, 24'000, 32'000)));
  EXPECT_TRUE(none_zero(part(wav.right, 24'000, 32'000)));
}

TEST(RecorderSet, AConsultationIsNotOfThisRecording) {
  Fixture it;
  const StreamId expert{3};
  it.plane.execute(OpenStream{0, expert}, at(0s));
  it.plane.execute(SetSource{0, it.customer, Source::music}, at(0s));
  it.plane.execute(SetSource{0, it.agent, Source::peer, expert}, at(0s));
  it.plane.execute(SetSource{0, expert, Source::peer, it.agent}, at(0s));
  it.talk(0s, 1s);
  const auto wav = it.stop(1s);
  EXPECT_TRUE(all_zero(wav.left));
  EXPECT_TRUE(all_zero(wav.right));
}

// After a transfer: the agent's place is taken by an expert, in the same file.
TEST(RecorderSet, GoesOnWithOthersInTheSameFile) {
  Fixture it;
  const StreamId expert{3};
  constexpr Slot expert_slot = 2;
  it.talk(0s, 1s);
  it.plane.execute(OpenStream{0, expert}, at(1s));
  it.plane.execute(
      ConfigureStream{.token = 0, .stream = expert, .remote = it.agent_phone, .codec = Codec::pcmu},
      at(1s));
  it.plane.execute(SetSource{0, it.customer, Source::peer, expert}, at(1s));
  it.plane.execute(SetSource{0, expert, Source::peer, it.customer}, at(1s));
  it.plane.execute(MoveRecorder{55, recorder, it.customer, expert}, at(1s));
  EXPECT_EQ(it.all<Done>().back().token, 55U);
  // The agent still talks, and is not heard any more.
  for (Duration t = 1s + 20ms; t <= 2s; t += 20ms) {
    it.plane.advance(at(t));
    const auto number = static_cast<std::uint32_t>(t / 20ms);
    it.receive(0, 5'000 + number, at(t));
    it.receive(1, 5'000 + number, at(t));
    it.receive(expert_slot, 9'000 + number, at(t), 0x90);
  }
  const auto wav = it.stop(2s);
  EXPECT_TRUE(none_zero(part(wav.left, 8'400, 16'000)));
  EXPECT_TRUE(none_zero(part(wav.right, 8'400, 16'000)));
  EXPECT_NE(wav.right.at(12'000), wav.right.at(4'000)) << "another voice";
  EXPECT_EQ(wav.left.at(12'000), wav.left.at(4'000));
}

TEST(RecorderSet, GoesOnInSilenceWithWhoIsNotThere) {
  Fixture it;
  it.talk(0s, 1s);
  it.plane.execute(MoveRecorder{0, recorder, it.customer, StreamId{99}}, at(1s));
  it.plane.execute(MoveRecorder{56, RecorderId{99}, it.customer, it.agent}, at(1s));
  EXPECT_EQ(it.all<Done>().back().token, 56U);
  it.talk(1s, 2s);
  const auto wav = it.stop(2s);
  EXPECT_EQ(wav.left.size(), 16'000U);
  EXPECT_TRUE(all_zero(part(wav.left, 8'000, 16'000)));
  EXPECT_TRUE(all_zero(part(wav.right, 8'000, 16'000)));
}

TEST(RecorderSet, GoesOnWithSilenceWhenAStreamCloses) {
  Fixture it;
  it.talk(0s, 1s);
  it.plane.execute(CloseStream{0, it.agent}, at(1s));
  it.talk(1s, 2s);
  const auto wav = it.stop(2s);
  EXPECT_EQ(wav.left.size(), 16'000u);
  EXPECT_TRUE(all_zero(part(wav.right, 8'000, 16'000)));
}

TEST(RecorderSet, TwoRecordersOfOneCallDoNotDisturbEachOther) {
  Fixture it;
  it.plane.execute(StartRecorder{21, RecorderId{8}, it.customer, it.agent, "two", {}, "x"}, at(0s));
  it.talk(0s, 1s);
  it.control(Action::stop, 1s);
  it.talk(1s, 2s);
  it.plane.execute(ControlRecorder{0, RecorderId{8}, Action::stop, "x"}, at(2s));
  std::size_t frames = 0;
  for (const auto* block : it.sink.all<AppendRecording>()) {
    if (block->recorder == RecorderId{8}) frames += block->frames;
  }
  EXPECT_EQ(frames, 16'000u);
}

TEST(RecorderSet, HasABoundThatCountsFilesBeingCompleted) {
  Fixture it({.recorders = {.recorders_max = 1}});
  const auto start = [&](Token order_token) {
    it.plane.execute(
        StartRecorder{order_token, RecorderId{order_token}, it.customer, it.agent, "n", {}, "x"},
        at(0s));
    return it.all<RecorderFailed>().size();
  };
  EXPECT_EQ(start(30), 1u);
  EXPECT_NE(it.all<RecorderFailed>()[0].reason.find("recorders_max"), std::string::npos);
  it.control(Action::stop, 1s, 31);
  EXPECT_EQ(start(32), 2u) << "the writer is not done with it";
  it.plane.take({RecordingOutcome::Kind::finished, 31, recorder, {}});
  EXPECT_EQ(start(33), 2u);
  EXPECT_EQ(it.metric("cord_media_recorders"), 1);
}

TEST(RecorderSet, AFailedStartIsAnsweredAndForgotten) {
  Fixture it;
  it.plane.take({RecordingOutcome::Kind::failed, 20, recorder, "disk"});
  ASSERT_EQ(it.all<RecorderFailed>().size(), 1u);
  EXPECT_EQ(it.all<RecorderFailed>()[0].token, 20u);
  it.talk(0s, 2s);
  EXPECT_TRUE(it.sink.all<AppendRecording>().empty());
  EXPECT_EQ(it.metric("cord_media_recorders"), 0);
}

TEST(RecorderSet, ASlowDiskEndsTheRecordingWithOneReport) {
  Fixture it;
  it.sink.is_full = true;
  it.talk(0s, 3s);
  ASSERT_EQ(it.all<RecorderFailed>().size(), 1u);
  EXPECT_EQ(it.all<RecorderFailed>()[0].token, 0u);
  EXPECT_EQ(it.sink.all<AbandonRecording>().size(), 1u);
  it.plane.take({RecordingOutcome::Kind::abandoned, 0, recorder, {}});
  EXPECT_EQ(it.metric("cord_media_recorders"), 0);
  it.stop(3s);
  EXPECT_EQ(it.all<Done>().back().token, 99u) << "a stop after that is still answered";
}

TEST(RecorderSet, ASlowDiskAtTheEndIsToldToTheOneWhoStops) {
  Fixture it;
  it.sink.is_full = true;
  it.talk(0s, 300ms);
  it.control(Action::stop, 300ms, 99);
  const auto failed = it.all<RecorderFailed>();
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[0].token, 0u);
  EXPECT_EQ(failed[1].token, 99u);
}

TEST(RecorderSet, ADiskThatFailsBeforeTheStopIsDoneIsToldTwice) {
  Fixture it;
  it.stop(1s);
  it.plane.take({RecordingOutcome::Kind::failed, 0, recorder, "disk"});
  it.plane.take({RecordingOutcome::Kind::unfinished, 99, recorder, "had failed"});
  const auto failed = it.all<RecorderFailed>();
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[1].token, 99u);
  EXPECT_EQ(it.metric("cord_media_recorders"), 0);
}

TEST(RecorderSet, EndsAtTheLongestDuration) {
  Fixture it({.recorders = {.duration_max = 3s}});
  it.talk(0s, 5s);
  ASSERT_EQ(it.all<RecorderFailed>().size(), 1u);
  EXPECT_EQ(it.sink.all<FinishRecording>().size(), 1u);
}

TEST(RecorderSet, ResumesOnlySoOften) {
  Fixture it({.recorders = {.actions_max = 4}});
  it.control(Action::pause, 1s);
  it.control(Action::resume, 2s);
  it.control(Action::pause, 3s);
  it.control(Action::resume, 4s, 40);
  ASSERT_EQ(it.all<RecorderFailed>().size(), 1u);
  EXPECT_EQ(it.metric("cord_media_recorder_failures_total"), 1);
  it.talk(4s, 6s);
  EXPECT_TRUE(all_zero(part(it.stop(6s).left, 3 * 8'000, 6 * 8'000))) << "it stays paused";
}

}  // namespace
}  // namespace cord::media::test
