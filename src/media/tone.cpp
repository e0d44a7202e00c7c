#include "media/tone.hpp"

#include <cmath>
#include <numbers>

namespace cord::media {
namespace {

constexpr double sample_rate_hz = 8000;
constexpr double turn = 2 * std::numbers::pi;

}  // namespace

Tone::Tone(double hz, std::int16_t amplitude)
    : step_(turn * hz / sample_rate_hz), amplitude_(amplitude) {}

void Tone::fill(std::span<std::int16_t> out) {
  for (std::int16_t& it : out) {
    it = static_cast<std::int16_t>(std::lround(amplitude_ * std::sin(phase_)));
    phase_ += step_;
    if (phase_ >= turn) phase_ -= turn;
  }
}

std::vector<std::int16_t> ringback_period() {
  constexpr std::int16_t amplitude = 6000;  // About -15 dBm0: clear, and no louder than speech.
  std::vector<std::int16_t> period(5 * static_cast<std::size_t>(sample_rate_hz));
  // 425 whole turns in one second: the tone ends where it began, at zero.
  Tone(425, amplitude).fill(std::span(period).first(static_cast<std::size_t>(sample_rate_hz)));
  return period;
}

}  // namespace cord::media
