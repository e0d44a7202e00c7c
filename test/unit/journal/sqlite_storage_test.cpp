#include "journal/sqlite_storage.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

namespace cord::journal {
namespace {

using namespace std::chrono_literals;
using test::TemporaryDirectory;

constexpr Instant start = Instant(1'795'000'000s);

Record record(std::uint64_t sequence, std::string payload = "payload") {
  return {sequence, start + sequence * 1ms, std::move(payload)};
}

std::vector<Record> read_all(Storage& storage, std::uint64_t run) {
  std::vector<Record> records;
  const auto outcome = storage.read(run, [&](Record&& it) { records.push_back(std::move(it)); });
  EXPECT_TRUE(outcome.has_value());
  return records;
}

std::unique_ptr<Storage> open_or_fail(const std::filesystem::path& path) {
  auto storage = open_sqlite({.path = path, .now = start});
  EXPECT_TRUE(storage.has_value()) << storage.error().detail;
  return storage ? std::move(*storage) : nullptr;
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
    EXPECT_EQ(storage->run(), 1u);
    ASSERT_TRUE(storage->append(written));
    ASSERT_TRUE(storage->commit());
    EXPECT_EQ(read_all(*storage, 1), written);
  }
  const auto storage = open_or_fail(directory / "j.db");
  EXPECT_EQ(storage->run(), 2u);
  EXPECT_EQ(read_all(*storage, 1), written);
  EXPECT_TRUE(read_all(*storage, 2).empty());
}

TEST(SqliteStorage, ForgetsWhatWasNotCommitted) {
  const TemporaryDirectory directory;
  {
    const auto storage = open_or_fail(directory / "j.db");
    ASSERT_TRUE(storage->append(std::vector{record(1)}));
    ASSERT_TRUE(storage->commit());
    ASSERT_TRUE(storage->append(std::vector{record(2)}));
  }
  EXPECT_EQ(read_all(*open_or_fail(directory / "j.db"), 1).size(), 1u);
}

TEST(SqliteStorage, KeepsWhatWasCommittedWhenTheProcessIsKilled) {
  const TemporaryDirectory directory;
  const auto path = directory / "j.db";
  const pid_t child = fork();
  if (child == 0) {
    auto storage = open_sqlite({.path = path, .now = start});
    const bool done =
        storage && (*storage)->append(std::vector{record(1), record(2)}) && (*storage)->commit();
    if (!done) _exit(1);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto storage = open_or_fail(path);
  EXPECT_EQ(read_all(*storage, 1), (std::vector{record(1), record(2)}));
}

TEST(SqliteStorage, WritingARecordAgainKeepsTheFirst) {
  const TemporaryDirectory directory;
  const auto storage = open_or_fail(directory / "j.db");
  ASSERT_TRUE(storage->append(std::vector{record(1)}));
  ASSERT_TRUE(storage->commit());
  ASSERT_TRUE(storage->append(std::vector{record(1), record(2)}));
  ASSERT_TRUE(storage->commit());
  EXPECT_EQ(read_all(*storage, 1), (std::vector{record(1), record(2)}));
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
  patch_header(directory / "j.db", 60, 2);  // user_version
  const auto storage = open_sqlite({.path = directory / "j.db", .now = start});
  ASSERT_FALSE(storage.has_value());
  EXPECT_EQ(storage.error().code, Errc::bad_version);
  EXPECT_NE(storage.error().detail.find("format 2"), std::string::npos) << storage.error().detail;
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

TEST(SqliteStorage, DeletesTheOldestRunBeyondItsBound) {
  const TemporaryDirectory directory;
  for (int run = 1; run <= 4; ++run) {
    auto storage = open_sqlite({.path = directory / "j.db", .now = start, .runs_kept_max = 3});
    ASSERT_TRUE(storage.has_value());
    ASSERT_TRUE((*storage)->append(std::vector{record(1)}));
    ASSERT_TRUE((*storage)->commit());
    EXPECT_EQ(read_all(**storage, 1).size(), run <= 3 ? 1u : 0u);
  }
}

}  // namespace
}  // namespace cord::journal
