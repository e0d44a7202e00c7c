#include "media/coded_voice.hpp"

#include "coded_tone.hpp"
#include "media/goertzel.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

constexpr std::uint32_t start = 0xffffff00;  // soon to come round

struct Voice {
  explicit Voice(Codec codec) : coded(codec), tone(codec, 440) {
    for (int i = 0; i < 100; ++i) payloads.push_back(tone.next());
  }

  void put(std::size_t number, bool muted = false) {
    coded.put({.codec = coded.codec(),
               .muted = muted,
               .timestamp = start + static_cast<std::uint32_t>(number * frame_samples),
               .payload = payloads[number]});
  }
  // All that begins before that packet, with the time stamps they have to have.
  std::vector<std::int16_t> take(std::size_t number) {
    std::vector<std::int16_t> sound;
    while (const auto piece =
               coded.next(start + static_cast<std::uint32_t>(number * frame_samples))) {
      EXPECT_EQ(piece->timestamp, end.value_or(piece->timestamp));
      end = piece->timestamp + static_cast<std::uint32_t>(piece->samples.size());
      sound.insert(sound.end(), piece->samples.begin(), piece->samples.end());
    }
    return sound;
  }

  CodedVoice coded;
  CodedTone tone;
  std::vector<std::vector<std::uint8_t>> payloads;
  std::optional<std::uint32_t> end;
};

TEST(CodedVoice, DecodesInTheOrderOfSpeaking) {
  for (const Codec codec : {Codec::g722, Codec::opus}) {
    Voice voice(codec);
    for (std::size_t i = 0; i < 50; i += 2) {
      voice.put(i + 1);
      voice.put(i);
    }
    const auto sound = voice.take(50);
    ASSERT_EQ(sound.size(), 50 * frame_samples);
    EXPECT_GT(tone_share(part(sound, 1'600, 8'000), 440), 0.99);
  }
}

TEST(CodedVoice, KeepsWhatIsNotYetHeard) {
  Voice voice(Codec::opus);
  for (std::size_t i = 0; i < 10; ++i) voice.put(i);
  EXPECT_EQ(voice.take(4).size(), 4 * frame_samples);
  EXPECT_EQ(voice.take(4).size(), 0u);
  EXPECT_EQ(voice.take(10).size(), 6 * frame_samples);
}

TEST(CodedVoice, RecoversALossFromThePacketBehindIt) {
  Voice voice(Codec::opus);
  for (std::size_t i = 0; i < 50; ++i) {
    if (i % 10 != 9) voice.put(i);
  }
  const auto sound = voice.take(49);
  ASSERT_EQ(sound.size(), 49 * frame_samples);
  // The phase is lost, the tone is not.
  double share = 0;
  for (std::size_t i = 10; i < 49; ++i) {
    share += tone_share(part(sound, i * frame_samples, (i + 1) * frame_samples), 440) / 39;
  }
  EXPECT_GT(share, 0.85);
}

TEST(CodedVoice, LeavesAPauseAlone) {
  Voice voice(Codec::opus);
  for (std::size_t i = 0; i < 5; ++i) voice.put(i);
  EXPECT_EQ(voice.take(20).size(), 5 * frame_samples);
  voice.end.reset();
  voice.put(20);
  EXPECT_EQ(voice.take(21).size(), frame_samples);
}

TEST(CodedVoice, DropsWhatComesAfterItsTime) {
  Voice voice(Codec::opus);
  voice.put(0);
  voice.put(2);
  EXPECT_EQ(voice.take(3).size(), 3 * frame_samples);
  voice.put(1);
  voice.put(2);
  EXPECT_TRUE(voice.take(3).empty());
}

TEST(CodedVoice, WhatIsMutedIsSilence) {
  Voice voice(Codec::opus);
  for (std::size_t i = 0; i < 10; ++i) voice.put(i, i >= 5);
  EXPECT_FALSE(all_zero(voice.take(5)));
  EXPECT_TRUE(all_zero(voice.take(10)));
}

TEST(CodedVoice, GivesTheEarliestUpIfTooManyWait) {
  Voice voice(Codec::opus);
  for (std::size_t i = 0; i < CodedVoice::waiting_max + 3; ++i) voice.put(i);
  EXPECT_EQ(voice.take(100).size(), CodedVoice::waiting_max * frame_samples);
}

}  // namespace
}  // namespace cord::media::test
