#include "journal/journal_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <pthread.h>

namespace cord::journal {

JournalWriter::JournalWriter(std::unique_ptr<Storage> storage, Committed committed, Log& log,
                             Metrics& metrics, const JournalWriterOptions& options)
    : storage_(std::move(storage)),
      committed_(std::move(committed)),
      log_(log),
      options_(options),
      queue_(options.records_max),
      queued_(metrics.gauge("cord_journal_queued_records", "Records taken in, not yet written.")),
      records_used_(metrics.bound("journal.records_max", options.records_max)),
      failed_(metrics.gauge("cord_journal_failed", "1 while the journal cannot be written.")),
      failures_(metrics.counter("cord_journal_failures_total", "Writes that failed.")),
      lost_(metrics.counter("cord_journal_lost_records_total", "Records that were given up.")),
      written_(metrics.counter("cord_journal_records_total", "Records committed.")),
      commits_(metrics.counter("cord_journal_commits_total", "Transactions committed.")) {}

JournalWriter::~JournalWriter() {
  stop();
}

void JournalWriter::start() {
  thread_ = std::thread([this] { run(); });
}

void JournalWriter::append(Record&& record) {
  const std::uint64_t sequence = record.sequence;
  const bool is_snapshot = record.is_snapshot;
  if (queue_.push(std::move(record))) {
    count_queued(1);
    return;
  }
  if (is_snapshot) return;  // The next one will do, and nobody waits for it.
  lost_.add();
  lost_up_to_.store(sequence, std::memory_order_release);
  queue_.wake();
}

void JournalWriter::count_queued(std::int64_t change) {
  queued_.add(change);
  records_used_.add(change);
}

void JournalWriter::stop() {
  stopping_.store(true, std::memory_order_release);
  queue_.wake();
  if (thread_.joinable()) thread_.join();
}

void JournalWriter::run() {
  pthread_setname_np(pthread_self(), "cord-journal");
  std::vector<Record> batch;
  std::uint64_t reported = 0;
  for (;;) {
    // Both are read before the queue: what was pushed before they were set is then in the batch.
    const bool stopping = stopping_.load(std::memory_order_acquire);
    std::uint64_t reached = std::max(reported, lost_up_to_.load(std::memory_order_acquire));
    const Duration patience = failing_ ? options_.retry_interval : queue_.patience_max;
    queue_.wait_and_take_all(batch, stopping ? Duration::zero() : patience);
    if (!batch.empty()) reached = std::max(reached, batch.back().sequence);
    take_in(batch);
    write_backlog(stopping);
    if (reached > reported) {
      reported = reached;
      committed_(reported);
    }
    if (stopping) return;
  }
}

// The oldest are kept when there is no room: only records without a hole before them can be
// replayed.
void JournalWriter::take_in(std::vector<Record>& batch) {
  const std::size_t room = options_.records_max - std::min(backlog_.size(), options_.records_max);
  const std::size_t taken = std::min(batch.size(), room);
  const auto left = batch.begin() + static_cast<std::ptrdiff_t>(taken);
  std::move(batch.begin(), left, std::back_inserter(backlog_));
  count_queued(-static_cast<std::int64_t>(batch.size() - taken));
  const auto lost =
      std::count_if(left, batch.end(), [](const Record& it) { return !it.is_snapshot; });
  lost_.add(static_cast<std::uint64_t>(lost));
}

void JournalWriter::write_backlog(bool is_last_chance) {
  if (backlog_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  if (failing_ && now < retry_at_ && !is_last_chance) return;
  const auto outcome = storage_->append(backlog_).and_then([this] { return storage_->commit(); });
  retry_at_ = now + options_.retry_interval;
  note(outcome);
  if (!outcome) return;
  written_.add(backlog_.size());
  commits_.add();
  count_queued(-static_cast<std::int64_t>(backlog_.size()));
  std::erase_if(backlog_, [](const Record& it) { return it.is_snapshot; });
  if (options_.archive) options_.archive(std::move(backlog_));
  backlog_.clear();
}

void JournalWriter::note(const Result<void>& outcome) {
  if (!outcome) failures_.add();
  if (failing_ == !outcome.has_value()) return;
  failing_ = !outcome.has_value();
  failed_.set(failing_ ? 1 : 0);
  if (failing_) {
    log_.error("journal.failed", {{"where", outcome.error().where},
                                  {"detail", outcome.error().detail},
                                  {"kept_records", backlog_.size()}});
  } else {
    log_.info("journal.recovered",
              {{"written_records", backlog_.size()}, {"lost_records", lost_.value()}});
  }
}

}  // namespace cord::journal
