#include "net/address.hpp"

#include <charconv>

#include <arpa/inet.h>

namespace cord::net {
namespace {

constexpr std::size_t text_bytes_max = 64;  // Longer input is not worth repeating in an error.

tl::unexpected<Error> bad(std::string_view text, std::string_view what) {
  return refuse(Errc::malformed, "net.address",
                fmt::format("\"{}\": {}", text.substr(0, text_bytes_max), what));
}

}  // namespace

Result<std::uint32_t> parse_ip(std::string_view text) {
  in_addr raw{};
  if (text.find('\0') != text.npos || inet_pton(AF_INET, std::string(text).c_str(), &raw) != 1) {
    return bad(text, "not an IPv4 address such as 127.0.0.1 (names are not looked up)");
  }
  return ntohl(raw.s_addr);
}

Result<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return bad(text, "the port is missing; expected e.g. 127.0.0.1:8080");
  const Result<std::uint32_t> ip = parse_ip(text.substr(0, colon));
  if (!ip) return tl::make_unexpected(ip.error());
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (problem != std::errc{} || end != digits.data() + digits.size()) {
    return bad(text, "the port must be a number from 0 to 65535");
  }
  return Address{*ip, port};
}

std::string ip_to_string(std::uint32_t ip) {
  return fmt::format("{}.{}.{}.{}", ip >> 24, ip >> 16 & 0xff, ip >> 8 & 0xff, ip & 0xff);
}

std::string to_string(const Address& address) {
  return fmt::format("{}:{}", ip_to_string(address.ip), address.port);
}

}  // namespace cord::net
