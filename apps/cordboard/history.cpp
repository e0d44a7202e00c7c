#include "history.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "config.hpp"
#include "history/reader.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr int exit_usage = 2;
constexpr Duration patience = 30s;

using Cells = std::array<std::string, 13>;

const Cells heading{"BEGUN (UTC)", "ID",   "TYPE", "AGENT",  "QUEUE",   "FROM",       "TO",
                    "WAITED",      "TALK", "HOLD", "WRAPUP", "OUTCOME", "DISPOSITION"};

/// "1:23:45", "2:05"; nothing if there is not both.
std::string between(const std::optional<std::int64_t>& from_us,
                    const std::optional<std::int64_t>& to_us) {
  if (!from_us || !to_us) return "-";
  const std::int64_t seconds = (*to_us - *from_us) / 1'000'000;
  const std::string tail = fmt::format("{}:{:02}", seconds / 60 % 60, seconds % 60);
  if (seconds < 3'600) return tail;
  return fmt::format("{}:{:02}:{:02}", seconds / 3'600, seconds / 60 % 60, seconds % 60);
}

std::string length(const std::optional<std::int64_t>& ms) {
  if (!ms) return "-";
  return between(0, *ms * 1'000);
}

/// What a terminal can be trusted with: no control characters of a caller's choice.
std::string printable(const std::string& text) {
  std::string out = text.empty() ? "-" : text;
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return out;
}

std::string outcome_of(const history::InteractionRow& row) {
  if (row.outcome.empty()) return row.answered_us ? "talking" : "ringing";
  return row.outcome == "handled" ? row.outcome : fmt::format("{} ({})", row.outcome, row.cause);
}

Cells cells_of(const history::InteractionRow& row) {
  const std::string begun = utc_text(Instant(Duration(row.began_us)));
  return {begun.substr(0, 10) + " " + begun.substr(11, 8),
          fmt::format("i-{}", row.number),
          row.type,
          printable(row.agent),
          printable(row.queue),
          printable(row.from_address),
          printable(row.to_address),
          between(row.queued_us, row.answered_us ? row.answered_us : row.ended_us),
          between(row.answered_us, row.ended_us),
          length(row.hold_ms),
          length(row.wrapup_ms),
          printable(outcome_of(row)),
          printable(row.disposition)};
}

void print_table(const std::vector<Cells>& lines) {
  std::array<std::size_t, std::tuple_size_v<Cells>> widths{};
  for (const Cells& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const Cells& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += fmt::format("{:<{}}  ", line[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    fmt::print("{}\n", text);
  }
}

void print_page(const history::Page& page, bool as_json) {
  if (as_json) {
    for (const auto& row : page.interactions) fmt::print("{}\n", history::print_json(row));
    return;
  }
  std::vector<Cells> lines{heading};
  for (const auto& row : page.interactions) lines.push_back(cells_of(row));
  print_table(lines);
}

/// Empty, and said why, if there is none.
std::string file_of(const HistoryCommand& command) {
  if (!command.file.empty()) return command.file;
  if (command.config_file.empty()) {
    fmt::print(stderr, "error: where is the history? Give --config FILE or --file FILE\n");
    return {};
  }
  const auto loaded = load_config(command.config_file);
  if (!loaded) {
    for (const auto& error : loaded.error()) fmt::print(stderr, "error: {}\n", error);
    return {};
  }
  if (loaded->config.history.file.empty()) {
    fmt::print(stderr, "error: {}: key `history.enabled` is false\n", command.config_file);
    return {};
  }
  return loaded->config.history.file;
}

int explain(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.detail);
  return error.code == Errc::invalid_request ? exit_usage : EXIT_FAILURE;
}

}  // namespace

int run_history(const HistoryCommand& command) {
  history::Filter filter;
  for (const auto& [name, value] : command.filters) {
    if (const auto done = history::set(filter, name, value); !done) return explain(done.error());
  }
  const std::string file = file_of(command);
  if (file.empty()) return exit_usage;
  auto reader = history::Reader::open(file, patience);
  if (!reader) return explain(reader.error());
  const auto page = reader->read(filter);
  if (!page) return explain(page.error());
  print_page(*page, command.prints_json);
  if (page->next) fmt::print(stderr, "there are more: --after {}\n", *page->next);
  return EXIT_SUCCESS;
}

}  // namespace cord::app
