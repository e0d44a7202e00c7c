#include "journal/journal_writer.hpp"

#include <gtest/gtest.h>

#include "support/memory_storage.hpp"

namespace cord::journal {
namespace {

using namespace std::chrono_literals;
using test::MemoryDisk;
using test::MemoryStorage;

/// Collects what the writer reports, and lets a test wait for it.
class Reports {
 public:
  void add(std::uint64_t sequence) {
    {
      const std::lock_guard lock(mutex_);
      reported_.push_back(sequence);
    }
    changed_.notify_all();
  }
  [[nodiscard]] bool wait_for(std::uint64_t sequence) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s,
                             [&] { return !reported_.empty() && reported_.back() >= sequence; });
  }
  [[nodiscard]] std::vector<std::uint64_t> all() const {
    const std::lock_guard lock(mutex_);
    return reported_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> reported_;
};

class EventsLog final : public Log {
 public:
  void write(LogLevel, std::string_view event, LogFields) override {
    const std::lock_guard lock(mutex_);
    events_.emplace_back(event);
  }
  [[nodiscard]] std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

struct World {
  explicit World(JournalWriterOptions options = {}) {
    writer = std::make_unique<JournalWriter>(
        std::make_unique<MemoryStorage>(disk), [this](std::uint64_t n) { reports.add(n); }, log,
        metrics, options);
    writer->start();
  }
  void append(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n <= to; ++n) writer->append({n, Instant(1s), std::to_string(n)});
  }
  double metric(std::string_view name) const {
    for (const auto& it : metrics.collect()) {
      if (it.name == name) return it.value;
    }
    return -1;
  }

  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  Reports reports;
  EventsLog log;
  Metrics metrics;
  std::unique_ptr<JournalWriter> writer;
};

std::vector<std::uint64_t> sequences(const std::vector<Record>& records) {
  std::vector<std::uint64_t> all;
  for (const Record& it : records) all.push_back(it.sequence);
  return all;
}

std::vector<std::uint64_t> counted(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t n = from; n <= to; ++n) all.push_back(n);
  return all;
}

TEST(JournalWriter, ReportsOnlyWhatIsCommitted) {
  World world;
  world.disk->stall(true);
  world.append(1, 1);
  world.disk->wait_for_operations(1);
  EXPECT_TRUE(world.reports.all().empty());
  world.disk->stall(false);
  ASSERT_TRUE(world.reports.wait_for(1));
  EXPECT_EQ(sequences(world.disk->committed()), counted(1, 1));
}

TEST(JournalWriter, CommitsWhatQueuedUpAsOneTransaction) {
  World world;
  world.disk->stall(true);
  world.append(1, 1);
  world.disk->wait_for_operations(1);
  world.append(2, 50);
  world.disk->stall(false);
  ASSERT_TRUE(world.reports.wait_for(50));
  EXPECT_EQ(world.disk->batches(), (std::vector<std::size_t>{1, 49}));
  EXPECT_EQ(world.reports.all(), (std::vector<std::uint64_t>{1, 50}));
}

TEST(JournalWriter, WritesWhatIsQueuedWhenStopped) {
  World world;
  world.append(1, 500);
  world.writer->stop();
  EXPECT_EQ(sequences(world.disk->committed()), counted(1, 500));
  EXPECT_EQ(world.reports.all().back(), 500u);
  EXPECT_EQ(world.metric("cord_journal_queued_records"), 0);
}

TEST(JournalWriter, AFailureAtAnyOperationLosesAndHoldsBackNothing) {
  for (std::uint64_t nth = 1; nth <= 8; ++nth) {
    World world({.retry_interval = 1ms});
    world.disk->fail_at({nth});
    for (std::uint64_t n = 1; n <= 4; ++n) {
      world.append(n, n);
      ASSERT_TRUE(world.reports.wait_for(n)) << "failing operation " << nth;
    }
    world.writer->stop();
    EXPECT_EQ(sequences(world.disk->committed()), counted(1, 4)) << "failing operation " << nth;
  }
}

TEST(JournalWriter, SaysOnceThatItFailsAndOnceThatItRecovered) {
  World world({.retry_interval = 1ms});
  world.disk->fail_all(true);
  for (std::uint64_t n = 1; n <= 5; ++n) {
    world.append(n, n);
    ASSERT_TRUE(world.reports.wait_for(n));
  }
  world.disk->wait_for_operations(3);
  EXPECT_EQ(world.log.events(), std::vector<std::string>{"journal.failed"});
  EXPECT_EQ(world.metric("cord_journal_failed"), 1);
  world.disk->fail_all(false);
  world.append(6, 6);
  world.writer->stop();
  EXPECT_EQ(world.log.events(), (std::vector<std::string>{"journal.failed", "journal.recovered"}));
  EXPECT_EQ(world.metric("cord_journal_failed"), 0);
  EXPECT_GE(world.metric("cord_journal_failures_total"), 3);
  EXPECT_EQ(sequences(world.disk->committed()), counted(1, 6));
}

TEST(JournalWriter, KeepsTheOldestRecordsWhileItFails) {
  World world({.records_max = 3, .retry_interval = 1h});
  world.disk->fail_all(true);
  for (std::uint64_t n = 1; n <= 5; ++n) {
    world.append(n, n);
    ASSERT_TRUE(world.reports.wait_for(n));
  }
  world.disk->fail_all(false);
  world.writer->stop();
  EXPECT_EQ(sequences(world.disk->committed()), counted(1, 3));
  EXPECT_EQ(world.metric("cord_journal_lost_records_total"), 2);
}

TEST(JournalWriter, ARecordTooManyIsLostCountedAndNotWaitedFor) {
  World world({.records_max = 3});
  world.disk->stall(true);
  world.append(1, 1);
  world.disk->wait_for_operations(1);
  world.append(2, 6);  // 2, 3 and 4 fill the queue.
  EXPECT_EQ(world.metric("cord_journal_lost_records_total"), 2);
  EXPECT_TRUE(world.reports.all().empty());
  world.disk->stall(false);
  ASSERT_TRUE(world.reports.wait_for(6));
  EXPECT_EQ(sequences(world.disk->committed()), counted(1, 4));
}

}  // namespace
}  // namespace cord::journal
