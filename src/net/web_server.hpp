// One listener for HTTP/1.1 and WebSocket (RFC 6455), plain or TLS 1.2 and later, on Boost.Beast.
// Left out on purpose: HTTP/2, compression (permessage-deflate: it costs 300 KiB a
// connection).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/connection_id.hpp"
#include "net/io_threads.hpp"

namespace cord::net {

struct WebServerOptions {
  Address listen = {};
  std::string tls_certificate_file = {};  ///< PEM chain; with the key: TLS. Both empty: plain text
  std::string tls_key_file = {};          ///< PEM, without a pass phrase

  std::string websocket_path =
      {};                        ///< the only path that upgrades, e.g. "/v1/agent"; others get 404
  std::string subprotocol = {};  ///< selected if the client offers it; empty: never one
  /// Values of Origin that may upgrade, e.g. "https://desk.example"; any other gets 403. Requests
  /// without Origin (no browser sends them) pass. Empty: every origin passes.
  std::vector<std::string> allowed_origins = {};

  /// Of any kind, from their first byte on; beyond it a request gets 503. Then those of one
  /// address: a whole office may come from one.
  std::size_t connections_max = 12'000;
  std::size_t connections_per_address_max = 12'000;
  /// Of the request line, and of the header fields together; beyond it 431.
  std::size_t http_header_bytes_max = 8 * 1024;
  std::size_t http_body_bytes_max = 0;                    ///< of a request; beyond it 413
  std::vector<std::string> http_methods = {};             ///< beside GET and HEAD; others get 405
  Duration handshake_timeout = std::chrono::seconds(10);  ///< TLS; a request; a response
  Duration answer_timeout = std::chrono::seconds(15);     ///< of what is answered later; then 503
  Duration http_idle_timeout = std::chrono::seconds(30);  ///< from a response to the next request

  std::size_t message_bytes_max = 64 * 1024;       ///< of a received message; beyond it 1009
  std::size_t queued_messages_max = 1'000;         ///< outbound; beyond it close 4008
  std::size_t queued_bytes_max = 4 * 1024 * 1024;  ///< outbound; beyond it close 4008
  Duration ping_interval = std::chrono::seconds(20);
  Duration pong_timeout = std::chrono::seconds(20);  ///< at most ping_interval; then dropped
  Duration close_timeout = std::chrono::seconds(5);  ///< from close() to the end, whatever happens

  std::string name = "web";  ///< of this listener in its metrics: cord_net_NAME_..., NAME.MEMBER

  /// Refuses (malformed), naming the first bad field.
  [[nodiscard]] Result<void> validate() const;
};

/// Close codes this server sends by itself or reports (RFC 6455 §7.4.1, and ours from 4000 on).
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t not_text = 1003;
inline constexpr std::uint16_t none = 1005;      ///< reported: the peer's close frame had no code
inline constexpr std::uint16_t abnormal = 1006;  ///< reported: it ended without a close frame
inline constexpr std::uint16_t not_utf8 = 1007;
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t too_slow = 4008;
}  // namespace close_code

struct HttpRequest {
  std::string method;              ///< "GET", "HEAD" or one of WebServerOptions::http_methods
  std::string path;                ///< without the query
  std::string query;               ///< what follows '?', not decoded
  std::string authorization = {};  ///< the field's value; never printed
  std::string body = {};
  Address peer;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< further ones
};

/// Answers a request that was taken: once, from any thread. Later calls, and those after the
/// connection's end, are no-ops.
using HttpResponder = std::function<void(HttpResponse)>;

/// Run on io threads: those of one connection one after the other, those of two at the same time.
/// The next message of a connection is not read before on_message has returned: that is the brake.
struct WebCallbacks {
  /// Small and quick: it runs on the io thread. Absent: every path is 404.
  std::function<HttpResponse(const HttpRequest&)> handle = {};
  /// Asked before `handle`: true if it has taken the request, to be answered through the responder
  /// within answer_timeout. Absent: nothing is taken.
  std::function<bool(const HttpRequest&, const HttpResponder&)> take = {};
  std::function<void(ConnectionId, Address peer)> on_open = {};
  /// Valid UTF-8, at most message_bytes_max.
  std::function<void(ConnectionId, std::string text)> on_message = {};
  /// Exactly once for each on_open, and last. `code` is what the peer sent, or what we sent if we
  /// closed first, or 1006. `reason` is the peer's text or ours.
  std::function<void(ConnectionId, std::uint16_t code, const std::string& reason)> on_close = {};
};

class WebServer {
 public:
  /// Binds, listens and loads the certificate; accepts nobody yet. Errors: malformed (options),
  /// io_failed ("tcp 127.0.0.1:8080: address already in use", "tls certificate FILE: ...").
  [[nodiscard]] static Result<std::unique_ptr<WebServer>> bind(IoThreads& io,
                                                               WebServerOptions options,
                                                               Metrics& metrics);
  /// As stop().
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  /// Begins to accept. Once only.
  void start(WebCallbacks callbacks);

  /// Where it listens; the port the system picked if it was asked to.
  [[nodiscard]] Address local() const;

  /// Reads certificate and key again: new connections get the new ones, those that are open go on
  /// as they are. Errors: as bind(); then the old ones stay in use. From any thread. Without TLS
  /// nothing.
  [[nodiscard]] Result<void> reload_certificate();

  /// Queues a text message (UTF-8) from any thread; messages go out in the order of the calls, at
  /// once if nothing is queued. False if the connection is unknown or closing, or has just been
  /// closed (4008) because it was full.
  bool send(ConnectionId connection, std::string text);

  /// Runs `work` soon on the thread that serves the connection, between its callbacks. From any
  /// thread. Unknown: a no-op.
  void post(ConnectionId connection, std::function<void()> work);

  /// Calls `then` once, on an io thread, as soon as nothing is queued for the connection; never if
  /// it ends before. A second wish replaces the first. From any thread. False if the connection is
  /// unknown or closing.
  bool when_drained(ConnectionId connection, std::function<void()> then);

  /// Sends what is queued, then a close frame, then waits for the peer's: all of it within
  /// close_timeout. `reason` is cut to 123 bytes. From any thread. Unknown or closing: a no-op.
  void close(ConnectionId connection, std::uint16_t code, std::string reason);

  /// Accepts nobody any more; those who are connected stay. From any thread.
  void stop_accepting();

  /// Ends every connection with 1001 and waits until the last on_close has returned, at most about
  /// close_timeout. Idempotent. Before IoThreads::stop(); not to be called from a callback.
  void stop();

  /// Open WebSocket connections.
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  explicit WebServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace cord::net
