#include "sip/message_scan.hpp"

#include <string>
#include <utility>

#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view crlf = "\r\n";

void note(ScannedMessage& message, Errc code, std::string_view where) {
  if (!message.error) message.error = Error{code, where, {}};
}

// Takes one line off the front. npos: no line end is left.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find(crlf);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + crlf.size());
  return line;
}

bool has_stray_line_end(std::string_view line) {
  return line.find_first_of(crlf) != std::string_view::npos;
}

// RFC 3261 §7.3.1: a line that starts with white space goes on with the one before; together they
// mean a single space.
void append_folded(std::string& value, std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return;
  if (!value.empty()) value += ' ';
  value += line;
}

void add_row(ScannedMessage& message, std::string_view line, std::string_view& text) {
  const std::size_t colon = line.find(':');
  const std::string_view name =
      colon == std::string_view::npos ? std::string_view() : trimmed(line.substr(0, colon));
  bool is_good = is_token(name) && !is_space(line.front()) && !has_stray_line_end(line);
  std::string value;
  if (is_good) value = std::string(trimmed(line.substr(colon + 1)));
  while (!text.empty() && is_space(text.front())) {
    const auto more = take_line(text);
    if (!more) break;
    if (has_stray_line_end(*more)) is_good = false;
    if (is_good) append_folded(value, *more);
  }
  if (!is_good) return note(message, Errc::malformed, "sip.header.row");
  if (value.size() > header_value_bytes_max)
    return note(message, Errc::too_long, "sip.header.value");
  if (message.headers.size() >= headers_max) return note(message, Errc::too_long, "sip.headers");
  message.headers.push_back({std::string(canonical_header_name(name)), std::move(value)});
}

}  // namespace

ScannedMessage scan_message(std::string_view bytes) {
  ScannedMessage message;
  if (bytes.size() > message_bytes_max) {
    note(message, Errc::too_long, "sip.message");
    return message;
  }
  while (bytes.starts_with(crlf)) bytes.remove_prefix(crlf.size());
  const auto start_line = take_line(bytes);
  if (!start_line) {
    note(message, Errc::too_short, "sip.start_line");
    return message;
  }
  message.start_line = *start_line;
  if (has_stray_line_end(*start_line)) note(message, Errc::malformed, "sip.start_line");
  for (;;) {
    const auto line = take_line(bytes);
    if (!line) {
      note(message, Errc::too_short, "sip.headers");
      return message;
    }
    if (line->empty()) break;
    add_row(message, *line, bytes);
  }
  message.rest = bytes;
  return message;
}

}  // namespace cord::sip
