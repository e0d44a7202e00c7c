// A voice in a codec with a memory, between its packets, which come as the network likes, and the
// decoder, which wants them as they were sent: they wait until their samples are to be heard. Pure.
//
// A packet that has not come by then is lost to the decoder as well. If the codec can say what it
// may have sounded like (Opus, from the packet behind it), that is its sound; what comes later of
// it is dropped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "media/audio_codec.hpp"
#include "media/stream.hpp"

namespace cord::media {

class CodedVoice {
 public:
  /// Packets that wait; of more, the earliest is given up.
  static constexpr std::size_t waiting_max = 64;

  /// `codec`: one that has a memory.
  explicit CodedVoice(Codec codec) : codec_(codec), decoder_(make_decoder(codec)) {}

  [[nodiscard]] Codec codec() const { return codec_; }

  /// Takes an audio packet as it comes.
  void put(const Media& media);

  struct Piece {
    std::uint32_t timestamp;  ///< at 8 kHz
    std::span<const std::int16_t> samples;
  };
  /// The next piece that begins before `until`, in their order; valid until the next call.
  [[nodiscard]] std::optional<Piece> next(std::uint32_t until);

 private:
  struct Packet {
    std::uint32_t timestamp = 0;
    bool muted = false;
    std::vector<std::uint8_t> payload;
  };
  [[nodiscard]] std::optional<Piece> recover(const Packet& next);
  [[nodiscard]] Piece decode(const Packet& packet);
  void drop_first();

  Codec codec_;
  std::unique_ptr<AudioDecoder> decoder_;
  std::vector<Packet> waiting_, spare_;  // by time stamp; and used ones, for their memory
  std::optional<std::uint32_t> end_;     // behind what was decoded
  std::array<std::int16_t, decoded_samples_max> sound_{};
};

}  // namespace cord::media
