#include "serve.hpp"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sodium.h>
#include <sys/resource.h>

#include "front/server.hpp"
#include "history/history_writer.hpp"
#include "journal/sqlite_storage.hpp"
#include "log.hpp"
#include "media/recording_repair.hpp"
#include "net/io_threads.hpp"
#include "net/process_signals.hpp"
#include "platform.hpp"
#include "runtime/engine_thread.hpp"
#include "runtime/recovery.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr int exit_usage = 2;
constexpr auto idle_poll_interval = 20ms;
constexpr Duration goodbye_max = 2s;  // For the far ends' answers to the last BYEs.

std::int64_t count_ms(Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

using Archive = decltype(journal::JournalWriterOptions::archive);

runtime::EngineThreadOptions engine_options(const Config& config, Archive archive) {
  runtime::EngineThreadOptions options;
  options.engine.snapshot_records = config.journal_snapshot_records;
  options.journal.archive = std::move(archive);
  return options;
}

}  // namespace

/// In the order of making.
struct Server::Impl {
  Impl(const Config& from, StderrLog& to, Metrics& in)
      : config(from),
        log(to),
        metrics(in),
        io(config.io_threads),
        engine(clock, log, metrics, engine_options(from, archive())) {}
  ~Impl() { stop(); }

  Result<void> start();
  Result<void> open_journal();
  Result<void> open_history();
  /// Where the journal's records go once they are committed.
  Archive archive() {
    return [this](std::vector<journal::Record>&& records) {
      if (history) history->take(std::move(records));
    };
  }
  Result<void> repair_recordings();
  Result<std::unique_ptr<runtime::FlightRecorder>> open_flight_recorder();
  Result<void> bind_front();
  bool is_idle_within(Duration patience) const;
  void stop();

  Config config;
  StderrLog& log;
  Metrics& metrics;
  runtime::Clock clock;
  net::IoThreads io;
  std::unique_ptr<journal::Storage> storage;
  std::unique_ptr<history::HistoryWriter> history;
  std::unique_ptr<runtime::QueueBoard> board;
  std::unique_ptr<runtime::FloorBoard> floor;
  runtime::EngineThread engine;
  std::unique_ptr<Platform> platform;
  std::unique_ptr<front::Server> front;
};

// First of all: who has the journal has the recordings too, and what it says comes before whatever
// happens from now on.
Result<void> Server::Impl::open_journal() {
  auto opened = journal::open_sqlite(
      {.path = config.journal_path, .now = clock.now(), .sync = config.journal_sync});
  if (!opened) return tl::make_unexpected(opened.error());
  if (!opened->damage.empty()) {
    log.error("journal.damaged", {{"why", opened->damage}, {"kept_as", opened->kept_as.string()}});
  }
  storage = std::move(opened->storage);
  const auto survey = runtime::survey_journal(*storage, config.directory, log, metrics);
  if (!survey) return tl::make_unexpected(survey.error());
  clock.begin_at_least_at(survey->last_time);
  log.info("journal.opened",
           {{"run", opened->run}, {"snapshot", survey->snapshot}, {"records", survey->records}});
  return {};
}

// Before the engine goes on: its clock must not be behind what the history has.
Result<void> Server::Impl::open_history() {
  const HistoryConfig& from = config.history;
  if (from.file.empty()) return {};
  auto opened = history::HistoryWriter::open(
      {.file = from.file, .days = from.days, .fold = {.keeps_data = from.keeps_data}},
      {[this] { return clock.now(); }, log, metrics});
  if (!opened) return tl::make_unexpected(opened.error());
  history = std::move(*opened);
  clock.begin_at_least_at(history->last_time());
  if (auto done = history->catch_up(*storage); !done) return done;
  history->start();
  return {};
}

Result<void> Server::Impl::repair_recordings() {
  const auto report =
      media::repair_recordings(*media::make_file_system(), config.media.recording_directory);
  if (!report) return tl::make_unexpected(report.error());
  metrics
      .counter("cord_media_recordings_repaired_total",
               "Recordings of a dead process that were made whole at start.")
      .add(report->repaired.size());
  for (const std::string& file : report->repaired) log.warn("recording.repaired", {{"file", file}});
  for (const std::string& file : report->left)
    log.error("recording.not_repaired", {{"file", file}});
  return {};
}

Result<void> Server::Impl::start() {
  if (auto ready = open_journal(); !ready) return ready;
  if (auto ready = open_history(); !ready) return ready;
  if (auto ready = repair_recordings(); !ready) return ready;
  auto made = make_platform(config, {io, engine, clock, log, metrics});
  if (!made) return tl::make_unexpected(made.error());
  platform = std::move(*made);
  config.directory.capabilities = platform->driver().capabilities();
  board = std::make_unique<runtime::QueueBoard>(metrics, config.directory);
  floor = std::make_unique<runtime::FloorBoard>(config.directory, clock.now(),
                                                [this] { engine.wake(); });
  if (auto ready = bind_front(); !ready) return ready;
  auto flight = open_flight_recorder();
  if (!flight) return tl::make_unexpected(flight.error());
  auto started = engine.start({config.directory, platform->driver(), *front, std::move(storage),
                               std::move(*flight), board.get(), floor.get()});
  if (!started) return started;
  platform->start();
  front->start(engine);
  return {};
}

/// None if there is to be none.
Result<std::unique_ptr<runtime::FlightRecorder>> Server::Impl::open_flight_recorder() {
  if (config.flight.file.empty()) return nullptr;
  return runtime::FlightRecorder::open(config.flight, log, metrics);
}

Result<void> Server::Impl::bind_front() {
  auto bound = front::Server::bind(
      config.front, {.io = io,
                     .metrics = metrics,
                     .log = log,
                     .now = [this] { return clock.now(); },
                     .is_ready = {},
                     .queues = board.get(),
                     .floor = floor.get(),
                     .log_level = [this] { return log.level(); },
                     .set_log_level = [this](LogLevel level) { log.set_level(level); }});
  if (!bound) return tl::make_unexpected(bound.error());
  front = std::move(*bound);
  return {};
}

void Server::Impl::stop() {
  if (front) front->stop();
  if (platform) platform->stop();
  engine.stop();
  if (history) history->stop();
  front.reset();
  io.stop();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const Config& config, StderrLog& log,
                                              Metrics& metrics) {
  if (::sodium_init() < 0) return refuse(Errc::io_failed, "server.random", "no random source");
  std::unique_ptr<Server> server(new Server(std::make_unique<Impl>(config, log, metrics)));
  if (auto started = server->impl_->start(); !started) return tl::make_unexpected(started.error());
  return server;
}

net::Address Server::http() const {
  return impl_->front->local();
}

std::optional<net::Address> Server::admin() const {
  return impl_->front->operators();
}

void Server::reload() {
  impl_->front->reload();
  if (impl_->config.sip.tls.certificate.empty()) return;
  impl_->front->reload("sip_certificate", [this] { return impl_->platform->reload(); });
}

const std::vector<sip::Listener>& Server::sip() const {
  return impl_->platform->listeners();
}

bool Server::Impl::is_idle_within(Duration patience) const {
  const Instant deadline = clock.now() + patience;
  while (!engine.is_idle() && clock.now() < deadline) {
    std::this_thread::sleep_for(idle_poll_interval);
  }
  return engine.is_idle();
}

bool Server::drain(Duration patience) {
  impl_->front->drain();
  impl_->engine.drain();
  const bool is_idle = impl_->is_idle_within(patience);
  impl_->engine.shut_down();
  if (!impl_->is_idle_within(goodbye_max)) {
    impl_->log.warn("server.goodbye_unanswered", {{"waited_ms", count_ms(goodbye_max)}});
  }
  return is_idle;
}

namespace {

/// What the process is told to do. The second SIGTERM or SIGINT ends it.
class Signals {
 public:
  enum class Wish { reload, end };

  Signals() : io_(1, "cord-signal") {}

  Result<void> watch() {
    auto watching = net::ProcessSignals::watch(io_, {SIGTERM, SIGINT, SIGHUP},
                                               [this](int signal) { note(signal); });
    if (!watching) return tl::make_unexpected(watching.error());
    signals_ = std::move(*watching);
    return {};
  }

  /// Waits for the next wish; several to reload are one.
  Wish wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_to_end_ || is_to_reload_; });
    is_to_reload_ = false;
    return is_to_end_ ? Wish::end : Wish::reload;
  }

 private:
  void note(int signal) {
    const std::lock_guard lock(mutex_);
    bool& wish = signal == SIGHUP ? is_to_reload_ : is_to_end_;
    if (wish && signal != SIGHUP) std::_Exit(EXIT_FAILURE);
    wish = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_to_reload_ = false;
  bool is_to_end_ = false;
  net::IoThreads io_;
  std::unique_ptr<net::ProcessSignals> signals_;
};

/// Two sockets a stream and one a client: more than the usual 1,024.
void raise_file_limit(Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) {
    log.info("server.file_limit_set", {{"files_max", limit.rlim_cur}});
  }
}

}  // namespace

void print_listeners(const Server& server) {
  fmt::print("listening http {}\n", server.http());
  if (const auto admin = server.admin()) fmt::print("listening admin {}\n", *admin);
  for (const auto& it : server.sip()) {
    fmt::print("listening sip {}:{}\n", sip::uri_name(it.transport), sip::print(it.address));
  }
  std::fflush(stdout);
}

int run_server(const Config& config, const std::function<void(const Server&)>& on_start) {
  Metrics metrics;
  StderrLog log(config.log, metrics);
  raise_file_limit(log);
  Signals signals;
  if (auto watching = signals.watch(); !watching) {
    fmt::print(stderr, "error: {}\n", watching.error().detail);
    return exit_usage;
  }
  auto server = Server::start(config, log, metrics);
  if (!server) {
    fmt::print(stderr, "error: {}: {}\n", server.error().where, server.error().detail);
    return exit_usage;
  }
  on_start(**server);
  log.info("server.started", {{"version", CORD_VERSION},
                              {"http", net::to_string((*server)->http())},
                              {"agents", config.directory.agents.size()},
                              {"queues", config.directory.queues.size()}});
  while (signals.wait() == Signals::Wish::reload) (*server)->reload();
  log.info("server.draining", {{"drain_ms", count_ms(config.drain)}});
  const bool is_idle = (*server)->drain(config.drain);
  log.info("server.stopping", {{"calls_cut", is_idle ? "no" : "yes"}});
  server->reset();
  return EXIT_SUCCESS;
}

}  // namespace cord::app
