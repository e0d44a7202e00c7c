// TCP byte streams: those who connect to us and those we connect to, each named by a number.
// TLS streams are left out on purpose: they come with SIP over TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/connection_id.hpp"
#include "net/io_threads.hpp"

namespace cord::net {

struct StreamOptions {
  std::size_t connections_max = 4'000;           ///< both directions; beyond it, closed at once
  std::size_t outbound_bytes_max = 1024 * 1024;  ///< waiting in one connection; beyond it, closed
  Duration connect_timeout = std::chrono::seconds(5);
  Duration idle_timeout = std::chrono::minutes(10);  ///< no byte either way; 0: never
  Duration close_timeout = std::chrono::seconds(5);  ///< to send what is queued when closing
};

enum class StreamEnd : std::uint8_t {
  peer_closed,      ///< the peer ended the stream
  asked,            ///< by close()
  failed,           ///< the network broke it (reset, unreachable), or close_timeout passed
  connect_failed,   ///< nobody listens there, or no way there
  connect_timeout,  ///< no answer in time
  idle,
  overflow,  ///< the peer did not read: outbound_bytes_max
  limit,     ///< connect() beyond connections_max
  stopped,   ///< by stop()
};

/// "peer_closed" and so on: for logs.
[[nodiscard]] std::string_view name_of(StreamEnd end);

/// Run on an io thread; the calls of one connection come one after the other. Bytes are not read
/// on before `bytes` has returned, which is the only brake there is.
struct StreamCallbacks {
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

  /// Listens there too; returns the address with the port the system picked.
  /// Errors: io_failed, e.g. "tcp 127.0.0.1:5060: address already in use".
  [[nodiscard]] Result<Address> listen(Address address);

  /// Starts to connect. `opened` or `closed` follows, on an io thread, perhaps before this returns
  /// (after stop(): neither). Bytes sent before it has opened wait in the outbound queue. From any
  /// thread.
  ConnectionId connect(Address to);

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
