#include "media/recording_repair.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "media/wav_file.hpp"

namespace cord::media {
namespace {

namespace json = boost::json;

constexpr std::string_view wav_ending = ".wav.part";
constexpr std::string_view sidecar_ending = ".json.part";
constexpr std::uint64_t header_bytes = 44;
constexpr std::uint64_t frame_bytes = 4;
constexpr std::uint64_t sidecar_bytes_max = 4 << 20;

using Header = std::array<char, header_bytes>;

void put(Header& header, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

void put(Header& header, std::size_t at, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) header[at + i] = static_cast<char>(number >> (8 * i));
}

/// As WavFile writes it: PCM, two channels of 16 bit, 8 kHz.
Header header_of(std::uint64_t data_bytes) {
  Header header{};
  put(header, 0, "RIFF");
  put(header, 4, header_bytes - 8 + data_bytes, 4);
  put(header, 8, "WAVEfmt ");
  put(header, 16, 16, 4);
  put(header, 20, 1, 2);
  put(header, 22, 2, 2);
  put(header, 24, 8'000, 4);
  put(header, 28, 8'000 * frame_bytes, 4);
  put(header, 32, frame_bytes, 2);
  put(header, 34, 16, 2);
  put(header, 36, "data");
  put(header, 40, data_bytes, 4);
  return header;
}

/// Whether `found` differs from what WavFile writes in its two lengths only.
bool is_ours(const Header& found) {
  Header expected = header_of(0);
  std::copy_n(found.begin() + 4, 4, expected.begin() + 4);
  std::copy_n(found.begin() + 40, 4, expected.begin() + 40);
  return found == expected;
}

struct Whole {
  std::uint64_t frames = 0;
  std::string sha256;
};

/// Makes the header tell how much audio there is. A file that died before its header has none.
Result<Whole> complete(File& file) {
  const auto size = file.size();
  if (!size) return tl::make_unexpected(size.error());
  if (*size >= header_bytes) {
    Header found{};
    const auto read = file.read_at(0, std::as_writable_bytes(std::span(found)));
    if (!read) return tl::make_unexpected(read.error());
    if (!is_ours(found)) return refuse(Errc::malformed, "recording.repair", "not a recording");
  }
  const std::uint64_t audio = *size > header_bytes ? *size - header_bytes : 0;
  const std::uint64_t frames = audio / frame_bytes;
  const Header header = header_of(frames * frame_bytes);
  if (auto done =
          file.write_at(0, std::as_bytes(std::span(header))).and_then([&] { return file.sync(); });
      !done) {
    return tl::make_unexpected(done.error());
  }
  auto sha256 = sha256_of(file);
  if (!sha256) return tl::make_unexpected(sha256.error());
  return Whole{frames, std::move(*sha256)};
}

class Repair {
 public:
  Repair(FileSystem& files, const std::string& directory) : files_(files), directory_(directory) {}

  RepairReport run(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (name.ends_with(wav_ending)) {
        note(name, repair(name.substr(0, name.size() - wav_ending.size())));
      }
    }
    for (const std::string& name : names) {
      if (!name.ends_with(sidecar_ending)) continue;
      const std::string base = name.substr(0, name.size() - sidecar_ending.size());
      if (files_.exists(path(base, ".wav")) && !files_.exists(path(base, ".json"))) {
        note(name, finish(base));
      }
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] std::string path(const std::string& base, std::string_view ending) const {
    return fmt::format("{}/{}{}", directory_, base, ending);
  }

  void note(const std::string& name, const Result<std::string>& repaired) {
    if (repaired) {
      report_.repaired.push_back(*repaired);
    } else {
      report_.left.push_back(fmt::format("{}/{}: {}", directory_, name, repaired.error().detail));
    }
  }

  Result<std::string> repair(const std::string& base) {
    const std::string wav = path(base, ".wav");
    const std::string sidecar = path(base, ".json");
    for (const std::string& taken : {wav, sidecar}) {
      if (files_.exists(taken)) {
        return refuse(Errc::io_failed, "recording.repair", taken + " exists");
      }
    }
    auto file = files_.open(path(base, wav_ending));
    if (!file) return tl::make_unexpected(file.error());
    const auto whole = complete(**file);
    if (!whole) return tl::make_unexpected(whole.error());
    // What the process had begun to say about it is kept.
    json::object story = story_of(base);
    story["file"] = base + ".wav";
    story["sha256"] = whole->sha256;
    story["recovered"] = true;
    story["duration_ms"] = whole->frames / 8;
    story["sample_rate_hz"] = 8'000;
    story["channels"] = json::object{{"left", "customer"}, {"right", "agent"}};
    auto done = write(path(base, sidecar_ending), json::serialize(story) + '\n')
                    .and_then([&] { return files_.rename(path(base, wav_ending), wav); })
                    .and_then([&] { return files_.rename(path(base, sidecar_ending), sidecar); })
                    .and_then([&] { return files_.sync_directory(directory_); });
    if (!done) return tl::make_unexpected(done.error());
    return wav;
  }

  /// The recording has its name, and its sidecar not yet.
  Result<std::string> finish(const std::string& base) {
    if (!story_of(base).contains("sha256")) {
      return refuse(Errc::malformed, "recording.repair", "not a whole sidecar");
    }
    auto done = files_.rename(path(base, sidecar_ending), path(base, ".json")).and_then([&] {
      return files_.sync_directory(directory_);
    });
    if (!done) return tl::make_unexpected(done.error());
    return path(base, ".wav");
  }

  /// The members of a sidecar that was begun; none if there is none that can be read.
  json::object story_of(const std::string& base) {
    if (!files_.exists(path(base, sidecar_ending))) return {};
    auto file = files_.open(path(base, sidecar_ending));
    const auto size = file ? (*file)->size() : tl::make_unexpected(file.error());
    if (!size || *size > sidecar_bytes_max) return {};
    std::string text(static_cast<std::size_t>(*size), '\0');
    if (!(*file)->read_at(0, std::as_writable_bytes(std::span(text)))) return {};
    json::error_code failed;
    const json::value value = json::parse(text, failed);
    return !failed && value.is_object() ? value.get_object() : json::object{};
  }

  Result<void> write(const std::string& to, const std::string& text) {
    if (files_.exists(to)) {
      if (auto removed = files_.remove(to); !removed) return removed;
    }
    auto file = files_.create(to);
    if (!file) return tl::make_unexpected(file.error());
    return (*file)->write_at(0, std::as_bytes(std::span(text))).and_then([&] {
      return (*file)->sync();
    });
  }

  FileSystem& files_;
  const std::string& directory_;
  RepairReport report_;
};

}  // namespace

Result<RepairReport> repair_recordings(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return tl::make_unexpected(names.error());
  return Repair(files, directory).run(*names);
}

}  // namespace cord::media
