// STUN Binding, RFC 5389 with the attributes of ICE (RFC 8445 §7.1), as far as an ICE-lite agent
// needs it: requests are read and checked with the short-term credential, responses are written.
// IPv4 only, as all of this room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "media/orders.hpp"

namespace cord::media {

inline constexpr std::size_t stun_header_bytes = 20;
inline constexpr std::size_t stun_attributes_max = 32;  ///< of a message; one of more is refused

using StunTransaction = std::array<std::uint8_t, 12>;

enum class StunKind : std::uint8_t { request, indication, success, error };

/// A Binding message. `username` borrows from the datagram.
struct StunMessage {
  StunKind kind = StunKind::request;
  StunTransaction transaction{};
  std::string_view username{};
  bool use_candidate = false;
  bool is_controlled = false;        ///< ICE-CONTROLLED: the sender believes that we nominate
  std::optional<Endpoint> mapped{};  ///< XOR-MAPPED-ADDRESS
  std::optional<std::size_t> integrity_at{};  ///< where MESSAGE-INTEGRITY begins
  bool has_unknown = false;                   ///< an attribute that must be understood, and is not
  std::uint16_t unknown = 0;                  ///< the first of those
};

/// Reads one datagram and never past it. FINGERPRINT must be there and right: that tells STUN from
/// anything else. What follows MESSAGE-INTEGRITY, but FINGERPRINT, is not looked at.
/// Errors: too_short, malformed, unsupported (not Binding).
[[nodiscard]] Result<StunMessage> parse_stun(std::span<const std::uint8_t> datagram);

/// Whether the datagram that `message` was read from is of somebody who knows `password`.
[[nodiscard]] bool is_authentic(std::span<const std::uint8_t> datagram, const StunMessage& message,
                                std::string_view password);

/// A success response that tells the sender's address, with MESSAGE-INTEGRITY and FINGERPRINT.
[[nodiscard]] std::vector<std::uint8_t> stun_success(const StunTransaction& transaction,
                                                     Endpoint mapped, std::string_view password);

/// An error response: 400, 401, 420 (with `unknown`) or 487. An empty `password`: no integrity.
[[nodiscard]] std::vector<std::uint8_t> stun_error(const StunTransaction& transaction,
                                                   std::uint16_t code, std::string_view password,
                                                   std::uint16_t unknown = 0);

/// A request as a full agent sends it: for tests and for peers that we check.
struct StunCheck {
  StunTransaction transaction{};
  std::string_view username{}, password{};
  bool use_candidate = false;
  bool is_controlled = false;
};
[[nodiscard]] std::vector<std::uint8_t> stun_request(const StunCheck& check);

}  // namespace cord::media
