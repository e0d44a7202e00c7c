// Where a SIP message came from or goes to. Addresses are IPv4 in host byte order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cord::sip {

enum class Transport : std::uint8_t { udp, tcp };

struct Endpoint {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// One way a message can take: a listener of ours and the far end; for TCP the connection too.
struct Flow {
  Transport transport = Transport::udp;
  std::uint16_t listener = 0;  ///< index into the list of listeners
  Endpoint remote;
  std::uint64_t connection = 0;  ///< TCP: an id of the net layer; 0: connect to `remote` first
  friend bool operator==(const Flow&, const Flow&) = default;
};

/// An address of ours that messages are received on, and that Via and Contact name.
struct Listener {
  Transport transport = Transport::udp;
  Endpoint address;
};

[[nodiscard]] constexpr bool is_reliable(Transport transport) {
  return transport != Transport::udp;
}

/// Whether what came that way may be of `peer`, whose port 0 is any, as is that of a connection.
[[nodiscard]] constexpr bool may_be_of(const Flow& flow, const Endpoint& peer) {
  const bool is_any = peer.port == 0 || is_reliable(flow.transport);
  return peer.address == flow.remote.address && (is_any || peer.port == flow.remote.port);
}

/// "192.0.2.1" in dotted decimal, nothing else.
[[nodiscard]] std::optional<std::uint32_t> parse_ipv4(std::string_view text);
[[nodiscard]] std::string print_ipv4(std::uint32_t address);
/// "192.0.2.1:5060"
[[nodiscard]] std::string print(const Endpoint& endpoint);

}  // namespace cord::sip
