#include "media/recording_writer.hpp"

#include "base/assert.hpp"
#include "media/thread_setup.hpp"

namespace cord::media {

RecordingWriter::RecordingWriter(Config config, std::unique_ptr<FileSystem> files, Metrics& metrics,
                                 std::function<void()> on_outcome)
    : config_(std::move(config)),
      files_(std::move(files)),
      queued_(
          metrics.gauge("cord_media_recording_queued_jobs", "Recording jobs waiting for the disk")),
      blocks_used_(metrics.bound("media.recording_blocks_max", config_.blocks_max)),
      on_outcome_(std::move(on_outcome)),
      store_(*files_, config_.directory),
      jobs_(config_.blocks_max + config_.controls_max),
      // Twice the jobs: what one batch of the thread may give while the next one is submitted.
      outcomes_(2 * (config_.blocks_max + config_.controls_max)),
      thread_([this] { run(); }) {}

RecordingWriter::~RecordingWriter() {
  stop();
}

bool RecordingWriter::submit(RecordingJob&& job) {
  if (std::holds_alternative<AppendRecording>(job) && jobs_.size() >= config_.blocks_max) {
    return false;
  }
  const bool pushed = jobs_.push(std::move(job));
  CORD_ASSERT(pushed);
  count_queued(1);
  return true;
}

void RecordingWriter::count_queued(std::int64_t change) {
  queued_.add(change);
  blocks_used_.add(change);
}

void RecordingWriter::run() {
  set_up_thread("cord-recorder");
  std::vector<RecordingJob> batch;
  for (;;) {
    // Read before the queue: what was submitted before stop() is then surely seen.
    const bool last = stopping_.load();
    if (last) {
      jobs_.take_all(batch);
    } else {
      jobs_.wait_and_take_all(batch, std::chrono::seconds(10));
    }
    bool has_outcome = false;
    for (RecordingJob& job : batch) {
      auto outcome = store_.execute(std::move(job));
      count_queued(-1);
      if (!outcome) continue;
      const bool pushed = outcomes_.push(std::move(*outcome));
      CORD_ASSERT(pushed);
      has_outcome = true;
    }
    if (has_outcome) on_outcome_();
    if (last) return;
  }
}

void RecordingWriter::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  jobs_.wake();
  thread_.join();
}

}  // namespace cord::media
