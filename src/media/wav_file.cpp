#include "media/wav_file.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <openssl/evp.h>
#include <sndfile.h>

namespace cord::media {

// libsndfile sees this through its virtual I/O. The first error is kept: the library tells that
// something failed, not what.
struct WavFile::State {
  std::unique_ptr<File> file;
  SNDFILE* sound = nullptr;
  std::uint64_t at = 0;
  std::uint64_t bytes = 0;
  std::uint64_t frames = 0;
  std::optional<Error> error;

  [[nodiscard]] tl::unexpected<Error> failure() const {
    if (error) return tl::make_unexpected(*error);
    return refuse(Errc::io_failed, "wav", sf_strerror(sound));
  }
};

namespace {

template <class State>
State& state_of(void* user) {
  return *static_cast<State*>(user);
}

template <class State>
SF_VIRTUAL_IO virtual_io() {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* user) { return static_cast<sf_count_t>(state_of<State>(user).bytes); };
  io.seek = [](sf_count_t offset, int whence, void* user) {
    State& state = state_of<State>(user);
    sf_count_t base = 0;
    if (whence == SEEK_CUR) base = static_cast<sf_count_t>(state.at);
    if (whence == SEEK_END) base = static_cast<sf_count_t>(state.bytes);
    state.at = static_cast<std::uint64_t>(std::max<sf_count_t>(0, base + offset));
    return static_cast<sf_count_t>(state.at);
  };
  io.read = [](void* out, sf_count_t count, void* user) -> sf_count_t {
    State& state = state_of<State>(user);
    const auto bytes = state.file->read_at(
        state.at, {static_cast<std::byte*>(out), static_cast<std::size_t>(count)});
    if (!bytes) {
      if (!state.error) state.error = bytes.error();
      return 0;
    }
    state.at += *bytes;
    return static_cast<sf_count_t>(*bytes);
  };
  io.write = [](const void* in, sf_count_t count, void* user) -> sf_count_t {
    State& state = state_of<State>(user);
    const auto bytes = static_cast<std::size_t>(count);
    const auto written = state.file->write_at(state.at, {static_cast<const std::byte*>(in), bytes});
    if (!written) {
      if (!state.error) state.error = written.error();
      return 0;
    }
    state.at += bytes;
    state.bytes = std::max(state.bytes, state.at);
    return count;
  };
  io.tell = [](void* user) { return static_cast<sf_count_t>(state_of<State>(user).at); };
  return io;
}

}  // namespace

Result<std::string> sha256_of(File& file) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return refuse(Errc::io_failed, "sha256.init");
  }
  std::vector<std::byte> block(256 * 1024);
  for (std::uint64_t at = 0;;) {
    const auto bytes = file.read_at(at, block);
    if (!bytes) return tl::make_unexpected(bytes.error());
    if (*bytes == 0) break;
    EVP_DigestUpdate(context.get(), block.data(), *bytes);
    at += *bytes;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned digest_bytes = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &digest_bytes);
  std::string hex;
  for (unsigned i = 0; i < digest_bytes; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

WavFile::WavFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

WavFile::~WavFile() {
  if (state_->sound != nullptr) sf_close(state_->sound);
}

Result<std::unique_ptr<WavFile>> WavFile::open(std::unique_ptr<File> file) {
  auto state = std::make_unique<State>();
  state->file = std::move(file);
  SF_INFO info{};
  info.samplerate = 8000;
  info.channels = 2;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  SF_VIRTUAL_IO io = virtual_io<State>();
  state->sound = sf_open_virtual(&io, SFM_WRITE, &info, state.get());
  if (state->sound == nullptr) return state->failure();
  std::unique_ptr<WavFile> wav(new WavFile(std::move(state)));
  sf_command(wav->state_->sound, SFC_UPDATE_HEADER_NOW, nullptr, 0);
  if (wav->state_->error) return wav->state_->failure();
  return wav;
}

Result<void> WavFile::append(std::span<const std::int16_t> samples) {
  if (state_->error) return state_->failure();
  const auto frames = static_cast<sf_count_t>(samples.size() / 2);
  if (sf_writef_short(state_->sound, samples.data(), frames) != frames) return state_->failure();
  sf_command(state_->sound, SFC_UPDATE_HEADER_NOW, nullptr, 0);
  if (state_->error) return state_->failure();
  state_->frames += samples.size() / 2;
  return {};
}

Result<std::string> WavFile::finish() {
  if (state_->error) return state_->failure();
  sf_close(state_->sound);
  state_->sound = nullptr;
  if (state_->error) return state_->failure();
  if (auto synced = state_->file->sync(); !synced) return tl::make_unexpected(synced.error());
  return sha256_of(*state_->file);
}

std::uint64_t WavFile::frames() const {
  return state_->frames;
}

}  // namespace cord::media
