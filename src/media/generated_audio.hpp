// What streams send that comes from no far end: silence, music, tones and programs, in G.711.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/instant.hpp"
#include "media/orders.hpp"
#include "media/program.hpp"

namespace cord::media {

inline constexpr std::size_t frame_samples = 160;  ///< 20 ms, RFC 3551 §4.2
inline constexpr Duration frame_duration{20'000};

/// A program as it is sent, in mu-law and A-law; both parts of whole frames, the loop not empty.
struct CodedProgram {
  struct Sound {
    std::vector<std::uint8_t> opening, loop;
  };
  std::array<Sound, 2> laws;
};
using SharedProgram = std::shared_ptr<const CodedProgram>;

/// What is lacking of a last frame is silence.
[[nodiscard]] SharedProgram code(const Program& program);

/// Made once and shared by all streams.
class GeneratedAudio {
 public:
  /// `music` is played while somebody is held, looped; empty: our own.
  explicit GeneratedAudio(std::vector<std::int16_t> music = {},
                          std::vector<SharedProgram> programs = {});
  /// What is heard `at` samples after the source began, a multiple of frame_samples. `source`:
  /// silence, music or ringback; `program`: as in SetSource; `law`: pcmu or pcma.
  [[nodiscard]] std::span<const std::uint8_t, frame_samples> frame(
      Source source, std::optional<std::uint16_t> program, Codec law, std::uint64_t at) const;

 private:
  [[nodiscard]] const CodedProgram& sound_of(Source source,
                                             std::optional<std::uint16_t> program) const;
  SharedProgram silence_, music_, ringback_;
  std::vector<SharedProgram> programs_;
};

}  // namespace cord::media
