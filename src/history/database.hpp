// A thin layer over SQLite: statements that are prepared once, values by type, errors as results.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/instant.hpp"
#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace cord::history {

/// What a placeholder stands for: nothing, a number, or a text that is borrowed.
using Value = std::variant<std::monostate, std::int64_t, std::string_view>;

/// An empty text is no value.
[[nodiscard]] inline Value text_or_null(std::string_view text) {
  return text.empty() ? Value() : Value(text);
}

/// The rows of a query, one at a time. Ends before the next query with the same text begins.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  ~Rows();
  Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;

  /// Goes to the first or next row; false if there is none. Error: io_failed.
  [[nodiscard]] Result<bool> next();

  // Of the present row, by column from 0. Nothing is read as 0 or an empty text.
  [[nodiscard]] bool has(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::optional<std::int64_t> number_if_any(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// Every error is io_failed with SQLite's words, unless it says otherwise.
class Database {
 public:
  enum class Access : std::uint8_t { read, write };

  /// Opens the file; with `write` creates it, readable by its owner only. The schema is the
  /// caller's business.
  [[nodiscard]] static Result<Database> open(const std::filesystem::path& path, Access access);

  /// Statements without values, and scripts of them.
  [[nodiscard]] Result<void> execute(const std::string& script);
  /// A statement that gives no rows. `sql` has ?1, ?2, ... for `values`.
  [[nodiscard]] Result<void> run(std::string_view sql, std::initializer_list<Value> values);
  [[nodiscard]] Result<Rows> query(std::string_view sql, std::initializer_list<Value> values);
  /// The only number of the only row; absent: no row, or nothing in it.
  [[nodiscard]] Result<std::optional<std::int64_t>> read_number(
      std::string_view sql, std::initializer_list<Value> values = {});

  /// Queries that take longer than this fail from now on.
  void bound_queries(Duration patience);

  /// Rows that the last statement has changed.
  [[nodiscard]] std::int64_t changes() const;

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  /// When the present query must have ended; its address is known to SQLite.
  struct Bound {
    Duration patience{};
    std::int64_t end_ns = 0;
  };

  explicit Database(sqlite3* db) : db_(db) {}
  Result<sqlite3_stmt*> prepare(std::string_view sql, std::initializer_list<Value> values);
  [[nodiscard]] tl::unexpected<Error> failed(std::string_view where) const;

  std::unique_ptr<sqlite3, Close> db_;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
  std::unique_ptr<Bound> bound_;
};

}  // namespace cord::history
