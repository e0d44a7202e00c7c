#include "media/comfort_noise.hpp"

#include <algorithm>
#include <cmath>

#include "media/rtp_reception.hpp"

namespace cord::media {
namespace {

// The level is that of the root mean square below the overload point; samples that are spread
// evenly reach the square root of three of that.
std::int32_t peak_of(std::uint8_t level_dbov) {
  constexpr double overload = 32'767;
  return static_cast<std::int32_t>(
      std::min(overload, std::sqrt(3.0) * overload * std::pow(10.0, -level_dbov / 20.0)));
}

}  // namespace

void ComfortNoise::begin(std::uint32_t timestamp, std::span<const std::uint8_t> payload) {
  if (payload.empty()) return;
  constexpr std::uint8_t level_bits = 0x7f;
  peak_ = peak_of(payload.front() & level_bits);
  // Another packet of the same pause may only change the level.
  if (from_ && !until_) return;
  from_ = timestamp;
  until_.reset();
}

void ComfortNoise::end(std::uint32_t timestamp) {
  if (from_ && !until_ && distance(*from_, timestamp) >= 0) until_ = timestamp;
}

bool ComfortNoise::sounds_at(std::uint32_t timestamp) const {
  return from_ && distance(*from_, timestamp) >= 0 && (!until_ || distance(timestamp, *until_) > 0);
}

void ComfortNoise::fill(std::span<std::int16_t> out) {
  const auto range = static_cast<std::uint64_t>(2 * peak_ + 1);
  for (std::int16_t& it : out) {
    it = static_cast<std::int16_t>(static_cast<std::int32_t>(random_.below(range)) - peak_);
  }
}

void ComfortNoise::pass(std::uint32_t timestamp) {
  if (until_ && distance(*until_, timestamp) >= 0) from_.reset();
  if (!from_) until_.reset();
}

}  // namespace cord::media
