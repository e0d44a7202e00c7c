#include "media/generated_audio.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "media/g711.hpp"

namespace cord::media {
namespace {

using Samples = std::vector<std::int16_t>;

// One sample of each frame from the beginning on: they are constant here.
Samples heard(const GeneratedAudio& audio, std::optional<std::uint16_t> program,
              std::size_t frames) {
  Samples samples;
  for (std::size_t i = 0; i < frames; ++i) {
    const auto frame = audio.frame(Source::music, program, Codec::pcma, i * frame_samples);
    samples.push_back(decode_table(Codec::pcma)[frame[0]]);
  }
  return samples;
}

std::int16_t rounded(std::int16_t sample) {
  return decode_table(Codec::pcma)[encode_sample(Codec::pcma, sample)];
}

Samples rounded(Samples samples) {
  for (std::int16_t& it : samples) it = rounded(it);
  return samples;
}

TEST(GeneratedAudio, PlaysTheMusicThatIsGivenInWholeFrames) {
  const GeneratedAudio audio(Samples(frame_samples + 1, 1000));
  for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
    std::vector<std::uint8_t> expected(2 * frame_samples, encode_sample(codec, 0));
    std::fill_n(expected.begin(), frame_samples + 1, encode_sample(codec, 1000));
    for (std::size_t at = 0; at < 3 * expected.size(); at += frame_samples) {
      const auto frame = audio.frame(Source::music, {}, codec, at);
      EXPECT_TRUE(std::equal(frame.begin(), frame.end(), &expected[at % expected.size()])) << at;
    }
  }
}

TEST(GeneratedAudio, AProgramOpensOnceAndThenGoesRound) {
  Samples loop(2 * frame_samples, 2'000);
  std::fill_n(loop.begin(), frame_samples, std::int16_t{3'000});
  const auto program = code({.opening = Samples(frame_samples, 500), .loop = loop});
  const GeneratedAudio audio(Samples(frame_samples, 1'000), {program});
  EXPECT_EQ(heard(audio, 0, 6), rounded({500, 3'000, 2'000, 3'000, 2'000, 3'000}));
  EXPECT_EQ(heard(audio, {}, 2), rounded({1'000, 1'000})) << "without one, the music";
  EXPECT_EQ(heard(audio, 7, 2), rounded({1'000, 1'000})) << "there is no such program";
}

TEST(GeneratedAudio, AProgramWithoutALoopEndsInSilence) {
  const GeneratedAudio audio({}, {code({.opening = Samples(2 * frame_samples, 500)})});
  EXPECT_EQ(heard(audio, 0, 4), rounded({500, 500, 0, 0}));
}

TEST(Program, MusicAndAnnouncementTakeTurns) {
  const Samples greeting(80, 100), announcement(160, 200), music(1'000, 4'000);
  const Program program = waiting_program(greeting, announcement, std::chrono::seconds(1), music);
  EXPECT_EQ(program.opening, greeting);
  ASSERT_EQ(program.loop.size(), 8'000 + 160U);
  EXPECT_LT(program.loop[0], 10) << "the music begins softly";
  EXPECT_EQ(program.loop[4'000], 4'000);
  EXPECT_LT(program.loop[7'999], 10) << "and ends softly";
  EXPECT_EQ(Samples(program.loop.begin() + 8'000, program.loop.end()), announcement);
  EXPECT_EQ(opening_time(program), std::chrono::milliseconds(10));
}

TEST(Program, WithoutAnAnnouncementTheMusicIsNotCut) {
  const Samples music(1'000, 4'000);
  EXPECT_EQ(waiting_program({}, {}, std::chrono::seconds(1), music).loop, music);
  EXPECT_FALSE(waiting_program({}, {}, std::chrono::seconds(1), {}).loop.empty()) << "our own";
}

}  // namespace
}  // namespace cord::media
