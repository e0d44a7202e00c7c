// WAV files as tests read them: 16-bit PCM, headers of plain form, by hand so that a file still
// being written can be read as well.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cord::scenario {

/// Mono, 8 kHz.
void write_wav(const std::filesystem::path& file, const std::vector<std::int16_t>& samples);

/// Samples of a file whose header may not be up to date: all that stands after `data`. Of more than
/// one channel the first; of a higher rate, a multiple of 8 kHz, those that are at 8 kHz.
[[nodiscard]] std::vector<std::int16_t> read_growing_wav(const std::filesystem::path& file);

struct StereoWav {
  std::vector<std::int16_t> left, right;
};
/// A finished stereo file, 8 kHz, 16 bit; throws if its header says anything else, or does not
/// fit its length.
[[nodiscard]] StereoWav read_stereo_wav(const std::filesystem::path& file);

/// The one recording in a directory; throws if there is none, more than one, or one that is not
/// finished.
[[nodiscard]] std::filesystem::path only_wav_in(const std::filesystem::path& directory);

}  // namespace cord::scenario
