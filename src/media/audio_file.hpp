// Music and announcements from files: whatever libsndfile reads (WAV, FLAC, Ogg, ...), of any rate
// and number of channels, as telephone audio.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace cord::media {

inline constexpr Duration audio_file_max = std::chrono::minutes(10);

/// Reads the whole file: 8 kHz, 16 bit, all channels mixed to one. Errors: io_failed (not there, or
/// not readable), malformed (no sound file, or an empty one), too_long (audio_file_max).
[[nodiscard]] Result<std::vector<std::int16_t>> read_audio_file(const std::string& path);

}  // namespace cord::media
