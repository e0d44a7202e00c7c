// UTF-8, RFC 3629: telling it from what is not. A caller's name from a telephone network may be
// anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cord {

/// What stands for bytes that are no character: U+FFFD.
inline constexpr std::string_view utf8_replacement = "\xef\xbf\xbd";

/// Bytes of the character that `text`, which must not be empty, begins with; 0 if with none: no
/// overlong forms, no surrogates, nothing beyond U+10FFFF (§4).
[[nodiscard]] std::size_t utf8_character_bytes(std::string_view text);

/// `text` with U+FFFD for each byte that belongs to no character.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace cord
