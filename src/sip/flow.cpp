#include "sip/flow.hpp"

#include <fmt/format.h>

#include "sip/codec/params.hpp"
#include "sip/codec/scanner.hpp"

namespace cord::sip {

std::string_view via_name(Transport transport) {
  if (transport == Transport::tls) return "TLS";
  return transport == Transport::tcp ? "TCP" : "UDP";
}

std::string_view uri_name(Transport transport) {
  if (transport == Transport::tls) return "tls";
  return transport == Transport::tcp ? "tcp" : "udp";
}

std::optional<Transport> parse_transport(std::string_view uri_name_of_it) {
  for (const Transport it : {Transport::udp, Transport::tcp, Transport::tls}) {
    if (equals_ignoring_case(uri_name_of_it, uri_name(it))) return it;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  Scanner in(text);
  std::uint32_t address = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && !in.accept('.')) return std::nullopt;
    const std::string_view digits = in.take_while(is_digit);
    if (digits.empty() || digits.size() > 3) return std::nullopt;
    std::uint32_t octet = 0;
    for (const char c : digits) octet = octet * 10 + static_cast<std::uint32_t>(c - '0');
    if (octet > 255) return std::nullopt;
    address = address << 8 | octet;
  }
  if (!in.done()) return std::nullopt;
  return address;
}

std::string print_ipv4(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255);
}

std::string print(const Endpoint& endpoint) {
  return fmt::format("{}:{}", print_ipv4(endpoint.address), endpoint.port);
}

}  // namespace cord::sip
