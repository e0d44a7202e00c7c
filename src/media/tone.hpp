// Tones at 8 kHz: a sine, and the ringing tone of ITU-T E.180 (425 Hz, 1 s on, 4 s off).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cord::media {

/// A sine whose phase goes on from one call to the next, for as long as it lives.
class Tone {
 public:
  /// `amplitude` is the peak, 0 to 32767.
  Tone(double hz, std::int16_t amplitude);

  /// The next samples.
  void fill(std::span<std::int16_t> out);

 private:
  double step_;  // radians per sample
  double phase_ = 0;
  double amplitude_;
};

/// One period of the ringing tone: 5 s. It can be looped without a click.
[[nodiscard]] std::vector<std::int16_t> ringback_period();

}  // namespace cord::media
