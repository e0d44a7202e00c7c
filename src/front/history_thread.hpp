// Reads the history file on a thread of its own, so that nobody else waits for the disk. Private to
// this room.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/bounded_queue.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "history/reader.hpp"

namespace cord::front {

class HistoryThread {
 public:
  struct Options {
    std::filesystem::path file;
    Duration patience;          ///< a query that takes longer is given up
    std::size_t questions = 0;  ///< so many may wait
    std::string name;           ///< the thread's, 15 characters at most
  };
  struct Question {
    history::Filter filter;
    /// Called once, on the thread, unless stop() comes first. Errors: invalid_request;
    /// not_accepting, if the file cannot be read, or not fast enough; timeout: it was too late.
    std::function<void(Result<history::Page>)> answer;
    /// What could not be begun by then is not begun.
    std::chrono::steady_clock::time_point due = std::chrono::steady_clock::time_point::max();
  };

  /// `waiting` is how many questions wait.
  HistoryThread(Options options, Log& log, Gauge& waiting);
  /// As stop().
  ~HistoryThread();
  HistoryThread(const HistoryThread&) = delete;
  HistoryThread& operator=(const HistoryThread&) = delete;

  /// From any thread. Errors: not_accepting, too many wait.
  [[nodiscard]] Result<void> ask(Question&& question);

  /// Ends the thread after the question it is at. Idempotent.
  void stop();

 private:
  void run();
  [[nodiscard]] Result<history::Page> read(const Question& question);

  const Options options_;
  Log& log_;
  Gauge& waiting_;
  BoundedQueue<Question> queue_;
  std::atomic<bool> stopping_{false};
  std::optional<history::Reader> reader_;  // Of the thread: opened when it is first asked.
  std::thread thread_;
};

}  // namespace cord::front
