// The engine on its thread, with its journal: what the application starts and stops. The threads
// around it hand over values and never wait for it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "drivers/driver.hpp"
#include "journal/journal_writer.hpp"
#include "journal/storage.hpp"
#include "runtime/clock.hpp"
#include "runtime/engine.hpp"
#include "runtime/engine_port.hpp"
#include "runtime/report_queue.hpp"

namespace cord::runtime {

struct EngineThreadOptions {
  /// Inputs and driver work that wait; clients' requests get half of it at most, so that calls go
  /// on and lost connections are heard of under any load of theirs.
  std::size_t inputs_max = 65'536;
  EngineOptions engine;
  journal::JournalWriterOptions journal;
};

/// In this order: construct; make the driver with report_sink() and post_driver(), the front with
/// this as its EnginePort; start(); ... drain(), wait for is_idle() as long as one likes;
/// shut_down(), wait again; stop the net and media threads that post; stop(). What is submitted
/// before start() waits.
class EngineThread final : public EnginePort {
 public:
  /// Everything that may only be touched by the engine's thread from start() to stop().
  struct Parts {
    const core::Directory& directory;
    drivers::TelephonyDriver& driver;
    ClientSink& clients;
    std::unique_ptr<journal::Storage> storage;
    std::unique_ptr<FlightRecorder> flight = {};  ///< none: nothing is recorded
    QueueBoard* board = nullptr;  ///< filled by the engine's thread, as the next; none: nothing is
    FloorBoard* floor = nullptr;
  };
  using Work = std::function<void(Instant)>;

  /// The arguments must outlive it.
  EngineThread(const Clock& clock, Log& log, Metrics& metrics,
               const EngineThreadOptions& options = {});
  /// As stop().
  ~EngineThread() override;
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  /// Once. Replays the journal (which survey_journal has seen) and decides what the restart means
  /// before it returns. `parts` must live until stop() has returned: a driver made with
  /// report_sink() is usually destroyed first, so call stop() before that. Errors: the storage's.
  [[nodiscard]] Result<void> start(Parts parts);

  /// From any thread. False if the queue is full, or half full and `input` is a client's request:
  /// `input` is lost. A ConnectionLost that is refused must be submitted again.
  [[nodiscard]] bool submit(core::Input input) override;

  /// Runs `work` soon on the engine's thread, then handles what the driver reported meanwhile. From
  /// any thread. False if the queue is full: `work` is lost.
  [[nodiscard]] bool post_driver(Work work);

  /// Takes a turn soon, so that boards show what is now. From any thread.
  void wake() { items_.wake(); }

  /// For the driver's constructor. To be called on the engine's thread only.
  [[nodiscard]] drivers::ReportSink report_sink();

  /// See Engine::drain and Engine::shut_down, which comes after it. From any thread.
  void drain();
  void shut_down();

  /// True if, when last looked, the engine had begun to do what it was last told of these, and no
  /// call lived; after shut_down(): and all was over. From any thread.
  [[nodiscard]] bool is_idle() const { return is_idle_.load(std::memory_order_acquire); }

  /// Handles what is queued, ends the thread, writes the journal's rest. Idempotent. Not to be
  /// called by the engine's thread.
  void stop();

 private:
  using Item = std::variant<core::Input, Work>;
  enum class Stage : std::uint8_t { serving, draining, over };

  void run();
  void handle(Item& item, Instant now);
  void ask(Stage stage);
  void go_on_to_stage(Stage asked, Instant now);
  void update_idleness();
  [[nodiscard]] Duration patience() const;

  const Clock& clock_;
  Log& log_;
  Metrics& metrics_;
  const EngineThreadOptions options_;
  BoundedQueue<Item> items_;
  ReportQueue reports_;
  std::atomic<std::uint64_t> committed_{0};
  std::atomic<Stage> asked_{Stage::serving};
  std::atomic<bool> stop_asked_{false};
  std::atomic<bool> is_idle_{false};
  Stage stage_ = Stage::serving;  // Of the engine's thread.

  std::unique_ptr<journal::JournalWriter> journal_;
  std::unique_ptr<FlightRecorder> flight_;
  std::unique_ptr<Engine> engine_;
  Gauge& queued_;
  Gauge& inputs_used_;
  Counter& refused_requests_;
  Counter& refused_work_;
  std::thread thread_;
};

}  // namespace cord::runtime
