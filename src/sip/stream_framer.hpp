// Cuts a TCP byte stream into SIP messages by Content-Length: RFC 3261 §18.3, with the keep-alives
// of RFC 5626 §4.4.1. Looks at nothing but the end of the header and the length.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "sip/message.hpp"

namespace cord::sip {

/// A whole message, to be given to parse_message().
struct FramedMessage {
  std::string bytes;
};
/// A double CRLF between messages. Answer with stream_pong.
struct FramedPing {};

using Frame = std::variant<FramedMessage, FramedPing>;

inline constexpr std::string_view stream_pong = "\r\n";

/// One per connection. After an error the stream is lost: close it (RFC 3261 §18.3).
class StreamFramer {
 public:
  /// Takes in what was read. Call next() until it gives nothing before pushing more.
  void push(std::string_view bytes);

  /// The next frame, or none yet. Errors, which stay: too_long (header or body beyond
  /// message_bytes_max), malformed (no, or no usable, Content-Length; RFC 3261 §18.3 demands it).
  [[nodiscard]] Result<std::optional<Frame>> next();

  /// Bytes held; at most message_bytes_max and one push.
  [[nodiscard]] std::size_t buffered_bytes() const { return buffer_.size() - start_; }

 private:
  std::optional<Frame> take_keep_alive();
  [[nodiscard]] Result<std::optional<std::size_t>> message_bytes();

  std::string buffer_;
  std::size_t start_ = 0;          ///< of what is not framed yet
  std::size_t scanned_ = 0;        ///< from start_: searched for the end of the header so far
  std::size_t message_bytes_ = 0;  ///< of the message at start_, once its header is complete
  std::optional<Error> failed_;
};

}  // namespace cord::sip
