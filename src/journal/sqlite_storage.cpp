#include "journal/sqlite_storage.hpp"

#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/crc.hpp>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cord::journal {
namespace {

constexpr int application_id = 0x434F5244;  // "CORD"
constexpr std::int64_t runs_kept = 1'000;   // For people who look into the file.

constexpr const char* schema =
    "CREATE TABLE run (run INTEGER PRIMARY KEY, started_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE record (sequence INTEGER PRIMARY KEY, time_us INTEGER NOT NULL,"
    " check_crc32 INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;"
    "CREATE TABLE set_aside (at_us INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " time_us INTEGER NOT NULL, check_crc32 INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;";

// Or ignore: a commit that reported a failure may have succeeded, and is then tried again.
constexpr const char* insert_sql = "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)";
constexpr const char* select_sql =
    "SELECT sequence, time_us, check_crc32, payload FROM record ORDER BY sequence";

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

/// Of everything in a row, so that no part of it changes unnoticed.
std::int64_t check_of(std::uint64_t sequence, std::int64_t time_us, std::string_view payload) {
  boost::crc_32_type crc;
  const std::array<std::uint64_t, 2> numbers{sequence, static_cast<std::uint64_t>(time_us)};
  crc.process_bytes(numbers.data(), sizeof numbers);
  crc.process_bytes(payload.data(), payload.size());
  return crc.checksum();
}

struct Row {
  Record record;
  bool is_sound = false;
};

Row row_of(sqlite3_stmt* row) {
  const auto sequence = static_cast<std::uint64_t>(sqlite3_column_int64(row, 0));
  const std::int64_t time_us = sqlite3_column_int64(row, 1);
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, 3));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, 3));
  Row read{
      {sequence, Instant(Duration(time_us)), size == 0 ? std::string() : std::string(bytes, size)},
      false};
  read.is_sound = check_of(sequence, time_us, read.record.payload) == sqlite3_column_int64(row, 2);
  return read;
}

Result<void> insert_record(sqlite3* db, sqlite3_stmt* row, const Record& record) {
  const std::int64_t time_us = record.time.time_since_epoch().count();
  sqlite3_bind_int64(row, 1, static_cast<sqlite3_int64>(record.sequence));
  sqlite3_bind_int64(row, 2, time_us);
  sqlite3_bind_int64(row, 3, check_of(record.sequence, time_us, record.payload));
  sqlite3_bind_blob64(row, 4, record.payload.data(), record.payload.size(), SQLITE_STATIC);
  const bool added = sqlite3_step(row) == SQLITE_DONE;
  // The message must be read before reset, which may replace it.
  Result<void> outcome;
  if (!added) outcome = failed(db, "journal.insert");
  sqlite3_reset(row);
  sqlite3_clear_bindings(row);
  return outcome;
}

class SqliteStorage final : public Storage {
 public:
  SqliteStorage(Database db, Statement insert, Instant now)
      : db_(std::move(db)), insert_(std::move(insert)), now_(now) {}

  Result<void> append(std::span<const Record> batch) override {
    if (!in_transaction_) {
      if (auto begun = execute(db_.get(), "BEGIN IMMEDIATE", "journal.begin"); !begun) {
        return begun;
      }
      in_transaction_ = true;
    }
    for (const Record& record : batch) {
      if (auto added = insert_record(db_.get(), insert_.get(), record); !added) {
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

  Result<Reading> read(const Visitor& visit) override {
    auto select = prepare(db_.get(), select_sql, "journal.read");
    if (!select) return tl::make_unexpected(std::move(select.error()));
    Reading reading;
    int outcome = 0;
    while ((outcome = sqlite3_step(select->get())) == SQLITE_ROW) {
      Row row = row_of(select->get());
      if (row.record.sequence != reading.last + 1) {
        reading.damage =
            fmt::format("record {} is followed by record {}", reading.last, row.record.sequence);
        return reading;
      }
      if (!row.is_sound) {
        reading.damage = fmt::format("record {} is not what was written", row.record.sequence);
        return reading;
      }
      reading.last = row.record.sequence;
      reading.last_time = row.record.time;
      visit(std::move(row.record));
    }
    if (outcome != SQLITE_DONE) return failed(db_.get(), "journal.read");
    return reading;
  }

  Result<std::uint64_t> set_aside(std::uint64_t last) override {
    auto moved = execute(db_.get(),
                         fmt::format("BEGIN IMMEDIATE; INSERT INTO set_aside SELECT {}, * FROM"
                                     " record WHERE sequence > {} OR sequence < 1;"
                                     "DELETE FROM record WHERE sequence > {} OR sequence < 1;",
                                     now_.time_since_epoch().count(), last, last),
                         "journal.set_aside");
    const auto count = static_cast<std::uint64_t>(sqlite3_changes64(db_.get()));
    if (moved) moved = execute(db_.get(), "COMMIT", "journal.set_aside");
    if (moved) return count;
    roll_back();
    return tl::make_unexpected(std::move(moved.error()));
  }

 private:
  // SQLite may have rolled back by itself (disk full): then this fails, which is fine.
  void roll_back() {
    sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    in_transaction_ = false;
  }

  Database db_;
  Statement insert_;
  Instant now_;
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
  auto begun = execute(db,
                       fmt::format("INSERT INTO run VALUES ({}, {});"
                                   "DELETE FROM run WHERE run <= {};",
                                   run, options.now.time_since_epoch().count(), run - runs_kept),
                       "journal.run");
  if (!begun) return tl::make_unexpected(std::move(begun.error()));
  return static_cast<std::uint64_t>(run);
}

/// What is wrong with the file, in SQLite's words; empty: nothing.
std::string damage_of(sqlite3* db) {
  const auto check = prepare(db, "PRAGMA quick_check(1)", "journal.check");
  if (!check) return check.error().detail;
  if (sqlite3_step(check->get()) != SQLITE_ROW) return sqlite3_errmsg(db);
  const auto* verdict = reinterpret_cast<const char*>(sqlite3_column_text(check->get(), 0));
  return verdict == nullptr || std::string_view(verdict) == "ok" ? "" : verdict;
}

/// Everything open_sqlite does once the file is open. Nothing is written before it is known to be
/// ours, and a process that dies half-way leaves a file that opens.
Result<void> set_up(sqlite3* db, const std::string& path, Sync sync) {
  // Exclusive: one writer, and no shared memory beside the file. Set before anything is read.
  if (!execute(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;", "journal.open")) {
    return cannot_open(db, path);
  }
  if (auto known = check_format(db, path); !known) return known;
  if (!execute(db,
               fmt::format("COMMIT; PRAGMA journal_mode = WAL; PRAGMA synchronous = {};",
                           sync == Sync::power ? "FULL" : "NORMAL"),
               "journal.open")) {
    return cannot_open(db, path);
  }
  return {};
}

/// Makes a new file readable by its owner only; SQLite gives its WAL the same mode. If this fails,
/// so does what SQLite does next, with a better message. An existing file is not opened: closing
/// it would drop the locks that this process may have on it.
void keep_private(const std::filesystem::path& path) {
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  const int file = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
  if (file >= 0) ::close(file);
}

Result<Database> open_file(const std::filesystem::path& path, Sync sync) {
  keep_private(path);
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int outcome = sqlite3_open_v2(path.string().c_str(), &opened, flags, nullptr);
  Database db(opened);
  if (outcome != SQLITE_OK) return cannot_open(db.get(), path.string());
  auto done = set_up(db.get(), path.string(), sync);
  if (!done) return tl::make_unexpected(std::move(done.error()));
  return db;
}

/// Copies every sound record that can still be read.
Result<void> salvage(sqlite3* from, sqlite3* to) {
  auto insert = prepare(to, insert_sql, "journal.salvage");
  if (!insert) return tl::make_unexpected(std::move(insert.error()));
  if (auto begun = execute(to, "BEGIN IMMEDIATE", "journal.salvage"); !begun) return begun;
  if (const auto select = prepare(from, select_sql, "journal.salvage")) {
    while (sqlite3_step(select->get()) == SQLITE_ROW) {
      const Row row = row_of(select->get());
      if (!row.is_sound) continue;
      if (auto added = insert_record(to, insert->get(), row.record); !added) return added;
    }
  }
  return execute(to, "COMMIT", "journal.salvage");
}

/// A damaged file is not written to any more: what can be read of it goes into a new one, which
/// then takes its name.
Result<Database> replace(Database damaged, const SqliteOptions& options,
                         const std::filesystem::path& kept_as) {
  const std::filesystem::path& path = options.path;
  const std::filesystem::path fresh_path = path.string() + ".new";
  std::error_code failure;
  std::filesystem::remove(fresh_path, failure);
  auto fresh = open_file(fresh_path, options.sync);
  if (!fresh) return fresh;
  if (auto copied = salvage(damaged.get(), fresh->get()); !copied) {
    return tl::make_unexpected(std::move(copied.error()));
  }
  fresh->reset();
  damaged.reset();
  std::filesystem::rename(path, kept_as, failure);
  if (!failure) std::filesystem::rename(fresh_path, path, failure);
  if (failure) return refuse(Errc::io_failed, "journal.salvage", failure.message());
  return open_file(path, options.sync);
}

}  // namespace

Result<OpenedJournal> open_sqlite(const SqliteOptions& options) {
  auto db = open_file(options.path, options.sync);
  if (!db) return tl::make_unexpected(std::move(db.error()));
  OpenedJournal journal;
  journal.damage = damage_of(db->get());
  if (!journal.damage.empty()) {
    journal.kept_as =
        fmt::format("{}.damaged-{}", options.path.string(), options.now.time_since_epoch().count());
    db = replace(std::move(*db), options, journal.kept_as);
    if (!db) return tl::make_unexpected(std::move(db.error()));
  }
  const auto run = begin_run(db->get(), options);
  if (!run) return tl::make_unexpected(run.error());
  auto insert = prepare(db->get(), insert_sql, "journal.open");
  if (!insert) return tl::make_unexpected(std::move(insert.error()));
  journal.run = *run;
  journal.storage =
      std::make_unique<SqliteStorage>(std::move(*db), std::move(*insert), options.now);
  return journal;
}

}  // namespace cord::journal
