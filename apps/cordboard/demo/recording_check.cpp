#include "demo/recording_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>

#include <sndfile.h>
#include <sodium.h>

#include "media/goertzel.hpp"

namespace cord::app {
namespace {

constexpr std::size_t window_samples = 400;  // 50 ms
constexpr double seconds_max = 600;

Result<std::string> read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return refuse(Errc::io_failed, "demo.recording", file + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

double StereoSound::seconds() const {
  return sample_hz == 0 ? 0 : static_cast<double>(left.size()) / sample_hz;
}

Result<StereoSound> read_wav(const std::string& file) {
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> in(::sf_open(file.c_str(), SFM_READ, &info),
                                                       ::sf_close);
  if (!in) return refuse(Errc::io_failed, "demo.recording", file + ": " + ::sf_strerror(nullptr));
  if (info.channels != 2 || info.frames > info.samplerate * seconds_max) {
    return refuse(Errc::io_failed, "demo.recording", file + ": not a short stereo file");
  }
  std::vector<std::int16_t> both(static_cast<std::size_t>(info.frames) * 2);
  if (::sf_readf_short(in.get(), both.data(), info.frames) != info.frames) {
    return refuse(Errc::io_failed, "demo.recording", file + ": ends too early");
  }
  StereoSound sound;
  sound.sample_hz = static_cast<std::uint32_t>(info.samplerate);
  for (std::size_t at = 0; at < both.size(); at += 2) {
    sound.left.push_back(both[at]);
    sound.right.push_back(both[at + 1]);
  }
  return sound;
}

Stretch longest_silence(const StereoSound& sound) {
  Stretch longest, current;
  for (std::size_t at = 0; at < sound.left.size(); ++at) {
    const bool is_silent = sound.left[at] == 0 && sound.right[at] == 0;
    current = is_silent ? Stretch{current.begin, at + 1} : Stretch{at + 1, at + 1};
    if (current.samples() > longest.samples()) longest = current;
  }
  return longest;
}

double least_tone_share(std::span<const std::int16_t> samples, double hz) {
  if (samples.size() < window_samples) return 0;
  double least = 1;
  for (std::size_t at = 0; at + window_samples <= samples.size(); at += window_samples) {
    least = std::min(least, media::tone_share(samples.subspan(at, window_samples), hz));
  }
  return least;
}

Result<bool> sidecar_matches(const std::string& file, const std::string& sidecar) {
  const auto sound = read_file(file);
  if (!sound) return tl::make_unexpected(sound.error());
  const auto facts = read_file(sidecar);
  if (!facts) return tl::make_unexpected(facts.error());
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  ::crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(sound->data()),
                       sound->size());
  std::string hex;
  for (const auto byte : hash) hex += fmt::format("{:02x}", byte);
  return facts->find(hex) != std::string::npos;
}

std::string level_picture(std::span<const std::int16_t> samples, std::size_t columns) {
  constexpr std::array<const char*, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string picture;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t begin = samples.size() * column / columns;
    const std::size_t end = samples.size() * (column + 1) / columns;
    double energy = 0;
    for (std::size_t at = begin; at < end; ++at) energy += std::pow(samples[at], 2);
    if (energy == 0) {
      picture += ' ';
      continue;
    }
    const double root = std::sqrt(energy / static_cast<double>(end - begin));
    const double decibels_below_full = -20 * std::log10(root / 32'768.0);
    const double height = std::clamp(8 - decibels_below_full / 6, 0.0, 7.0);  // 6 dB a block.
    picture += blocks[static_cast<std::size_t>(height)];
  }
  return picture;
}

}  // namespace cord::app
