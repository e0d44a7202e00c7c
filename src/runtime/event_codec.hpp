// A decision's events as the payload of one journal record, and back. The format is in
// docs/journal.md: {"v":1,"events":[{"<EventName>":{<member>:<value>,...}},...]}.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/decide.hpp"

namespace cord::runtime {

inline constexpr int event_codec_version = 1;

/// The events of all blocks, in order. Never fails: every value an event holds has a spelling.
[[nodiscard]] std::string encode_events(std::span<const core::Block> blocks);

/// Errors: corrupt (not JSON, unknown event, a member missing or of the wrong type; the detail
/// names the event), bad_version.
[[nodiscard]] Result<std::vector<core::Event>> decode_events(std::string_view payload);

}  // namespace cord::runtime
