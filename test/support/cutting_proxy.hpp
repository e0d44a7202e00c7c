// A TCP proxy on loopback that cuts each connection after so many bytes of what the server says.
// For tests of clients that are killed at any byte.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.hpp"

namespace cord::test {

/// Takes one connection at a time. Both of its ends are closed when either closes, or when as many
/// bytes have gone to the client as it may hear: one more than the one before, and after `most`
/// again from `least` on. Every other connection hears `between` bytes, so that the client catches
/// up: its losses are events too, more of them than what it hears before it is cut so early.
class CuttingProxy {
 public:
  explicit CuttingProxy(net::Address server)
      : server_(server), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any = to_sockaddr(net::loopback());
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&any), sizeof any);
    ::listen(listener_.get(), 8);
    socklen_t size = sizeof any;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&any), &size);
    local_ = server;
    local_.port = ntohs(any.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~CuttingProxy() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  [[nodiscard]] net::Address local() const { return local_; }

  /// For the connections from now on.
  void cut(std::size_t least, std::size_t most, std::size_t between) {
    least_ = next_ = least;
    most_ = most;
    between_ = between;
  }
  /// From now on none is cut.
  void cut_none() { cut(SIZE_MAX, SIZE_MAX, SIZE_MAX); }

  /// Connections that were cut, without those between.
  [[nodiscard]] std::size_t cuts() const { return cuts_; }

 private:
  class Socket {
   public:
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket() {
      if (fd_ >= 0) ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int get() const { return fd_; }

   private:
    int fd_;
  };

  static sockaddr_in to_sockaddr(net::Address address) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(address.ip);
    to.sin_port = htons(address.port);
    return to;
  }

  void run() {
    for (;;) {
      const Socket client(::accept(listener_.get(), nullptr, nullptr));
      if (client.get() < 0) return;
      const Socket server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const sockaddr_in to = to_sockaddr(server_);
      if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
        relay(client.get(), server.get());
      }
    }
  }

  void relay(int client, int server) {
    is_between_ = !is_between_;
    std::size_t left = is_between_ ? between_ : next_;
    if (!is_between_) next_ = next_ >= most_ ? least_.load() : next_ + 1;
    std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    while (left > 0 && ::poll(both.data(), 2, -1) > 0) {
      std::size_t unbounded = SIZE_MAX;
      if (both[0].revents != 0 && !pass_on(client, server, unbounded)) return;
      if (both[1].revents != 0 && !pass_on(server, client, left)) return;
    }
    if (!is_between_) ++cuts_;
  }

  static bool pass_on(int from, int to, std::size_t& left) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t got = ::recv(from, bytes.data(), std::min(bytes.size(), left), 0);
    if (got <= 0) return false;
    left -= static_cast<std::size_t>(got);
    return ::send(to, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }

  net::Address server_;
  net::Address local_;
  Socket listener_;
  std::atomic<std::size_t> least_{SIZE_MAX}, most_{SIZE_MAX}, next_{SIZE_MAX}, between_{SIZE_MAX};
  std::atomic<std::size_t> cuts_{0};
  bool is_between_ = false;  // Of the thread: the last one was.
  std::thread thread_;
};

}  // namespace cord::test
