#include "wire/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cord::wire {
namespace {

constexpr bool is_continuation(char c) {
  return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80;
}

/// The second byte's range narrows what the first one allows: no overlong forms, no surrogates,
/// nothing beyond U+10FFFF (RFC 3629 §4).
struct Lead {
  std::size_t bytes;  ///< 0: cannot begin a character
  std::uint8_t second_min;
  std::uint8_t second_max;
};

constexpr Lead lead_of(std::uint8_t first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xc2) return {0, 0, 0};
  if (first < 0xe0) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first < 0xf4) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

/// Bytes of the character that `text` begins with; 0 if it begins with none.
std::size_t character_bytes(std::string_view text) {
  const Lead lead = lead_of(static_cast<std::uint8_t>(text[0]));
  if (lead.bytes <= 1) return lead.bytes;
  if (text.size() < lead.bytes) return 0;
  const auto second = static_cast<std::uint8_t>(text[1]);
  if (second < lead.second_min || second > lead.second_max) return 0;
  for (std::size_t i = 2; i < lead.bytes; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return lead.bytes;
}

constexpr bool needs_escape(char c) {
  return static_cast<std::uint8_t>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u00";
  out += hex[static_cast<std::uint8_t>(c) >> 4];
  out += hex[static_cast<std::uint8_t>(c) & 0x0f];
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    // Plain ASCII, which nearly everything is, is copied in runs.
    const auto run = static_cast<std::size_t>(
        std::find_if(
            text.begin(), text.end(),
            [](char c) { return needs_escape(c) || static_cast<std::uint8_t>(c) >= 0x80; }) -
        text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    if (needs_escape(text[0])) {
      append_escape(out, text[0]);
      text.remove_prefix(1);
      continue;
    }
    const std::size_t bytes = character_bytes(text);
    out += bytes == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  out += '"';
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && is_continuation(text[bytes_max])) --bytes_max;
  return text.substr(0, bytes_max);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace cord::wire
