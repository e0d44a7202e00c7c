// The thread behind the journal: bounds, failures, holes, and what is too old.
#include "history/history_writer.hpp"

#include <fstream>

#include "history_fixture.hpp"

namespace cord::history {
namespace {

/// So many calls that reach nobody and are given up: two records each.
std::vector<journal::Record> abandoned_calls(int count) {
  World world;
  for (int i = 0; i < count; ++i) {
    world.report(core::LegReleased{world.arrive(), core::Cause::remote, ""});
    world.advance(1s);
  }
  return records_of(world);
}

struct HistoryWriterTest : HistoryTest {
  std::int64_t calls() {
    auto database = open_for_reading(file()).value();
    return database.read_number("SELECT count(*) FROM call").value().value_or(-1);
  }
};

TEST_F(HistoryWriterTest, WritesWhatItIsGivenAndTheRestWhenItStops) {
  const auto records = abandoned_calls(5);
  auto writer = open();
  writer->start();
  for (const journal::Record& it : records) writer->take({it});
  writer->stop();
  EXPECT_EQ(calls(), 5);
  EXPECT_EQ(metric("cord_history_records_total"), static_cast<double>(records.size()));
  EXPECT_EQ(metric("cord_history_queued_records"), 0);
  EXPECT_EQ(metric("cord_history_incomplete"), 0);
}

TEST_F(HistoryWriterTest, WhatItHasNoRoomForIsTakenFromTheJournalAtTheNextStart) {
  const auto records = abandoned_calls(5);
  options.records_max = 3;
  auto writer = open();
  // Nobody takes anything out yet: the fourth has no room.
  writer->take({records.begin(), records.begin() + 4});
  EXPECT_EQ(metric("cord_history_postponed_records_total"), 1);
  EXPECT_EQ(metric("cord_history_queued_records"), 3);
  writer->start();
  writer->stop();
  writer.reset();
  writer = open();
  writer->start();
  writer->take({records.begin() + 4, records.begin() + 6});
  writer->stop();
  EXPECT_EQ(metric("cord_history_incomplete"), 1);
  writer.reset();
  options.records_max = 100;
  open_behind(records);
  EXPECT_EQ(calls(), 5);
  EXPECT_EQ(metric("cord_history_unreadable_records_total"), 0);
}

TEST_F(HistoryWriterTest, ADiskThatFailsIsTriedAgain) {
  const auto records = abandoned_calls(5);
  options.retry_interval = 1ms;
  auto writer = open();
  // Another process writes: as good as a disk that cannot be written.
  auto other = open_for_writing(file()).value();
  ASSERT_TRUE(other.execute("BEGIN IMMEDIATE; UPDATE mark SET sequence = 77"));
  writer->start();
  writer->take(std::vector(records));
  const auto fails = [&] { return metric("cord_history_failed") == 1; };
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!fails() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(fails());
  ASSERT_TRUE(other.execute("ROLLBACK"));
  writer->stop();
  EXPECT_EQ(metric("cord_history_failed"), 0);
  EXPECT_EQ(calls(), 5);
}

TEST_F(HistoryWriterTest, ARecordThatCannotBeReadIsLeftOut) {
  auto records = abandoned_calls(2);
  records[1].payload = "nonsense";
  open_behind(records);
  EXPECT_EQ(calls(), 2);
  EXPECT_EQ(metric("cord_history_unreadable_records_total"), 1);
}

TEST_F(HistoryWriterTest, AJournalThatWasCutGoesOnInTheSameHistory) {
  const auto records = abandoned_calls(3);
  open_behind(records);
  // The last records are lost; others, later, have their numbers.
  std::vector<journal::Record> cut(records.begin(), records.begin() + 4);
  World later;
  later.advance(1h);
  later.arrive();
  for (journal::Record it : records_of(later)) {
    it.sequence = cut.size() + 1;
    cut.push_back(std::move(it));
  }
  open_behind(cut);
  EXPECT_EQ(calls(), 4);
}

TEST_F(HistoryWriterTest, OfAJournalThatIsGoneWhatLivedIsLost) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  world.arrive();
  world.command(alice, core::AnswerConversation{});
  keep(world);
  open_behind({});
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 1U);
  EXPECT_EQ(page.interactions[0].outcome, "lost");
  EXPECT_TRUE(page.interactions[0].completed_us);
}

TEST_F(HistoryWriterTest, WhatIsTooOldIsDeletedInSteps) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  for (int i = 0; i < 5; ++i) {
    world.arrive();
    world.command(alice, core::AnswerConversation{});
    world.command(alice, core::ReleaseConversation{});
    world.command(alice, core::CompleteInteraction{});
  }
  world.arrive();
  world.command(alice, core::AnswerConversation{});
  keep(world);
  ASSERT_EQ(read().interactions.size(), 6U);
  options.days = 30;
  options.deleted_rows_max = 2;
  now = world.now() + std::chrono::hours(24 * 31);
  auto writer = open();
  writer->start();
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (calls() > 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  writer->stop();
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 1U) << "what has not ended is not too old";
  EXPECT_EQ(page.interactions[0].outcome, "");
}

TEST_F(HistoryWriterTest, AForeignFileIsLeftAlone) {
  std::ofstream(file()) << "these are no tables, and many of them: " << std::string(5'000, 'x');
  options.file = file();
  const auto opened = HistoryWriter::open(options, {[this] { return now; }, log, metrics});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().detail.find(file().string()), std::string::npos)
      << opened.error().detail;
}

TEST_F(HistoryWriterTest, AnotherFormatIsRefused) {
  { const auto writer = open(); }
  {
    auto database = open_for_writing(file()).value();
    ASSERT_TRUE(database.execute("PRAGMA user_version = 99"));
  }
  const auto opened = open_for_reading(file());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::bad_version);
}

}  // namespace
}  // namespace cord::history
