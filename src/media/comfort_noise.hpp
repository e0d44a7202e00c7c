// Comfort noise (RFC 3389): what is heard while the far end sends no audio because nobody speaks.
// White noise at the level it names; the spectrum that may be named as well is left out. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/prng.hpp"

namespace cord::media {

class ComfortNoise {
 public:
  /// `payload`: RFC 3389 §3. It is heard from this time stamp (8 kHz) on.
  void begin(std::uint32_t timestamp, std::span<const std::uint8_t> payload);

  /// There is audio from this time stamp on.
  void end(std::uint32_t timestamp);

  [[nodiscard]] bool sounds_at(std::uint32_t timestamp) const;

  /// As loud as was told last, by then.
  void fill(std::span<std::int16_t> out);

  /// Forgets what ended before this time stamp.
  void pass(std::uint32_t timestamp);

 private:
  std::optional<std::uint32_t> from_, until_;
  std::int32_t peak_ = 0;
  Prng random_{1};
};

}  // namespace cord::media
