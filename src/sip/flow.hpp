// Where a SIP message came from or goes to. Addresses are IPv4 in host byte order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cord::sip {

enum class Transport : std::uint8_t { udp, tcp, tls };

struct Endpoint {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Where a request goes next: RFC 3263 §4.
struct NextHop {
  Transport transport = Transport::udp;
  Endpoint endpoint;
  friend bool operator==(const NextHop&, const NextHop&) = default;
};

/// One way a message can take: a listener of ours and the far end; for TCP and TLS the connection
/// too.
struct Flow {
  Transport transport = Transport::udp;
  std::uint16_t listener = 0;  ///< index into the list of listeners
  Endpoint remote;
  std::uint64_t connection = 0;  ///< not UDP: an id of the net layer; 0: connect to `remote` first
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

/// As Via says it, "UDP"; and as a URI does, "udp".
[[nodiscard]] std::string_view via_name(Transport transport);
[[nodiscard]] std::string_view uri_name(Transport transport);

/// By that name, in any case.
[[nodiscard]] std::optional<Transport> parse_transport(std::string_view uri_name_of_it);

/// RFC 3261 §19.1.2: 5060, or 5061 with TLS.
[[nodiscard]] constexpr std::uint16_t default_port(Transport transport) {
  return transport == Transport::tls ? 5061 : 5060;
}

/// "192.0.2.1" in dotted decimal, nothing else.
[[nodiscard]] std::optional<std::uint32_t> parse_ipv4(std::string_view text);
[[nodiscard]] std::string print_ipv4(std::uint32_t address);
/// "192.0.2.1:5060"
[[nodiscard]] std::string print(const Endpoint& endpoint);

}  // namespace cord::sip
