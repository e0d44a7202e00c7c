#include "agent/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "wire/names.hpp"

namespace cord::app {
namespace {

namespace json = boost::json;

constexpr std::array words{
    ShortWord{"activate", "channel.activate", "", "put the channel into service"},
    ShortWord{"deactivate", "channel.deactivate", "", "take it out of service"},
    ShortWord{"ready", "channel.ready", "", "take calls"},
    ShortWord{"notready", "channel.notready", "reason.code?", "take none, for a REASON"},
    ShortWord{"dial", "channel.dial", "destination", "call a NUMBER"},
    ShortWord{"answer", "conversation.answer", "", "the call that rings"},
    ShortWord{"reject", "interaction.reject", "reason?", "let the next agent have it"},
    ShortWord{"hold", "conversation.hold", "", ""},
    ShortWord{"retrieve", "conversation.retrieve", "", "from hold"},
    ShortWord{"mute", "conversation.request.mute", "", ""},
    ShortWord{"unmute", "conversation.request.unmute", "", ""},
    ShortWord{"dtmf", "conversation.senddtmf", "digits", "send DIGITS"},
    ShortWord{"record", "interaction.request.recording.start", "", "record the call"},
    ShortWord{"pause", "interaction.request.recording.pause", "", "nothing more is recorded"},
    ShortWord{"resume", "interaction.request.recording.resume", "", "recorded again"},
    ShortWord{"stop", "interaction.request.recording.stop", "", "end the recording"},
    ShortWord{"consult", "interaction.consult", "destination", "hold, and call a NUMBER"},
    ShortWord{"alternate", "interaction.alternate", "", "talk to the other one"},
    ShortWord{"reconnect", "interaction.reconnect", "", "drop the consulted, go back"},
    ShortWord{"join", "interaction.consultconference", "", "all three talk"},
    ShortWord{"handover", "interaction.consulttransfer", "", "the two talk, you leave"},
    ShortWord{"transfer", "conversation.blindtransfer", "destination", "to a NUMBER"},
    ShortWord{"invite", "conversation.blindconference", "destination", "a NUMBER into the call"},
    ShortWord{"expel", "conversation.dropmember", "member.id", "a MEMBER out of the call"},
    ShortWord{"listen", "channel.request.monitor", "agent.id", "to an AGENT's call, unheard"},
    ShortWord{"whisper", "channel.request.whisper", "agent.id", "to the AGENT only"},
    ShortWord{"barge", "channel.request.barge", "agent.id", "into the AGENT's call"},
    ShortWord{"intercept", "channel.request.intercept", "agent.id", "take the AGENT's call"},
    ShortWord{"unlisten", "channel.request.endmonitor", "agent.id", "stop listening to AGENT"},
    ShortWord{"release", "conversation.release", "", "hang up"},
    ShortWord{"complete", "interaction.complete", "disposition.id? notes?",
              "end wrap-up, with DISPOSITION and NOTES"},
    ShortWord{"snapshot", "session.snapshot", "", "everything the server knows"},
    ShortWord{"logout", "session.request.logout", "reason?", ""},
};

// For completion; the client itself starts and resumes its session.
std::vector<std::string> full_commands() {
  std::vector<std::string> all;
  for (const wire::CommandRow& row : wire::commands) {
    const bool is_ours = row.kind == wire::CommandKind::start_session ||
                         row.kind == wire::CommandKind::resume_session;
    if (!is_ours) all.push_back(fmt::format("{}.{}", wire::object_name(row.object), row.verb));
  }
  return all;
}

tl::unexpected<Error> no_request(std::string text) {
  return tl::make_unexpected(Error{Errc::malformed, "agent.line", std::move(text)});
}

std::vector<std::string> targets_of(const SessionModel& model) {
  std::vector<std::string> all;
  for (const ChannelView& channel : model.channels()) {
    all.push_back(channel.target);
    for (const InteractionView& interaction : channel.interactions) {
      all.push_back(interaction.target);
      for (const auto& it : interaction.conversations) all.push_back(it.target);
    }
  }
  return all;
}

std::string last_id(const std::string& target) {
  return target.substr(target.rfind('.') + 1);
}

/// The call a command without a target means: the one that is not over, else the newest.
const InteractionView* current_call(const SessionModel& model) {
  const InteractionView* found = nullptr;
  for (const ChannelView& channel : model.channels()) {
    for (const InteractionView& it : channel.interactions) {
      if (found == nullptr || it.state != "ENDED") found = &it;
    }
  }
  return found;
}

Result<std::string> default_target(std::string_view command, const SessionModel& model) {
  const std::string_view object = command.substr(0, command.find('.'));
  if (object == "session") return model.session();
  if (object == "channel" || object == "channelgroup") {
    if (model.channels().empty()) return no_request("there is no channel");
    const std::string& channel = model.channels().front().target;
    return object == "channel" ? channel : channel.substr(0, channel.rfind('.'));
  }
  const InteractionView* const call = current_call(model);
  if (call == nullptr) return no_request("there is no call");
  if (object == "interaction") return call->target;
  const ConversationView* const talk = focus_of(*call);
  if (talk == nullptr) return no_request("the call has no conversation any more");
  return talk->target;
}

/// The whole of a target of which the last id is given; empty: there is none.
std::string find_target(std::string_view word, const SessionModel& model) {
  if (word == model.session()) return model.session();
  for (std::string& target : targets_of(model)) {
    if (target == word || last_id(target) == word) return std::move(target);
  }
  return {};
}

/// Puts `value` at "reason.code".
void put(json::object& data, std::string_view path, std::string_view value) {
  const auto dot = path.find('.');
  const json::string_view name(path.data(), std::min(dot, path.size()));
  if (dot == std::string_view::npos) {
    data[name] = json::string_view(value.data(), value.size());
  } else {
    put(data[name].emplace_object(), path.substr(dot + 1), value);
  }
}

Result<json::object> read_arguments(const ShortWord& word, std::string_view rest) {
  json::object data;
  std::string_view paths = word.arguments;
  while (!paths.empty()) {
    std::string_view path = take_word(paths);
    const bool is_optional = path.ends_with('?');
    if (is_optional) path.remove_suffix(1);
    const std::string_view value = paths.empty() ? std::exchange(rest, {}) : take_word(rest);
    if (!value.empty()) {
      put(data, path, value);
    } else if (!is_optional) {
      return no_request(fmt::format("{} needs one more word: {}", word.word, path));
    }
  }
  if (!rest.empty()) return no_request(fmt::format("{} takes no \"{}\"", word.word, rest));
  return data;
}

Result<TypedRequest> read_full(std::string_view command, std::string_view rest,
                               const SessionModel& model) {
  TypedRequest request{std::string(command), {}, {}};
  if (!rest.empty() && rest.front() != '{') {
    const std::string_view word = take_word(rest);
    request.target = find_target(word, model);
    if (request.target.empty() && word.find('.') == std::string_view::npos) {
      return no_request(fmt::format("there is no \"{}\"; `show` lists what there is", word));
    }
    if (request.target.empty()) request.target = word;
  } else {
    auto target = default_target(command, model);
    if (!target) return tl::make_unexpected(target.error());
    request.target = *target;
  }
  if (rest.empty()) return request;
  auto data = read_object(rest);
  if (!data) return tl::make_unexpected(data.error());
  request.data = std::move(*data);
  return request;
}

}  // namespace

std::span<const ShortWord> short_words() {
  return words;
}

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return word;
}

Result<TypedRequest> read_line(std::string_view line, const SessionModel& model) {
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  const std::string_view first = take_word(line);
  const auto word = std::find_if(words.begin(), words.end(),
                                 [&](const ShortWord& it) { return it.word == first; });
  if (word == words.end()) {
    if (first.find('.') == std::string_view::npos) {
      return no_request(fmt::format("\"{}\" is no word of mine; `help` lists them", first));
    }
    return read_full(first, line, model);
  }
  auto data = read_arguments(*word, line);
  if (!data) return tl::make_unexpected(data.error());
  auto target = default_target(word->command, model);
  if (!target) return tl::make_unexpected(target.error());
  return TypedRequest{std::string(word->command), std::move(*target), std::move(*data)};
}

std::vector<std::string> completions(std::string_view line, const SessionModel& model,
                                     std::span<const std::string_view> own_words) {
  const auto space = line.find_last_of(" \t");
  const bool is_first = space == std::string_view::npos;
  const std::string_view begun = is_first ? line : line.substr(space + 1);
  std::vector<std::string> all;
  if (is_first) {
    for (const std::string_view it : own_words) all.emplace_back(it);
    for (const ShortWord& it : words) all.emplace_back(it.word);
    for (std::string& it : full_commands()) all.push_back(std::move(it));
  } else {
    const std::string_view object = line.substr(0, std::min(line.find('.'), space));
    for (const std::string& target : targets_of(model)) {
      if (kind_of(target) == object) all.push_back(last_id(target));
    }
  }
  std::erase_if(all, [&](const std::string& it) { return !it.starts_with(begun); });
  return all;
}

}  // namespace cord::app
