// What the tests of the media room share: packets, a temporary directory, a reader of WAV files.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/instant.hpp"
#include "media/g711.hpp"
#include "media/orders.hpp"
#include "media/recorded_audio.hpp"
#include "media/rtp_header.hpp"
#include "media/stream.hpp"
#include "media/tone.hpp"

namespace cord::media::test {

using namespace std::chrono_literals;

inline Instant at(Duration since_start) {
  // Some day in 2026: wide enough for the samples since 1970 to have wrapped in 32 bits.
  return Instant(std::chrono::seconds(1'795'000'000)) + since_start;
}

struct PacketSpec {
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 100;
  std::uint32_t timestamp = 5'000;
  std::uint32_t ssrc = 0xabcd0001;
  bool marker = false;
};

inline std::vector<std::uint8_t> packet(const PacketSpec& spec,
                                        std::span<const std::uint8_t> payload) {
  std::vector<std::uint8_t> out(rtp_header_bytes_min + payload.size());
  write_rtp_header({.marker = spec.marker,
                    .payload_type = spec.payload_type,
                    .sequence = spec.sequence,
                    .timestamp = spec.timestamp,
                    .ssrc = spec.ssrc},
                   std::span(out).first<rtp_header_bytes_min>());
  std::copy(payload.begin(), payload.end(), out.begin() + rtp_header_bytes_min);
  return out;
}

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

inline std::vector<std::uint8_t> octets(std::uint8_t value, std::size_t count = frame_samples) {
  return std::vector<std::uint8_t>(count, value);
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "cord-media-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Wav {
  std::vector<std::int16_t> left, right;
};

/// Reads a file as a player does that trusts the header; fails the test if it is not valid.
inline Wav read_wav(const std::string& path) {
  const std::string bytes = read_file(path);
  const auto word = [&](std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
  };
  Wav wav;
  EXPECT_GE(bytes.size(), 44u) << path;
  if (bytes.size() < 44) return wav;
  EXPECT_EQ(bytes.substr(0, 4), "RIFF");
  EXPECT_EQ(bytes.substr(8, 8), "WAVEfmt ");
  EXPECT_EQ(word(20), 0x00020001u) << "PCM, two channels";
  EXPECT_EQ(word(24), 8000u);
  EXPECT_EQ(word(32), 0x00100004u) << "4 bytes a frame, 16 bits a sample";
  EXPECT_EQ(bytes.substr(36, 4), "data");
  const std::size_t data_bytes = word(40);
  EXPECT_LE(44 + data_bytes, bytes.size());
  EXPECT_LE(word(4) + 8u, bytes.size());
  for (std::size_t i = 44; i + 4 <= std::min(44 + data_bytes, bytes.size()); i += 4) {
    std::int16_t pair[2];
    std::memcpy(pair, bytes.data() + i, sizeof(pair));
    wav.left.push_back(pair[0]);
    wav.right.push_back(pair[1]);
  }
  return wav;
}

/// What the writer would make of frames 0 to `frames`.
inline Wav decoded(const RecordedAudio& audio, std::int64_t frames) {
  std::vector<std::int16_t> samples;
  audio.decode(static_cast<std::uint32_t>(frames), samples);
  Wav wav;
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    wav.left.push_back(samples[i]);
    wav.right.push_back(samples[i + 1]);
  }
  return wav;
}

inline std::span<const std::int16_t> part(const std::vector<std::int16_t>& samples,
                                          std::size_t begin, std::size_t end) {
  end = std::min(end, samples.size());
  return std::span(samples).subspan(std::min(begin, end), end - std::min(begin, end));
}

inline bool all_zero(std::span<const std::int16_t> samples) {
  return std::all_of(samples.begin(), samples.end(), [](std::int16_t it) { return it == 0; });
}

inline bool none_zero(std::span<const std::int16_t> samples) {
  return std::none_of(samples.begin(), samples.end(), [](std::int16_t it) { return it == 0; });
}

}  // namespace cord::media::test
