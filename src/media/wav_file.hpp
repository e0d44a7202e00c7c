// One stereo WAV file, 16 bit, 8 kHz, on a File: the header is libsndfile's work, and is made valid
// after every append, so that a file whose writer was killed can be played.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "media/file_system.hpp"

namespace cord::media {

/// Of all its bytes, in lower-case hex.
[[nodiscard]] Result<std::string> sha256_of(File& file);

class WavFile {
 public:
  /// Takes over an empty file and writes a valid header of no samples.
  [[nodiscard]] static Result<std::unique_ptr<WavFile>> open(std::unique_ptr<File> file);
  ~WavFile();
  WavFile(const WavFile&) = delete;
  WavFile& operator=(const WavFile&) = delete;

  /// Adds interleaved samples and brings the header up to date. After a failure the file holds at
  /// least what earlier calls added, and takes no more.
  [[nodiscard]] Result<void> append(std::span<const std::int16_t> samples);

  /// Ends the file, brings it to the disk and returns the SHA-256 of its bytes in lower-case hex.
  [[nodiscard]] Result<std::string> finish();

  [[nodiscard]] std::uint64_t frames() const;

 private:
  struct State;
  explicit WavFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cord::media
