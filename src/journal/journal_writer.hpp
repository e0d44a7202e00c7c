// Group commit: a thread of its own takes everything that is queued and makes it one transaction.
// What happens when the disk fails: docs/journal.md, "When writing fails".
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "journal/journal.hpp"
#include "journal/storage.hpp"

namespace cord::journal {

struct JournalWriterOptions {
  std::size_t records_max = 65'536;  ///< queued; and as many again kept while writing fails
  Duration retry_interval = std::chrono::milliseconds(500);  ///< between attempts while it fails
  /// Given the records that are committed, in order, on the writer's thread, which must not be kept
  /// waiting.
  std::function<void(std::vector<Record>&&)> archive = {};
};

class JournalWriter final : public Journal {
 public:
  /// Told on the writer's thread: every record up to `sequence` is committed, or (while writing
  /// fails, or when the queue was full) will not be waited for.
  using Committed = std::function<void(std::uint64_t sequence)>;

  /// Its thread begins with start(). `log` and `metrics` must outlive the writer.
  JournalWriter(std::unique_ptr<Storage> storage, Committed committed, Log& log, Metrics& metrics,
                const JournalWriterOptions& options = {});
  /// As stop().
  ~JournalWriter() override;
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  /// Once. Until then the storage is its maker's to read.
  void start();

  /// From one thread. A record for which the queue has no room is lost, counted, and reported as
  /// if it were committed.
  void append(Record&& record) override;

  /// Writes what is queued, then ends the thread. Idempotent.
  void stop();

 private:
  void run();
  void count_queued(std::int64_t change);
  void take_in(std::vector<Record>& batch);
  void write_backlog(bool is_last_chance);
  void note(const Result<void>& outcome);

  const std::unique_ptr<Storage> storage_;
  const Committed committed_;
  Log& log_;
  const JournalWriterOptions options_;
  BoundedQueue<Record> queue_;
  std::atomic<std::uint64_t> lost_up_to_{0};
  std::atomic<bool> stopping_{false};

  // Of the writer's thread:
  std::vector<Record> backlog_;  // Taken in and not committed: more than a batch only in failure.
  std::chrono::steady_clock::time_point retry_at_{};
  bool failing_ = false;

  Gauge& queued_;
  Gauge& records_used_;
  Gauge& failed_;
  Counter& failures_;
  Counter& lost_;
  Counter& written_;
  Counter& commits_;
  std::thread thread_;
};

}  // namespace cord::journal
