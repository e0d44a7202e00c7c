// The floor for latency figures: a bare Boost.Beast WebSocket echo on one thread, with no limit, no
// timer, no TLS and no queue. What our own server adds to it is what a benchmark shows.
#pragma once

#include <memory>

#include "net/address.hpp"

namespace cord::bench {

class BeastEcho {
 public:
  /// Listens on a loopback port the system picks, and echoes on a thread of its own.
  BeastEcho();
  /// Ends the thread and every connection.
  ~BeastEcho();
  BeastEcho(const BeastEcho&) = delete;
  BeastEcho& operator=(const BeastEcho&) = delete;

  [[nodiscard]] net::Address local() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::bench
