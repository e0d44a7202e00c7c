#include "media/audio_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <samplerate.h>
#include <sndfile.h>
#include <unistd.h>

namespace cord::media {
namespace {

constexpr int sample_rate_hz = 8000;
constexpr std::string_view where = "media.audio_file";

using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

struct Sound {
  std::vector<float> samples;
  int rate_hz = 0;
};

Result<Sound> read_mono(SNDFILE* file, const SF_INFO& info, const std::string& path) {
  const double seconds = static_cast<double>(info.frames) / info.samplerate;
  if (seconds > std::chrono::duration<double>(audio_file_max).count()) {
    return refuse(Errc::too_long, where,
                  fmt::format("{}: {:.0f} s; at most 10 minutes", path, seconds));
  }
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<float> all(static_cast<std::size_t>(info.frames) * channels);
  const sf_count_t frames = sf_readf_float(file, all.data(), info.frames);
  if (frames <= 0) return refuse(Errc::malformed, where, path + ": no audio in it");
  Sound sound{std::vector<float>(static_cast<std::size_t>(frames)), info.samplerate};
  for (std::size_t i = 0; i < sound.samples.size(); ++i) {
    for (std::size_t c = 0; c < channels; ++c) sound.samples[i] += all[i * channels + c];
    sound.samples[i] /= static_cast<float>(channels);
  }
  return sound;
}

// Band-limited: what the telephone cannot carry is gone, and not folded back.
Result<Sound> resample(Sound from, const std::string& path) {
  if (from.rate_hz == sample_rate_hz) return from;
  const double ratio = static_cast<double>(sample_rate_hz) / from.rate_hz;
  const auto most = static_cast<std::size_t>(std::ceil(from.samples.size() * ratio)) + 1;
  Sound to{std::vector<float>(most), sample_rate_hz};
  SRC_DATA data{};
  data.data_in = from.samples.data();
  data.input_frames = static_cast<long>(from.samples.size());
  data.data_out = to.samples.data();
  data.output_frames = static_cast<long>(most);
  data.src_ratio = ratio;
  const int error = src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 1);
  if (error != 0) return refuse(Errc::malformed, where, path + ": " + src_strerror(error));
  to.samples.resize(static_cast<std::size_t>(data.output_frames_gen));
  return to;
}

std::int16_t to_pcm(float sample) {
  constexpr float most = std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * most));
}

}  // namespace

Result<std::vector<std::int16_t>> read_audio_file(const std::string& path) {
  // The library's own words for a file that is not there do not say which.
  if (::access(path.c_str(), R_OK) != 0) {
    return refuse(Errc::io_failed, where, path + ": " + std::strerror(errno));
  }
  SF_INFO info{};
  const SoundFile file(sf_open(path.c_str(), SFM_READ, &info), &sf_close);
  if (!file) return refuse(Errc::malformed, where, path + ": " + sf_strerror(nullptr));
  auto sound = read_mono(file.get(), info, path).and_then([&](Sound it) {
    return resample(std::move(it), path);
  });
  if (!sound) return tl::make_unexpected(sound.error());
  std::vector<std::int16_t> pcm(sound->samples.size());
  std::transform(sound->samples.begin(), sound->samples.end(), pcm.begin(), to_pcm);
  return pcm;
}

}  // namespace cord::media
