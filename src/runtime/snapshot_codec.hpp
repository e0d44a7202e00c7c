// What the engine knows after a record, as the payload of a snapshot, and back. The format is in
// docs/journal.md, "Snapshots".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/directory.hpp"
#include "core/state_image.hpp"
#include "runtime/event_codec.hpp"

namespace cord::runtime {

inline constexpr std::uint64_t snapshot_codec_version = 7;

/// How far a session's events are numbered, and, until somebody is back after a restart, told.
struct StreamPosition {
  core::SessionId session{};
  std::uint64_t last_seq = 0;
  std::optional<std::uint64_t> told_up_to{};
};

/// Sessions' earlier events and answers are not part of it: they are made again from the records
/// behind it, and who comes back after longer than those reach is told so (resume.gap).
struct EngineImage {
  core::StateImage state;
  std::vector<StreamPosition> streams;
  std::vector<NotedRequest> pending;      ///< taken up and not answered
  PlaceNames<core::AgentIndex> agents{};  ///< all that `state` mentions; so is the next
  PlaceNames<core::QueueIndex> queues{};
};

/// The names are the directory's.
[[nodiscard]] std::string encode_snapshot(EngineImage&& image, const core::Directory& directory);

/// Errors: bad_version; corrupt (not as long as it says, or more than it says).
[[nodiscard]] Result<EngineImage> decode_snapshot(std::string_view payload);

}  // namespace cord::runtime
