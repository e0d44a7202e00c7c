#include "media/rtp_sockets.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cord::media {
namespace {

constexpr std::size_t receive_batch = 8;
constexpr int receive_batches_max = 8;  // per call, so that one flooded socket starves nobody
constexpr std::size_t send_batch = 16;

sockaddr_in to_sockaddr(Endpoint endpoint) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(endpoint.port);
  out.sin_addr.s_addr = htonl(endpoint.address);
  return out;
}

Endpoint to_endpoint(const sockaddr_in& in) {
  return {ntohl(in.sin_addr.s_addr), ntohs(in.sin_port)};
}

std::uint64_t key(Slot slot, Channel channel) {
  return (std::uint64_t{slot} << 1) | static_cast<std::uint64_t>(channel);
}

int bind_udp(Endpoint local) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int expedited_forwarding = 0xb8;  // DSCP EF, RFC 4594 §4.1. A wish: errors don't matter.
  ::setsockopt(socket, IPPROTO_IP, IP_TOS, &expedited_forwarding, sizeof(expedited_forwarding));
  // What strangers send fills it before anybody can look: room for a tenth of a second of 20,000
  // packets a second. Taken only while they wait; the system may give less (net.core.rmem_max).
  const int receive_buffer_bytes = 1 << 20;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
  const sockaddr_in address = to_sockaddr(local);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

struct Pair {
  int rtp = -1, rtcp = -1;
};

// Both buffers and headers of a batch, wired up once.
template <std::size_t size>
struct Batch {
  std::array<std::array<std::uint8_t, datagram_bytes_max>, size> bytes{};
  std::array<sockaddr_in, size> addresses{};
  std::array<iovec, size> vectors{};
  std::array<mmsghdr, size> messages{};

  Batch() {
    for (std::size_t i = 0; i < size; ++i) {
      vectors[i] = {bytes[i].data(), bytes[i].size()};
      messages[i].msg_hdr.msg_name = &addresses[i];
      messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

}  // namespace

struct RtpSockets::State {
  Config config;
  int epoll;
  Counter& send_failures;
  Counter& oversized;
  std::vector<Pair> pairs;      // by slot
  std::uint32_t next_pair = 0;  // where in the port range to look first
  Batch<receive_batch> in;
  Batch<send_batch> out;
  std::array<int, send_batch> out_sockets{};
  std::size_t queued = 0;

  [[nodiscard]] int socket_of(std::uint64_t event_key) const {
    const Pair& pair = pairs[slot_of(event_key)];
    return (event_key & 1) == 0 ? pair.rtp : pair.rtcp;
  }

  [[nodiscard]] std::uint32_t pairs_in_range() const {
    const std::uint32_t first = (config.port_first + 1u) / 2;
    const std::uint32_t end = (config.port_last + 1u) / 2;
    return end > first ? end - first : 0;
  }

  bool watch(int socket, std::uint64_t event_key) const {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = event_key;
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0;
  }

  bool bind_pair(Slot slot, std::uint16_t port) {
    Pair pair;
    pair.rtp = bind_udp({config.address, port});
    if (pair.rtp < 0) return false;
    pair.rtcp = bind_udp({config.address, static_cast<std::uint16_t>(port + 1)});
    if (pair.rtcp >= 0 && watch(pair.rtp, key(slot, Channel::rtp)) &&
        watch(pair.rtcp, key(slot, Channel::rtcp))) {
      pairs[slot] = pair;
      return true;
    }
    const int error = errno;
    ::close(pair.rtp);
    if (pair.rtcp >= 0) ::close(pair.rtcp);
    errno = error;
    return false;
  }

  // Most runs are of one datagram, which sendto() takes at less cost.
  [[nodiscard]] int send_one(std::size_t i) {
    const auto* to = reinterpret_cast<const sockaddr*>(&out.addresses[i]);
    const auto bytes = ::sendto(out_sockets[i], out.bytes[i].data(), out.vectors[i].iov_len,
                                MSG_DONTWAIT, to, sizeof(sockaddr_in));
    return bytes < 0 ? -1 : 1;
  }

  [[nodiscard]] int send_run(std::size_t first, std::size_t count) {
    return ::sendmmsg(out_sockets[first], &out.messages[first], static_cast<unsigned>(count),
                      MSG_DONTWAIT);
  }

  // How many of the queued datagrams from `first` on go through the same socket.
  [[nodiscard]] std::size_t run_length(std::size_t first) const {
    std::size_t end = first + 1;
    while (end < queued && out_sockets[end] == out_sockets[first]) ++end;
    return end - first;
  }
};

RtpSockets::RtpSockets(Config config, int epoll, Metrics& metrics)
    : state_(new State{
          .config = config,
          .epoll = epoll,
          .send_failures = metrics.counter("cord_media_send_failures_total",
                                           "Datagrams the system did not take"),
          .oversized = metrics.counter("cord_media_rtp_dropped_packets_total",
                                       "RTP packets that were received and not taken", "oversized"),
          .pairs = std::vector<Pair>(config.streams_max),
          .in = {},
          .out = {}}) {
  const std::uint32_t pairs = state_->pairs_in_range();
  if (pairs > 0) state_->next_pair = static_cast<std::uint32_t>(config.seed % pairs);
}

RtpSockets::~RtpSockets() {
  for (Slot slot = 0; slot < state_->pairs.size(); ++slot) {
    if (state_->pairs[slot].rtp >= 0) close(slot);
  }
}

// The ports are used in turn: one that was just closed comes last, when nobody sends to it any
// more.
Result<Endpoint> RtpSockets::open(Slot slot) {
  const std::uint32_t pairs = state_->pairs_in_range();
  for (std::uint32_t tried = 0; tried < pairs; ++tried) {
    const std::uint32_t pair = state_->next_pair;
    state_->next_pair = (pair + 1) % pairs;
    const auto port = static_cast<std::uint16_t>(2 * ((state_->config.port_first + 1u) / 2 + pair));
    if (state_->bind_pair(slot, port)) return Endpoint{state_->config.address, port};
    if (errno != EADDRINUSE && errno != EACCES) {
      return refuse(Errc::io_failed, "rtp.bind", std::generic_category().message(errno));
    }
  }
  return refuse(Errc::full, "rtp.bind",
                fmt::format("no free port pair in {}-{}", state_->config.port_first,
                            state_->config.port_last));
}

void RtpSockets::close(Slot slot) {
  flush();
  Pair& pair = state_->pairs[slot];
  ::close(pair.rtp);
  ::close(pair.rtcp);
  pair = {};
}

void RtpSockets::send(Slot slot, Channel channel, Endpoint to,
                      std::span<const std::uint8_t> bytes) {
  State& it = *state_;
  if (it.queued == send_batch) flush();
  const std::size_t i = it.queued++;
  it.out_sockets[i] = it.socket_of(key(slot, channel));
  it.out.addresses[i] = to_sockaddr(to);
  it.out.vectors[i].iov_len = bytes.size();
  std::memcpy(it.out.bytes[i].data(), bytes.data(), bytes.size());
}

void RtpSockets::flush() {
  State& it = *state_;
  for (std::size_t first = 0; first < it.queued;) {
    const std::size_t run = it.run_length(first);
    const int sent = run == 1 ? it.send_one(first) : it.send_run(first, run);
    if (sent > 0) {
      first += static_cast<std::size_t>(sent);
    } else if (sent < 0 && errno != EINTR) {
      it.send_failures.add();  // Late audio is worthless: no second try.
      ++first;
    }
  }
  it.queued = 0;
}

bool RtpSockets::receive(std::uint64_t event_key, const Handler& handler) {
  State& it = *state_;
  const int socket = it.socket_of(event_key);
  if (socket < 0) return true;
  for (int batch = 0; batch < receive_batches_max; ++batch) {
    const int received =
        ::recvmmsg(socket, it.in.messages.data(), receive_batch, MSG_DONTWAIT, nullptr);
    // An error is that of an earlier datagram (ICMP) or means that nothing is there.
    if (received <= 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
      mmsghdr& message = it.in.messages[i];
      message.msg_hdr.msg_namelen = sizeof(sockaddr_in);
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        it.oversized.add();
        continue;
      }
      handler(slot_of(event_key), static_cast<Channel>(event_key & 1),
              to_endpoint(it.in.addresses[i]), std::span(it.in.bytes[i]).first(message.msg_len));
    }
    if (static_cast<std::size_t>(received) < receive_batch) return true;
  }
  return false;
}

}  // namespace cord::media
