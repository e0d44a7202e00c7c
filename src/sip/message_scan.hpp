// The lines of a SIP message: RFC 3261 §7. Private to message_parse.cpp.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sip/message.hpp"

namespace cord::sip {

/// What can be told without looking into values. Made for broken messages too, as far as they go.
struct ScannedMessage {
  std::string_view start_line;
  std::vector<Header> headers;  ///< with Content-Length; broken rows are left out
  std::string_view rest;        ///< all after the empty line
  std::optional<Error> error;   ///< the first thing that was wrong
};

[[nodiscard]] ScannedMessage scan_message(std::string_view bytes);

}  // namespace cord::sip
