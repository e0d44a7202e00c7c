#include "media/audio_codec.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "coded_tone.hpp"
#include "media/goertzel.hpp"

namespace cord::media {
namespace {

constexpr std::array codecs{Codec::g722, Codec::opus};

std::vector<std::vector<std::uint8_t>> encode_tone(Codec codec, double hz, std::size_t frames) {
  test::CodedTone tone(codec, hz, 10'000);
  std::vector<std::vector<std::uint8_t>> packets;
  for (std::size_t i = 0; i < frames; ++i) packets.push_back(tone.next());
  return packets;
}

std::vector<std::int16_t> decode_all(Codec codec,
                                     const std::vector<std::vector<std::uint8_t>>& packets) {
  test::CodedEar ear(codec);
  std::vector<std::int16_t> sound;
  for (const auto& packet : packets) {
    const auto heard = ear.hear(packet);
    EXPECT_EQ(heard.size(), frame_samples);
    sound.insert(sound.end(), heard.begin(), heard.end());
  }
  return sound;
}

double loudness(std::span<const std::int16_t> samples) {
  double sum = 0;
  for (const std::int16_t it : samples) sum += static_cast<double>(it) * it;
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

TEST(AudioCodec, CarriesATone) {
  for (const Codec codec : codecs) {
    for (const double hz : {440.0, 1000.0, 2500.0}) {
      const auto sound = decode_all(codec, encode_tone(codec, hz, 50));
      ASSERT_EQ(sound.size(), 50 * frame_samples);
      const std::span steady = std::span(sound).subspan(10 * frame_samples);
      EXPECT_GT(tone_share(steady, hz), 0.95) << static_cast<int>(codec) << ' ' << hz;
      EXPECT_NEAR(loudness(steady), 10'000 / std::sqrt(2), 1500) << hz;
    }
  }
}

TEST(AudioCodec, G722IsAnOctetForEachSampleOfItsClock) {
  for (const auto& packet : encode_tone(Codec::g722, 440, 3)) EXPECT_EQ(packet.size(), 160U);
}

TEST(AudioCodec, OpusIsSmall) {
  for (const auto& packet : encode_tone(Codec::opus, 440, 50)) EXPECT_LE(packet.size(), 160U);
}

TEST(AudioCodec, GoesOnAfterALoss) {
  for (const Codec codec : codecs) {
    auto packets = encode_tone(codec, 440, 60);
    packets.erase(packets.begin() + 20, packets.begin() + 23);
    const auto sound = decode_all(codec, packets);
    // What the decoder believes of the past is wrong for a while.
    EXPECT_GT(tone_share(std::span(sound).subspan(30 * frame_samples), 440), 0.75);
  }
}

// With the packet behind it, which holds the lost one once more, or without that, by itself.
TEST(AudioCodec, OpusRecoversALostPacket) {
  auto packets = encode_tone(Codec::opus, 440, 60);
  const auto decoder = make_decoder(Codec::opus);
  std::array<std::int16_t, decoded_samples_max> out{};
  for (std::size_t i = 0; i < 50; ++i) ASSERT_TRUE(decoder->decode(packets[i], out));
  const std::span lost = std::span(out).first(frame_samples);
  ASSERT_TRUE(decoder->recover(packets[51], lost));
  EXPECT_GT(tone_share(lost, 440), 0.7);
  EXPECT_GT(loudness(lost), 3'000);
  EXPECT_FALSE(decoder->recover({}, lost));
  EXPECT_FALSE(make_decoder(Codec::g722)->recover(packets[51], lost));
}

TEST(AudioCodec, KnowsHowLongAPayloadSounds) {
  EXPECT_EQ(samples_in(Codec::pcmu, std::array<std::uint8_t, 80>{}), 80u);
  EXPECT_EQ(samples_in(Codec::g722, std::array<std::uint8_t, 160>{}), 160u);
  EXPECT_EQ(samples_in(Codec::opus, encode_tone(Codec::opus, 440, 1).front()), frame_samples);
  EXPECT_EQ(samples_in(Codec::opus, {}), 0u);
  // Three frames of 60 ms are longer than a packet may be (RFC 6716 §3.2.5).
  EXPECT_EQ(samples_in(Codec::opus, std::array<std::uint8_t, 2>{0x1b, 0x03}), 0u);
}

TEST(AudioCodec, RefusesWhatHasNoRoom) {
  std::array<std::int16_t, decoded_samples_max> out{};
  const std::vector<std::uint8_t> octets(decoded_samples_max + 1, 0x55);
  EXPECT_FALSE(make_decoder(Codec::g722)->decode(octets, out));
  EXPECT_FALSE(make_decoder(Codec::opus)->decode({}, out));
}

TEST(AudioCodec, TakesAnyBytes) {
  Prng random(1);
  for (const Codec codec : codecs) {
    const auto decoder = make_decoder(codec);
    for (int i = 0; i < 2'000; ++i) {
      std::vector<std::uint8_t> noise(random.below(300));
      for (std::uint8_t& it : noise) it = static_cast<std::uint8_t>(random.next());
      std::array<std::int16_t, decoded_samples_max> out{};
      const auto samples = decoder->decode(noise, out);
      EXPECT_LE(samples.value_or(0), out.size());
    }
  }
}

}  // namespace
}  // namespace cord::media
