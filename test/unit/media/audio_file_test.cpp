#include "media/audio_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <span>

#include <gtest/gtest.h>
#include <sndfile.h>

#include "media/goertzel.hpp"
#include "support/temporary_directory.hpp"

namespace cord::media {
namespace {

int peak(std::span<const std::int16_t> samples) {
  int most = 0;
  for (const std::int16_t it : samples) most = std::max(most, std::abs(it));
  return most;
}

struct AudioFile : testing::Test {
  test::TemporaryDirectory directory;

  // A tone in the first channel, the second one silent.
  std::string write(int rate_hz, int channels, int format, double hz, double seconds) {
    const std::string path = directory.path() + "/tone";
    SF_INFO info{};
    info.samplerate = rate_hz;
    info.channels = channels;
    info.format = format;
    SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
    EXPECT_NE(file, nullptr);
    const auto frames = static_cast<std::size_t>(seconds * rate_hz);
    std::vector<float> samples(frames * static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < frames; ++i) {
      samples[i * static_cast<std::size_t>(channels)] = static_cast<float>(
          0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate_hz));
    }
    sf_writef_float(file, samples.data(), static_cast<sf_count_t>(frames));
    sf_close(file);
    return path;
  }
};

TEST_F(AudioFile, TakesAnyRateAndNumberOfChannels) {
  for (const int rate_hz : {8000, 11025, 16000, 22050, 44100, 48000}) {
    for (const int channels : {1, 2}) {
      const auto pcm =
          read_audio_file(write(rate_hz, channels, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1000, 2));
      ASSERT_TRUE(pcm) << rate_hz << ": " << pcm.error().detail;
      EXPECT_NEAR(static_cast<double>(pcm->size()), 16000, 20) << rate_hz;
      const std::span middle(pcm->data() + 4000, 8000);
      EXPECT_GT(tone_share(middle, 1000), 0.99) << rate_hz;
      EXPECT_NEAR(peak(middle), 32767 * 0.5 / channels, 300) << rate_hz;
    }
  }
}

TEST_F(AudioFile, FoldsNothingBackFromAboveTheTelephonesBand) {
  const auto pcm = read_audio_file(write(48000, 1, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 7000, 1));
  ASSERT_TRUE(pcm);
  EXPECT_LT(peak(std::span(*pcm).subspan(1000, 6000)), 100);
}

TEST_F(AudioFile, TakesOtherFormats) {
  EXPECT_TRUE(read_audio_file(write(16000, 1, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 440, 1)));
  EXPECT_TRUE(read_audio_file(write(16000, 1, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 440, 1)));
}

TEST_F(AudioFile, SaysWhatIsWrong) {
  const auto missing = read_audio_file(directory.path() + "/missing.wav");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::io_failed);
  EXPECT_NE(missing.error().detail.find("missing.wav: No such file"), std::string::npos)
      << missing.error().detail;

  const std::string text = directory.path() + "/text.wav";
  std::ofstream(text) << "no sound at all";
  const auto no_sound = read_audio_file(text);
  ASSERT_FALSE(no_sound);
  EXPECT_EQ(no_sound.error().code, Errc::malformed);

  const auto empty = read_audio_file(write(8000, 1, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 440, 0));
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::malformed);

  const auto long_one = read_audio_file(write(8000, 1, SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 440, 601));
  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().code, Errc::too_long);
}

}  // namespace
}  // namespace cord::media
