// What the demo looks at in a finished recording: the sound of both channels, where it is silent,
// whether the sidecar's SHA-256 is that of the file, and a picture of the levels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cord::app {

struct StereoSound {
  std::vector<std::int16_t> left, right;  ///< of the same length
  std::uint32_t sample_hz = 0;

  [[nodiscard]] double seconds() const;
};

/// Errors: io_failed, with the file's name and why.
[[nodiscard]] Result<StereoSound> read_wav(const std::string& file);

/// Samples [begin, end).
struct Stretch {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t samples() const { return end - begin; }
};

/// The longest stretch in which every sample of both channels is exactly zero.
[[nodiscard]] Stretch longest_silence(const StereoSound& sound);

/// The share of the energy of `samples` that is a sine of `hz`, in the worst of its 50 ms windows;
/// 0 if there is no whole window.
[[nodiscard]] double least_tone_share(std::span<const std::int16_t> samples, double hz);

/// Whether the file's SHA-256 stands in its sidecar. Errors: io_failed.
[[nodiscard]] Result<bool> sidecar_matches(const std::string& file, const std::string& sidecar);

/// One line of blocks, higher where it is louder; exact silence is a space.
[[nodiscard]] std::string level_picture(std::span<const std::int16_t> samples, std::size_t columns);

}  // namespace cord::app
