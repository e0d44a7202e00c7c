// The thread that does the disk work of all recordings, so that the media thread never blocks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/metrics.hpp"
#include "media/file_system.hpp"
#include "media/recording_jobs.hpp"
#include "media/recording_store.hpp"

namespace cord::media {

class RecordingWriter final : public RecordingSink {
 public:
  struct Config {
    std::string directory;
    std::size_t blocks_max = 2'048;    ///< audio waiting for the disk, 18 KiB and 1 s each
    std::size_t controls_max = 3'000;  ///< begin, finish, abandon: three per recorder
  };

  /// Starts the thread. `on_outcome` is called on it after outcomes were added; it must not block.
  RecordingWriter(Config config, std::unique_ptr<FileSystem> files, Metrics& metrics,
                  std::function<void()> on_outcome);
  ~RecordingWriter() override;

  /// Any thread, but only one at a time.
  [[nodiscard]] bool submit(RecordingJob&& job) override;

  /// The outcomes so far, in order.
  void take_outcomes(std::vector<RecordingOutcome>& out) { outcomes_.take_all(out); }

  /// Does what was submitted, then ends the thread. Outcomes can still be taken.
  void stop();

 private:
  void run();
  void count_queued(std::int64_t change);

  Config config_;
  std::unique_ptr<FileSystem> files_;
  Gauge& queued_;
  Gauge& blocks_used_;
  std::function<void()> on_outcome_;
  RecordingStore store_;
  BoundedQueue<RecordingJob> jobs_;
  BoundedQueue<RecordingOutcome> outcomes_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cord::media
