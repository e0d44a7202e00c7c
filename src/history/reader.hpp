// What has happened, for whoever asks: GET /v1/interactions and `cordboard history`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "history/database.hpp"

namespace cord::history {

inline constexpr std::size_t page_rows_max = 1'000;
inline constexpr std::size_t page_rows_usual = 100;
/// Of notes and data, usually; a page ends behind the row that goes beyond it.
inline constexpr std::size_t page_bytes_max = 1024 * 1024;

/// Which interactions: those that fit everything that is given.
struct Filter {
  std::optional<std::string> agent = {};
  std::optional<std::string> queue = {};
  std::optional<std::string> call_id = {};  ///< the platform's, or the submitter's
  std::optional<Instant> from = {};         ///< begun at that time, or later
  std::optional<Instant> to = {};           ///< begun before that time
  std::size_t limit = page_rows_usual;      ///< 1 to page_rows_max
  std::optional<std::string> after = {};    ///< a page's `next`: go on behind it
  std::size_t bytes_max = page_bytes_max;   ///< of notes and data; a page ends behind it
  bool is_plain = false;                    ///< without recordings and legs
};

/// Sets one member of `filter` by its name, as in a query string: agent, queue, callId, from, to,
/// limit, after. Errors: invalid_request, naming it and what is allowed.
[[nodiscard]] Result<void> set(Filter& filter, std::string_view name, const std::string& value);

/// As above, of a whole query string ("agent=alice&limit=10", percent-encoded).
[[nodiscard]] Result<Filter> parse_filter(std::string_view query);

struct RecordingRow {
  std::string file{};
  std::int64_t began_us = 0;
  std::optional<std::int64_t> ended_us{};
  std::string cause{};
};

struct LegRow {
  std::string kind{};
  std::string agent{};
  std::int64_t began_us = 0;
  std::optional<std::int64_t> answered_us{};
  std::optional<std::int64_t> ended_us{};
};

/// One interaction; what there is not is empty. The columns are explained in docs/history.md.
struct InteractionRow {
  std::int64_t row = 0;
  std::int64_t number = 0;
  std::optional<std::int64_t> call{};
  std::string agent{}, endpoint{}, type{}, direction{}, queue{};
  std::string from_address{}, from_name{}, to_address{}, call_id{};
  std::int64_t queued_us = 0;
  std::int64_t began_us = 0;
  std::optional<std::int64_t> answered_us{}, ended_us{}, completed_us{};
  std::string outcome{}, cause{};
  std::optional<std::int64_t> hold_ms{}, wrapup_ms{};
  std::string disposition{}, notes{};
  std::string data{};  ///< a JSON object
  std::vector<RecordingRow> recordings{};
  std::vector<LegRow> legs{};
};

/// The newest first.
struct Page {
  std::vector<InteractionRow> interactions;
  std::optional<std::string> next;  ///< there are more behind this
};

class Reader {
 public:
  /// `patience`: a query that takes longer fails. Errors: those of open_for_reading().
  [[nodiscard]] static Result<Reader> open(const std::filesystem::path& file, Duration patience);

  /// Errors: invalid_request (`after` is none of ours), io_failed.
  [[nodiscard]] Result<Page> read(const Filter& filter);

 private:
  explicit Reader(Database database) : database_(std::move(database)) {}
  Result<void> add_recordings(InteractionRow& to);
  Result<void> add_legs(InteractionRow& to);

  Database database_;
};

/// {"interactions":[{...}],"next":"..."}: docs/protocol.md, section 10.
[[nodiscard]] std::string print_json(const Page& page);
/// The same as far as it is the agent's own: docs/protocol.md, section 4. Without who that is, and
/// without recordings and legs.
[[nodiscard]] std::string print_own_json(const Page& page);
/// One interaction of it.
[[nodiscard]] std::string print_json(const InteractionRow& row);

}  // namespace cord::history
