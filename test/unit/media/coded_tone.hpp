// A tone as packets of any codec.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "media/audio_codec.hpp"
#include "media/g711.hpp"
#include "media/stream.hpp"
#include "media/tone.hpp"

namespace cord::media::test {

class CodedTone {
 public:
  CodedTone(Codec codec, double hz, std::int16_t peak = 6'000) : codec_(codec), tone_(hz, peak) {
    if (has_memory(codec)) encoder_ = make_encoder(codec);
  }

  /// The next 20 ms.
  std::vector<std::uint8_t> next() {
    std::array<std::int16_t, frame_samples> sound{};
    tone_.fill(sound);
    if (!encoder_) return encode(codec_, sound);
    std::array<std::uint8_t, encoded_bytes_max> out{};
    const std::size_t bytes = encoder_->encode(sound, out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(bytes)};
  }

 private:
  Codec codec_;
  Tone tone_;
  std::unique_ptr<AudioEncoder> encoder_;
};

/// What a far end hears of the payloads that it gets.
class CodedEar {
 public:
  explicit CodedEar(Codec codec) : codec_(codec) {
    if (has_memory(codec)) decoder_ = make_decoder(codec);
  }

  std::vector<std::int16_t> hear(std::span<const std::uint8_t> payload) {
    if (!decoder_) return decode(codec_, payload);
    std::array<std::int16_t, decoded_samples_max> out{};
    const std::size_t samples = decoder_->decode(payload, out).value_or(0);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(samples)};
  }

 private:
  Codec codec_;
  std::unique_ptr<AudioDecoder> decoder_;
};

}  // namespace cord::media::test
