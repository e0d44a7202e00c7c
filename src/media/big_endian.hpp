// Network byte order, for the packet formats of this room. Offsets are the caller's to check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cord::media {

inline std::uint16_t load_be16(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint16_t>((in[at] << 8) | in[at + 1]);
}

inline std::uint32_t load_be32(std::span<const std::uint8_t> in, std::size_t at) {
  return (static_cast<std::uint32_t>(load_be16(in, at)) << 16) | load_be16(in, at + 2);
}

inline void store_be16(std::span<std::uint8_t> out, std::size_t at, std::uint16_t value) {
  out[at] = static_cast<std::uint8_t>(value >> 8);
  out[at + 1] = static_cast<std::uint8_t>(value);
}

inline void store_be32(std::span<std::uint8_t> out, std::size_t at, std::uint32_t value) {
  store_be16(out, at, static_cast<std::uint16_t>(value >> 16));
  store_be16(out, at + 2, static_cast<std::uint16_t>(value));
}

}  // namespace cord::media
