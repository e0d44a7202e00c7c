// A recording of more than two: the agent right, all others left.
#include "parties.hpp"

namespace cord::media::test {
namespace {

constexpr RecorderId recorder{7};

// Party 1 is the agent, 0 the customer, 2 and 3 are others.
class ConferenceRecordings : public Mixes {
 protected:
  static std::vector<RecordedParty> others(const std::vector<std::size_t>& list) {
    std::vector<RecordedParty> all;
    for (const std::size_t it : list) all.push_back({stream(it), "p" + std::to_string(it)});
    return all;
  }

  void mix_four() {
    mix(0, {1, 2, 3});
    mix(1, {0, 2, 3});
    mix(2, {0, 1, 3});
    mix(3, {0, 1, 2});
  }
  void start(const std::vector<std::size_t>& list) {
    plane_.execute(
        StartRecorder{
            1, recorder, {}, stream(1), "conference", {{"call", "1"}}, "alice", others(list)},
        now_);
    started_ = now_;
  }
  void move(const std::vector<std::size_t>& list) {
    plane_.execute(MoveRecorder{0, recorder, {}, stream(1), others(list)}, now_);
  }
  void control(ControlRecorder::Action action) {
    plane_.execute(ControlRecorder{0, recorder, action, "alice"}, now_);
  }
  Wav stop() {
    plane_.advance(now_);
    control(ControlRecorder::Action::stop);
    return sink_.wav();
  }

  // The part from `begin` to `end` has exactly these voices.
  void expect_voices(const std::vector<std::int16_t>& side, Duration begin, Duration end,
                     const std::set<std::size_t>& voices) {
    const auto at_sample = [](Duration it) { return static_cast<std::size_t>(to_samples(it)); };
    const auto sound = part(side, at_sample(begin), at_sample(end));
    ASSERT_EQ(sound.size(), at_sample(end - begin));
    double energy = 0;
    for (const double it : sound) energy += it * it;
    const double voice_energy = 0.5 * 6'000 * 6'000 * static_cast<double>(sound.size());
    for (std::size_t i = 0; i < parties; ++i) {
      const double share = tone_share(sound, tones_hz[i]) * energy / voice_energy;
      EXPECT_NEAR(share, voices.contains(i) ? 1 : 0, 0.05) << "voice " << i;
    }
  }

  Instant started_{};
};

TEST_F(ConferenceRecordings, HaveTheAgentRightAndAllOthersLeft) {
  mix_four();
  start({0, 2, 3});
  talk(3s);
  const auto wav = stop();
  expect_voices(wav.left, 1s, 2s, {0, 2, 3});
  expect_voices(wav.right, 1s, 2s, {1});
  EXPECT_TRUE(std::holds_alternative<BeginRecording>(sink_.jobs.front()));
}

TEST_F(ConferenceRecordings, FollowWhoComesAndGoesWithoutAGapForTheOthers) {
  plane_.execute(SetSource{0, stream(0), Source::peer, stream(1)}, now_);
  plane_.execute(SetSource{0, stream(1), Source::peer, stream(0)}, now_);
  plane_.execute(StartRecorder{1, recorder, stream(0), stream(1), "call", {}, "alice"}, now_);
  talk(1s);
  mix_all();
  move({0, 2});
  talk(1s);
  plane_.execute(CloseStream{0, stream(2)}, now_);
  mix(0, {1});
  mix(1, {0});
  move({0});
  for (int i = 0; i < 50; ++i, now_ += 20ms) {
    say(0);
    say(1);
    plane_.advance(now_);
  }
  const auto wav = stop();
  ASSERT_EQ(wav.left.size(), 24'000u);
  expect_voices(wav.left, 200ms, 900ms, {0});
  expect_voices(wav.left, 1'100ms, 1'900ms, {0, 2});
  expect_voices(wav.left, 2'100ms, 2'900ms, {0});
  expect_voices(wav.right, 100ms, 2'900ms, {1});
  // Somebody else's coming and going leaves no hole in the customer's voice.
  std::size_t zeros = 0, most = 0;
  for (std::size_t i = 800; i < wav.left.size() - 800; ++i) {
    zeros = wav.left[i] == 0 ? zeros + 1 : 0;
    most = std::max(most, zeros);
  }
  EXPECT_LT(most, 5u);
}

TEST_F(ConferenceRecordings, HoldAndMuteAreSilenceOfWhomTheyAreAbout) {
  mix_four();
  start({0, 2, 3});
  talk(1s);
  plane_.execute(SetMuted{0, stream(2), true}, now_);
  talk(1s);
  plane_.execute(SetMuted{0, stream(2), false}, now_);
  // The agent holds: the others go on, and are not recorded.
  plane_.execute(SetSource{0, stream(1), Source::silence}, now_);
  mix(0, {2, 3});
  mix(2, {0, 3});
  mix(3, {0, 2});
  talk(1s);
  const auto wav = stop();
  expect_voices(wav.left, 1'100ms, 1'900ms, {0, 3});
  expect_voices(wav.right, 1'100ms, 1'900ms, {1});
  EXPECT_TRUE(all_zero(part(wav.left, 16'160, 24'000)));
  EXPECT_TRUE(all_zero(part(wav.right, 16'160, 24'000)));
}

// Somebody whom the agent does not hear, or who does not hear the agent, has no part in it.
TEST_F(ConferenceRecordings, ASupervisorWhoWhispersIsNotInThem) {
  mix(0, {1, 2});
  mix(2, {0, 1});
  mix(1, {0, 2, 3});
  mix(3, {0, 1, 2});
  start({0, 2});
  talk(2s);
  const auto wav = stop();
  expect_voices(wav.left, 500ms, 1'500ms, {0, 2});
  expect_voices(wav.right, 500ms, 1'500ms, {1});
}

TEST_F(ConferenceRecordings, PauseCoversAllOfThem) {
  mix_four();
  start({0, 2, 3});
  talk(1s);
  control(ControlRecorder::Action::pause);
  talk(1s);
  control(ControlRecorder::Action::resume);
  talk(1s);
  const auto wav = stop();
  for (const auto* side : {&wav.left, &wav.right}) {
    EXPECT_TRUE(all_zero(part(*side, 8'000, 16'000)));
    EXPECT_FALSE(all_zero(part(*side, 16'000, 16'400)));
  }
}

TEST_F(ConferenceRecordings, TellWhoWasThereAndWhen) {
  mix_four();
  start({0, 2});
  talk(1s);
  move({0, 2, 3});
  talk(1s);
  move({0, 3});
  talk(1s);
  stop();
  const auto finished = sink_.all<FinishRecording>();
  ASSERT_EQ(finished.size(), 1u);
  const auto& members = finished[0]->story.members;
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].name, "p0");
  EXPECT_EQ(members[0].from, started_);
  EXPECT_FALSE(members[0].to);
  EXPECT_EQ(members[1].name, "p2");
  EXPECT_EQ(members[1].to, started_ + 2s);
  EXPECT_EQ(members[2].name, "p3");
  EXPECT_EQ(members[2].from, started_ + 1s);
}

TEST_F(ConferenceRecordings, NeedSomebodyToRecord) {
  start({});
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<RecorderFailed>(reports_.front()));
}

}  // namespace
}  // namespace cord::media::test
