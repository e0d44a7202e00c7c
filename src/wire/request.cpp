#include "wire/request.hpp"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "wire/detail/members.hpp"
#include "wire/detail/read_command.hpp"
#include "wire/json_text.hpp"
#include "wire/names.hpp"
#include "wire/strict_json.hpp"
#include "wire/target.hpp"

namespace cord::wire {
namespace {

namespace json = boost::json;

/// By id and password, or by token: a token says itself who it is for.
LogIn read_log_in(Members& data) {
  LogIn login;
  std::optional<Members> agent = data.object("agent", true);
  if (!agent) return login;
  login.token = agent->text("token");
  if (!login.token) {
    login.agent = agent->required_text("id");
    login.password = agent->required_text("password");
  } else if (agent->find("id") != nullptr || agent->find("password") != nullptr) {
    agent->complain("token", "excludes id and password");
  }
  data.adopt(*agent);
  data.text("model");
  login.takes_over = data.flag("override");
  return login;
}

ReadHistory read_history(Members& data) {
  ReadHistory wish;
  if (const auto from = data.text("from")) {
    wish.from = parse_utc_text(*from);
    if (!wish.from) data.complain("from", "must be a time as 2026-11-22T15:04:05.678Z");
  }
  wish.after = data.text("after");
  wish.limit = data.count("limit").value_or(history_items_usual);
  if (wish.limit < 1 || wish.limit > history_items_max) {
    data.complain("limit", fmt::format("must be from 1 to {}", history_items_max));
  }
  return wish;
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
    (void)members.object("data", false);
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
      request_.what = read_log_in(data);
      if (data.error()) return invalid(*data.error());
      return {};
    }
    if (!request_.echo.target) return invalid("target is missing");
    auto target = parse_target(*request_.echo.target);
    if (!target) return tl::make_unexpected(std::move(target.error()));
    request_.target = std::move(*target);
    if (found->kind == CommandKind::resume_session) {
      request_.what = Resume{data.required_text("resumeToken"), data.required_count("after")};
      if (!data.error() && !request_.target.below.empty()) {
        return refuse(Errc::invalid_target, "wire.request", "The target is a session.");
      }
    } else if (found->kind == CommandKind::history) {
      request_.what = read_history(data);
    } else {
      request_.what = read_command(*found, data);
    }
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
