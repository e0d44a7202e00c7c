// The sockets of the streams, batched: recvmmsg per ready socket, sends queued and flushed with
// sendmmsg per run of datagrams of the same socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/metrics.hpp"
#include "media/plane.hpp"

namespace cord::media {

class RtpSockets final : public Network {
 public:
  struct Config {
    std::uint32_t address = 0;  ///< to bind to, host byte order
    std::uint16_t port_first = 0, port_last = 0;
    std::size_t streams_max = 0;
    std::uint64_t seed = 0;  ///< where in the range the first port is looked for
  };
  using Handler = std::function<void(Slot, Channel, Endpoint from, std::span<const std::uint8_t>)>;

  /// The slot that event data of `epoll` belongs to.
  static Slot slot_of(std::uint64_t key) { return static_cast<Slot>(key >> 1); }

  /// Sockets are watched, edge-triggered, by `epoll`, with the key of receive() as event data.
  RtpSockets(Config config, int epoll, Metrics& metrics);
  ~RtpSockets() override;
  RtpSockets(const RtpSockets&) = delete;
  RtpSockets& operator=(const RtpSockets&) = delete;

  Result<Endpoint> open(Slot slot) override;
  void close(Slot slot) override;
  void send(Slot slot, Channel channel, Endpoint to, std::span<const std::uint8_t> bytes) override;

  /// Sends what is queued.
  void flush();

  /// Receives up to a bound from the socket of `key`, and gives each datagram to `handler`.
  /// False if there may be more: call again, epoll will not tell.
  [[nodiscard]] bool receive(std::uint64_t key, const Handler& handler);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cord::media
