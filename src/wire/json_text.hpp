// JSON as text, for printing: RFC 8259, section 7. Private to this room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cord::wire {

/// Appends `text` as a JSON string, with its quotes. What is not UTF-8 (a caller's name from a
/// telephone network) becomes U+FFFD, so that the message always is.
void append_quoted(std::string& out, std::string_view text);

/// The longest beginning of `text` with at most `bytes_max` bytes that does not end inside a
/// character. `text` is UTF-8.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// The number of characters (code points) of a UTF-8 text.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace cord::wire
