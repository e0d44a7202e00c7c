// What one decision leaves in the journal, as the payload of its record, and back. The format is in
// docs/journal.md, "Payload".
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/decide.hpp"

namespace cord::runtime {

inline constexpr int event_codec_version = 5;

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
using PlaceNames = std::map<Place, std::string>;

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

}  // namespace cord::runtime
