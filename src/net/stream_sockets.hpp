// TCP byte streams, plain or with TLS 1.2 and later: those who connect to us and those we connect
// to, each named by a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/connection_id.hpp"
#include "net/io_threads.hpp"

namespace cord::net {

/// Certificates of TLS streams, as PEM files.
struct StreamTls {
  std::string certificate_file = {};  ///< a chain, shown to both sides
  std::string key_file = {};          ///< without a pass phrase
  std::string ca_file = {};           ///< who vouches for those we connect to; empty: the system's
  std::string client_ca_file = {};    ///< those who connect need a certificate of it; empty: none
};

/// Whom a TLS connection of ours has to lead to.
struct TlsPeer {
  /// Its certificate has to be for one of them, a domain or an address: RFC 5922 §7. None: for the
  /// address that is connected to. The first domain is told to the server (SNI).
  std::vector<std::string> names = {};
  bool is_verified = true;  ///< false: any certificate will do
  friend bool operator==(const TlsPeer&, const TlsPeer&) = default;
};

/// Whether the files can be read and fit each other. Errors: io_failed; `where` says which is bad:
/// "certificate", "key", "ca", "client-ca".
[[nodiscard]] Result<void> check_stream_tls(const StreamTls& files);

struct StreamOptions {
  std::size_t connections_max = 4'000;           ///< both directions; beyond it, closed at once
  std::size_t handshakes_max = 1'000;            ///< TLS, of those who connect, at once; likewise
  std::size_t outbound_bytes_max = 1024 * 1024;  ///< waiting in one connection; beyond it, closed
  Duration connect_timeout = std::chrono::seconds(5);    ///< TLS included
  Duration handshake_timeout = std::chrono::seconds(5);  ///< of TLS, when they connect
  Duration idle_timeout = std::chrono::minutes(10);      ///< no byte either way; 0: never
  Duration close_timeout = std::chrono::seconds(5);      ///< to send what is queued when closing
  std::optional<StreamTls> tls = {};                     ///< none: plain TCP
};

enum class StreamEnd : std::uint8_t {
  peer_closed,      ///< the peer ended the stream
  asked,            ///< by close()
  failed,           ///< the network broke it (reset, unreachable), or close_timeout passed
  connect_failed,   ///< nobody listens there, no way there, or not whom TLS was to lead to
  connect_timeout,  ///< no answer in time, or no end of the TLS handshake
  idle,
  overflow,  ///< the peer did not read: outbound_bytes_max
  limit,     ///< connections_max, handshakes_max, or not admitted
  stopped,   ///< by stop()
};

/// "peer_closed" and so on: for logs.
[[nodiscard]] std::string_view name_of(StreamEnd end);

/// Run on an io thread; the calls of one connection come one after the other. Bytes are not read
/// on before `bytes` has returned, which is the only brake there is.
struct StreamCallbacks {
  /// Whether who connects from there may begin a TLS handshake; else it is closed at once. None:
  /// everybody may.
  std::function<bool(Address peer)> admits = {};
  /// `peer` is the far address; `is_inbound`: it connected to us.
  std::function<void(ConnectionId, Address peer, bool is_inbound)> opened;
  /// `bytes` is valid during the call.
  std::function<void(ConnectionId, std::string_view bytes)> bytes;
  /// Exactly once for each opened connection and for each id connect() gave. `detail` is for logs.
  std::function<void(ConnectionId, StreamEnd end, const std::string& detail)> closed;
};

class StreamSockets {
 public:
  StreamSockets(IoThreads& io, StreamOptions options, Metrics& metrics);
  /// As stop().
  ~StreamSockets();
  StreamSockets(const StreamSockets&) = delete;
  StreamSockets& operator=(const StreamSockets&) = delete;

  /// Sets the callbacks; once, before anything else.
  void start(StreamCallbacks callbacks);

  /// Reads the files of StreamOptions::tls: before anything else, and whenever they have changed.
  /// Open connections go on as they are. Without TLS a no-op. Errors: io_failed, naming the file;
  /// what was read before stays in use.
  [[nodiscard]] Result<void> load_certificates();

  /// Listens there too; returns the address with the port the system picked.
  /// Errors: io_failed, e.g. "tcp 127.0.0.1:5060: address already in use".
  [[nodiscard]] Result<Address> listen(Address address);

  /// Starts to connect. `opened` or `closed` follows, on an io thread, perhaps before this returns
  /// (after stop(): neither). Bytes sent before it has opened wait in the outbound queue. From any
  /// thread. With TLS `opened` comes only for a connection to `peer`.
  ConnectionId connect(Address to, TlsPeer peer = {});

  /// Queues bytes, from any thread, in order. False if the connection is unknown, closing, or has
  /// just been closed because its queue overflowed.
  bool send(ConnectionId connection, std::string bytes);

  /// Sends what is queued, then closes. From any thread. An unknown connection is a no-op.
  void close(ConnectionId connection);

  /// Closes everything at once, with `closed` for each. When it returns no callback runs any more.
  /// Idempotent. Not to be called from a callback.
  void stop();

  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace cord::net
