#include "media/jitter_buffer.hpp"

#include <cmath>
#include <map>
#include <set>

#include "base/prng.hpp"
#include "media/goertzel.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

constexpr double hz = 400;

// A far end that sends a tone over a network, and the buffer that it is heard through.
class Line {
 public:
  /// How much later than the fastest one packet `number` comes; none: it is lost.
  using Way = std::function<std::optional<Duration>(int number)>;

  // `ppm`: how much faster than ours the far end's clock is.
  explicit Line(Way way, int packets, double ppm = 0) {
    Tone tone(hz, 8'000);
    for (int i = 0; i < packets; ++i) {
      std::vector<std::int16_t> sound(frame_samples);
      tone.fill(sound);
      payloads_.push_back(encode(Codec::pcmu, sound));
      const auto delay = way(i);
      if (!delay) continue;
      const double sent_us = 20'000.0 * i / (1 + ppm / 1e6);
      arrivals_.emplace(Duration(static_cast<std::int64_t>(sent_us)) + *delay, i);
    }
  }

  void put(int number, Instant now, bool muted = false) {
    buffer.put({.codec = Codec::pcmu,
                .muted = muted,
                .sequence = static_cast<std::uint16_t>(number),
                .timestamp = 0xffffff00u + static_cast<std::uint32_t>(number) * 160,
                .run = 1,
                .payload = payloads_[static_cast<std::size_t>(number)]},
               now);
  }

  // Plays until `end`, and returns what was heard.
  std::vector<std::int16_t> play(Duration end) {
    std::vector<std::int16_t> heard;
    for (; time_ < end; time_ += frame_duration) {
      while (!arrivals_.empty() && arrivals_.begin()->first <= time_) {
        put(arrivals_.begin()->second, at(arrivals_.begin()->first));
        arrivals_.erase(arrivals_.begin());
      }
      std::array<std::int16_t, frame_samples> frame;
      buffer.take(at(time_), frame);
      heard.insert(heard.end(), frame.begin(), frame.end());
    }
    return heard;
  }

  JitterBuffer buffer;

 private:
  std::vector<std::vector<std::uint8_t>> payloads_;
  std::multimap<Duration, int> arrivals_;
  Duration time_{10'000};  // between two packets
};

// The share of 20 ms frames that are the tone.
double share_of_good_frames(const std::vector<std::int16_t>& heard) {
  std::size_t good = 0;
  for (std::size_t i = 0; i + frame_samples <= heard.size(); i += frame_samples) {
    if (tone_share(std::span(heard).subspan(i, frame_samples), hz) > 0.9) ++good;
  }
  return static_cast<double>(good * frame_samples) / static_cast<double>(heard.size());
}

TEST(JitterBuffer, IsSilentBeforeAnythingCame) {
  JitterBuffer buffer;
  std::array<std::int16_t, frame_samples> out;
  out.fill(1);
  buffer.take(at(0s), out);
  EXPECT_TRUE(all_zero(out));
  EXPECT_EQ(buffer.delay_samples(), 0);
}

TEST(JitterBuffer, PlaysASteadyLineWithoutAHoleAndLittleDelay) {
  Line line([](int) { return 0us; }, 500);
  (void)line.play(200ms);
  const auto heard = line.play(9s);
  EXPECT_EQ(share_of_good_frames(heard), 1.0);
  EXPECT_EQ(line.buffer.concealed_samples(), 0u);
  EXPECT_LE(line.buffer.delay_samples(), 30 * 8);
}

TEST(JitterBuffer, OrderAndDoublesDoNotMatter) {
  // Of two packets the later one comes first; every tenth comes once more.
  Line line([](int i) { return i % 2 == 0 ? 21ms : 0us; }, 500);
  (void)line.play(1s);
  for (int i = 40; i < 60; i += 10) line.put(i, at(1s));
  const auto heard = line.play(9s);
  EXPECT_EQ(share_of_good_frames(heard), 1.0);
  EXPECT_EQ(line.buffer.concealed_samples(), 0u);
}

TEST(JitterBuffer, FollowsJitterUpAndDown) {
  Prng random(7);
  const auto way = [&](int i) {
    const bool is_bad = i >= 250 && i < 1'000;
    return Duration(static_cast<std::int64_t>(is_bad ? random.below(60'000) : 0));
  };
  Line line(way, 1'500);
  (void)line.play(5s);
  EXPECT_LE(line.buffer.delay_samples(), 30 * 8);
  (void)line.play(7s);
  const auto concealed = line.buffer.concealed_samples();
  const auto heard = line.play(20s);
  EXPECT_GE(share_of_good_frames(heard), 0.95);
  EXPECT_LE(line.buffer.concealed_samples() - concealed, 13u * 8'000 * 3 / 100);
  EXPECT_GE(line.buffer.delay_samples(), 60 * 8);
  EXPECT_LE(line.buffer.delay_samples(), 90 * 8);
  (void)line.play(25s);
  EXPECT_LE(line.buffer.delay_samples(), 30 * 8);
  EXPECT_EQ(share_of_good_frames(line.play(29s)), 1.0);
}

TEST(JitterBuffer, ConcealsLoss) {
  Prng random(3);
  Line line([&](int) { return random.below(100) < 5 ? std::optional<Duration>{} : 0us; }, 1'000);
  (void)line.play(500ms);
  const auto heard = line.play(19s);
  EXPECT_GE(share_of_good_frames(heard), 0.97) << "a lost period of a tone is repeated";
  EXPECT_GT(line.buffer.concealed_samples(), 18u * 8'000 * 3 / 100);
  EXPECT_LT(line.buffer.concealed_samples(), 18u * 8'000 * 7 / 100);
  EXPECT_LE(line.buffer.delay_samples(), 30 * 8) << "loss is not lateness";
}

// A hole that begins shortly before the end of a frame: the library wrote on behind it, over what
// came next in memory.
TEST(JitterBuffer, ConcealsAShortHoleWithinTheFrame) {
  for (std::size_t last = 1; last < frame_samples; ++last) {
    SCOPED_TRACE(last);
    JitterBuffer buffer;
    Tone tone(100, 8'000);
    struct {
      std::array<std::int16_t, frame_samples> sound;
      std::array<std::int16_t, frame_samples> behind;
    } memory{};
    memory.behind.fill(12'345);
    for (int i = 0; i < 20; ++i) {
      std::vector<std::int16_t> sound(i < 10 ? frame_samples : last);
      tone.fill(sound);
      const auto payload = encode(Codec::pcmu, sound);
      if (i <= 10) {
        buffer.put({.codec = Codec::pcmu,
                    .sequence = static_cast<std::uint16_t>(i),
                    .timestamp = static_cast<std::uint32_t>(i) * 160,
                    .run = 1,
                    .payload = payload},
                   at(i * frame_duration));
      }
      buffer.take(at(i * frame_duration + 1ms), memory.sound);
      EXPECT_TRUE(std::all_of(memory.behind.begin(), memory.behind.end(),
                              [](std::int16_t it) { return it == 12'345; }));
    }
  }
}

// Ten minutes: 120 ms that must go somewhere.
TEST(JitterBuffer, DriftOfTheClocksDoesNotAddUp) {
  for (const double ppm : {200.0, -200.0}) {
    SCOPED_TRACE(ppm);
    Line line([](int) { return 0us; }, 30'100, ppm);
    (void)line.play(1s);
    std::vector<std::int16_t> heard;
    for (Duration end = 11s; end <= 600s; end += 10s) {
      heard = line.play(end);
      EXPECT_LE(line.buffer.delay_samples(), 30 * 8);
      EXPECT_GE(share_of_good_frames(heard), 0.99);
    }
    EXPECT_EQ(line.buffer.concealed_samples(), 0u);
  }
}

TEST(JitterBuffer, AJumpOfTheDelayIsFollowedAtOnce) {
  for (const Duration jump : {Duration(150ms), Duration(400ms)}) {
    SCOPED_TRACE(jump.count());
    Line line([&](int i) { return i < 250 ? Duration{} : jump; }, 1'000);
    (void)line.play(5'500ms + jump);
    EXPECT_EQ(share_of_good_frames(line.play(9s)), 1.0);
    (void)line.play(10s);
    EXPECT_LE(line.buffer.delay_samples(), 30 * 8);
  }
}

TEST(JitterBuffer, FallsSilentWithItsFarEndAndComesBack) {
  Line line([](int i) { return i < 100 || i >= 200 ? std::optional(0us) : std::nullopt; }, 300);
  (void)line.play(2'200ms);
  EXPECT_TRUE(all_zero(line.play(3'900ms))) << "faded";
  (void)line.play(4'100ms);
  EXPECT_EQ(share_of_good_frames(line.play(5'900ms)), 1.0);
}

TEST(JitterBuffer, WhatIsMutedIsSilence) {
  Line line([](int) { return std::nullopt; }, 200);
  std::vector<std::int16_t> heard;
  for (int i = 0; i < 100; ++i) {
    line.put(i, at(i * 20ms), true);
    heard = line.play(i * 20ms + 30ms);
    EXPECT_TRUE(all_zero(heard));
  }
}

TEST(JitterBuffer, TakesPacketsOfAnyLength) {
  JitterBuffer buffer;
  Tone tone(hz, 8'000);
  std::vector<std::int16_t> heard;
  std::uint32_t timestamp = 0;
  for (int i = 0; i < 200; ++i) {
    if (i % 3 == 0) {
      std::vector<std::int16_t> sound(480);
      tone.fill(sound);
      const auto payload = encode(Codec::pcma, sound);
      buffer.put({.codec = Codec::pcma, .timestamp = timestamp, .run = 1, .payload = payload},
                 at(i * 20ms));
      timestamp += 480;
    }
    std::array<std::int16_t, frame_samples> frame;
    buffer.take(at(i * 20ms), frame);
    if (i > 20) heard.insert(heard.end(), frame.begin(), frame.end());
  }
  EXPECT_EQ(share_of_good_frames(heard), 1.0);
  EXPECT_EQ(buffer.concealed_samples(), 0u);
}

}  // namespace
}  // namespace cord::media::test
