// A stretch of a recording as it was received, in G.711 octets. The media thread only notes what
// belongs where; decoding is left to the writer, whose buffer stays in the cache: with the rings of
// decoded samples of hundreds of calls, waiting for memory was most of a recording's cost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/orders.hpp"

namespace cord::media {

/// Left is the customer, right the agent.
enum class Side : std::uint8_t { left = 0, right = 1 };

/// One voice of a recording: a side, or one of several on it, which add up.
struct Voice {
  Voice(Side on, std::uint8_t as = 0) : side(on), number(as) {}  // NOLINT: a side is a voice
  Side side;
  std::uint8_t number;  ///< below RecordedAudio::voices_max
  [[nodiscard]] std::size_t index() const { return 2u * number + static_cast<std::size_t>(side); }
};

/// A stretch of both sides. Where pieces of a voice overlap, the later one holds; where there is
/// none, there is digital silence.
class RecordedAudio {
 public:
  /// Two seconds of two voices, and what they hold twice. A normal stretch is half of that.
  static constexpr std::size_t octets_max = 40'000;
  static constexpr std::size_t pieces_max = 2'000;  ///< 100 for a second of 20 ms packets
  static constexpr std::size_t voices_max = 64;     ///< on one side

  /// From now on there is room for so many voices, of both sides, if there was less.
  void expect(std::size_t voices) { pairs_ = std::max(pairs_, (voices + 1) / 2); }

  /// Adds octets that belong at `frame` of the stretch. False, and nothing done, beyond the bounds.
  [[nodiscard]] bool add(Voice voice, Codec codec, std::uint32_t frame,
                         std::span<const std::uint8_t> octets);

  /// A hint, without effect, that add() comes.
  void prefetch_end() const;

  /// Forgets everything from `frame` on.
  void erase_from(std::uint32_t frame);

  /// Ends this stretch at `frame` and returns what lies behind it, as the beginning of another.
  [[nodiscard]] RecordedAudio split(std::uint32_t frame);

  /// Samples, left and right interleaved, of frames 0 to `frames`.
  void decode(std::uint32_t frames, std::vector<std::int16_t>& out) const;

 private:
  struct Piece {
    std::uint32_t frame;
    std::uint32_t octets_at;
    std::uint16_t count;
    std::uint8_t voice;  // Voice::index()
    Codec codec;
  };
  void decode(std::size_t voice, std::uint32_t frames, std::vector<std::int16_t>& out) const;

  std::vector<Piece> pieces_;  // in the order they came
  std::vector<std::uint8_t> octets_;
  std::size_t pairs_ = 1;  // of voices, for the bounds
};

}  // namespace cord::media
