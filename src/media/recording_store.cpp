#include "media/recording_store.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/assert.hpp"
#include "base/utc_text.hpp"
#include "base/utf8.hpp"

namespace cord::media {
namespace {

namespace json = boost::json;
using Kind = RecordingOutcome::Kind;

bool is_base_name(const std::string& name) {
  constexpr std::size_t name_bytes_max = 128;
  constexpr const char* allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !name.empty() && name.size() <= name_bytes_max &&
         name.find_first_not_of(allowed) == std::string::npos;
}

json::string text(std::string_view from) {
  return json::string(valid_utf8(from));
}

json::array actions(const RecordingStory& story) {
  json::array out;
  for (const RecordingAction& it : story.actions) {
    const auto offset_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(it.at - story.actions.front().at);
    out.push_back(json::object{{"action", it.action},
                               {"by", text(it.by)},
                               {"at", utc_text(it.at)},
                               {"offset_ms", offset_ms.count()}});
  }
  return out;
}

json::array members(const RecordingStory& story) {
  const auto offset_ms = [&](Instant at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at - story.actions.front().at)
        .count();
  };
  json::array out;
  for (const RecordedMember& it : story.members) {
    const Instant to = it.to.value_or(story.actions.back().at);
    out.push_back(json::object{
        {"name", text(it.name)}, {"from_ms", offset_ms(it.from)}, {"to_ms", offset_ms(to)}});
  }
  return out;
}

std::string sidecar(const std::string& file, const std::string& sha256, std::uint64_t frames,
                    const RecordingStory& story) {
  CORD_ASSERT(!story.actions.empty());
  json::object facts;  // One that comes twice keeps its first value.
  for (const auto& [name, value] : story.facts) facts.emplace(text(name), text(value));
  json::object out{{"file", file},
                   {"sha256", sha256},
                   {"started_at", utc_text(story.actions.front().at)},
                   {"stopped_at", utc_text(story.actions.back().at)},
                   {"duration_ms", frames / 8},
                   {"sample_rate_hz", 8000},
                   {"channels", {{"left", "customer"}, {"right", "agent"}}},
                   {"facts", std::move(facts)},
                   {"actions", actions(story)}};
  if (!story.members.empty()) out.emplace("members", members(story));
  return json::serialize(out) + '\n';
}

}  // namespace

RecordingStore::RecordingStore(FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string RecordingStore::path(const std::string& base_name, const char* ending) const {
  return directory_ + "/" + base_name + ending;
}

std::optional<RecordingOutcome> RecordingStore::execute(RecordingJob&& job) {
  if (const auto* it = std::get_if<BeginRecording>(&job)) return begin(*it);
  if (const auto* it = std::get_if<AppendRecording>(&job)) return append(*it);
  if (const auto* it = std::get_if<FinishRecording>(&job)) return finish(*it);
  const RecorderId recorder = std::get<AbandonRecording>(job).recorder;
  recordings_.erase(recorder);
  return RecordingOutcome{Kind::abandoned, 0, recorder, {}};
}

Result<std::unique_ptr<WavFile>> RecordingStore::create(const std::string& base_name) {
  if (!is_base_name(base_name)) {
    return refuse(Errc::invalid_request, "recording.base_name", base_name);
  }
  for (const char* ending : {".wav", ".json"}) {
    if (files_.exists(path(base_name, ending))) {
      return refuse(Errc::io_failed, "recording.exists", path(base_name, ending));
    }
  }
  auto file = files_.create(path(base_name, ".wav.part"));
  if (!file) return tl::make_unexpected(file.error());
  return WavFile::open(std::move(*file));
}

RecordingOutcome RecordingStore::begin(const BeginRecording& job) {
  auto wav = create(job.base_name);
  if (!wav) {
    return {Kind::failed, job.token, job.recorder,
            fmt::format("{}: {}", wav.error().where, wav.error().detail)};
  }
  recordings_[job.recorder] = {job.base_name, std::move(*wav)};
  return {Kind::started, job.token, job.recorder, path(job.base_name, ".wav")};
}

std::optional<RecordingOutcome> RecordingStore::append(const AppendRecording& job) {
  const auto it = recordings_.find(job.recorder);
  if (it == recordings_.end()) return std::nullopt;
  job.audio.decode(job.frames, samples_);
  const auto appended = it->second.wav->append(samples_);
  if (appended) return std::nullopt;
  recordings_.erase(it);
  return RecordingOutcome{Kind::failed, 0, job.recorder, appended.error().detail};
}

RecordingOutcome RecordingStore::finish(const FinishRecording& job) {
  const auto it = recordings_.find(job.recorder);
  if (it == recordings_.end()) {
    return {Kind::unfinished, job.token, job.recorder, "the recording had failed before"};
  }
  const auto completed = complete(it->second, job.story);
  recordings_.erase(it);
  if (completed) return {Kind::finished, job.token, job.recorder, {}};
  return {Kind::unfinished, job.token, job.recorder, completed.error().detail};
}

// The sidecar gets its name last: where it stands, the recording is complete.
Result<void> RecordingStore::complete(Recording& recording, const RecordingStory& story) {
  const auto sha256 = recording.wav->finish();
  if (!sha256) return tl::make_unexpected(sha256.error());
  const std::string content =
      sidecar(recording.base_name + ".wav", *sha256, recording.wav->frames(), story);
  const std::string beside = path(recording.base_name, ".json");
  auto file = files_.create(beside + ".part");
  if (!file) return tl::make_unexpected(file.error());
  const std::string wav = path(recording.base_name, ".wav");
  return (*file)
      ->write_at(0, std::as_bytes(std::span(content)))
      .and_then([&] { return (*file)->sync(); })
      .and_then([&] { return files_.rename(wav + ".part", wav); })
      .and_then([&] { return files_.rename(beside + ".part", beside); })
      .and_then([&] { return files_.sync_directory(directory_); });
}

}  // namespace cord::media
