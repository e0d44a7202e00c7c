// The agent protocol (docs/protocol.md, section 2) as a client says and hears it: what the demo's
// desktop, the terminal client and the load generator share.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json/object.hpp>

#include "base/result.hpp"

namespace cord::app {

struct Event {
  std::string name, target;
  boost::json::object data;
  std::uint64_t seq = 0;
  std::string time;  ///< RFC 3339, UTC, milliseconds
};

struct Answer {
  enum class Result : std::uint8_t { success, failure, confirm };
  Result result = Result::failure;
  std::string command;
  std::uint64_t id = 0;  ///< the request's; 0: it had none
  boost::json::object data;
  std::uint64_t seq = 0;
  std::string code, message, context;  ///< of a failure; `message` also of a confirm

  [[nodiscard]] bool is_success() const { return result == Result::success; }
  /// "invalid.state: This is not possible ... (The call is still ringing.)"
  [[nodiscard]] std::string why() const;
};

using Message = std::variant<Event, Answer>;

/// Errors: malformed.
[[nodiscard]] Result<Message> read_message(std::string_view text);

struct Request {
  std::string_view command;
  std::string_view target = {};  ///< empty: none
  boost::json::object data = {};
  std::uint64_t id = 0;  ///< 0: none
};

[[nodiscard]] std::string print_request(const Request& request);

/// One JSON object, as a person typed it. Errors: malformed.
[[nodiscard]] Result<boost::json::object> read_object(std::string_view text);

/// The member if it is a text, else empty.
[[nodiscard]] std::string text_member(const boost::json::object& object, std::string_view name);
/// The member if it is a whole number from 0 on, else 0.
[[nodiscard]] std::uint64_t number_member(const boost::json::object& object, std::string_view name);
/// The member if it is an object, else an empty one.
[[nodiscard]] const boost::json::object& object_member(const boost::json::object& object,
                                                       std::string_view name);

/// A JSON object with its nesting put into the keys: {"channel":{"id":"ch-1"}} has "channel.id".
/// Lists are kept as JSON text.
using FlatJson = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] FlatJson flat(const boost::json::object& object);

/// "CONNECTED" of `data`, or empty.
[[nodiscard]] std::string_view value_of(const FlatJson& data, std::string_view key);

/// What kind of object the last id of a target names: "session", "group", "channel", ...
[[nodiscard]] std::string_view kind_of(std::string_view target);

/// The data of an event in one line: states first, the rest as key=value, ids left out.
[[nodiscard]] std::string details_of(const Event& event, std::size_t columns_max);

}  // namespace cord::app
