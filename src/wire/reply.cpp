#include "wire/reply.hpp"

#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "wire/interaction_data.hpp"
#include "wire/json_text.hpp"
#include "wire/names.hpp"
#include "wire/session_view.hpp"

namespace cord::wire {
namespace {

namespace json = boost::json;

void append_member(std::string& out, std::string_view name, std::string_view json_text) {
  if (out.size() > 1) out += ',';
  append_quoted(out, name);
  out += ':';
  out += json_text;
}

void append_text_member(std::string& out, std::string_view name, std::string_view text) {
  std::string quoted;
  append_quoted(quoted, text);
  append_member(out, name, quoted);
}

void append_head(std::string& out, const Echo& request) {
  if (request.command) append_text_member(out, "command", *request.command);
  if (request.target) append_text_member(out, "target", *request.target);
}

void append_id(std::string& out, const Echo& request) {
  if (!request.id.empty()) append_member(out, "id", request.id);
}

json::array json_of(const std::vector<core::DirectoryAgent>& agents) {
  json::array all;
  all.reserve(agents.size());
  for (const core::DirectoryAgent& it : agents) {
    all.push_back(json::object{
        {"id", it.id}, {"name", it.name}, {"endpoint", it.endpoint}, {"state", name_of(it.state)}});
  }
  return all;
}

json::array json_of(const std::vector<core::DirectoryQueue>& queues) {
  json::array all;
  all.reserve(queues.size());
  for (const core::DirectoryQueue& it : queues) {
    all.push_back(json::object{{"name", it.name},
                               {"numbers", json::array(it.numbers.begin(), it.numbers.end())}});
  }
  return all;
}

/// The request's `data` with what the success adds. An addition replaces a member of its name.
std::string data_of(const Echo& request, const core::Success& success, std::uint64_t seq) {
  const bool adds_nothing = std::holds_alternative<std::monostate>(success) ||
                            std::holds_alternative<core::FloorWatch>(success);
  if (adds_nothing) return request.data;
  json::object data = json::parse(request.data).as_object();
  if (const auto* prepared = std::get_if<core::Prepared>(&success)) {
    data["session"] = json::object{{"id", prepared->session_name}};
    data["resumeToken"] = prepared->resume_token;
    data["seq"] = 0;
  } else if (const auto* answer = std::get_if<core::DataAnswer>(&success)) {
    std::string text;
    append_interaction_data(text, answer->data);
    data["interaction-data"] = json::parse(text);
  } else if (const auto* resumed = std::get_if<core::Resumed>(&success)) {
    data["from"] = resumed->from;
    data["to"] = resumed->to;
  } else if (const auto* media = std::get_if<core::MediaAnswer>(&success)) {
    data["description"] = json::object{{"type", answer_type}, {"sdp", media->sdp}};
  } else if (const auto* directory = std::get_if<core::DirectoryAnswer>(&success)) {
    data["agents"] = json_of(directory->agents);
    data["queues"] = json_of(directory->queues);
  } else if (const auto* view = std::get_if<core::SessionView>(&success)) {
    data["session"] = json::parse(print_session(*view));
    data["seq"] = seq;
  }
  return json::serialize(data);
}

std::string print_confirm(const Echo& request, const core::Confirm& confirm) {
  std::string out = "{";
  append_head(out, request);
  append_text_member(out, "result", "confirm");
  append_text_member(out, "message", confirm.message);
  append_member(out, "original", request.original);
  append_id(out, request);
  out += '}';
  return out;
}

std::string print_with_data(const Echo& request, std::string_view data, std::uint64_t seq) {
  std::string out = "{";
  append_head(out, request);
  append_text_member(out, "result", "success");
  append_member(out, "data", data);
  append_id(out, request);
  append_member(out, "seq", std::to_string(seq));
  out += '}';
  return out;
}

}  // namespace

std::string print_reply(const Echo& request, const core::Reply& reply) {
  if (!reply.outcome) return print_failure(request, reply.outcome.error());
  if (const auto* confirm = std::get_if<core::Confirm>(&*reply.outcome)) {
    return print_confirm(request, *confirm);
  }
  return print_with_data(request, data_of(request, *reply.outcome, reply.seq), reply.seq);
}

std::string print_success(const Echo& request, std::string_view added, std::uint64_t seq) {
  json::object data = json::parse(request.data).as_object();
  const json::value more = json::parse({added.data(), added.size()});
  for (const auto& member : more.as_object()) data[member.key()] = member.value();
  return print_with_data(request, json::serialize(data), seq);
}

std::string print_failure(const Echo& request, const Error& error) {
  const FailureName& name = failure_name(error.code);
  const bool is_platform = name.code == Errc::cti_error && !error.detail.empty();
  const bool has_context =
      !error.detail.empty() && !is_platform && name.code != Errc::internal_error;
  std::string failure = "{";
  append_text_member(failure, "code", name.code_name);
  append_text_member(failure, "message", is_platform ? error.detail : std::string(name.message));
  if (has_context) append_text_member(failure, "context", error.detail);
  failure += '}';

  std::string out = "{";
  append_head(out, request);
  append_text_member(out, "result", "failure");
  append_member(out, "failure", failure);
  append_member(out, "original", request.original);
  append_id(out, request);
  out += '}';
  return out;
}

}  // namespace cord::wire
