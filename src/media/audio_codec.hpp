// Encoders and decoders with a memory: G.722 (spandsp) and Opus (libopus), both to and from 8 kHz,
// which is all that the other side of a conversion can carry. G.711 has none: see g711.hpp.
//
// A decoder takes packets in the order in which they were sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.hpp"
#include "media/orders.hpp"

namespace cord::media {

/// Of one packet, decoded: 120 ms, the longest of Opus (RFC 6716 §2.1.4).
inline constexpr std::size_t decoded_samples_max = 960;
/// Of 20 ms, encoded.
inline constexpr std::size_t encoded_bytes_max = 400;

[[nodiscard]] constexpr bool has_memory(Codec codec) {
  return codec == Codec::g722 || codec == Codec::opus;
}

/// The clock of its time stamps as a multiple of 8 kHz: that of G.722 is 8 kHz by an old mistake
/// (RFC 3551 §4.5.2), that of Opus 48 (RFC 7587 §4.1).
[[nodiscard]] constexpr std::uint32_t clock_factor(Codec codec) {
  return codec == Codec::opus ? 6 : 1;
}

/// How long Opus's payload sounds, in samples at 8 kHz; 0: it is malformed.
[[nodiscard]] std::size_t opus_samples_in(std::span<const std::uint8_t> payload);

/// How long a payload sounds, in samples at 8 kHz; 0: it is malformed.
[[nodiscard]] inline std::size_t samples_in(Codec codec, std::span<const std::uint8_t> payload) {
  return codec == Codec::opus ? opus_samples_in(payload) : payload.size();
}

class AudioDecoder {
 public:
  virtual ~AudioDecoder() = default;
  /// Returns how many samples are in `out`. Errors: malformed, also if there is no room for all.
  [[nodiscard]] virtual Result<std::size_t> decode(std::span<const std::uint8_t> payload,
                                                   std::span<std::int16_t> out) = 0;
  /// What a packet may have sounded like that was lost just before `next`. `out` is a multiple of
  /// 2.5 ms and at most decoded_samples_max. False: the codec cannot say, nothing is in `out`.
  [[nodiscard]] virtual bool recover(std::span<const std::uint8_t> next,
                                     std::span<std::int16_t> out) = 0;
};

class AudioEncoder {
 public:
  virtual ~AudioEncoder() = default;
  /// 20 ms. Returns how many bytes are in `out`, which has room for encoded_bytes_max.
  [[nodiscard]] virtual std::size_t encode(std::span<const std::int16_t> frame,
                                           std::span<std::uint8_t> out) = 0;
};

/// `codec`: g722 or opus.
[[nodiscard]] std::unique_ptr<AudioDecoder> make_decoder(Codec codec);
[[nodiscard]] std::unique_ptr<AudioEncoder> make_encoder(Codec codec);

}  // namespace cord::media
