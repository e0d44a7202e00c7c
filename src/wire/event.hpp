// Events, printed: docs/protocol.md, sections 2, 6 and 7.
#pragma once

#include <string>

#include "base/instant.hpp"
#include "core/client.hpp"

namespace cord::wire {

[[nodiscard]] std::string print_event(const core::ClientEvent& event);

/// RFC 3339 §5.6, UTC, cut (not rounded) to milliseconds: "2026-11-22T15:04:05.678Z". The year is
/// 0000 to 9999.
[[nodiscard]] std::string print_time(Instant time);

}  // namespace cord::wire
