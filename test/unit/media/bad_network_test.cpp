// Speech over a bad network, and how much of it is understood (docs/benchmarks.md, "Bad networks").
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "intelligibility.hpp"
#include "media/audio_file.hpp"
#include "media/jitter_buffer.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

using Sound = std::vector<std::int16_t>;

struct Way {
  unsigned loss_percent = 0;
  Duration jitter{};  ///< each packet takes up to so much longer; more than 20 ms: order is lost
  double ppm = 0;     ///< how much faster than ours the far end's clock is
  std::uint64_t seed = 1;
};

/// The speech, three times over.
const Sound& speech() {
  static const Sound sound = [] {
    const Sound once = read_audio_file(CORD_TEST_DATA "/speech/customer.flac").value();
    Sound all;
    for (int i = 0; i < 3; ++i) all.insert(all.end(), once.begin(), once.end());
    return all;
  }();
  return sound;
}

/// Packets by when they come.
std::multimap<Duration, std::size_t> send_over(const Way& way) {
  Prng random(way.seed);
  std::multimap<Duration, std::size_t> arrivals;
  for (std::size_t i = 0; (i + 1) * frame_samples <= speech().size(); ++i) {
    const bool is_lost = random.below(100) < way.loss_percent;
    const auto jitter =
        way.jitter.count() == 0 ? 0 : random.below(static_cast<std::uint64_t>(way.jitter.count()));
    if (is_lost) continue;
    const double sent_us = 20'000.0 * static_cast<double>(i) / (1 + way.ppm / 1e6);
    arrivals.emplace(
        Duration(static_cast<std::int64_t>(sent_us) + static_cast<std::int64_t>(jitter)), i);
  }
  return arrivals;
}

struct Heard {
  Sound sound;
  Positions from;
};

// Each analysis frame comes from where the frame of 20 ms that it begins in does.
void note_positions(Heard& heard, std::int64_t frame_from) {
  while (heard.from.size() * analysis_hop < heard.sound.size()) {
    const std::size_t begin = heard.sound.size() - frame_samples;
    heard.from.push_back(frame_from +
                         static_cast<std::int64_t>(heard.from.size() * analysis_hop - begin));
  }
}

Heard through_the_buffer(const Way& way) {
  auto arrivals = send_over(way);
  JitterBuffer buffer;
  Heard heard;
  for (Duration now{10'000}; !arrivals.empty(); now += frame_duration) {
    for (; !arrivals.empty() && arrivals.begin()->first <= now; arrivals.erase(arrivals.begin())) {
      const std::size_t i = arrivals.begin()->second;
      const auto payload =
          encode(Codec::pcmu, std::span(speech()).subspan(i * frame_samples, frame_samples));
      buffer.put({.codec = Codec::pcmu,
                  .sequence = static_cast<std::uint16_t>(i),
                  .timestamp = static_cast<std::uint32_t>(i * frame_samples),
                  .run = 1,
                  .payload = payload},
                 at(arrivals.begin()->first));
    }
    std::array<std::int16_t, frame_samples> frame;
    buffer.take(at(now), frame);
    heard.sound.insert(heard.sound.end(), frame.begin(), frame.end());
    const auto origin = buffer.origin();
    note_positions(heard, origin ? static_cast<std::int32_t>(origin->timestamp) : -1'000'000);
  }
  return heard;
}

// What a receiver makes of it that plays everything 40 ms after it was sent, and silence for what
// has not come by then.
Heard through_a_fixed_delay(const Way& way) {
  Heard heard{Sound(speech().size()), {}};
  for (const auto& [when, i] : send_over(way)) {
    const auto sent = Duration(static_cast<std::int64_t>(i) * frame_duration.count());
    if (when > sent + std::chrono::milliseconds(40)) continue;
    const auto first = speech().begin() + static_cast<std::ptrdiff_t>(i * frame_samples);
    std::copy_n(first, frame_samples, heard.sound.begin() + (first - speech().begin()));
  }
  for (std::size_t k = 0; k * analysis_hop < heard.sound.size(); ++k) {
    heard.from.push_back(static_cast<std::int64_t>(k * analysis_hop));
  }
  return heard;
}

double score(const Heard& heard) {
  return intelligibility(speech(), heard.sound, heard.from);
}

TEST(BadNetwork, AGoodOneChangesNothing) {
  EXPECT_GT(score(through_the_buffer({})), 0.99);
}

TEST(BadNetwork, SpeechStaysIntelligible) {
  double worst = 1, plain = 1;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const double ppm : {200.0, -200.0}) {
      const Way way{
          .loss_percent = 5, .jitter = std::chrono::milliseconds(60), .ppm = ppm, .seed = seed};
      worst = std::min(worst, score(through_the_buffer(way)));
      plain = std::min(plain, score(through_a_fixed_delay({5, way.jitter, 0, seed})));
    }
  }
  RecordProperty("intelligibility", fmt::format("{:.3f}", worst));
  RecordProperty("without", fmt::format("{:.3f}", plain));
  EXPECT_GT(worst, 0.95);
  EXPECT_LT(plain, 0.8) << "or the test can tell nothing";
}

}  // namespace
}  // namespace cord::media::test
