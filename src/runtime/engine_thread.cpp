#include "runtime/engine_thread.hpp"

#include <utility>

#include <pthread.h>

#include "base/assert.hpp"
#include "runtime/recovery.hpp"

namespace cord::runtime {

EngineThread::EngineThread(const Clock& clock, Log& log, Metrics& metrics,
                           const EngineThreadOptions& options)
    : clock_(clock),
      log_(log),
      metrics_(metrics),
      options_(options),
      items_(options.inputs_max),
      queued_(metrics.gauge("cord_engine_queued_inputs", "Inputs taken in the last batch.")),
      inputs_used_(metrics.bound("engine.inputs_max", options.inputs_max)),
      refused_requests_(metrics.counter("cord_engine_refused_inputs_total",
                                        "Inputs for which the queue had no room.", "input")),
      refused_work_(metrics.counter("cord_engine_refused_inputs_total",
                                    "Inputs for which the queue had no room.", "driver")) {}

EngineThread::~EngineThread() {
  stop();
}

Result<void> EngineThread::start(Parts parts) {
  CORD_ASSERT(engine_ == nullptr);
  journal::Storage& storage = *parts.storage;
  journal_ = std::make_unique<journal::JournalWriter>(
      std::move(parts.storage),
      [this](std::uint64_t sequence) {
        committed_.store(sequence, std::memory_order_release);
        items_.wake();
      },
      log_, metrics_, options_.journal);
  flight_ = std::move(parts.flight);
  engine_ = std::make_unique<Engine>(
      EngineParts{parts.directory, *journal_, parts.driver, reports_, parts.clients, log_, metrics_,
                  flight_.get(), parts.board, parts.floor},
      options_.engine);
  auto replayed = replay_journal(storage, parts.directory, *engine_, clock_.now());
  if (!replayed) return replayed;
  journal_->start();
  thread_ = std::thread([this] { run(); });
  return {};
}

bool EngineThread::submit(core::Input input) {
  const bool is_urgent = !std::holds_alternative<core::ClientRequest>(input) &&
                         !std::holds_alternative<core::PrepareSession>(input) &&
                         !std::holds_alternative<core::ResumeSession>(input) &&
                         !std::holds_alternative<core::SubmitTask>(input);
  const std::size_t share_max = is_urgent ? options_.inputs_max : options_.inputs_max / 2;
  const bool taken = items_.push(Item(std::move(input)), share_max);
  if (!taken) refused_requests_.add();
  return taken;
}

bool EngineThread::post_driver(Work work) {
  const bool taken = items_.push(Item(std::move(work)));
  if (!taken) refused_work_.add();
  return taken;
}

drivers::ReportSink EngineThread::report_sink() {
  return [this](core::Report report) { reports_.push(std::move(report)); };
}

void EngineThread::ask(Stage stage) {
  asked_.store(stage, std::memory_order_release);
  is_idle_.store(false, std::memory_order_release);
  items_.wake();
}

void EngineThread::drain() {
  ask(Stage::draining);
}

void EngineThread::shut_down() {
  ask(Stage::over);
}

void EngineThread::stop() {
  stop_asked_.store(true, std::memory_order_release);
  items_.wake();
  if (thread_.joinable()) thread_.join();
  if (journal_) journal_->stop();
  if (flight_) flight_->stop();
}

Duration EngineThread::patience() const {
  const auto due = engine_->next_due();
  return due ? *due - clock_.now() : items_.patience_max;
}

void EngineThread::run() {
  pthread_setname_np(pthread_self(), "cord-engine");
  std::vector<Item> batch;
  std::uint64_t committed = 0;
  for (;;) {
    // Read before the queue is: what was pushed before stop() is then in the batch.
    const bool stopping = stop_asked_.load(std::memory_order_acquire);
    items_.wait_and_take_all(batch, stopping ? Duration::zero() : patience());
    const Instant now = clock_.now();
    queued_.set(static_cast<std::int64_t>(batch.size()));
    inputs_used_.set(static_cast<std::int64_t>(batch.size()));
    const std::uint64_t reached = committed_.load(std::memory_order_acquire);
    if (reached > committed) engine_->journal_committed(committed = reached, now);
    go_on_to_stage(asked_.load(std::memory_order_acquire), now);
    for (Item& item : batch) handle(item, now);
    if (const auto due = engine_->next_due(); due && *due <= now) engine_->on_time(now);
    engine_->publish_gauges();
    update_idleness();
    if (stopping) return engine_->finish(now);
  }
}

void EngineThread::go_on_to_stage(Stage asked, Instant now) {
  if (stage_ < asked && stage_ == Stage::serving) engine_->drain(now);
  if (stage_ < asked && asked == Stage::over) engine_->shut_down(now);
  stage_ = asked;
}

void EngineThread::handle(Item& item, Instant now) {
  if (auto* input = std::get_if<core::Input>(&item)) {
    engine_->handle(std::move(*input), now);
    return;
  }
  std::get<Work>(item)(now);
  engine_->take_reports(now);
}

// What has just been asked for is not idle before the engine has heard of it.
void EngineThread::update_idleness() {
  const bool has_heard = stage_ == asked_.load(std::memory_order_acquire);
  const bool is_idle = stage_ == Stage::over ? engine_->is_over() : engine_->is_idle();
  is_idle_.store(has_heard && is_idle, std::memory_order_release);
}

}  // namespace cord::runtime
