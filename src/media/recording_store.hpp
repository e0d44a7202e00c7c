// Carries out recording jobs on a file system, one after the other: BASE.wav.part while it grows;
// at the end BASE.wav with BASE.json beside it (its members: docs/operations.md). Nothing that
// exists is ever overwritten. Blocking; no thread of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "media/file_system.hpp"
#include "media/recording_jobs.hpp"
#include "media/wav_file.hpp"

namespace cord::media {

class RecordingStore {
 public:
  /// `files` must outlive the store.
  RecordingStore(FileSystem& files, std::string directory);

  /// Does one job. No outcome: an append that went well, or one after a failure was told.
  std::optional<RecordingOutcome> execute(RecordingJob&& job);

 private:
  struct Recording {
    std::string base_name;
    std::unique_ptr<WavFile> wav;
  };

  RecordingOutcome begin(const BeginRecording& job);
  std::optional<RecordingOutcome> append(const AppendRecording& job);
  RecordingOutcome finish(const FinishRecording& job);
  Result<std::unique_ptr<WavFile>> create(const std::string& base_name);
  Result<void> complete(Recording& recording, const RecordingStory& story);
  [[nodiscard]] std::string path(const std::string& base_name, const char* ending) const;

  FileSystem& files_;
  std::string directory_;
  std::unordered_map<RecorderId, Recording> recordings_;
  std::vector<std::int16_t> samples_;  // of one append; kept for its memory
};

}  // namespace cord::media
