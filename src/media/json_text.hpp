// JSON text for the recording's sidecar: strings and times. Written here because this room knows
// no JSON library; RFC 8259 §7.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace cord::media {

/// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

/// UTC, RFC 3339, milliseconds: 2026-11-22T15:04:05.678Z.
[[nodiscard]] std::string utc_text(Instant at);

}  // namespace cord::media
