// The front door: docs/protocol.md, section 1, and the pages of operators, docs/operations.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "front/config.hpp"
#include "net/address.hpp"
#include "net/io_threads.hpp"
#include "runtime/engine_port.hpp"
#include "runtime/floor_board.hpp"
#include "runtime/queue_board.hpp"

namespace cord::front {

/// What the server is given; all of it must outlive it.
struct Surroundings {
  net::IoThreads& io;
  Metrics& metrics;
  Log& log;
  std::function<Instant()> now;                 ///< called on many threads
  std::function<bool()> is_ready;               ///< for /readyz; absent: ready once started
  const runtime::QueueBoard* queues = nullptr;  ///< none: nobody can ask for them
  runtime::FloorBoard* floor = nullptr;         ///< none, or no queues: nobody can watch
  std::function<LogLevel()> log_level = {};
  std::function<void(LogLevel)> set_log_level = {};  ///< absent: operators cannot change it
};

/// The order at the end: Server::stop(), then the engine, then this object, then the io threads.
class Server final : public runtime::ClientSink {
 public:
  /// Binds; accepts nobody yet. Errors: those of FrontConfig::validate and net::WebServer::bind.
  [[nodiscard]] static Result<std::unique_ptr<Server>> bind(FrontConfig config,
                                                            Surroundings surroundings);
  /// As stop().
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Begins to accept and to submit to `engine`, which must outlive stop(). Once only.
  void start(runtime::EnginePort& engine);

  /// Where it listens; the port the system picked if it was asked to.
  [[nodiscard]] net::Address local() const;

  /// Where operators are heard; nothing if that is the agents' listener.
  [[nodiscard]] std::optional<net::Address> operators() const;

  /// Reads the certificates and the keys of log-in tokens again. What cannot be used is logged and
  /// counted, and the old ones stay in use. Open connections go on. From any thread.
  void reload();
  /// Says how it went to read `what` of somebody else again, as of the front's own.
  void reload(std::string_view what, const std::function<Result<void>()>& read);

  /// Before shutting down: /readyz says no. What else is refused then is the engine's business.
  /// From any thread.
  void drain();

  /// Ends every connection (1001, behind what is left for it), and the threads of this room.
  /// Idempotent.
  void stop();

  /// Any thread, one call at a time; the engine's. What is for connections that are gone is
  /// dropped.
  void deliver(std::vector<runtime::ToClient>&& batch) override;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::front
