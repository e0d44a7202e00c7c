#include "client/messages.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cord::app {
namespace {

namespace json = boost::json;

void flatten(const json::value& value, const std::string& key, FlatJson& into) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      flatten(member,
              key.empty() ? std::string(name) : fmt::format("{}.{}", key, std::string(name)), into);
    }
  } else if (const auto* text = value.if_string()) {
    into[key] = std::string(*text);
  } else {
    into[key] = json::serialize(value);
  }
}

Event read_event(const json::object& message) {
  return {text_member(message, "name"), text_member(message, "target"),
          object_member(message, "data"), number_member(message, "seq"),
          text_member(message, "time")};
}

Answer read_answer(const json::object& message) {
  Answer answer;
  const std::string result = text_member(message, "result");
  if (result == "success") answer.result = Answer::Result::success;
  if (result == "confirm") answer.result = Answer::Result::confirm;
  answer.command = text_member(message, "command");
  answer.id = number_member(message, "id");
  answer.data = object_member(message, "data");
  answer.seq = number_member(message, "seq");
  const json::object& failure = object_member(message, "failure");
  answer.code = text_member(failure, "code");
  answer.message = text_member(failure.empty() ? message : failure, "message");
  answer.context = text_member(failure, "context");
  return answer;
}

}  // namespace

std::string Answer::why() const {
  std::string text = code.empty() ? message : fmt::format("{}: {}", code, message);
  if (!context.empty()) text += fmt::format(" ({})", context);
  return text;
}

Result<json::object> read_object(std::string_view text) {
  json::error_code error;
  auto value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) {
    return refuse(Errc::malformed, "client.message", fmt::format("\"{}\" is no JSON object", text));
  }
  return std::move(value.get_object());
}

Result<Message> read_message(std::string_view text) {
  const auto message = read_object(text);
  if (!message) return tl::make_unexpected(message.error());
  if (message->if_contains("messageType") != nullptr) return read_event(*message);
  return read_answer(*message);
}

std::string print_request(const Request& request) {
  json::object message;
  message["command"] = json::string_view(request.command.data(), request.command.size());
  if (!request.target.empty()) {
    message["target"] = json::string_view(request.target.data(), request.target.size());
  }
  message["data"] = request.data;
  if (request.id != 0) message["id"] = request.id;
  return json::serialize(message);
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains({name.data(), name.size()});
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : "";
}

std::uint64_t number_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains({name.data(), name.size()});
  return member != nullptr && member->is_int64() && member->get_int64() >= 0
             ? static_cast<std::uint64_t>(member->get_int64())
             : 0;
}

const json::object& object_member(const json::object& object, std::string_view name) {
  static const json::object empty;
  const auto* member = object.if_contains({name.data(), name.size()});
  return member != nullptr && member->is_object() ? member->get_object() : empty;
}

FlatJson flat(const json::object& object) {
  FlatJson found;
  for (const auto& [name, member] : object) flatten(member, std::string(name), found);
  return found;
}

std::string_view value_of(const FlatJson& data, std::string_view key) {
  const auto found = data.find(key);
  return found == data.end() ? std::string_view{} : std::string_view(found->second);
}

std::string_view kind_of(std::string_view target) {
  const auto dot = target.rfind('.');
  if (dot == std::string_view::npos) return "session";
  const auto id = target.substr(dot + 1);
  if (id.starts_with("ch-")) return "channel";
  if (id.starts_with("g-")) return "group";
  if (id.starts_with("i-")) return "interaction";
  return "conversation";
}

std::string details_of(const Event& event, std::size_t columns_max) {
  const FlatJson data = flat(event.data);
  std::string text;
  if (event.name == "state.updated") {
    text = fmt::format("{} {}", kind_of(event.target), value_of(data, "state"));
  }
  for (const auto& [key, value] : data) {
    const auto name = key.substr(key.rfind('.') + 1);
    const bool is_told = event.name == "state.updated" && (key == "state" || key == "previous");
    if (is_told || name == "id" || name == "type" || name == "endpoint" || value == "[]") continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  if (text.size() > columns_max) text = text.substr(0, columns_max - 3) + "...";
  return text;
}

}  // namespace cord::app
