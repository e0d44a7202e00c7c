// What a person types, read as requests of the protocol: "hold", "dial 1002",
// "conversation.hold c-8", "interaction.setdata {"interaction-data":{"crm":"4711"}}".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "client/session_model.hpp"

namespace cord::app {

/// A short word and the command it stands for.
struct ShortWord {
  std::string_view word;
  std::string_view command;
  /// Where in `data` the words after it go, the last one taking the rest of the line:
  /// "reason.code", "disposition.id notes". Ending in "?": may be left out.
  std::string_view arguments;
  std::string_view help;
};

/// In the order of a call.
[[nodiscard]] std::span<const ShortWord> short_words();

struct TypedRequest {
  std::string command;
  std::string target;
  boost::json::object data;
};

/// Reads a line that is no word of the terminal client itself. What it is about is, if the line
/// does not say, the first channel, its call, or the conversation in focus. Errors: malformed, with
/// what is missing or allowed.
[[nodiscard]] Result<TypedRequest> read_line(std::string_view line, const SessionModel& model);

/// The words that could stand where `line` ends, each whole: first commands, then targets of the
/// kind that the command is about.
[[nodiscard]] std::vector<std::string> completions(std::string_view line, const SessionModel& model,
                                                   std::span<const std::string_view> own_words);

/// The next word of `text`, which is cut off; empty at the end.
[[nodiscard]] std::string_view take_word(std::string_view& text);

}  // namespace cord::app
