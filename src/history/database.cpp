#include "history/database.hpp"

#include <chrono>
#include <utility>

#include <sqlite3.h>

#include "base/private_file.hpp"

namespace cord::history {
namespace {

constexpr int busy_patience_ms = 2'000;      // Of a reader while the file is tidied up, and so on.
constexpr int steps_between_looks = 10'000;  // Of SQLite's machine: some tenths of a millisecond.

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

void bind(sqlite3_stmt* statement, int place, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, place, *number);
  } else if (const auto* text = std::get_if<std::string_view>(&value)) {
    sqlite3_bind_text64(statement, place, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
}

void rest(sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

}  // namespace

// --- Rows -----------------------------------------------------------------------------------

Rows::~Rows() {
  if (statement_ != nullptr) rest(statement_);
}

Result<bool> Rows::next() {
  const int outcome = sqlite3_step(statement_);
  if (outcome == SQLITE_ROW) return true;
  if (outcome == SQLITE_DONE) return false;
  return refuse(Errc::io_failed, "history.read", sqlite3_errmsg(sqlite3_db_handle(statement_)));
}

bool Rows::has(int column) const {
  return sqlite3_column_type(statement_, column) != SQLITE_NULL;
}

std::int64_t Rows::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Rows::number_if_any(int column) const {
  return has(column) ? std::optional(number(column)) : std::nullopt;
}

std::string Rows::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

// --- Database -------------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

tl::unexpected<Error> Database::failed(std::string_view where) const {
  return refuse(Errc::io_failed, where, sqlite3_errmsg(db_.get()));
}

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
  // If this fails, so does what SQLite does next, with a better message.
  if (access == Access::write) static_cast<void>(make_private_file(path));
  const int flags =
      access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* opened = nullptr;
  const int outcome =
      sqlite3_open_v2(path.string().c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
  if (outcome != SQLITE_OK) {
    return refuse(Errc::io_failed, "history.open",
                  fmt::format("{}: {}", path.string(), sqlite3_errmsg(opened)));
  }
  sqlite3_busy_timeout(opened, busy_patience_ms);
  return database;
}

Result<void> Database::execute(const std::string& script) {
  if (sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failed("history.execute");
}

Result<sqlite3_stmt*> Database::prepare(std::string_view sql, std::initializer_list<Value> values) {
  auto& kept = statements_[std::string(sql)];
  if (!kept) {
    sqlite3_stmt* made = nullptr;
    const int outcome =
        sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr);
    kept.reset(made);
    if (outcome != SQLITE_OK) return failed("history.prepare");
  }
  int place = 0;
  for (const Value& value : values) bind(kept.get(), ++place, value);
  if (bound_) {
    const auto patience = std::chrono::duration_cast<std::chrono::nanoseconds>(bound_->patience);
    bound_->end_ns = now_ns() + patience.count();
  }
  return kept.get();
}

Result<void> Database::run(std::string_view sql, std::initializer_list<Value> values) {
  auto statement = prepare(sql, values);
  if (!statement) return tl::make_unexpected(std::move(statement.error()));
  // The message must be read before reset, which may replace it.
  Result<void> outcome;
  if (sqlite3_step(*statement) != SQLITE_DONE) outcome = failed("history.write");
  rest(*statement);
  return outcome;
}

Result<Rows> Database::query(std::string_view sql, std::initializer_list<Value> values) {
  auto statement = prepare(sql, values);
  if (!statement) return tl::make_unexpected(std::move(statement.error()));
  return Rows(*statement);
}

Result<std::optional<std::int64_t>> Database::read_number(std::string_view sql,
                                                          std::initializer_list<Value> values) {
  auto rows = query(sql, values);
  if (!rows) return tl::make_unexpected(std::move(rows.error()));
  const Result<bool> found = rows->next();
  if (!found) return tl::make_unexpected(found.error());
  return *found ? rows->number_if_any(0) : std::nullopt;
}

void Database::bound_queries(Duration patience) {
  bound_ = std::make_unique<Bound>(Bound{patience});
  const auto is_over = [](void* bound) {
    return now_ns() > static_cast<const Bound*>(bound)->end_ns ? 1 : 0;
  };
  sqlite3_progress_handler(db_.get(), steps_between_looks, is_over, bound_.get());
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(db_.get());
}

}  // namespace cord::history
