#include "config_history.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "front/http_pages.hpp"

namespace cord::app {
namespace {

constexpr std::int64_t days_max = 36'500;

/// "cordboard-history.db" for "cordboard.db".
std::string file_beside(const std::filesystem::path& journal) {
  std::filesystem::path file = journal;
  file.replace_filename(journal.stem().string() + "-history" + journal.extension().string());
  return file.string();
}

}  // namespace

HistoryConfig read_history(TableReader table, const std::string& journal_path) {
  HistoryConfig config;
  const bool is_kept = table.boolean("enabled").value_or(true);
  config.file = table.text("file").value_or(file_beside(journal_path));
  if (config.file == journal_path) {
    table.problem("file", "is the journal's file; allowed: another one");
  }
  if (!is_kept) config.file.clear();
  const auto days = table.integer("days", 0, days_max);
  config.days = static_cast<std::uint32_t>(days.value_or(config.days));
  config.keeps_data = table.boolean("data").value_or(config.keeps_data);
  config.token = table.text("token").value_or("");
  // The value is not shown: it is a secret.
  if (table.has("token") && config.token.size() < front::bearer_token_bytes_min) {
    table.problem("token", fmt::format("is too short; allowed: at least {} characters",
                                       front::bearer_token_bytes_min));
  }
  table.finish();
  return config;
}

}  // namespace cord::app
