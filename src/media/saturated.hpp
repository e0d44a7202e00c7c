// Sums of sound.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace cord::media {

/// The sample nearest to `sum`; the range is kept symmetrical.
[[nodiscard]] constexpr std::int16_t saturated(std::int32_t sum) {
  constexpr std::int32_t top = std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>(std::clamp(sum, -top, top));
}

}  // namespace cord::media
