#include <boost/json.hpp>

#include "base/utc_text.hpp"
#include "history/reader.hpp"

namespace json = boost::json;

namespace cord::history {
namespace {

Instant time_of(std::int64_t us) {
  return Instant(Duration(us));
}

/// Writes members; what there is not is left out.
class Members {
 public:
  explicit Members(json::object& to) : to_(to) {}
  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) to_.emplace(name, value);
  }
  void time(std::string_view name, const std::optional<std::int64_t>& us) {
    if (us) to_.emplace(name, utc_text(time_of(*us)));
  }
  void number(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) to_.emplace(name, *value);
  }

 private:
  json::object& to_;
};

json::object json_of(const RecordingRow& row) {
  json::object object;
  Members members(object);
  members.text("file", row.file);
  members.time("started", row.began_us);
  members.time("ended", row.ended_us);
  members.text("cause", row.cause);
  return object;
}

json::object json_of(const LegRow& row) {
  json::object object;
  Members members(object);
  members.text("kind", row.kind);
  members.text("agent", row.agent);
  members.time("started", row.began_us);
  members.time("answered", row.answered_us);
  members.time("ended", row.ended_us);
  return object;
}

template <class Row>
json::array list_of(const std::vector<Row>& rows) {
  json::array list;
  for (const Row& row : rows) list.push_back(json_of(row));
  return list;
}

enum class For { others, the_agent };

json::object json_of(const InteractionRow& row, For reader) {
  json::object object;
  Members members(object);
  members.text("id", fmt::format("i-{}", row.number));
  members.text("type", row.type);
  members.text("direction", row.direction);
  if (reader == For::others) members.text("agent", row.agent);
  members.text("endpoint", row.endpoint);
  members.text("queue", row.queue);
  members.text("callId", row.call_id);
  members.text("from", row.from_address);
  members.text("fromName", row.from_name);
  members.text("to", row.to_address);
  members.time("queued", row.queued_us);
  members.time("offered", row.began_us);
  members.time("answered", row.answered_us);
  members.time("ended", row.ended_us);
  members.time("completed", row.completed_us);
  members.text("outcome", row.outcome);
  members.text("cause", row.cause);
  members.number("holdMs", row.hold_ms);
  members.number("wrapUpMs", row.wrapup_ms);
  members.text("disposition", row.disposition);
  members.text("notes", row.notes);
  json::error_code failed;
  json::value data = json::parse(row.data, failed);
  if (!failed) object.emplace("interaction-data", std::move(data));
  if (reader == For::the_agent) return object;
  object.emplace("recordings", list_of(row.recordings));
  object.emplace("legs", list_of(row.legs));
  return object;
}

std::string print_page(const Page& page, For reader) {
  json::array list;
  for (const InteractionRow& row : page.interactions) list.push_back(json_of(row, reader));
  json::object object;
  object.emplace("interactions", std::move(list));
  if (page.next) object.emplace("next", *page.next);
  return json::serialize(object);
}

}  // namespace

std::string print_json(const InteractionRow& row) {
  return json::serialize(json_of(row, For::others));
}

std::string print_json(const Page& page) {
  return print_page(page, For::others);
}

std::string print_own_json(const Page& page) {
  return print_page(page, For::the_agent);
}

}  // namespace cord::history
