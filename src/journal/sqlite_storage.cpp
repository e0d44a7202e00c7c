#include "journal/sqlite_storage.hpp"

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/crc.hpp>
#include <sqlite3.h>

#include "base/private_file.hpp"

namespace cord::journal {
namespace {

constexpr int application_id = 0x434F5244;  // "CORD"
constexpr int format_without_snapshots = 2;
constexpr std::int64_t runs_kept = 1'000;  // For people who look into the file.

constexpr const char* snapshot_schema =
    "CREATE TABLE snapshot (sequence INTEGER PRIMARY KEY, time_us INTEGER NOT NULL,"
    " check_crc32 INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;";

constexpr const char* schema =
    "CREATE TABLE run (run INTEGER PRIMARY KEY, started_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE record (sequence INTEGER PRIMARY KEY, time_us INTEGER NOT NULL,"
    " check_crc32 INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;"
    "CREATE TABLE set_aside (at_us INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " time_us INTEGER NOT NULL, check_crc32 INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;";

// Or ignore: a commit that reported a failure may have succeeded, and is then tried again.
constexpr const char* insert_sql = "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)";
constexpr const char* insert_snapshot_sql = "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?)";
constexpr const char* select_sql =
    "SELECT sequence, time_us, check_crc32, payload FROM record WHERE sequence > coalesce(?, 0)"
    " ORDER BY sequence";
constexpr const char* select_snapshots_sql =
    "SELECT sequence, time_us, check_crc32, payload FROM snapshot ORDER BY sequence";
constexpr const char* drop_snapshots_sql =
    "DELETE FROM snapshot WHERE sequence NOT IN"
    " (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT ?)";
// The oldest of those that the oldest snapshot makes needless, if there are all that are kept.
constexpr const char* drop_records_sql =
    "DELETE FROM record WHERE sequence IN (SELECT sequence FROM record WHERE sequence <="
    " (SELECT min(sequence) FROM snapshot HAVING count(*) >= ?) ORDER BY sequence LIMIT ?)";
// Each transaction drops so many more than twice what it adds: a file that has been pruned once
// grows no more, and no commit waits for a long one.
constexpr std::int64_t records_dropped_extra = 64;

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

Result<void> insert_row(sqlite3* db, sqlite3_stmt* row, const Record& record) {
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

/// Runs a statement whose parameters are these numbers.
Result<void> run(sqlite3* db, sqlite3_stmt* statement, std::initializer_list<std::int64_t> numbers,
                 std::string_view where) {
  int place = 0;
  for (const std::int64_t number : numbers) sqlite3_bind_int64(statement, ++place, number);
  Result<void> outcome;
  if (sqlite3_step(statement) != SQLITE_DONE) outcome = failed(db, where);
  sqlite3_reset(statement);
  return outcome;
}

struct Statements {
  Statement insert;
  Statement insert_snapshot;
  Statement drop_snapshots;
  Statement drop_records;
};

Result<Statements> prepare_all(sqlite3* db) {
  Statements all;
  for (const auto& [statement, sql] :
       {std::pair{&all.insert, insert_sql}, std::pair{&all.insert_snapshot, insert_snapshot_sql},
        std::pair{&all.drop_snapshots, drop_snapshots_sql},
        std::pair{&all.drop_records, drop_records_sql}}) {
    auto prepared = prepare(db, sql, "journal.open");
    if (!prepared) return tl::make_unexpected(std::move(prepared.error()));
    *statement = std::move(*prepared);
  }
  return all;
}

class SqliteStorage final : public Storage {
 public:
  SqliteStorage(Database db, Statements statements, Instant now)
      : db_(std::move(db)), statements_(std::move(statements)), now_(now) {}

  Result<void> append(std::span<const Record> batch) override {
    if (!in_transaction_) {
      if (auto begun = execute(db_.get(), "BEGIN IMMEDIATE", "journal.begin"); !begun) {
        return begun;
      }
      in_transaction_ = true;
    }
    Result<void> done;
    for (const Record& record : batch) {
      done = record.is_snapshot ? add_snapshot(record)
                                : insert_row(db_.get(), statements_.insert.get(), record);
      if (!done) break;
    }
    if (done) done = drop_needless(static_cast<std::int64_t>(batch.size()));
    if (!done) roll_back();
    return done;
  }

  Result<void> commit() override {
    if (!in_transaction_) return {};
    auto committed = execute(db_.get(), "COMMIT", "journal.commit");
    if (!committed) roll_back();
    in_transaction_ = false;
    return committed;
  }

  Result<std::vector<Record>> snapshots() override {
    auto select = prepare(db_.get(), select_snapshots_sql, "journal.snapshots");
    if (!select) return tl::make_unexpected(std::move(select.error()));
    std::vector<Record> sound;
    int outcome = 0;
    while ((outcome = sqlite3_step(select->get())) == SQLITE_ROW) {
      Row row = row_of(select->get());
      row.record.is_snapshot = true;
      if (row.is_sound) sound.push_back(std::move(row.record));
    }
    if (outcome != SQLITE_DONE) return failed(db_.get(), "journal.snapshots");
    return sound;
  }

  Result<Reading> read(std::uint64_t after, const Visitor& visit) override {
    auto select = prepare(db_.get(), select_sql, "journal.read");
    if (!select) return tl::make_unexpected(std::move(select.error()));
    sqlite3_bind_int64(select->get(), 1, static_cast<sqlite3_int64>(after));
    Reading reading{.last = after};
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
                                     "DELETE FROM snapshot WHERE sequence > {};"
                                     "DELETE FROM record WHERE sequence > {} OR sequence < 1;",
                                     now_.time_since_epoch().count(), last, last, last),
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

  Result<void> add_snapshot(const Record& snapshot) {
    auto done = insert_row(db_.get(), statements_.insert_snapshot.get(), snapshot);
    if (done) {
      done = run(db_.get(), statements_.drop_snapshots.get(), {std::int64_t{snapshots_kept}},
                 "journal.drop_snapshots");
    }
    has_needless_ = true;
    return done;
  }

  Result<void> drop_needless(std::int64_t added) {
    if (!has_needless_) return {};
    const std::int64_t dropped_max = 2 * added + records_dropped_extra;
    auto done = run(db_.get(), statements_.drop_records.get(),
                    {std::int64_t{snapshots_kept}, dropped_max}, "journal.drop_records");
    has_needless_ = sqlite3_changes64(db_.get()) == dropped_max;
    return done;
  }

  Database db_;
  Statements statements_;
  Instant now_;
  bool in_transaction_ = false;
  bool has_needless_ = true;  // Perhaps: an earlier process may not have dropped them all.
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
                 fmt::format("{}{} PRAGMA application_id = {}; PRAGMA user_version = {};", schema,
                             snapshot_schema, application_id, format_version),
                 "journal.create")) {
      return cannot_open(db, path);
    }
    return {};
  }
  if (*id != application_id) {
    return refuse(Errc::corrupt, "journal.open",
                  fmt::format("{} is an SQLite file of another program", path));
  }
  if (*version == format_without_snapshots) {
    if (!execute(db, fmt::format("{} PRAGMA user_version = {};", snapshot_schema, format_version),
                 "journal.upgrade")) {
      return cannot_open(db, path);
    }
    return {};
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

Result<Database> open_file(const std::filesystem::path& path, Sync sync) {
  // SQLite gives its WAL the same mode. If this fails, so does what SQLite does next, with a better
  // message.
  static_cast<void>(make_private_file(path));
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int outcome = sqlite3_open_v2(path.string().c_str(), &opened, flags, nullptr);
  Database db(opened);
  if (outcome != SQLITE_OK) return cannot_open(db.get(), path.string());
  auto done = set_up(db.get(), path.string(), sync);
  if (!done) return tl::make_unexpected(std::move(done.error()));
  return db;
}

/// Copies every sound row of one table that can still be read.
Result<void> salvage(sqlite3* from, const char* reading, sqlite3* to, const char* writing) {
  auto insert = prepare(to, writing, "journal.salvage");
  if (!insert) return tl::make_unexpected(std::move(insert.error()));
  const auto select = prepare(from, reading, "journal.salvage");
  if (!select) return {};
  while (sqlite3_step(select->get()) == SQLITE_ROW) {
    const Row row = row_of(select->get());
    if (!row.is_sound) continue;
    if (auto added = insert_row(to, insert->get(), row.record); !added) return added;
  }
  return {};
}

Result<void> salvage(sqlite3* from, sqlite3* to) {
  auto done = execute(to, "BEGIN IMMEDIATE", "journal.salvage");
  if (done) done = salvage(from, select_sql, to, insert_sql);
  if (done) done = salvage(from, select_snapshots_sql, to, insert_snapshot_sql);
  if (done) done = execute(to, "COMMIT", "journal.salvage");
  return done;
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
  auto statements = prepare_all(db->get());
  if (!statements) return tl::make_unexpected(std::move(statements.error()));
  journal.run = *run;
  journal.storage =
      std::make_unique<SqliteStorage>(std::move(*db), std::move(*statements), options.now);
  return journal;
}

}  // namespace cord::journal
