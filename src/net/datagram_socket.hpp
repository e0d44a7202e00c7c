// A UDP socket that reads in batches (recvmmsg) and writes at once (sendto). What the kernel does
// not take is counted and dropped: whoever uses UDP repeats what matters.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/io_threads.hpp"

namespace cord::net {

struct Datagram {
  Address from;
  std::string bytes;
};

struct DatagramOptions {
  std::size_t batch_datagrams_max = 64;            ///< read by one system call; 1 to 1,024
  std::size_t receive_buffer_bytes = 1024 * 1024;  ///< asked of the kernel, which may give less
};

class DatagramSocket {
 public:
  /// Runs on an io thread, one call at a time. Datagrams are in the order the kernel has them; one
  /// may be empty.
  using OnBatch = std::function<void(std::vector<Datagram> batch)>;

  /// Binds. Errors: io_failed, e.g. "udp 127.0.0.1:5060: address already in use".
  [[nodiscard]] static Result<std::unique_ptr<DatagramSocket>> bind(IoThreads& io, Address address,
                                                                    Metrics& metrics,
                                                                    DatagramOptions options = {});
  /// As stop().
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  /// Begins to read. Once only. What came since bind() is still there.
  void start(OnBatch on_batch);

  /// Closes the socket. When it returns, no callback runs any more and the port is free.
  /// Idempotent. Not to be called from a callback.
  void stop();

  /// Where it is bound; the port the system picked if it was asked to.
  [[nodiscard]] Address local() const;

  /// Hands one datagram to the kernel, from any thread, without waiting. False if it refused (full
  /// buffer, no route, longer than 65,507 bytes, socket stopped): counted in
  /// cord_net_udp_refused_datagrams_total.
  bool send(Address to, std::string_view bytes);

 private:
  struct Impl;
  explicit DatagramSocket(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace cord::net
