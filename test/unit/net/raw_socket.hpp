// A blocking TCP socket without any protocol: for peers that misbehave.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.hpp"

namespace cord::net::test {

class RawSocket {
 public:
  explicit RawSocket(const Address& to, int receive_buffer_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof receive_buffer_bytes);
    }
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_addr.s_addr = htonl(to.ip);
    raw.sin_port = htons(to.port);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&raw), sizeof raw) == 0;
  }
  ~RawSocket() { ::close(socket_); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  [[nodiscard]] bool is_connected() const { return is_connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What comes next, at most 64 KiB; empty at the end of the stream, on reset, or after 10 s.
  std::string receive() {
    pollfd it{socket_, POLLIN, 0};
    if (::poll(&it, 1, 10'000) != 1) return {};
    std::string bytes(64 * 1024, '\0');
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }

  /// All of it until the stream ends.
  std::string receive_all() {
    std::string all;
    for (std::string more = receive(); !more.empty(); more = receive()) all += more;
    return all;
  }

  /// Up to and with `mark`.
  std::string receive_until(std::string_view mark) {
    std::string all;
    while (all.find(mark) == all.npos) {
      const std::string more = receive();
      if (more.empty()) break;
      all += more;
    }
    return all;
  }

  void shutdown_send() { ::shutdown(socket_, SHUT_WR); }
  [[nodiscard]] int descriptor() const { return socket_; }

 private:
  int socket_;
  bool is_connected_ = false;
};

inline std::string upgrade_request(std::string_view path, std::string_view more = {}) {
  return "GET " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(more) + "\r\n";
}

/// A client's frame (RFC 6455 §5.2) with the mask 0, under which the payload stays as it is.
/// `first` is FIN and opcode: 0x81 text, 0x82 binary, 0x88 close.
inline std::string frame(std::uint8_t first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65'536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) {
      out += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift & 0xff);
    }
  }
  out.append(4, '\0');
  return out.append(payload);
}

/// The code in a server's close frame at the end of `bytes`, or 0.
inline unsigned close_code_at_end(const std::string& bytes, std::string_view reason) {
  const std::size_t frame_bytes = 4 + reason.size();
  if (bytes.size() < frame_bytes) return 0;
  const std::string_view last = std::string_view(bytes).substr(bytes.size() - frame_bytes);
  if (static_cast<std::uint8_t>(last[0]) != 0x88 || last.substr(4) != reason) return 0;
  return static_cast<std::uint8_t>(last[2]) * 256u + static_cast<std::uint8_t>(last[3]);
}

}  // namespace cord::net::test
