// Writes down everything the engine decides on, so that it can be decided again elsewhere, step by
// step: docs/flight-recorder.md. Nothing of it is told to clients, and no call waits for it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "core/decide.hpp"
#include "runtime/flight_codec.hpp"

namespace cord::runtime {

struct FlightRecorderOptions {
  std::filesystem::path file;
  std::uint64_t bytes_max = 256 * 1024 * 1024;  ///< then a new file begins; one before it is kept
  std::size_t entries_max = 65'536;             ///< that wait to be written
};

class FlightRecorder {
 public:
  /// Makes the file, readable by its owner only; what was there becomes FILE.old. `log` and
  /// `metrics` must outlive the recorder. Error: io_failed, with the system's words.
  [[nodiscard]] static Result<std::unique_ptr<FlightRecorder>> open(
      const FlightRecorderOptions& options, Log& log, Metrics& metrics);

  /// As stop().
  ~FlightRecorder();
  FlightRecorder(const FlightRecorder&) = delete;
  FlightRecorder& operator=(const FlightRecorder&) = delete;

  // By one thread, the engine's. An entry for which there is no room is lost and counted; the
  // recording then begins anew, with the state as it is.

  /// `input` is about to be decided on. Resume tokens, dialled tones and session descriptions are
  /// not written as they are: a token becomes a keyed digest of it, a tone 0, a description
  /// nothing.
  void note(const core::State& before, const core::Input& input, Instant now);
  /// What everything noted has led to.
  void check(const core::State& state, Instant now);

  /// Writes what waits, and ends its thread. Idempotent.
  void stop();

 private:
  struct Item {
    std::string bytes;
    bool begins_file = false;
  };

  FlightRecorder(const FlightRecorderOptions& options, Log& log, Metrics& metrics);

  void begin(const core::State& state, Instant now);
  void push(Item&& item);
  void count_queued(std::int64_t change);
  [[nodiscard]] std::string digest_of(const std::string& token) const;
  [[nodiscard]] core::StateImage masked_image_of(const core::State& state) const;

  void run();
  void write(const Item& item);
  [[nodiscard]] Result<void> begin_file();

  const FlightRecorderOptions options_;
  Log& log_;
  BoundedQueue<Item> queue_;
  std::array<unsigned char, 32> key_{};  // Of the digests; it is nowhere else.

  // Of the engine's thread:
  bool is_begun_ = false;
  std::uint64_t bytes_ = 0;

  // Of the recorder's:
  std::ofstream file_;
  bool has_failed_ = false;

  std::atomic<bool> stopping_{false};
  Gauge& queued_;
  Gauge& entries_used_;
  Gauge& bytes_used_;
  Gauge& failed_;
  Counter& lost_;
  Counter& written_;
  std::thread thread_;
};

}  // namespace cord::runtime
