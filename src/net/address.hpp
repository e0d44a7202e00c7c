// Where a socket is: IPv4 and a port, as a value. IPv6 is left out on purpose for now; it will be a
// second form of the same type. Names are never looked up here.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/result.hpp"

namespace cord::net {

/// An IPv4 transport address. Both numbers are in host byte order; port 0 lets the system pick.
struct Address {
  std::uint32_t ip = 0;  ///< 127.0.0.1 is 0x7f000001; 0 is every interface of this machine
  std::uint16_t port = 0;

  [[nodiscard]] constexpr bool is_loopback() const { return ip >> 24 == 127; }
  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

/// 127.0.0.1 and a port: what tests and a demo listen on.
[[nodiscard]] constexpr Address loopback(std::uint16_t port = 0) {
  return {0x7f000001, port};
}

/// Reads "127.0.0.1:8080". Errors: malformed, with what was wrong and what is expected.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

/// Reads "127.0.0.1". Errors: malformed.
[[nodiscard]] Result<std::uint32_t> parse_ip(std::string_view text);

/// "127.0.0.1:8080".
[[nodiscard]] std::string to_string(const Address& address);

/// "127.0.0.1".
[[nodiscard]] std::string ip_to_string(std::uint32_t ip);

}  // namespace cord::net

template <>
struct std::hash<cord::net::Address> {
  std::size_t operator()(const cord::net::Address& it) const noexcept {
    const std::uint64_t packed = std::uint64_t{it.ip} << 16 | it.port;
    return static_cast<std::size_t>(packed * 0x9e3779b97f4a7c15ULL);
  }
};

template <>
struct fmt::formatter<cord::net::Address> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const cord::net::Address& it, Context& context) const {
    return fmt::formatter<std::string_view>::format(cord::net::to_string(it), context);
  }
};
