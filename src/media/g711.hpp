// G.711 companding, over tables made once from spandsp's conversions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "media/orders.hpp"

namespace cord::media {

/// The octet that stands for digital silence: a zero sample, as each law can come nearest to it.
[[nodiscard]] constexpr std::uint8_t silence_octet(Codec codec) {
  return codec == Codec::pcmu ? 0xff : 0xd5;
}

/// Linear value of every octet. Valid for the process's life.
[[nodiscard]] const std::array<std::int16_t, 256>& decode_table(Codec codec);

/// Octet of the other law for every octet: mu-law to A-law when `from` is pcmu, else back.
[[nodiscard]] const std::array<std::uint8_t, 256>& transcode_table(Codec from);

/// Compresses one sample.
[[nodiscard]] std::uint8_t encode_sample(Codec codec, std::int16_t sample);

[[nodiscard]] std::vector<std::uint8_t> encode(Codec codec, std::span<const std::int16_t> samples);
[[nodiscard]] std::vector<std::int16_t> decode(Codec codec, std::span<const std::uint8_t> octets);

}  // namespace cord::media
