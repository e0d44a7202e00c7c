// How much of a signal is one tone: Goertzel's algorithm, for tests and the demo.
#pragma once

#include <cstdint>
#include <span>

namespace cord::media {

/// The share, 0 to 1, of the energy of `samples` that is a sine of `hz` (Goertzel's algorithm):
/// near 1 for that tone alone, near 0 when it is absent; 0 for digital silence. The bandwidth is
/// about 8000 / samples.size() Hz on each side.
[[nodiscard]] double tone_share(std::span<const std::int16_t> samples, double hz);

}  // namespace cord::media
