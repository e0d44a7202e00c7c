// What all connections of one WebServer, or of one WebClients, share: options, callbacks, counters
// and the table of connections. Thread-safe; no Boost here.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/web_server.hpp"

namespace cord::net::detail {

/// One connection, HTTP or WebSocket, as its owner sees it. From any thread.
class WebPeer {
 public:
  virtual ~WebPeer() = default;
  virtual bool send(std::string text) = 0;
  virtual void post(std::function<void()>) {}  ///< nothing, unless it is a WebSocket
  virtual void close(std::uint16_t code, std::string reason) = 0;
  /// Ends it at once, without a close frame, as a lost network would.
  virtual void drop() = 0;
  virtual bool when_drained(std::function<void()> then) = 0;
};

/// Every limit is a counter.
struct WebMetrics {
  Gauge& connections;
  Gauge& sockets;
  Counter& messages_in;
  Counter& messages_out;
  Counter& accept_failed;
  // Requests refused, by reason.
  Counter& refused_full;
  Counter& refused_address;
  Counter& refused_origin;
  Counter& refused_header;
  Counter& refused_malformed;
  Counter& refused_timeout;
  // WebSockets ended by a rule, by reason.
  Counter& closed_not_text;
  Counter& closed_not_utf8;
  Counter& closed_too_big;
  Counter& closed_too_slow;
  Counter& closed_no_pong;
  Counter& closed_timeout;
  // Of bounds: connections that are open; then the most there has been of one address, in one
  // message, in one connection.
  Gauge& sockets_used;
  Gauge& of_address_used;
  Gauge& header_bytes_used;
  Gauge& body_bytes_used;
  Gauge& message_bytes_used;
  Gauge& queued_messages_used;
  Gauge& queued_bytes_used;
};

class WebShared {
 public:
  WebShared(WebServerOptions o, Metrics& registry);

  const WebServerOptions options;
  WebCallbacks callbacks;  // Set before the first connection.
  /// Of clients: instead of on_open and on_close, where it never came so far.
  std::function<void(ConnectionId, std::string_view why)> on_not_opened = {};
  WebMetrics metrics;

  enum class Admission { yes, full, no };

  /// Takes a place for a new connection from `ip`, or of a client to it. `full`: it is beyond
  /// connections_max or connections_per_address_max and only gets a 503. `no`: the server has
  /// stopped, or too many are being refused already.
  Admission admit(ConnectionId& id, std::uint32_t ip);

  /// Names who answers for the connection from now on. False: the server has stopped.
  [[nodiscard]] bool attach(ConnectionId id, std::shared_ptr<WebPeer> peer);
  void remove(ConnectionId id);
  [[nodiscard]] std::shared_ptr<WebPeer> find(ConnectionId id) const;

  /// Refuses everybody from now on; returns those who are connected.
  std::vector<std::shared_ptr<WebPeer>> stop();
  /// False if some were still there after `patience`.
  [[nodiscard]] bool wait_until_empty(std::chrono::microseconds patience);
  /// Forgets all connections: for when the threads that served them have ended.
  void forget();

 private:
  struct Place {
    std::uint32_t ip;
    std::shared_ptr<WebPeer> peer;
  };

  void count_sockets(std::int64_t change);

  mutable std::mutex mutex_;
  std::condition_variable is_empty_;
  std::unordered_map<ConnectionId, Place> peers_;
  std::unordered_map<std::uint32_t, std::size_t> per_address_;
  std::uint64_t last_id_ = 0;
  bool is_stopped_ = false;
};

}  // namespace cord::net::detail
