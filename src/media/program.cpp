#include "media/program.hpp"

#include <algorithm>

#include "media/music.hpp"
#include "media/rtp_reception.hpp"

namespace cord::media {
namespace {

// Music that is cut begins and ends softly.
constexpr std::size_t fade_samples = 1'600;

std::vector<std::int16_t> piece_of(std::span<const std::int16_t> music, std::size_t samples) {
  std::vector<std::int16_t> piece(samples);
  const std::size_t fade = std::min(fade_samples, samples / 2);
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t to_edge = std::min(i + 1, samples - i);
    const double gain = to_edge < fade ? double(to_edge) / double(fade) : 1.0;
    piece[i] = static_cast<std::int16_t>(gain * music[i % music.size()]);
  }
  return piece;
}

}  // namespace

Program waiting_program(std::span<const std::int16_t> greeting,
                        std::span<const std::int16_t> announcement, Duration every,
                        std::span<const std::int16_t> music) {
  const std::vector<std::int16_t> ours =
      music.empty() ? music_period() : std::vector<std::int16_t>();
  const std::span<const std::int16_t> played = music.empty() ? ours : music;
  Program program{.opening = {greeting.begin(), greeting.end()},
                  .loop = {played.begin(), played.end()}};
  if (announcement.empty()) return program;
  program.loop = piece_of(played, to_samples(every));
  program.loop.insert(program.loop.end(), announcement.begin(), announcement.end());
  return program;
}

Duration opening_time(const Program& program) {
  constexpr std::int64_t us_per_sample = 1'000'000 / media_clock_hz;
  return Duration(static_cast<std::int64_t>(program.opening.size()) * us_per_sample);
}

}  // namespace cord::media
