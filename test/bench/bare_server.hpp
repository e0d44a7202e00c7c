// The server without its front: SIP sockets, SIP engine, media plane, core and journal as
// `cordboard serve` wires them, in this process, and agents who are no desktops. What is left out
// is the WebSocket, JSON, log-in and the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/instant.hpp"

namespace cord::bench {

class BareServer {
 public:
  /// Listens for SIP on a loopback port the system picks. Its agents' phones (mode `ring`) are all
  /// at `phone_port`; customers call `called`. Everything is kept in `directory`. Throws if
  /// something cannot be opened.
  BareServer(const std::filesystem::path& directory, std::size_t agents, std::uint16_t phone_port,
             const char* called);
  ~BareServer();

  [[nodiscard]] std::uint16_t sip_udp() const;

  /// False if not all agents are ready by then.
  [[nodiscard]] bool wait_until_ready(Duration patience) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::bench
