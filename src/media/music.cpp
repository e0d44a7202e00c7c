#include "media/music.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace cord::media {
namespace {

constexpr double sample_rate_hz = 8000;
constexpr std::size_t step_samples = 2400;  // 0.3 s between two notes of the arpeggio
constexpr std::size_t note_steps = 4;       // how long a note rings
constexpr std::size_t steps_per_chord = 8;

// A bass note and three notes that are played up and down. Equal temperament, Hz.
struct Chord {
  double bass;
  std::array<double, 3> notes;
};
constexpr std::array<Chord, 4> chords{{
    {130.81, {261.63, 329.63, 523.25}},  // C3: C4 E4 C5
    {146.83, {293.66, 349.23, 587.33}},  // D3: D4 F4 D5
    {174.61, {261.63, 349.23, 698.46}},  // F3: C4 F4 F5
    {196.00, {293.66, 587.33, 783.99}},  // G3: D4 D5 G5
}};
constexpr std::array<std::size_t, steps_per_chord> arpeggio{0, 1, 2, 1, 0, 1, 2, 1};
constexpr std::size_t period_samples = chords.size() * steps_per_chord * step_samples;

// Adds a note that swells for 20 ms and dies away within its length, so that nothing clicks. It
// wraps around the end of the period: the loop is seamless.
void add_note(std::vector<double>& out, double hz, std::size_t start, double amplitude,
              std::size_t steps) {
  const std::size_t length = steps * step_samples;
  for (std::size_t i = 0; i < length; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(length);
    const double swell = std::min(1.0, static_cast<double>(i) / 160.0);
    const double fade = (1 - t) * (1 - t);
    const double phase = 2 * std::numbers::pi * hz * static_cast<double>(i) / sample_rate_hz;
    out[(start + i) % out.size()] += amplitude * swell * fade * std::sin(phase);
  }
}

}  // namespace

std::vector<std::int16_t> music_period() {
  std::vector<double> mix(period_samples);
  for (std::size_t chord = 0; chord < chords.size(); ++chord) {
    const std::size_t start = chord * steps_per_chord * step_samples;
    add_note(mix, chords[chord].bass, start, 2600, steps_per_chord);
    for (std::size_t step = 0; step < steps_per_chord; ++step) {
      add_note(mix, chords[chord].notes[arpeggio[step]], start + step * step_samples, 2200,
               note_steps);
    }
  }
  std::vector<std::int16_t> period;
  period.reserve(mix.size());
  for (const double it : mix) period.push_back(static_cast<std::int16_t>(std::lround(it)));
  return period;
}

}  // namespace cord::media
