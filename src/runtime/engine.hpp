// The engine without its thread: decide -> journal -> apply -> project -> deliver and execute.
// Single-threaded and deterministic; it reads no clock. The order of things: docs/ARCHITECTURE.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "core/decide.hpp"
#include "drivers/driver.hpp"
#include "journal/journal.hpp"
#include "runtime/bound_metrics.hpp"
#include "runtime/command_queues.hpp"
#include "runtime/engine_metrics.hpp"
#include "runtime/engine_options.hpp"
#include "runtime/engine_port.hpp"
#include "runtime/event_codec.hpp"
#include "runtime/flight_recorder.hpp"
#include "runtime/floor_board.hpp"
#include "runtime/outbox.hpp"
#include "runtime/queue_board.hpp"
#include "runtime/report_queue.hpp"
#include "runtime/request_memory.hpp"
#include "runtime/session_streams.hpp"
#include "runtime/snapshot_codec.hpp"

namespace cord::runtime {

/// What the engine works with; all of it must outlive the engine. `reports` is what the driver's
/// sink fills.
struct EngineParts {
  const core::Directory& directory;
  journal::Journal& journal;
  drivers::TelephonyDriver& driver;
  ReportQueue& reports;
  ClientSink& clients;
  Log& log;
  Metrics& metrics;
  FlightRecorder* flight = nullptr;  ///< none: nothing is recorded
  QueueBoard* board = nullptr;       ///< none: nobody asks how the queues are
  FloorBoard* floor = nullptr;       ///< none: nobody asks how the agents are
};

/// Each member function leaves nothing undone that can be done at `now`, which never goes back.
class Engine {
 public:
  explicit Engine(const EngineParts& parts, const EngineOptions& options = {});

  // Before anything else, with what an earlier process left: load() if there is a snapshot,
  // replay() for each record behind it, in order, then restart(). Nobody is told of it, and the
  // platform is ordered nothing.

  /// What that process knew after `sequence`. `image` has been relocated.
  void load(std::uint64_t sequence, EngineImage&& image);
  /// What that process knew after `sequence`, which is the next one. `content` has been relocated.
  void replay(std::uint64_t sequence, Instant time, const RecordContent& content);
  /// The newest snapshot that the journal has.
  void note_snapshot(std::uint64_t sequence, Instant time);
  /// Decides what the restart means (core::steps_after_restart). `stopped`: the last record's time.
  void restart(Instant stopped, Instant now);

  /// Takes one input. A refused command, one that has to wait too long, and one too many are
  /// answered with their code; nothing is left without an answer.
  void handle(core::Input&& input, Instant now);

  /// The journal has, or has given up, every record up to `sequence`: what follows is sent.
  void journal_committed(std::uint64_t sequence, Instant now);

  /// Handles what the driver reported outside of a call by the engine.
  void take_reports(Instant now) { settle(now); }

  /// Deadlines and the driver's timers. To be called no later than next_due(), which may be early.
  void on_time(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const;

  /// No new offers, sessions or ready agents from now on; who waits in a queue is released; calls
  /// go on.
  void drain(Instant now);
  /// Ends what still lives: calls are cut, sessions end with reason shutdown. drain() comes first.
  void shut_down(Instant now);

  /// True if no call lives and nothing is held back. Chats and e-mails are not waited for.
  [[nodiscard]] bool is_idle() const { return state_.phone_call_count() == 0 && outbox_.empty(); }
  /// True if moreover no session lives, and the platform has seen every call end.
  [[nodiscard]] bool is_over() const {
    return is_idle() && state_.sessions().empty() && driver_.is_quiet();
  }

  /// After the last input: the flight recording ends with the state as it is.
  void finish(Instant now);

  /// Brings the gauges up to date; once per batch is enough.
  void publish_gauges() const;

  [[nodiscard]] const core::State& state() const { return state_; }
  /// The sequence of the last record given to the journal.
  [[nodiscard]] std::uint64_t last_sequence() const { return last_sequence_; }

 private:
  void take_request(core::ClientRequest&& request, Instant now);
  void look_up_gap(core::ResumeSession& resume) const;
  bool answer_repeated(const core::ClientRequest& request);
  bool step(const core::Input& input, Instant now);
  bool carry_out(core::Decision&& decision, Instant now);
  void journal_decision(const core::Decision& decision, Instant now);
  void note_answers(const core::Decision& decision, RecordContent& content) const;
  void note_again(const NotedRequest& noted);
  void finish_noted(const RecordContent& content, std::size_t events_before);
  void present(core::Block& block, Instant now, std::vector<ToClient>& out);
  void present_news(const core::Event& event, Instant now);
  void present_event(const core::Event& event, Instant now, std::vector<ToClient>& out);
  void tell(core::Reply&& reply, core::SessionId session, std::vector<ToClient>& out);
  void give_up_waiting(core::ConnectionId connection);
  void note_touched(const core::Decision& decision);
  void fail(core::RequestId request, core::ConnectionId connection, Error&& error);
  void send(core::Reply&& reply);
  [[nodiscard]] bool is_admitted(const core::Input& input) const;

  void settle(Instant now);
  void settle_all(Instant now);
  [[nodiscard]] bool is_snapshot_due(Instant now) const;
  void take_snapshot(Instant now);
  void release(Instant now);
  bool run_waiting(Instant now);
  bool serve_next(Instant now);
  using Steps = std::vector<core::Input> (*)(const core::State&);
  void take_all(Steps steps, Instant now);

  core::State state_;
  journal::Journal& journal_;
  drivers::TelephonyDriver& driver_;
  ReportQueue& reports_;
  ClientSink& clients_;
  Log& log_;
  FlightRecorder* const flight_;
  QueueBoard* const board_;
  FloorBoard* const floor_;
  const EngineOptions options_;

  EngineMetrics metrics_;
  BoundMetrics bounds_;
  CommandQueues commands_;
  Outbox outbox_;
  SessionStreams streams_;
  RequestMemory memory_;
  std::vector<core::InteractionId> touched_;  // May have a waiting command whose turn has come.
  std::vector<core::ClientEvent> projected_;  // Kept for its capacity; so is the next.
  std::vector<ToClient> news_;
  std::vector<core::Effect> released_effects_;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t committed_ = 0;
  std::uint64_t snapshot_sequence_ = 0;  // Of the newest one; so is the next.
  Instant snapshot_time_{};
  core::RequestId asked_{};  // The request that is being decided, if it is one with an id.
  bool is_draining_ = false;
  bool is_restarting_ = false;
};

}  // namespace cord::runtime
