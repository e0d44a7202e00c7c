// Keeps the history file up to what the journal has: on a thread of its own, behind a bounded
// queue, so that nobody waits for it. What it could not take is taken from the journal at the next
// start. docs/history.md.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <span>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "history/database.hpp"
#include "history/fold.hpp"
#include "journal/journal.hpp"
#include "journal/storage.hpp"

namespace cord::history {

struct HistoryOptions {
  std::filesystem::path file;
  std::uint32_t days = 0;  ///< what ended longer ago is deleted; 0: nothing is
  FoldOptions fold;
  std::size_t records_max = 65'536;      ///< queued; beyond it they wait for the next start
  std::size_t batch_max = 1'000;         ///< records of one transaction
  std::size_t deleted_rows_max = 1'000;  ///< of one step of the clean-up
  /// From one transaction to the next, so that one has many records in it.
  Duration write_interval = std::chrono::milliseconds(200);
  Duration retry_interval = std::chrono::seconds(1);   ///< between attempts while writing fails
  Duration clean_interval = std::chrono::minutes(10);  ///< between clean-ups
};

class HistoryWriter {
 public:
  struct Surroundings {
    std::function<Instant()> now;  ///< called on the writer's thread
    Log& log;
    Metrics& metrics;
  };

  /// Opens or makes the file. Errors: those of open_for_writing().
  [[nodiscard]] static Result<std::unique_ptr<HistoryWriter>> open(HistoryOptions options,
                                                                   Surroundings given);
  /// As stop().
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  /// Takes from a surveyed journal whatever the file does not have. Before start(). Errors: the
  /// storage's and the file's.
  [[nodiscard]] Result<void> catch_up(journal::Storage& storage);

  /// The time of the newest record that the file has: the server's clock must not be behind it.
  [[nodiscard]] Instant last_time() const { return mark_.time; }

  /// Begins to write what take() is given.
  void start();

  /// Queues records that the journal has committed; never waits. From one thread.
  void take(std::vector<journal::Record>&& records);

  /// Writes what is queued, then ends the thread. Idempotent.
  void stop();

 private:
  /// Nothing is missing up to here.
  struct Mark {
    std::uint64_t sequence = 0;
    Instant time{};
  };
  struct Figures {
    Gauge& queued;
    Gauge& records_used;
    Gauge& failed;
    Gauge& incomplete;
    Counter& written;
    Counter& postponed;
    Counter& unreadable;
    Counter& deleted;
  };

  HistoryWriter(Database database, HistoryOptions options, Surroundings given);
  Result<void> read_mark();
  void count_queued(std::int64_t change);
  [[nodiscard]] bool has(const journal::Record& record) const;
  Result<void> write(std::span<const journal::Record> records, const Mark& after);
  Result<void> write_all(std::span<const journal::Record> records, const Mark& after);
  [[nodiscard]] Mark mark_after(std::span<const journal::Record> records) const;
  void run();
  void write_backlog();
  void note(const Result<void>& outcome);
  void clean_up();
  Result<std::int64_t> delete_some(Instant before);

  Database database_;
  const HistoryOptions options_;
  const Surroundings given_;
  BoundedQueue<journal::Record> queue_;
  std::atomic<bool> stopping_{false};
  std::counting_semaphore<> stop_signal_{0};  // Released once stopping.
  Mark mark_;

  // Of the writer's thread:
  std::vector<journal::Record> backlog_;  // Taken from the queue and not written.
  std::optional<Instant> retry_at_;       // While writing fails.
  Instant clean_at_{};

  Figures figures_;
  std::thread thread_;
};

}  // namespace cord::history
