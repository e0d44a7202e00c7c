// What one decision leaves in the journal, as the payload of its record, and back. The format is in
// docs/journal.md, "Payload".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "core/decide.hpp"

namespace cord::runtime {

inline constexpr int event_codec_version = 2;

/// A request with an id, so that it is known when it is sent again (RequestMemory).
struct NotedRequest {
  core::SessionId session{};
  core::RequestId request{};
  std::string id{};
  std::string digest{};  ///< bytes
};

/// How a noted request ended. Its seq is that of its session after the first `events_before` events
/// of the record.
struct NotedAnswer {
  core::RequestId request{};
  std::size_t events_before = 0;
  std::optional<Errc> failure{};  ///< none: success, with nothing to add
  std::string detail{};
};

/// Places and the names that were there when the record was written.
template <class Place>
using PlaceNames = std::vector<std::pair<Place, std::string>>;

struct RecordContent {
  std::vector<core::Event> events;
  std::vector<NotedRequest> requests;
  std::vector<NotedAnswer> answers;
  PlaceNames<core::AgentIndex> agents;  ///< all that `events` mention; so is the next
  PlaceNames<core::QueueIndex> queues;
};

/// The names are the directory's. Never fails: every value an event holds has a spelling.
[[nodiscard]] std::string encode_record(RecordContent&& content, const core::Directory& directory);

/// Errors: corrupt (not JSON, unknown event, a member missing or of the wrong type; the detail
/// names the event), bad_version.
[[nodiscard]] Result<RecordContent> decode_record(std::string_view payload);

/// Where the names of a directory are now, those of what is gone included.
class PlaceBook {
 public:
  explicit PlaceBook(const core::Directory& directory);

  /// Makes the places of `content` those of the directory. Error: corrupt, naming who is not there.
  [[nodiscard]] Result<void> relocate(RecordContent& content) const;

 private:
  std::unordered_map<std::string, core::AgentIndex> agents_;
  std::unordered_map<std::string, core::QueueIndex> queues_;
};

}  // namespace cord::runtime
