#include "front/server.hpp"

#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "front/connection.hpp"
#include "front/pages.hpp"

namespace cord::front {
namespace {

std::shared_ptr<Services> make_services(FrontConfig config, const Surroundings& given) {
  Gauge& pending_used = given.metrics.bound("front.pending_max", config.pending_max);
  Gauge& malformed_used = given.metrics.bound("front.malformed_max", config.malformed_max);
  Gauge& unsent_used = given.metrics.bound("front.unsent_max", config.unsent_max);
  const auto refused = [&](std::string_view kind) -> Counter& {
    return given.metrics.counter("cord_front_refused_total",
                                 "Messages that never reached the engine, by reason", kind);
  };
  return std::shared_ptr<Services>(new Services{
      .io = given.io,
      .config = std::move(config),
      .now = given.now,
      .log = given.log,
      .requests = given.metrics.counter("cord_front_messages_total", "Messages from clients"),
      .malformed = refused("malformed"),
      .invalid = refused("invalid_request"),
      .unknown_command = refused("unknown_command"),
      .rate_limited = refused("rate_limited"),
      .not_accepting = refused("not_accepting"),
      .resumes_refused =
          given.metrics.counter("cord_front_resumes_refused_total", "Wrong resume tokens"),
      .pending_used = pending_used,
      .malformed_used = malformed_used,
      .unsent_used = unsent_used,
      .web = nullptr,
      .engine = nullptr,
      .desk = nullptr,
      .resumes = nullptr,
      .lost = nullptr,
      .floor = nullptr,
      .own_history = nullptr,
  });
}

/// None, if nobody logs in by token.
Result<TokenKeys> load_keys(const TokenConfig& config) {
  if (!config.is_given()) return TokenKeys{};
  auto keys = load_token_keys(config.keys);
  if (keys) return keys;
  return refuse(keys.error().code, keys.error().where,
                fmt::format("{}: {}", config.keys.file, keys.error().detail));
}

/// None, if there is nothing to look at.
std::unique_ptr<FloorDesk> make_floor_desk(const FrontConfig& config, const Surroundings& given) {
  if (given.floor == nullptr || given.queues == nullptr) return nullptr;
  return std::make_unique<FloorDesk>(
      config.watchers_max, config.floor_interval,
      FloorDesk::Surroundings{*given.floor, *given.queues, given.now, given.metrics});
}

std::function<void()> refresher(const Surroundings& given) {
  if (given.queues == nullptr) return {};
  return [board = given.queues, now = given.now] { board->refresh(now()); };
}

}  // namespace

struct Server::Impl {
  using Connections = std::unordered_map<core::ConnectionId, std::shared_ptr<Connection>>;

  Metrics& metrics;
  const PageSources sources;
  const DesktopFiles desktop;
  std::shared_ptr<Services> services;
  const runtime::QueueBoard* const board;
  std::unique_ptr<TaskDesk> tasks;  // From start() on, as the next three.
  std::unique_ptr<HistoryDesk> history;
  std::unique_ptr<QueueDesk> queues;
  std::unique_ptr<Pages> pages;
  std::unique_ptr<net::WebServer> operators;
  // Ids start at the time of the start, in microseconds: a reply that a recovered journal still
  // owes to a connection of an earlier process meets nobody.
  std::uint64_t first_id = 0;
  std::mutex mutex;
  Connections connections;
  std::condition_variable is_empty;
  std::once_flag stopped;

  [[nodiscard]] core::ConnectionId id_of(net::ConnectionId socket) const {
    return {first_id + socket.value};
  }

  std::shared_ptr<Connection> find(core::ConnectionId id) {
    const std::lock_guard lock(mutex);
    const auto found = connections.find(id);
    return found == connections.end() ? nullptr : found->second;
  }

  void open(net::ConnectionId socket, net::Address peer) {
    const core::ConnectionId id = id_of(socket);
    auto connection =
        std::make_shared<Connection>(Connection::Names{id, socket, peer.ip}, services);
    const std::lock_guard lock(mutex);
    connections.emplace(id, std::move(connection));
  }

  void close(net::ConnectionId socket) {
    std::unique_lock lock(mutex);
    const auto node = connections.extract(id_of(socket));
    if (connections.empty()) is_empty.notify_all();
    lock.unlock();
    if (!node.empty()) node.mapped()->on_close();
  }

  // No socket has the number 0: what the engine says to this one is for the desk.
  [[nodiscard]] core::ConnectionId tasks_connection() const { return {first_id}; }

  [[nodiscard]] std::unique_ptr<QueueDesk> make_queue_desk() const {
    QueueDesk::Surroundings given{.now = services->now, .rows = {}, .metrics = metrics};
    if (board != nullptr) given.rows = [it = board] { return it->rows(); };
    return std::make_unique<QueueDesk>(services->config.queues, std::move(given));
  }

  /// Whatever was not taken. The pages of operators are here unless they have their own listener.
  [[nodiscard]] net::HttpResponse answer(const net::HttpRequest& request) const {
    if (auto page = desktop.answer(request)) return std::move(*page);
    if (!operators) return pages->answer(request);
    return {.status = 404, .body = "not found\n"};
  }

  /// Each client is sent what is left for it, then told that the server goes. Who does not read is
  /// not waited for longer than for the answer to a close.
  void say_goodbye() {
    services->web->stop_accepting();
    std::unique_lock lock(mutex);
    for (const auto& [id, connection] : connections) connection->leave();
    is_empty.wait_for(lock, services->config.web.close_timeout,
                      [this] { return connections.empty(); });
  }

  /// Reads one thing again and says how that went.
  template <class Read>
  void reload(std::string_view kind, Read read) {
    const Result<void> outcome = read();
    metrics
        .counter("cord_front_reloads_total", "Files read again at SIGHUP, by outcome",
                 outcome ? "done" : "failed")
        .add();
    Log& log = services->log;
    if (outcome) return log.info("server.reloaded", {{"what", kind}});
    log.error("server.reload_failed",
              {{"what", kind}, {"error", outcome.error().detail}, {"in_use", "the old one"}});
  }
};

Result<std::unique_ptr<Server>> Server::bind(FrontConfig config, Surroundings surroundings) {
  if (auto valid = config.validate(); !valid) return tl::make_unexpected(valid.error());
  const net::WebServerOptions options = config.web;
  auto keys = load_keys(config.token);
  if (!keys) return tl::make_unexpected(keys.error());
  auto desktop = DesktopFiles::read(config.desktop);
  if (!desktop) return tl::make_unexpected(desktop.error());
  if (desktop->empty()) surroundings.log.info("desktop.none", {{"path", "/"}});
  auto web = net::WebServer::bind(surroundings.io, options, surroundings.metrics);
  if (!web) return tl::make_unexpected(web.error());
  std::unique_ptr<net::WebServer> operators;
  if (config.operators) {
    auto bound = net::WebServer::bind(surroundings.io, config.operators->web, surroundings.metrics);
    if (!bound) return tl::make_unexpected(bound.error());
    operators = std::move(*bound);
  }
  const auto since_1970 = surroundings.now().time_since_epoch();
  std::unique_ptr<Impl> impl(new Impl{
      .metrics = surroundings.metrics,
      .sources = {.metrics = surroundings.metrics,
                  .log = surroundings.log,
                  .is_ready = std::move(surroundings.is_ready),
                  .refresh_metrics = refresher(surroundings),
                  .log_level = std::move(surroundings.log_level),
                  .set_log_level = std::move(surroundings.set_log_level)},
      .desktop = std::move(*desktop),
      .services = make_services(std::move(config), surroundings),
      .board = surroundings.queues,
      .tasks = nullptr,
      .history = nullptr,
      .queues = nullptr,
      .pages = {},
      .operators = std::move(operators),
      .first_id = static_cast<std::uint64_t>(since_1970.count()),
      .mutex = {},
      .connections = {},
      .is_empty = {},
      .stopped = {},
  });
  impl->pages = std::make_unique<Pages>(impl->sources);
  impl->services->web = std::move(*web);
  impl->services->last_request = impl->first_id;
  impl->services->resumes = std::make_unique<ResumeThrottle>(impl->services->config.throttle);
  impl->services->desk = std::make_unique<LogInDesk>(impl->services->config, impl->services->now,
                                                     surroundings.metrics, surroundings.log);
  impl->services->desk->use_keys(std::move(*keys));
  impl->services->floor = make_floor_desk(impl->services->config, surroundings);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

void Server::start(runtime::EnginePort& engine) {
  Services& services = *impl_->services;
  services.engine = &engine;
  services.lost = std::make_unique<LostConnections>(engine);
  Impl* impl = impl_.get();
  impl->tasks = std::make_unique<TaskDesk>(
      services.config.tasks,
      TaskDesk::Surroundings{engine, services.last_request, impl->tasks_connection(), services.now,
                             impl->metrics});
  impl->history =
      std::make_unique<HistoryDesk>(services.config.history, services.log, impl->metrics);
  if (!services.config.history.file.empty()) {
    services.own_history =
        std::make_unique<OwnHistoryDesk>(services.config.history, services.log, impl->metrics);
  }
  impl->queues = impl->make_queue_desk();
  if (impl->operators) {
    impl->operators->start({.handle = [impl](const net::HttpRequest& request) {
      return impl->pages->answer_operator(request, impl->services->config.operators->token);
    }});
  }
  services.web->start({
      .handle = [impl](const net::HttpRequest& request) { return impl->answer(request); },
      .take =
          [impl](const net::HttpRequest& request, const net::HttpResponder& respond) {
            return impl->tasks->take(request, respond) || impl->history->take(request, respond) ||
                   impl->queues->take(request, respond);
          },
      .on_open = [impl](net::ConnectionId id, net::Address peer) { impl->open(id, peer); },
      .on_message =
          [impl](net::ConnectionId id, const std::string& text) {
            if (const auto it = impl->find(impl->id_of(id))) it->on_message(text);
          },
      .on_close = [impl](net::ConnectionId id, std::uint16_t,
                         const std::string&) { impl->close(id); },
  });
}

net::Address Server::local() const {
  return impl_->services->web->local();
}

std::optional<net::Address> Server::operators() const {
  if (!impl_->operators) return std::nullopt;
  return impl_->operators->local();
}

void Server::reload() {
  Services& services = *impl_->services;
  if (!services.config.web.tls_certificate_file.empty()) {
    impl_->reload("certificate", [&] { return services.web->reload_certificate(); });
  }
  if (impl_->operators && !services.config.operators->web.tls_certificate_file.empty()) {
    impl_->reload("admin_certificate", [&] { return impl_->operators->reload_certificate(); });
  }
  if (!services.config.token.is_given()) return;
  impl_->reload("token_keys", [&]() -> Result<void> {
    auto keys = load_keys(services.config.token);
    if (!keys) return tl::make_unexpected(keys.error());
    services.desk->use_keys(std::move(*keys));
    return {};
  });
}

void Server::reload(std::string_view what, const std::function<Result<void>()>& read) {
  impl_->reload(what, read);
}

void Server::drain() {
  impl_->pages->drain();
}

void Server::stop() {
  std::call_once(impl_->stopped, [this] {
    Services& services = *impl_->services;
    impl_->say_goodbye();
    services.web->stop();
    if (impl_->operators) impl_->operators->stop();
    services.desk->stop();
    if (services.floor) services.floor->stop();
    if (impl_->history) impl_->history->stop();
    if (services.own_history) services.own_history->stop();
    if (services.lost) services.lost->stop();
  });
}

void Server::deliver(std::vector<runtime::ToClient>&& batch) {
  for (std::size_t from = 0; from < batch.size();) {
    std::size_t to = from + 1;
    while (to < batch.size() && batch[to].connection == batch[from].connection) ++to;
    if (batch[from].connection == impl_->tasks_connection()) {
      for (std::size_t i = from; i < to; ++i) {
        impl_->tasks->deliver(std::get<core::Reply>(batch[i].what));
      }
    } else if (const auto connection = impl_->find(batch[from].connection)) {
      connection->deliver(std::span(batch).subspan(from, to - from));
    }
    from = to;
  }
}

}  // namespace cord::front
