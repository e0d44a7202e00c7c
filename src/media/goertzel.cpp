#include "media/goertzel.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cord::media {

double tone_share(std::span<const std::int16_t> samples, double hz) {
  const double coefficient = 2 * std::cos(2 * std::numbers::pi * hz / 8000);
  double last = 0, before_last = 0, energy = 0;
  for (const std::int16_t sample : samples) {
    const double next = sample + coefficient * last - before_last;
    before_last = last;
    last = next;
    energy += static_cast<double>(sample) * sample;
  }
  if (energy == 0) return 0;
  const double power = last * last + before_last * before_last - coefficient * last * before_last;
  return std::clamp(2 * power / (static_cast<double>(samples.size()) * energy), 0.0, 1.0);
}

}  // namespace cord::media
