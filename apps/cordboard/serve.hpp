// The whole server, wired: who is made before whom, and who ends before whom.
//
// Start: the io threads; the engine (no thread yet: it only queues); the journal is opened and
// looked through; the platform (of SIP: the sockets are bound, the media threads start; the driver,
// which uses both); the front is bound; the engine replays the journal and its thread starts; the
// platform begins to take calls (the SIP sockets to read); the front begins to accept. Whatever
// fails by then ends the start, and nobody outside has been answered yet.
//
// End: first those who bring new work, then those who do it. The front closes its connections; the
// SIP sockets close; the media threads complete all recordings and end (their last reports are
// queued); the engine handles what is queued, writes the journal's rest and ends; then the objects
// go in the reverse order of their making. Sessions and what was told are in the journal; who
// closes what within a room: docs/closing.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "config.hpp"
#include "log.hpp"
#include "net/address.hpp"
#include "sip/flow.hpp"

namespace cord::app {

class Server {
 public:
  /// Starts all of it. `log` and `metrics` must outlive it. Errors: whatever a room says, naming
  /// the port, the directory or the file that it cannot have.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const Config& config, StderrLog& log,
                                                             Metrics& metrics);
  /// Ends it in order, without a word to anybody about calls and sessions: drain() first.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// With the ports the system picked.
  [[nodiscard]] net::Address http() const;
  [[nodiscard]] std::optional<net::Address> admin() const;
  [[nodiscard]] const std::vector<sip::Listener>& sip() const;

  /// Certificates and the keys of log-in tokens are read again. From any thread.
  void reload();

  /// No new calls and offers from now on, and who waits in a queue is released. When the last call
  /// has ended, or after `patience`, what is left is cut and every session ended. True if no call
  /// had to be cut.
  bool drain(Duration patience);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// "listening http 127.0.0.1:8080" and so on, a line each.
void print_listeners(const Server& server);

/// `cordboard serve`: runs until SIGTERM or SIGINT, then drains; a second one ends the process at
/// once with 1. SIGHUP reloads. `on_start` is called when all listens. Returns the exit status: 0,
/// or 2 if it could not start.
[[nodiscard]] int run_server(const Config& config,
                             const std::function<void(const Server&)>& on_start = print_listeners);

}  // namespace cord::app
