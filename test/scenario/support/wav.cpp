#include "scenario/support/wav.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace cord::scenario {
namespace {

constexpr std::size_t header_bytes = 44;

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class T>
T at(const std::string& bytes, std::size_t offset) {
  T value{};
  if (offset + sizeof value > bytes.size()) throw std::runtime_error("wav: too short");
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

void put(std::string& bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
}

std::vector<std::int16_t> samples_from(const std::string& bytes, std::size_t offset) {
  if (bytes.size() <= offset) return {};
  std::vector<std::int16_t> samples((bytes.size() - offset) / 2);
  std::memcpy(samples.data(), bytes.data() + offset, samples.size() * 2);
  return samples;
}

}  // namespace

void write_wav(const std::filesystem::path& file, const std::vector<std::int16_t>& samples) {
  const auto data_bytes = static_cast<std::uint32_t>(samples.size() * 2);
  std::string bytes = "RIFF";
  put(bytes, header_bytes - 8 + data_bytes, 4);
  bytes += "WAVEfmt ";
  put(bytes, 16, 4);
  put(bytes, 1, 2);
  put(bytes, 1, 2);
  put(bytes, 8'000, 4);
  put(bytes, 16'000, 4);
  put(bytes, 2, 2);
  put(bytes, 16, 2);
  bytes += "data";
  put(bytes, data_bytes, 4);
  bytes.append(reinterpret_cast<const char*>(samples.data()), data_bytes);
  std::ofstream(file, std::ios::binary) << bytes;
}

std::vector<std::int16_t> read_growing_wav(const std::filesystem::path& file) {
  const std::string bytes = read_all(file);
  const auto data = bytes.find("data");
  if (data == std::string::npos) return {};
  const auto all = samples_from(bytes, data + 8);
  const std::size_t channels = at<std::uint16_t>(bytes, 22);
  const std::size_t step = channels * at<std::uint32_t>(bytes, 24) / 8'000;
  std::vector<std::int16_t> samples;
  for (std::size_t i = 0; i < all.size(); i += step) samples.push_back(all[i]);
  return samples;
}

StereoWav read_stereo_wav(const std::filesystem::path& file) {
  const std::string bytes = read_all(file);
  const bool plain = bytes.rfind("RIFF", 0) == 0 && at<std::uint16_t>(bytes, 20) == 1;
  if (!plain || at<std::uint16_t>(bytes, 22) != 2 || at<std::uint32_t>(bytes, 24) != 8'000 ||
      at<std::uint16_t>(bytes, 34) != 16) {
    throw std::runtime_error("wav: not 16-bit stereo PCM at 8 kHz: " + file.string());
  }
  const auto data = bytes.find("data");
  if (data == std::string::npos || at<std::uint32_t>(bytes, data + 4) != bytes.size() - data - 8) {
    throw std::runtime_error("wav: the header does not fit the length: " + file.string());
  }
  const auto both = samples_from(bytes, data + 8);
  StereoWav wav;
  for (std::size_t i = 0; i + 1 < both.size(); i += 2) {
    wav.left.push_back(both[i]);
    wav.right.push_back(both[i + 1]);
  }
  return wav;
}

std::filesystem::path only_wav_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> found;
  for (const auto& it : std::filesystem::directory_iterator(directory)) {
    const auto kind = it.path().extension();
    if (kind == ".part") throw std::runtime_error(it.path().string() + " is not finished");
    if (kind == ".wav") found.push_back(it.path());
  }
  if (found.size() != 1) {
    throw std::runtime_error(std::to_string(found.size()) + " recordings in " + directory.string());
  }
  return found.front();
}

}  // namespace cord::scenario
