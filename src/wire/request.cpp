#include "wire/request.hpp"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "wire/json_text.hpp"
#include "wire/names.hpp"
#include "wire/strict_json.hpp"
#include "wire/target.hpp"

namespace cord::wire {
namespace {

namespace json = boost::json;

std::string text_of(const json::string& text) {
  return {text.data(), text.size()};
}

/// Reads the known members of one object. The first one that is missing or of a wrong type is
/// remembered; what follows it is read as absent.
class Members {
 public:
  Members(const json::object& object, std::string path) : object_(object), path_(std::move(path)) {}

  std::optional<std::string> text(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) return complain(name, "must be a string");
    return text_of(value->get_string());
  }

  std::string required_text(std::string_view name) {
    auto value = text(name);
    if (!value && !error_) complain(name, "is missing");
    return value.value_or(std::string());
  }

  bool flag(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) complain(name, "must be true or false");
    return value->is_bool() && value->get_bool();
  }

  const json::object* object(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) complain(name, "must be an object");
    return value->if_object();
  }

  /// The text member `inner` of the object member `outer`.
  std::optional<std::string> text_in(std::string_view outer, std::string_view inner,
                                     bool is_required) {
    const json::object* found = object(outer);
    if (found == nullptr) return std::nullopt;
    Members members(*found, path_ + std::string(outer) + ".");
    std::optional<std::string> value;
    if (is_required) {
      value = members.required_text(inner);
    } else {
      value = members.text(inner);
    }
    adopt(members);
    return value;
  }

  /// A reason where the protocol has no form for it: a text, or `{"code": text}`.
  std::string free_reason() {
    const json::value* value = find("reason");
    if (value != nullptr && value->is_object()) {
      return text_in("reason", "code", true).value_or(std::string());
    }
    return text("reason").value_or(std::string());
  }

  const json::value* find(std::string_view name) const {
    return error_ ? nullptr : object_.if_contains({name.data(), name.size()});
  }

  std::nullopt_t complain(std::string_view name, std::string_view what) {
    error_ = fmt::format("{}{} {}", path_, name, what);
    return std::nullopt;
  }

  void adopt(const Members& inner) {
    if (!error_) error_ = inner.error_;
  }

  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

 private:
  const json::object& object_;
  std::string path_;
  std::optional<std::string> error_;
};

core::SetInteractionData read_data_changes(Members& data) {
  core::SetInteractionData command;
  const json::object* changes = data.object("interaction-data");
  if (changes == nullptr) {
    if (!data.error()) data.complain("interaction-data", "is missing");
    return command;
  }
  for (const auto& member : *changes) {
    core::DataChange change{std::string(member.key()), std::nullopt};
    if (member.value().is_string()) {
      change.value = core::DataValue{false, text_of(member.value().get_string())};
    } else if (!member.value().is_null()) {
      change.value = core::DataValue{true, json::serialize(member.value())};
    }
    command.changes.push_back(std::move(change));
  }
  return command;
}

core::Command read_command(FoundCommand found, Members& data) {
  using Verb = core::ControlRecording::Verb;
  switch (found.kind) {
    case CommandKind::start_session:
      return core::StartSession{data.text("extension")};
    case CommandKind::log_out:
      return core::LogoutSession{data.free_reason()};
    case CommandKind::activate:
      return core::ActivateChannel{data.text_in("channeloptions", "queue", false)};
    case CommandKind::deactivate:
      return core::DeactivateChannel{};
    case CommandKind::ready:
      return core::ReadyChannel{};
    case CommandKind::not_ready:
      return core::NotReadyChannel{data.text_in("reason", "code", true)};
    case CommandKind::accept:
      return core::AcceptInteraction{};
    case CommandKind::reject:
      return core::RejectInteraction{data.free_reason()};
    case CommandKind::complete: {
      auto disposition = data.text_in("disposition", "id", true);
      return core::CompleteInteraction{std::move(disposition),
                                       data.text("notes").value_or(std::string())};
    }
    case CommandKind::get_data:
      return core::GetInteractionData{};
    case CommandKind::set_data:
      return read_data_changes(data);
    case CommandKind::start_recording:
      return core::ControlRecording{Verb::start};
    case CommandKind::stop_recording:
      return core::ControlRecording{Verb::stop};
    case CommandKind::pause_recording:
      return core::ControlRecording{Verb::pause};
    case CommandKind::resume_recording:
      return core::ControlRecording{Verb::resume};
    case CommandKind::answer:
      return core::AnswerConversation{};
    case CommandKind::release:
      return core::ReleaseConversation{};
    case CommandKind::hold:
      return core::HoldConversation{};
    case CommandKind::retrieve:
      return core::RetrieveConversation{};
    case CommandKind::mute:
      return core::MuteConversation{};
    case CommandKind::unmute:
      return core::UnmuteConversation{};
    case CommandKind::prepare_session:
    case CommandKind::unsupported:
      break;
  }
  return core::UnsupportedCommand{found.object};
}

Result<LogIn> read_log_in(Members& data) {
  LogIn login;
  const json::object* found = data.object("agent");
  if (found == nullptr) {
    if (!data.error()) data.complain("agent", "is missing");
    return login;
  }
  Members agent(*found, "data.agent.");
  const bool has_token = agent.text("token").has_value();
  const bool has_id = agent.find("id") != nullptr;
  if (has_id || !has_token) {
    login.agent = agent.required_text("id");
    login.password = agent.required_text("password");
  }
  data.adopt(agent);
  data.text("model");
  login.takes_over = data.flag("override");
  if (!data.error() && has_token && !has_id) {
    return refuse(Errc::unsupported, "wire.log_in", "log in by data.agent.id and password");
  }
  return login;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// Parses one message step by step; each step may refuse.
class Reader {
 public:
  explicit Reader(json::object object) : object_(std::move(object)) {}

  tl::expected<Request, RefusedRequest> read() {
    Result<void> outcome = read_envelope();
    if (outcome) outcome = read_what();
    if (!request_.echo.id.empty()) request_.body = canonical_text(object_);
    // From here on the object is only repeated to the client.
    mask_secrets(object_);
    request_.echo.original = json::serialize(object_);
    if (const auto* data = object_.if_contains("data"); data != nullptr && data->is_object()) {
      request_.echo.data = json::serialize(*data);
    }
    if (outcome) return std::move(request_);
    return tl::make_unexpected(
        RefusedRequest{std::move(request_.echo), std::move(outcome.error()), false});
  }

 private:
  static tl::unexpected<Error> invalid(std::string_view what) {
    return refuse(Errc::invalid_request, "wire.request", what);
  }

  Result<void> read_envelope() {
    Members members(object_, "");
    // The id first: whatever else is wrong, the client learns which request it was.
    if (auto outcome = read_id(); !outcome) return outcome;
    if (const auto command = members.text("command")) request_.echo.command = trim(*command);
    request_.echo.target = members.text("target");
    members.object("data");
    if (members.error()) return invalid(*members.error());
    if (!request_.echo.command) return invalid("command is missing");
    return {};
  }

  Result<void> read_id() {
    const json::value* id = object_.if_contains("id");
    if (id == nullptr) return {};
    const bool is_text =
        id->is_string() &&
        count_characters({id->get_string().data(), id->get_string().size()}) <= id_characters_max;
    if (!is_text && !id->is_int64() && !id->is_uint64()) {
      return invalid("id must be a string of at most 64 characters or an integer");
    }
    request_.echo.id = json::serialize(*id);
    return {};
  }

  Result<void> read_what() {
    const auto found = find_command(*request_.echo.command);
    if (!found) return refuse(Errc::unknown_command, "wire.request");
    const json::object none;
    const json::value* given = object_.if_contains("data");
    Members data(given == nullptr ? none : given->get_object(), "data.");
    if (found->kind == CommandKind::prepare_session) {
      auto login = read_log_in(data);
      if (data.error()) return invalid(*data.error());
      if (!login) return tl::make_unexpected(std::move(login.error()));
      request_.what = std::move(*login);
      return {};
    }
    if (!request_.echo.target) return invalid("target is missing");
    auto target = parse_target(*request_.echo.target);
    if (!target) return tl::make_unexpected(std::move(target.error()));
    request_.target = std::move(*target);
    request_.what = read_command(*found, data);
    if (data.error()) return invalid(*data.error());
    return {};
  }

  json::object object_;
  Request request_;
};

RefusedRequest malformed(std::string_view text, std::string why) {
  RefusedRequest refused{{}, Error{Errc::invalid_request, "wire.json", std::move(why)}, true};
  const std::string safe = mask_secrets_in_text(text);
  append_quoted(refused.echo.original, cut_utf8(safe, malformed_original_bytes_max));
  return refused;
}

}  // namespace

tl::expected<Request, RefusedRequest> parse_request(std::string_view text) {
  if (text.size() > message_bytes_max) {
    return tl::make_unexpected(malformed(text, "longer than 65536 bytes"));
  }
  auto object = parse_object(text);
  if (!object) return tl::make_unexpected(malformed(text, std::move(object.error().detail)));
  return Reader(std::move(*object)).read();
}

}  // namespace cord::wire
