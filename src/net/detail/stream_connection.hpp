// One TCP connection of StreamSockets. Everything but send() and close() runs on its strand.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/detail/asio.hpp"
#include "net/detail/stream_tls.hpp"
#include "net/stream_sockets.hpp"

namespace cord::net::detail {

struct StreamMetrics {
  StreamMetrics(Metrics& metrics, const StreamOptions& options);
  Counter& ended(StreamEnd end) { return *by_end.at(static_cast<std::size_t>(end)); }

  Gauge& connections;
  Counter& accept_failed;
  Counter& handshakes_done;
  Counter& handshakes_failed;
  Counter& handshakes_untrusted;  // nobody vouches for the certificate, or not any more
  Counter& handshakes_misled;     // the certificate is for another one
  // Of bounds: the most there has been of one listener, twice, and in one connection.
  Gauge& connections_used;
  Gauge& handshakes_used;
  Gauge& outbound_bytes_used;
  std::array<Counter*, 9> by_end;  // one for each StreamEnd
};

class StreamConnection;

/// What the connections of one StreamSockets share. Thread-safe.
class StreamTable {
 public:
  StreamTable(const StreamOptions& o, Metrics& registry) : options(o), metrics(registry, o) {}

  const StreamOptions options;
  StreamCallbacks callbacks;  // Set before the first connection.
  StreamMetrics metrics;

  /// Null before they were loaded.
  [[nodiscard]] StreamTlsContexts tls() const;
  void set_tls(StreamTlsContexts contexts);

  ConnectionId next_id();
  enum class Added { yes, full, stopped };
  /// Takes a connection in. One beyond connections_max stays out, or, if `keeps_if_full`, is taken
  /// all the same, to be ended at once.
  Added add(const std::shared_ptr<StreamConnection>& connection, bool keeps_if_full);
  [[nodiscard]] std::shared_ptr<StreamConnection> find(ConnectionId id) const;
  [[nodiscard]] std::size_t size() const;

  /// Takes one of handshakes_max; false: there is none left.
  [[nodiscard]] bool begin_handshake();
  void end_handshake();

  /// Takes it out, tells `closed` if `is_known` outside, and lets stop() know when that is done.
  void end(ConnectionId id, StreamEnd how, const std::string& detail, bool is_known);

  /// Ends everything; false if that took longer than `patience`.
  [[nodiscard]] bool stop(Duration patience);
  void forget();

 private:
  mutable std::mutex mutex_;
  std::condition_variable is_quiet_;
  std::unordered_map<ConnectionId, std::shared_ptr<StreamConnection>> connections_;
  std::size_t callbacks_running_ = 0;  // of `closed`
  std::uint64_t last_id_ = 0;
  std::size_t handshakes_ = 0;
  StreamTlsContexts tls_;
  bool is_stopped_ = false;
};

class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  /// `wanted`: whom it is to lead to; none: it comes from the other side.
  StreamConnection(std::shared_ptr<StreamTable> table, TcpSocket socket,
                   std::optional<TlsPeer> wanted = {});

  const ConnectionId id;

  /// Serves a connection that has been accepted.
  void open_inbound();
  void connect(Address to);

  bool send(std::string bytes);
  void close();
  /// Ends it at once.
  void abort(StreamEnd how);

 private:
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Strand>;

  void on_connected(Address peer);
  void shake_hands(Address peer);
  void on_shaken(Address peer, const boost::system::error_code& error);
  void refuse_handshake(Counter& by_reason, Address peer, std::string_view why);
  void end_handshake();
  void say_goodbye();
  void open(Address peer);
  void read();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void pump();
  [[nodiscard]] bool take_queued();
  void on_written(const boost::system::error_code& error, std::size_t bytes);
  void arm_deadline(Duration patience, StreamEnd how);
  void watch_idleness(Duration patience);
  void end(StreamEnd how, const std::string& detail);

  std::shared_ptr<StreamTable> table_;
  TcpSocket socket_;
  TlsContext context_;  // outlives what is made of it
  std::optional<asio::ssl::stream<TcpSocket&>> tls_;
  const std::optional<TlsPeer> wanted_;  // none: inbound
  Timer deadline_;                       // of connecting, then of closing
  Timer idle_;
  std::chrono::steady_clock::time_point last_active_{};
  std::array<char, 4096> in_;
  std::vector<std::string> writing_;
  bool is_shaking_ = false;  // has one of handshakes_max
  bool is_open_ = false;
  bool is_ended_ = false;
  bool is_drained_ = false;  // after close(): everything is out, and the peer has been told

  std::mutex mutex_;  // guards what follows
  std::vector<std::string> queued_;
  std::size_t outbound_bytes_ = 0;  // queued and being written
  bool is_closing_ = false;
};

}  // namespace cord::net::detail
