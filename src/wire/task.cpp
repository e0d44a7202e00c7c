#include "wire/task.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "wire/detail/members.hpp"
#include "wire/names.hpp"
#include "wire/object_text.hpp"
#include "wire/strict_json.hpp"
#include "wire/target.hpp"

namespace cord::wire {
namespace {

core::MediaType read_type(Members& body) {
  const std::string type = body.required_text("type");
  const auto found = find_media_type(type);
  if (!found || *found == core::MediaType::telephony) {
    body.complain("type", "must be Chat or Email");
    return core::MediaType::chat;
  }
  return *found;
}

std::string read_bounded(Members& body, std::string_view name, std::size_t bytes_max) {
  std::string text = body.text(name).value_or(std::string());
  if (text.size() > bytes_max)
    body.complain(name, fmt::format("has more than {} bytes", bytes_max));
  return text;
}

std::string read_key(Members& body) {
  std::string key = read_bounded(body, "id", core::task_key_bytes_max);
  if (key.empty() && body.find("id") != nullptr) body.complain("id", "must not be empty");
  return key;
}

core::CallData read_data(Members& body) {
  core::CallData data;
  const std::optional<Members> given = body.object("interaction-data", false);
  if (!given) return data;
  for (const auto& member : given->json()) {
    if (auto value = data_value(member.value())) data.emplace(member.key(), std::move(*value));
  }
  return data;
}

}  // namespace

Result<core::SubmitTask> parse_task(std::string_view body) {
  const Result<boost::json::object> object = parse_object(body);
  if (!object) return refuse(Errc::invalid_request, "wire.task", object.error().detail);
  Members members(*object, "");
  core::SubmitTask task{};
  task.type = read_type(members);
  task.queue = members.required_text("queue");
  (void)members.required_text("from");
  task.from = read_bounded(members, "from", core::task_text_bytes_max);
  task.subject = read_bounded(members, "subject", core::task_text_bytes_max);
  task.key = read_key(members);
  task.data = read_data(members);
  if (members.error()) return refuse(Errc::invalid_request, "wire.task", *members.error());
  return task;
}

std::string print_task(core::CallId call) {
  std::string out;
  ObjectText(out).text("id", id_text(call));
  return out;
}

std::string print_http_error(const Error& error) {
  const FailureName& name = failure_name(error.code);
  std::string out;
  {
    ObjectText object(out);
    ObjectText failure(object.key("error"));
    failure.text("code", name.code_name);
    failure.text("message", name.message);
    if (name.code != Errc::internal_error) failure.text_if_any("context", error.detail);
  }
  return out;
}

}  // namespace cord::wire
