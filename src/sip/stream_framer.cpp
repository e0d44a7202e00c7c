#include "sip/stream_framer.hpp"

#include <algorithm>

#include "sip/codec/fields.hpp"
#include "sip/codec/params.hpp"
#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view header_end = "\r\n\r\n";

bool is_content_length(std::string_view name) {
  return equals_ignoring_case(name, header::content_length) || equals_ignoring_case(name, "l");
}

// Takes one header row off the front, its folded lines with it.
std::string_view take_row(std::string_view& head) {
  std::size_t end = head.find(crlf);
  while (end != std::string_view::npos && end + crlf.size() < head.size() &&
         is_space(head[end + crlf.size()])) {
    end = head.find(crlf, end + crlf.size());
  }
  end = std::min(end, head.size());
  const std::string_view row = head.substr(0, end);
  head.remove_prefix(std::min(end + crlf.size(), head.size()));
  return row;
}

std::string_view without_outer_space(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Two different lengths would let two readers see two different streams: none is taken then.
Result<std::size_t> find_content_length(std::string_view head) {
  std::optional<std::size_t> length;
  while (!head.empty()) {
    const std::string_view row = take_row(head);
    const std::size_t colon = row.find(':');
    if (colon == std::string_view::npos || !is_content_length(trimmed(row.substr(0, colon)))) {
      continue;
    }
    const auto number = parse_number(without_outer_space(row.substr(colon + 1)), UINT32_MAX);
    if (!number || (length && *length != *number)) {
      return refuse(Errc::malformed, "sip.stream.content_length");
    }
    length = *number;
  }
  if (!length) return refuse(Errc::malformed, "sip.stream.content_length", "missing");
  return *length;
}

}  // namespace

void StreamFramer::push(std::string_view bytes) {
  if (failed_) return;
  if (start_ > 0) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  buffer_ += bytes;
}

// RFC 5626 §4.4.1: CRLFCRLF is a ping, a single CRLF a pong or padding. Two pings in a row are
// told by their length alone.
std::optional<Frame> StreamFramer::take_keep_alive() {
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.starts_with(header_end)) {
    start_ += header_end.size();
    return FramedPing{};
  }
  const bool may_be_ping = header_end.starts_with(rest);
  if (rest.starts_with(crlf) && !may_be_ping) start_ += crlf.size();
  return std::nullopt;
}

Result<std::optional<std::size_t>> StreamFramer::message_bytes() {
  if (message_bytes_ != 0) return message_bytes_;
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  const std::size_t end = rest.find(header_end, scanned_);
  if (end == std::string_view::npos) {
    if (rest.size() > message_bytes_max) return refuse(Errc::too_long, "sip.stream.header");
    scanned_ = rest.size() < header_end.size() ? 0 : rest.size() - (header_end.size() - 1);
    return std::nullopt;
  }
  const auto length = find_content_length(rest.substr(0, end));
  if (!length) return tl::make_unexpected(length.error());
  const std::size_t total = end + header_end.size() + *length;
  if (total > message_bytes_max) return refuse(Errc::too_long, "sip.stream.message", total);
  message_bytes_ = total;
  return message_bytes_;
}

Result<std::optional<Frame>> StreamFramer::next() {
  if (failed_) return tl::make_unexpected(*failed_);
  if (message_bytes_ == 0 && scanned_ == 0) {
    if (auto ping = take_keep_alive()) return ping;
    if (header_end.starts_with(std::string_view(buffer_).substr(start_))) return std::nullopt;
  }
  const auto total = message_bytes();
  if (!total) {
    failed_ = total.error();
    buffer_.clear();
    start_ = 0;
    return tl::make_unexpected(*failed_);
  }
  if (!*total || buffer_.size() - start_ < **total) return std::nullopt;
  FramedMessage message{buffer_.substr(start_, **total)};
  start_ += **total;
  scanned_ = message_bytes_ = 0;
  return message;
}

}  // namespace cord::sip
