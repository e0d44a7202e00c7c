#include "media/tone.hpp"

#include <cstdlib>

#include "media/goertzel.hpp"
#include "media/music.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

TEST(Tone, PhaseGoesOnBetweenCalls) {
  std::vector<std::int16_t> whole(800), pieces(800);
  Tone(440, 10'000).fill(whole);
  Tone tone(440, 10'000);
  for (std::size_t i = 0; i < 800; i += 100) tone.fill(std::span(pieces).subspan(i, 100));
  EXPECT_EQ(whole, pieces);
}

TEST(Goertzel, TellsATonesShare) {
  std::vector<std::int16_t> samples(800);
  Tone(440, 10'000).fill(samples);
  EXPECT_GT(tone_share(samples, 440), 0.99);
  EXPECT_LT(tone_share(samples, 1000), 0.001);
  std::vector<std::int16_t> other(800);
  Tone(1000, 10'000).fill(other);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<std::int16_t>(samples[i] + other[i]);
  }
  EXPECT_NEAR(tone_share(samples, 440), 0.5, 0.01);
  EXPECT_NEAR(tone_share(samples, 1000), 0.5, 0.01);
}

TEST(Goertzel, SilenceHoldsNoTone) {
  EXPECT_EQ(tone_share(std::vector<std::int16_t>(160), 440), 0);
  EXPECT_EQ(tone_share({}, 440), 0);
}

TEST(Ringback, IsOneSecondOfToneInFive) {
  const auto period = ringback_period();
  ASSERT_EQ(period.size(), 40'000u);
  EXPECT_GT(tone_share(part(period, 0, 8'000), 425), 0.99);
  EXPECT_TRUE(all_zero(part(period, 8'000, 40'000)));
}

TEST(Music, HoldsNeitherTestToneAnywhere) {
  const auto period = music_period();
  for (std::size_t i = 0; i + 1'600 <= period.size(); i += 800) {
    const auto window = part(period, i, i + 1'600);
    EXPECT_LT(tone_share(window, 440), 0.02) << i;
    EXPECT_LT(tone_share(window, 1000), 0.01) << i;
  }
}

TEST(Music, IsAudibleThroughoutAndNeverClips) {
  const auto period = music_period();
  int peak = 0;
  for (std::size_t i = 0; i + 1'600 <= period.size(); i += 1'600) {
    double energy = 0;
    for (const std::int16_t it : part(period, i, i + 1'600)) {
      energy += static_cast<double>(it) * it;
      peak = std::max(peak, std::abs(int{it}));
    }
    EXPECT_GT(energy / 1'600, 200.0 * 200.0) << i;
  }
  EXPECT_LT(peak, 16'000);
}

TEST(Music, LoopsWithoutAClick) {
  const auto period = music_period();
  int step_max = 0;
  for (std::size_t i = 1; i < period.size(); ++i) {
    step_max = std::max(step_max, std::abs(period[i] - period[i - 1]));
  }
  EXPECT_LE(std::abs(period.front() - period.back()), step_max);
}

}  // namespace
}  // namespace cord::media::test
