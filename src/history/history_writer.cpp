#include "history/history_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <pthread.h>

#include "history/schema.hpp"
#include "journal/beginning.hpp"

namespace cord::history {
namespace {

std::int64_t us(Instant time) {
  return time.time_since_epoch().count();
}

/// Whether that is the record's fault, and not the file's.
bool is_unreadable(const Error& error) {
  return error.code != Errc::io_failed;
}

}  // namespace

Result<std::unique_ptr<HistoryWriter>> HistoryWriter::open(HistoryOptions options,
                                                           Surroundings given) {
  auto database = open_for_writing(options.file);
  if (!database) return tl::make_unexpected(std::move(database.error()));
  std::unique_ptr<HistoryWriter> writer(
      new HistoryWriter(std::move(*database), std::move(options), std::move(given)));
  if (auto read = writer->read_mark(); !read) return tl::make_unexpected(std::move(read.error()));
  return writer;
}

HistoryWriter::HistoryWriter(Database database, HistoryOptions options, Surroundings given)
    : database_(std::move(database)),
      options_(std::move(options)),
      given_(std::move(given)),
      queue_(options_.records_max),
      figures_{
          given_.metrics.gauge("cord_history_queued_records",
                               "Committed records that the history does not have yet."),
          given_.metrics.bound("history.records_max", options_.records_max),
          given_.metrics.gauge("cord_history_failed", "1 while the history cannot be written."),
          given_.metrics.gauge("cord_history_incomplete",
                               "1 while the history lacks records that the next start adds."),
          given_.metrics.counter("cord_history_records_total", "Records put into the history."),
          given_.metrics.counter("cord_history_postponed_records_total",
                                 "Records left to the next start, for want of room."),
          given_.metrics.counter("cord_history_unreadable_records_total",
                                 "Records that could not be read, and were left out."),
          given_.metrics.counter("cord_history_deleted_rows_total",
                                 "Rows deleted because they were too old."),
      } {}

HistoryWriter::~HistoryWriter() {
  stop();
}

Result<void> HistoryWriter::read_mark() {
  auto rows = database_.query("SELECT sequence, time_us FROM mark", {});
  if (!rows) return tl::make_unexpected(std::move(rows.error()));
  const Result<bool> found = rows->next();
  if (!found) return tl::make_unexpected(found.error());
  if (!*found) return refuse(Errc::corrupt, "history.open", "the history has no mark");
  mark_.sequence = static_cast<std::uint64_t>(rows->number(0));
  mark_.time = Instant(Duration(rows->number(1)));
  return {};
}

// A journal that was cut, or begun anew, counts again what it has counted before, but later.
bool HistoryWriter::has(const journal::Record& record) const {
  if (record.time != mark_.time) return record.time < mark_.time;
  return record.sequence <= mark_.sequence;
}

HistoryWriter::Mark HistoryWriter::mark_after(std::span<const journal::Record> records) const {
  Mark mark = mark_;
  for (const journal::Record& record : records) {
    if (record.sequence == mark.sequence + 1) mark = {record.sequence, record.time};
  }
  return mark;
}

// --- From the journal, before anything else happens -----------------------------------------

Result<void> HistoryWriter::catch_up(journal::Storage& storage) {
  std::vector<journal::Record> batch;
  Result<void> outcome;
  std::uint64_t added = 0;
  std::uint64_t next = mark_.sequence + 1;
  const auto flush = [&] {
    if (batch.empty() || !outcome) return;
    added += batch.size();
    outcome = write(batch, {batch.back().sequence, batch.back().time});
    batch.clear();
  };
  const auto beginning = journal::find_beginning(storage);
  if (!beginning) return tl::make_unexpected(beginning.error());
  const auto reading = storage.read(beginning->after(), [&](journal::Record&& record) {
    if (!outcome || has(record)) return;
    if (record.sequence > next) {
      given_.log.error("history.gap", {{"missing_records", record.sequence - next}});
    }
    next = record.sequence + 1;
    batch.push_back(std::move(record));
    if (batch.size() >= options_.batch_max) flush();
  });
  if (!reading) return tl::make_unexpected(reading.error());
  flush();
  if (outcome && reading->last == 0 && mark_.sequence > 0) {
    outcome = give_up_what_lives(database_, mark_.time);
  }
  if (outcome) outcome = write({}, {reading->last, std::max(mark_.time, reading->last_time)});
  if (added > 0) given_.log.info("history.caught_up", {{"records", added}});
  return outcome;
}

Result<void> HistoryWriter::write(std::span<const journal::Record> records, const Mark& after) {
  auto done = database_.execute("BEGIN IMMEDIATE");
  if (!done) return done;
  done = write_all(records, after);
  if (done) done = database_.execute("COMMIT");
  if (!done) {
    // SQLite may have rolled back by itself: then this fails, which is fine.
    (void)database_.execute("ROLLBACK");
    return done;
  }
  mark_ = after;
  figures_.written.add(records.size());
  return {};
}

Result<void> HistoryWriter::write_all(std::span<const journal::Record> records, const Mark& after) {
  for (const journal::Record& record : records) {
    const auto applied = apply(database_, record, options_.fold);
    if (applied) continue;
    if (!is_unreadable(applied.error())) return applied;
    figures_.unreadable.add();
    given_.log.error("history.record_unreadable",
                     {{"record", record.sequence}, {"detail", applied.error().detail}});
  }
  return database_.run("UPDATE mark SET sequence = ?1, time_us = ?2",
                       {static_cast<std::int64_t>(after.sequence), us(after.time)});
}

// --- From the journal's writer, as it goes on -----------------------------------------------

void HistoryWriter::start() {
  thread_ = std::thread([this] { run(); });
}

void HistoryWriter::take(std::vector<journal::Record>&& records) {
  for (journal::Record& record : records) {
    if (queue_.push(std::move(record))) {
      count_queued(1);
    } else {
      figures_.postponed.add();
    }
  }
}

void HistoryWriter::count_queued(std::int64_t change) {
  figures_.queued.add(change);
  figures_.records_used.add(change);
}

void HistoryWriter::stop() {
  if (!stopping_.exchange(true, std::memory_order_acq_rel)) stop_signal_.release();
  queue_.wake();
  if (thread_.joinable()) thread_.join();
}

void HistoryWriter::run() {
  pthread_setname_np(pthread_self(), "cord-history");
  std::vector<journal::Record> batch;
  for (;;) {
    // Read before the queue is: what was pushed before it was set is then in the batch.
    const bool stopping = stopping_.load(std::memory_order_acquire);
    const Instant until = retry_at_.value_or(clean_at_);
    queue_.wait_and_take_all(batch, stopping ? Duration::zero() : until - given_.now());
    const std::size_t room = options_.records_max - std::min(backlog_.size(), options_.records_max);
    const std::size_t taken = std::min(batch.size(), room);
    std::move(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(taken),
              std::back_inserter(backlog_));
    figures_.postponed.add(batch.size() - taken);
    count_queued(-static_cast<std::int64_t>(batch.size() - taken));
    if (!retry_at_ || *retry_at_ <= given_.now() || stopping) write_backlog();
    if (stopping) return;
    if (backlog_.empty() && clean_at_ <= given_.now()) clean_up();
    if (taken > 0) static_cast<void>(stop_signal_.try_acquire_for(options_.write_interval));
  }
}

void HistoryWriter::write_backlog() {
  std::size_t done = 0;
  Result<void> outcome;
  while (done < backlog_.size() && outcome) {
    const std::size_t count = std::min(options_.batch_max, backlog_.size() - done);
    const auto batch = std::span(backlog_).subspan(done, count);
    outcome = write(batch, mark_after(batch));
    if (!outcome) break;
    done += count;
    figures_.incomplete.set(batch.back().sequence > mark_.sequence ? 1 : 0);
  }
  backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(done));
  count_queued(-static_cast<std::int64_t>(done));
  note(outcome);
}

void HistoryWriter::note(const Result<void>& outcome) {
  const bool was_failing = retry_at_.has_value();
  retry_at_.reset();
  if (!outcome) retry_at_ = given_.now() + options_.retry_interval;
  if (was_failing == !outcome.has_value()) return;
  figures_.failed.set(outcome ? 0 : 1);
  if (outcome) {
    given_.log.info("history.recovered", {});
  } else {
    given_.log.error("history.failed", {{"where", outcome.error().where},
                                        {"detail", outcome.error().detail},
                                        {"kept_records", backlog_.size()}});
  }
}

// --- What is too old ------------------------------------------------------------------------

// In small steps: what comes meanwhile is not kept waiting.
void HistoryWriter::clean_up() {
  clean_at_ = given_.now() + options_.clean_interval;
  if (options_.days == 0) return;
  const auto deleted = delete_some(given_.now() - std::chrono::hours(24) * options_.days);
  if (!deleted) {
    given_.log.error("history.not_cleaned", {{"detail", deleted.error().detail}});
    return;
  }
  figures_.deleted.add(static_cast<std::uint64_t>(*deleted));
  if (*deleted > 0) clean_at_ = given_.now();
}

Result<std::int64_t> HistoryWriter::delete_some(Instant before) {
  std::int64_t deleted = 0;
  for (const char* sql : {
           "DELETE FROM interaction WHERE row IN (SELECT row FROM interaction"
           " WHERE began_us < ?1 AND completed_us < ?1 LIMIT ?2)",
           "DELETE FROM call WHERE row IN (SELECT row FROM call"
           " WHERE began_us < ?1 AND ended_us < ?1 LIMIT ?2)",
           "DELETE FROM leg WHERE row IN (SELECT row FROM leg"
           " WHERE began_us < ?1 AND ended_us < ?1 LIMIT ?2)",
           "DELETE FROM channel WHERE row IN (SELECT row FROM channel"
           " WHERE began_us < ?1 AND ended_us < ?1 LIMIT ?2)",
           "DELETE FROM session WHERE row IN (SELECT row FROM session"
           " WHERE began_us < ?1 AND ended_us < ?1 LIMIT ?2)",
       }) {
    const auto done =
        database_.run(sql, {us(before), static_cast<std::int64_t>(options_.deleted_rows_max)});
    if (!done) return tl::make_unexpected(done.error());
    deleted += database_.changes();
  }
  return deleted;
}

}  // namespace cord::history
