#include "journal/sqlite_storage.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cord::journal {
namespace {

constexpr int application_id = 0x434F5244;  // "CORD"

constexpr const char* schema =
    "CREATE TABLE run (run INTEGER PRIMARY KEY, started_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE record (run INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " time_us INTEGER NOT NULL, payload BLOB NOT NULL,"
    " PRIMARY KEY (run, sequence)) STRICT, WITHOUT ROWID;";

// Or ignore: a commit that reported a failure may have succeeded, and is then tried again.
constexpr const char* insert_sql = "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)";

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

tl::unexpected<Error> failed(sqlite3* db, std::string_view where) {
  return refuse(Errc::io_failed, where, sqlite3_errmsg(db));
}

Result<void> execute(sqlite3* db, const std::string& sql, std::string_view where) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failed(db, where);
  }
  return {};
}

Result<Statement> prepare(sqlite3* db, const char* sql, std::string_view where) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK) return failed(db, where);
  return Statement(statement);
}

Result<std::int64_t> read_number(sqlite3* db, const char* sql, std::string_view where) {
  auto statement = prepare(db, sql, where);
  if (!statement) return tl::make_unexpected(std::move(statement.error()));
  if (sqlite3_step(statement->get()) != SQLITE_ROW) return failed(db, where);
  return sqlite3_column_int64(statement->get(), 0);
}

class SqliteStorage final : public Storage {
 public:
  SqliteStorage(Database db, Statement insert, std::uint64_t run)
      : db_(std::move(db)), insert_(std::move(insert)), run_(run) {}

  Result<void> append(std::span<const Record> batch) override {
    if (!in_transaction_) {
      if (auto begun = execute(db_.get(), "BEGIN IMMEDIATE", "journal.begin"); !begun) {
        return begun;
      }
      in_transaction_ = true;
    }
    for (const Record& record : batch) {
      if (auto added = insert(record); !added) {
        roll_back();
        return added;
      }
    }
    return {};
  }

  Result<void> commit() override {
    if (!in_transaction_) return {};
    auto committed = execute(db_.get(), "COMMIT", "journal.commit");
    if (!committed) roll_back();
    in_transaction_ = false;
    return committed;
  }

  std::uint64_t run() const override { return run_; }

  Result<void> read(std::uint64_t run, const Visitor& visit) override {
    auto select = prepare(db_.get(),
                          "SELECT sequence, time_us, payload FROM record"
                          " WHERE run = ? ORDER BY sequence",
                          "journal.read");
    if (!select) return tl::make_unexpected(std::move(select.error()));
    sqlite3_stmt* row = select->get();
    sqlite3_bind_int64(row, 1, static_cast<sqlite3_int64>(run));
    int outcome = 0;
    while ((outcome = sqlite3_step(row)) == SQLITE_ROW) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, 2));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, 2));
      visit(Record{static_cast<std::uint64_t>(sqlite3_column_int64(row, 0)),
                   Instant(Duration(sqlite3_column_int64(row, 1))),
                   size == 0 ? std::string() : std::string(bytes, size)});
    }
    if (outcome != SQLITE_DONE) return failed(db_.get(), "journal.read");
    return {};
  }

 private:
  Result<void> insert(const Record& record) {
    sqlite3_stmt* row = insert_.get();
    sqlite3_bind_int64(row, 1, static_cast<sqlite3_int64>(run_));
    sqlite3_bind_int64(row, 2, static_cast<sqlite3_int64>(record.sequence));
    sqlite3_bind_int64(row, 3, record.time.time_since_epoch().count());
    sqlite3_bind_blob64(row, 4, record.payload.data(), record.payload.size(), SQLITE_STATIC);
    const bool added = sqlite3_step(row) == SQLITE_DONE;
    // The message must be read before reset, which may replace it.
    Result<void> outcome;
    if (!added) outcome = failed(db_.get(), "journal.insert");
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    return outcome;
  }

  // SQLite may have rolled back by itself (disk full): then this fails, which is fine.
  void roll_back() {
    sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    in_transaction_ = false;
  }

  Database db_;
  Statement insert_;
  std::uint64_t run_;
  bool in_transaction_ = false;
};

/// Explains what `sqlite3_open` and the first access can find.
tl::unexpected<Error> cannot_open(sqlite3* db, const std::string& path) {
  switch (sqlite3_errcode(db)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return refuse(Errc::io_failed, "journal.open",
                    fmt::format("{} is in use by another process: is another cordboard running "
                                "with this journal?",
                                path));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return refuse(Errc::corrupt, "journal.open",
                    fmt::format("{} is not a Cordboard journal: {}", path, sqlite3_errmsg(db)));
    default:
      return refuse(Errc::io_failed, "journal.open",
                    fmt::format("{}: {}", path, sqlite3_errmsg(db)));
  }
}

Result<void> check_format(sqlite3* db, const std::string& path) {
  const auto id = read_number(db, "PRAGMA application_id", "journal.open");
  const auto version = read_number(db, "PRAGMA user_version", "journal.open");
  const auto tables = read_number(db, "SELECT count(*) FROM sqlite_schema", "journal.open");
  if (!id || !version || !tables) return cannot_open(db, path);
  if (*tables == 0 && *id == 0) {
    if (!execute(db,
                 fmt::format("{} PRAGMA application_id = {}; PRAGMA user_version = {};", schema,
                             application_id, format_version),
                 "journal.create")) {
      return cannot_open(db, path);
    }
    return {};
  }
  if (*id != application_id) {
    return refuse(Errc::corrupt, "journal.open",
                  fmt::format("{} is an SQLite file of another program", path));
  }
  if (*version != format_version) {
    return refuse(Errc::bad_version, "journal.open",
                  fmt::format("{} has journal format {}, this program knows format {}: move the "
                              "file away, or run the version that wrote it",
                              path, *version, format_version));
  }
  return {};
}

Result<std::uint64_t> begin_run(sqlite3* db, const SqliteOptions& options) {
  const auto last = read_number(db, "SELECT coalesce(max(run), 0) FROM run", "journal.run");
  if (!last) return tl::make_unexpected(last.error());
  const std::int64_t run = *last + 1;
  const std::int64_t kept =
      static_cast<std::int64_t>(std::min<std::uint64_t>(options.runs_kept_max, INT32_MAX));
  auto begun =
      execute(db,
              fmt::format("INSERT INTO run VALUES ({}, {}); DELETE FROM record WHERE run <= {};"
                          "DELETE FROM run WHERE run <= {};",
                          run, options.now.time_since_epoch().count(), run - kept, run - kept),
              "journal.run");
  if (!begun) return tl::make_unexpected(std::move(begun.error()));
  return static_cast<std::uint64_t>(run);
}

/// Everything open_sqlite does once the file is open. Nothing is written before it is known to be
/// ours, and a process that dies half-way leaves a file that opens.
Result<std::uint64_t> set_up(sqlite3* db, const SqliteOptions& options) {
  const std::string path = options.path.string();
  // Exclusive: one writer, and no shared memory beside the file. Set before anything is read.
  if (!execute(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;", "journal.open")) {
    return cannot_open(db, path);
  }
  if (auto known = check_format(db, path); !known) {
    return tl::make_unexpected(std::move(known.error()));
  }
  if (!execute(db,
               "COMMIT; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
               "BEGIN IMMEDIATE;",
               "journal.open")) {
    return cannot_open(db, path);
  }
  const auto run = begin_run(db, options);
  if (!run || !execute(db, "COMMIT", "journal.open")) return cannot_open(db, path);
  return *run;
}

/// Makes a new file readable by its owner only; SQLite gives its WAL the same mode. If this fails,
/// so does what SQLite does next, with a better message. An existing file is not opened: closing
/// it would drop the locks that this process may have on it.
void keep_private(const std::filesystem::path& path) {
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  const int file = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
  if (file >= 0) ::close(file);
}

}  // namespace

Result<std::unique_ptr<Storage>> open_sqlite(const SqliteOptions& options) {
  keep_private(options.path);
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int outcome = sqlite3_open_v2(options.path.string().c_str(), &opened, flags, nullptr);
  Database db(opened);
  if (outcome != SQLITE_OK) return cannot_open(db.get(), options.path.string());
  auto run = set_up(db.get(), options);
  if (!run) return tl::make_unexpected(std::move(run.error()));
  auto insert = prepare(db.get(), insert_sql, "journal.open");
  if (!insert) return tl::make_unexpected(std::move(insert.error()));
  return std::make_unique<SqliteStorage>(std::move(db), std::move(*insert), *run);
}

}  // namespace cord::journal
