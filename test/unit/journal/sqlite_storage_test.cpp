#include "journal/sqlite_storage.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/prng.hpp"
#include "support/temporary_directory.hpp"

namespace cord::journal {
namespace {

using namespace std::chrono_literals;
using test::TemporaryDirectory;

constexpr Instant start = Instant(1'795'000'000s);

Record record(std::uint64_t sequence, std::string payload = "payload") {
  return {sequence, start + sequence * 1ms, std::move(payload)};
}

std::vector<Record> read_all(Storage& storage, std::uint64_t after = 0) {
  std::vector<Record> records;
  const auto outcome = storage.read(after, [&](Record&& it) { records.push_back(std::move(it)); });
  EXPECT_TRUE(outcome.has_value());
  return records;
}

std::unique_ptr<Storage> open_or_fail(const std::filesystem::path& path) {
  auto journal = open_sqlite({.path = path, .now = start});
  EXPECT_TRUE(journal.has_value()) << journal.error().detail;
  return journal ? std::move(journal->storage) : nullptr;
}

void write(Storage& storage, const std::vector<Record>& records) {
  ASSERT_TRUE(storage.append(records));
  ASSERT_TRUE(storage.commit());
}

/// What a person would type, on a file that no server has.
void execute(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(db);
  sqlite3_close(db);
}

/// Rewrites one of the header fields an SQLite file starts with (big-endian 32 bit).
void patch_header(const std::filesystem::path& path, std::streamoff offset, char last_byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offset + 3);
  file.put(last_byte);
}

TEST(SqliteStorage, GivesBackWhatWasCommittedAfterReopening) {
  const TemporaryDirectory directory;
  const std::vector<Record> written{record(1), record(2, std::string("\0\xff bytes", 8)),
                                    record(3, "")};
  {
    const auto storage = open_or_fail(directory / "j.db");
    write(*storage, written);
    EXPECT_EQ(read_all(*storage), written);
  }
  const auto storage = open_or_fail(directory / "j.db");
  EXPECT_EQ(read_all(*storage), written);
  write(*storage, {record(4)});
  EXPECT_EQ(read_all(*storage).size(), 4u);
}

TEST(SqliteStorage, WaitsForTheDiskIfItIsTold) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  auto journal = open_sqlite({.path = path, .now = start, .sync = Sync::power});
  ASSERT_TRUE(journal.has_value());
  write(*journal->storage, {record(1)});
  journal->storage.reset();
  EXPECT_EQ(read_all(*open_or_fail(path)), (std::vector{record(1)}));
}

TEST(SqliteStorage, ForgetsWhatWasNotCommitted) {
  const TemporaryDirectory directory;
  {
    const auto storage = open_or_fail(directory / "j.db");
    ASSERT_TRUE(storage->append(std::vector{record(1)}));
    ASSERT_TRUE(storage->commit());
    ASSERT_TRUE(storage->append(std::vector{record(2)}));
  }
  EXPECT_EQ(read_all(*open_or_fail(directory / "j.db")).size(), 1u);
}

TEST(SqliteStorage, KeepsWhatWasCommittedWhenTheProcessIsKilled) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  const pid_t child = fork();
  if (child == 0) {
    auto journal = open_sqlite({.path = path, .now = start});
    const bool done = journal && journal->storage->append(std::vector{record(1), record(2)}) &&
                      journal->storage->commit();
    if (!done) _exit(1);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto storage = open_or_fail(path);
  EXPECT_EQ(read_all(*storage), (std::vector{record(1), record(2)}));
}

TEST(SqliteStorage, WritingARecordAgainKeepsTheFirst) {
  const TemporaryDirectory directory;
  const auto storage = open_or_fail(directory / "j.db");
  ASSERT_TRUE(storage->append(std::vector{record(1)}));
  ASSERT_TRUE(storage->commit());
  ASSERT_TRUE(storage->append(std::vector{record(1), record(2)}));
  ASSERT_TRUE(storage->commit());
  EXPECT_EQ(read_all(*storage), (std::vector{record(1), record(2)}));
}

TEST(SqliteStorage, IsRefusedWhileAnotherProcessHasIt) {
  const TemporaryDirectory directory;
  const auto first = open_or_fail(directory / "j.db");
  const auto second = open_sqlite({.path = directory / "j.db", .now = start});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::io_failed);
  EXPECT_NE(second.error().detail.find("in use by another process"), std::string::npos)
      << second.error().detail;
}

TEST(SqliteStorage, RefusesAnotherFormatVersion) {
  const TemporaryDirectory directory;
  open_or_fail(directory / "j.db");
  patch_header(directory / "j.db", 60, 1);  // user_version
  const auto storage = open_sqlite({.path = directory / "j.db", .now = start});
  ASSERT_FALSE(storage.has_value());
  EXPECT_EQ(storage.error().code, Errc::bad_version);
  EXPECT_NE(storage.error().detail.find("format 1"), std::string::npos) << storage.error().detail;
}

TEST(SqliteStorage, RefusesAnotherProgramsFile) {
  const TemporaryDirectory directory;
  open_or_fail(directory / "j.db");
  patch_header(directory / "j.db", 68, 1);  // application_id
  const auto storage = open_sqlite({.path = directory / "j.db", .now = start});
  ASSERT_FALSE(storage.has_value());
  EXPECT_EQ(storage.error().code, Errc::corrupt);
}

TEST(SqliteStorage, RefusesWhatIsNoDatabaseAndLeavesItAlone) {
  const TemporaryDirectory directory;
  const std::string text(4096, 'x');
  std::ofstream(directory / "j.db") << text;
  const auto storage = open_sqlite({.path = directory / "j.db", .now = start});
  ASSERT_FALSE(storage.has_value());
  EXPECT_EQ(storage.error().code, Errc::corrupt);
  std::ifstream file(directory / "j.db");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST(SqliteStorage, ANewFileIsItsOwnersOnly) {
  const TemporaryDirectory directory;
  const auto storage = open_or_fail(directory / "j.db");
  ASSERT_TRUE(storage->append(std::vector{record(1)}));
  ASSERT_TRUE(storage->commit());
  using std::filesystem::perms;
  for (const char* name : {"j.db", "j.db-wal"}) {
    EXPECT_EQ(std::filesystem::status(directory / name).permissions(),
              perms::owner_read | perms::owner_write)
        << name;
  }
}

TEST(SqliteStorage, NamesThePathItCannotOpen) {
  const TemporaryDirectory directory;
  const auto storage = open_sqlite({.path = directory / "no/such/j.db", .now = start});
  ASSERT_FALSE(storage.has_value());
  EXPECT_EQ(storage.error().code, Errc::io_failed);
  EXPECT_NE(storage.error().detail.find("no/such/j.db"), std::string::npos);
}

TEST(SqliteStorage, StopsAtAHoleAndKeepsAsideWhatIsBehindIt) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  write(*open_or_fail(path), {record(1), record(2), record(4), record(5)});
  const auto storage = open_or_fail(path);
  const auto reading = storage->read(0, [](Record&&) {});
  ASSERT_TRUE(reading.has_value());
  EXPECT_EQ(reading->last, 2u);
  EXPECT_EQ(reading->last_time, record(2).time);
  EXPECT_EQ(reading->damage, "record 2 is followed by record 4");
  EXPECT_EQ(storage->set_aside(reading->last).value_or(0), 2u);
  write(*storage, {record(3, "anew")});
  EXPECT_EQ(read_all(*storage), (std::vector{record(1), record(2), record(3, "anew")}));
  EXPECT_EQ(storage->set_aside(3).value_or(9), 0u);
}

Record snapshot(std::uint64_t after) {
  Record it = record(after, fmt::format("all up to {}", after));
  it.is_snapshot = true;
  return it;
}

std::vector<std::uint64_t> sequences_of(const std::vector<Record>& records) {
  std::vector<std::uint64_t> all;
  for (const Record& it : records) all.push_back(it.sequence);
  return all;
}

TEST(SqliteStorage, KeepsTwoSnapshotsAndWhatIsBehindTheOlder) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  const auto storage = open_or_fail(path);
  write(*storage, {record(1), record(2), snapshot(2), record(3)});
  EXPECT_EQ(sequences_of(read_all(*storage)), (std::vector<std::uint64_t>{1, 2, 3}));
  write(*storage, {record(4), snapshot(4), record(5)});
  EXPECT_EQ(storage->snapshots().value_or(std::vector<Record>{}),
            (std::vector{snapshot(2), snapshot(4)}));
  EXPECT_TRUE(read_all(*storage).empty()) << "the first two are not needed any more";
  EXPECT_EQ(sequences_of(read_all(*storage, 2)), (std::vector<std::uint64_t>{3, 4, 5}));
  write(*storage, {snapshot(5)});
  EXPECT_EQ(sequences_of(*storage->snapshots()), (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(sequences_of(read_all(*storage, 4)), (std::vector<std::uint64_t>{5}));
}

// However much is needless, one transaction drops only a part of it, and the file grows no more.
TEST(SqliteStorage, WhatIsNeedlessGoesLittleByLittleAndTheFileStaysAsItIs) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  const auto storage = open_or_fail(path);
  std::uint64_t last = 0;
  const auto add = [&](std::uint64_t count) {
    std::vector<Record> batch;
    for (std::uint64_t n = 0; n < count; ++n)
      batch.push_back(record(++last, std::string(500, 'p')));
    write(*storage, batch);
  };
  add(1'000);
  write(*storage, {snapshot(last)});
  add(1'000);
  write(*storage, {snapshot(last)});
  EXPECT_GT(read_all(*storage, 1'000).size(), 0u);
  std::uintmax_t size = 0;
  for (int round = 0; round < 12; ++round) {
    for (int n = 0; n < 100; ++n) add(10);
    write(*storage, {snapshot(last)});
    if (round == 4) size = std::filesystem::file_size(path);
  }
  EXPECT_LE(std::filesystem::file_size(path), size + size / 10);
  EXPECT_EQ(read_all(*storage, last - 1'000).size(), 1'000u);
}

TEST(SqliteStorage, ADamagedSnapshotIsNotThere) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  write(*open_or_fail(path), {record(1), snapshot(1), record(2), snapshot(2)});
  execute(path, "UPDATE snapshot SET payload = X'00' WHERE sequence = 2");
  const auto storage = open_or_fail(path);
  EXPECT_EQ(storage->snapshots().value_or(std::vector<Record>{}), std::vector{snapshot(1)});
}

TEST(SqliteStorage, WhatIsSetAsideTakesItsSnapshotsWithIt) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  write(*open_or_fail(path), {record(1), snapshot(1), record(2), record(4), snapshot(4)});
  const auto storage = open_or_fail(path);
  EXPECT_EQ(storage->set_aside(2).value_or(0), 1u);
  EXPECT_EQ(storage->snapshots().value_or(std::vector<Record>{}), std::vector{snapshot(1)});
}

TEST(SqliteStorage, TakesOverAFileOfTheFormatWithoutSnapshots) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  write(*open_or_fail(path), {record(1)});
  execute(path, "DROP TABLE snapshot; PRAGMA user_version = 2");
  const auto storage = open_or_fail(path);
  EXPECT_EQ(read_all(*storage), std::vector{record(1)});
  write(*storage, {record(2), snapshot(2)});
  EXPECT_EQ(storage->snapshots().value_or(std::vector<Record>{}), std::vector{snapshot(2)});
}

class Changed : public testing::TestWithParam<const char*> {};

TEST_P(Changed, ARowIsNoticed) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  write(*open_or_fail(path), {record(1), record(2), record(3)});
  execute(path, GetParam());
  const auto storage = open_or_fail(path);
  EXPECT_EQ(read_all(*storage).size(), 1u);
  const auto reading = storage->read(0, [](Record&&) {});
  EXPECT_EQ(reading->damage, "record 2 is not what was written");
}

INSTANTIATE_TEST_SUITE_P(
    Columns, Changed,
    testing::Values("UPDATE record SET payload = X'7061796c6f6165' WHERE sequence = 2",
                    "UPDATE record SET time_us = time_us + 1 WHERE sequence = 2",
                    "UPDATE record SET check_crc32 = check_crc32 + 1 WHERE sequence = 2"));

// Whatever byte is hit, what can be read is a part of what was written, from its beginning on.
TEST(SqliteStorage, ADamagedFileGivesWhatCameBeforeOrIsRefused) {
  const TemporaryDirectory directory;
  const auto whole = directory / "whole.db";
  std::vector<Record> written;
  for (std::uint64_t n = 1; n <= 60; ++n) written.push_back(record(n, std::string(300, 'p')));
  write(*open_or_fail(whole), written);
  const auto size = static_cast<std::uint64_t>(std::filesystem::file_size(whole));
  Prng prng(5);
  int kept = 0;
  for (int round = 0; round < 150; ++round) {
    const auto path = directory / fmt::format("{}.db", round);
    std::filesystem::copy_file(whole, path);
    for (std::uint64_t hits = prng.below(3) + 1; hits > 0; --hits) {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(prng.below(size)));
      file.put(static_cast<char>(prng.below(256)));
    }
    auto journal = open_sqlite({.path = path, .now = start});
    if (!journal) continue;
    const std::vector<Record> read = read_all(*journal->storage);
    ASSERT_LE(read.size(), written.size());
    EXPECT_TRUE(std::equal(read.begin(), read.end(), written.begin()));
    EXPECT_EQ(journal->damage.empty(), !std::filesystem::exists(journal->kept_as));
    ASSERT_TRUE(journal->storage->set_aside(read.size()).has_value());
    write(*journal->storage, {record(read.size() + 1, "goes on")});
    kept += read.size() == written.size() ? 0 : 1;
  }
  EXPECT_GT(kept, 10) << "no damage was ever noticed";
}

}  // namespace
}  // namespace cord::journal
