// One text message of a client, read: docs/protocol.md, sections 1 to 5. Whether the target exists
// and the command is possible is the core's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "core/commands.hpp"
#include "core/values.hpp"

namespace cord::wire {

inline constexpr std::size_t message_bytes_max = 64 * 1024;
inline constexpr std::size_t id_characters_max = 64;  ///< of a request's `id`
inline constexpr std::size_t malformed_original_bytes_max = 1024;

/// What an answer repeats of its request: pieces of JSON, secrets masked.
struct Echo {
  std::optional<std::string> command;  ///< plain text, trimmed; none: there was no such text
  std::optional<std::string> target;   ///< plain text as received
  std::string data = "{}";             ///< JSON object
  std::string original;                ///< JSON: the whole request, or the text that was no request
  std::string id;                      ///< JSON string or integer; empty: none given
};

/// `prepareSession`: who wants a session. Whether they may is the front's business.
struct LogIn {
  std::string agent = {};
  std::string password = {};              ///< never printed
  std::optional<std::string> token = {};  ///< instead of the two; never printed
  bool takes_over = false;
};

/// `session.resume`: the client of the target is back.
struct Resume {
  std::string token;        ///< never printed
  std::uint64_t after = 0;  ///< the last event it has
};

inline constexpr std::size_t history_items_max = 200;
inline constexpr std::size_t history_items_usual = 100;

/// `session.request.history`: which of the agent's own interactions. Told by the front.
struct ReadHistory {
  std::optional<Instant> from = {};       ///< begun at that time, or later
  std::optional<std::string> after = {};  ///< the `next` of an answer before: go on behind it
  std::size_t limit = history_items_usual;
};

struct Request {
  Echo echo;
  core::Target target;  ///< of a Resume: a session, and nothing below it
  std::variant<core::Command, LogIn, Resume, ReadHistory> what;
  /// Equal for two requests that say the same, secrets included, whatever their spacing and order
  /// of members. Empty if the request has no id. Never printed.
  std::string body;
};

/// A message that is answered at once with a failure.
struct RefusedRequest {
  Echo echo;
  Error error;
  bool is_malformed = false;  ///< no JSON object at all: a client that goes on like that is closed
};

/// Reads one message. Errors: invalid_request, naming the member; unknown_command.
[[nodiscard]] tl::expected<Request, RefusedRequest> parse_request(std::string_view text);

}  // namespace cord::wire
