#include "history/reader.hpp"

#include <algorithm>
#include <charconv>

#include "history/schema.hpp"

namespace cord::history {
namespace {

// Newest first, from one side of a place in (began_us, row). Whatever is filtered by has an index
// that is in that order: a page reads as many rows as it has, as long as one filter is given.
constexpr std::string_view select =
    "SELECT row, number, call, agent, endpoint, type, direction, queue, from_address, from_name,"
    " to_address, call_id, queued_us, began_us, answered_us, ended_us, completed_us, outcome,"
    " cause, hold_ms, wrapup_ms, disposition, notes, data FROM interaction WHERE began_us >= ?1"
    " AND began_us < ?2 AND (began_us, row) < (?3, ?4)";
constexpr std::string_view order = " ORDER BY began_us DESC, row DESC LIMIT ?5";

/// A place between two rows, as text: "1795000000000000-17".
struct Place {
  std::int64_t began_us = INT64_MAX;
  std::int64_t row = INT64_MAX;
};

std::string text_of(const InteractionRow& row) {
  return fmt::format("{}-{}", row.began_us, row.row);
}

Result<Place> parse_place(const std::string& text) {
  Place place;
  const char* const end = text.data() + text.size();
  const auto [dash, failed] = std::from_chars(text.data(), end, place.began_us);
  if (failed == std::errc() && dash != end && *dash == '-') {
    const auto [stop, also_failed] = std::from_chars(dash + 1, end, place.row);
    if (also_failed == std::errc() && stop == end) return place;
  }
  return refuse(Errc::invalid_request, "history.read", "after must be the next of a page");
}

InteractionRow row_of(const Rows& rows) {
  int column = -1;
  const auto number = [&] { return rows.number(++column); };
  const auto if_any = [&] { return rows.number_if_any(++column); };
  const auto text = [&] { return rows.text(++column); };
  InteractionRow it;
  it.row = number();
  it.number = number();
  it.call = if_any();
  for (std::string* to : {&it.agent, &it.endpoint, &it.type, &it.direction, &it.queue,
                          &it.from_address, &it.from_name, &it.to_address, &it.call_id}) {
    *to = text();
  }
  it.queued_us = number();
  it.began_us = number();
  it.answered_us = if_any();
  it.ended_us = if_any();
  it.completed_us = if_any();
  it.outcome = text();
  it.cause = text();
  it.hold_ms = if_any();
  it.wrapup_ms = if_any();
  it.disposition = text();
  it.notes = text();
  it.data = text();
  return it;
}

Result<Page> read_page(Rows& rows, const Filter& filter) {
  Page page;
  std::size_t bytes = 0;
  for (;;) {
    const Result<bool> found = rows.next();
    if (!found) return tl::make_unexpected(found.error());
    if (!*found) return page;
    if (page.interactions.size() == filter.limit || bytes > filter.bytes_max) {
      page.next = text_of(page.interactions.back());
      return page;
    }
    const InteractionRow& row = page.interactions.emplace_back(row_of(rows));
    bytes += row.data.size() + row.notes.size();
  }
}

/// One query with each row given to `take`.
template <class Take>
Result<void> for_each_row(Result<Rows> rows, const Take& take) {
  if (!rows) return tl::make_unexpected(std::move(rows.error()));
  for (;;) {
    const Result<bool> found = rows->next();
    if (!found) return tl::make_unexpected(found.error());
    if (!*found) return {};
    take(*rows);
  }
}

std::int64_t us_or(const std::optional<Instant>& time, std::int64_t otherwise) {
  return time ? time->time_since_epoch().count() : otherwise;
}

}  // namespace

Result<Reader> Reader::open(const std::filesystem::path& file, Duration patience) {
  auto database = open_for_reading(file);
  if (!database) return tl::make_unexpected(std::move(database.error()));
  database->bound_queries(patience);
  return Reader(std::move(*database));
}

Result<Page> Reader::read(const Filter& filter) {
  Result<Place> behind = filter.after ? parse_place(*filter.after) : Place();
  if (!behind) return tl::make_unexpected(std::move(behind.error()));
  std::string sql(select);
  // Its place in the list says which it is; one that is not given is not in the text.
  if (filter.agent) sql += " AND agent = ?6";
  if (filter.queue) sql += " AND queue = ?7";
  if (filter.call_id) sql += " AND call_id = ?8";
  sql += order;
  // So that a later page does not begin by reading those before it.
  const std::int64_t from_there = behind->began_us < INT64_MAX ? behind->began_us + 1 : INT64_MAX;
  const std::int64_t before = std::min(us_or(filter.to, INT64_MAX), from_there);
  const auto text = [](const std::optional<std::string>& it) { return it ? Value(*it) : Value(); };
  auto rows = database_.query(sql, {us_or(filter.from, INT64_MIN), before, behind->began_us,
                                    behind->row, static_cast<std::int64_t>(filter.limit) + 1,
                                    text(filter.agent), text(filter.queue), text(filter.call_id)});
  if (!rows) return tl::make_unexpected(std::move(rows.error()));
  auto page = read_page(*rows, filter);
  if (!page || filter.is_plain) return page;
  Result<void> done;
  for (InteractionRow& it : page->interactions) {
    if (done) done = add_recordings(it);
    if (done) done = add_legs(it);
  }
  if (!done) return tl::make_unexpected(std::move(done.error()));
  return page;
}

Result<void> Reader::add_recordings(InteractionRow& to) {
  return for_each_row(database_.query("SELECT file, began_us, ended_us, cause FROM recording"
                                      " WHERE interaction = ?1 ORDER BY began_us",
                                      {to.row}),
                      [&](const Rows& rows) {
                        to.recordings.push_back(
                            {rows.text(0), rows.number(1), rows.number_if_any(2), rows.text(3)});
                      });
}

// The agent's own, and the call's.
Result<void> Reader::add_legs(InteractionRow& to) {
  return for_each_row(database_.query("SELECT kind, agent, began_us, answered_us, ended_us FROM leg"
                                      " WHERE interaction = ?1 OR call = ?2 ORDER BY began_us, row",
                                      {to.row, to.call ? Value(*to.call) : Value()}),
                      [&](const Rows& rows) {
                        to.legs.push_back({rows.text(0), rows.text(1), rows.number(2),
                                           rows.number_if_any(3), rows.number_if_any(4)});
                      });
}

}  // namespace cord::history
