// The one way a time is written for people and for other programs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace cord {

/// RFC 3339 §5.6, UTC, cut (not rounded) to milliseconds: "2026-11-22T15:04:05.678Z". The year is
/// 0000 to 9999.
[[nodiscard]] std::string utc_text(Instant at);

/// The instant that utc_text() writes so; none for any other text.
[[nodiscard]] std::optional<Instant> parse_utc_text(std::string_view text);

}  // namespace cord
