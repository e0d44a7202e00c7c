// What the media thread asks of the recording writer, and what it hears back. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "media/orders.hpp"
#include "media/recorded_audio.hpp"

namespace cord::media {

/// Something done to a recording, for its sidecar.
struct RecordingAction {
  std::string action;  ///< start, pause, resume, stop
  std::string by;
  Instant at;
};

/// Who was in a recorded conference, from when until when.
struct RecordedMember {
  std::string name;
  Instant from;
  std::optional<Instant> to{};  ///< none: until the end
};

/// Everything the sidecar says that the file itself does not.
struct RecordingStory {
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<RecordingAction> actions;   ///< in order; the first is start, the last stop
  std::vector<RecordedMember> members{};  ///< of conferences, all but the agent
};

/// Makes the file. Outcome: started or failed.
struct BeginRecording {
  Token token;
  RecorderId recorder;
  std::string base_name;
};
/// Adds frames 0 to `frames` of a stretch. Outcome: none, or failed with token 0, once.
struct AppendRecording {
  RecorderId recorder;
  std::uint32_t frames;
  RecordedAudio audio;
};
/// Completes the file. Outcome: finished or unfinished.
struct FinishRecording {
  Token token;
  RecorderId recorder;
  RecordingStory story;
};
/// Closes the file as it is, still named .part. Outcome: abandoned.
struct AbandonRecording {
  RecorderId recorder;
};

using RecordingJob =
    std::variant<BeginRecording, AppendRecording, FinishRecording, AbandonRecording>;

struct RecordingOutcome {
  enum class Kind : std::uint8_t {
    started,
    failed,      ///< begin or append went wrong; the file is closed as it is
    finished,    ///< the last of a recorder, as are the next two
    unfinished,  ///< finish went wrong
    abandoned,
  };
  Kind kind;
  Token token;
  RecorderId recorder;
  std::string text;  ///< started: the final path; failed, unfinished: why
};

/// Takes jobs in order; they are carried out later.
class RecordingSink {
 public:
  virtual ~RecordingSink() = default;
  /// False if the buffer for audio is full; never false for the other jobs.
  [[nodiscard]] virtual bool submit(RecordingJob&& job) = 0;
};

}  // namespace cord::media
