// Many WebSocket connections to servers at one time, without a thread for each: what a terminal
// client and a load generator stand on. web_client.hpp is the blocking kind, for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/connection_id.hpp"
#include "net/io_threads.hpp"
#include "net/web_client.hpp"

namespace cord::net {

struct WebClientsOptions {
  WebClientOptions each = {};  ///< its timeout is that of connecting with upgrading, and of closing
  std::size_t connections_max = 20'000;
  std::size_t message_bytes_max = 16 * 1024 * 1024;  ///< received; a snapshot is one message
  std::size_t queued_messages_max = 1'000;           ///< outbound; beyond it the connection ends
  std::size_t queued_bytes_max = 4 * 1024 * 1024;    ///< likewise
  Duration ping_interval = std::chrono::seconds(20);
  Duration pong_timeout = std::chrono::seconds(20);  ///< at most ping_interval; then dropped
};

/// How a connection ended.
struct WebEnd {
  bool was_open = false;
  std::uint16_t code = 0;  ///< was_open: as WebCallbacks::on_close has it
  std::string reason;      ///< of either side; not open: "connecting to ...: connection refused"
};

/// Run on io threads: those of one connection one after the other, those of two at the same time.
/// The next message of a connection is not read before on_message has returned.
struct WebClientsCallbacks {
  std::function<void(ConnectionId)> on_open = {};
  std::function<void(ConnectionId, std::string text)> on_message = {};
  /// Exactly once for each connect() that succeeded, and last.
  std::function<void(ConnectionId, const WebEnd&)> on_end = {};
};

class WebClients {
 public:
  /// Errors: malformed (options), io_failed (the authorities' file).
  [[nodiscard]] static Result<std::unique_ptr<WebClients>> make(IoThreads& io,
                                                                WebClientsOptions options,
                                                                WebClientsCallbacks callbacks);
  /// As stop().
  ~WebClients();
  WebClients(const WebClients&) = delete;
  WebClients& operator=(const WebClients&) = delete;

  /// Begins to connect and to upgrade; on_open or on_end tells the outcome, not before this has
  /// returned to a caller on an io thread, possibly before to another. From any thread. Errors:
  /// full (connections_max, or stopped).
  [[nodiscard]] Result<ConnectionId> connect(Address to, std::string_view path);

  /// As those of WebServer.
  bool send(ConnectionId connection, std::string text);
  void close(ConnectionId connection, std::uint16_t code, std::string reason);

  /// Resets the connection without a word, as a lost network would end it. From any thread.
  void drop(ConnectionId connection);

  /// Drops every connection and waits until the last on_end has returned. Idempotent. Before
  /// IoThreads::stop(); not to be called from a callback.
  void stop();

  /// Open WebSockets.
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  explicit WebClients(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace cord::net
