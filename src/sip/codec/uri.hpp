// SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966) as values; any other scheme is kept as text, so
// that it can be answered with 416.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sip/codec/params.hpp"

namespace cord::sip {

inline constexpr std::size_t uri_bytes_max = 4'096;

struct Uri {
  std::string scheme;      ///< lower case: "sip", "sips", "tel", ...
  std::string user;        ///< escaped as on the wire; of a tel URI the number
  std::string password;    ///< escaped as on the wire; never log it
  std::string host;        ///< name or address; an IPv6 reference keeps its brackets; empty for tel
  std::uint16_t port = 0;  ///< 0: none given
  Params params;           ///< escaped as on the wire
  std::string headers;     ///< what follows `?`, escaped as on the wire
  std::string opaque;      ///< all after the colon, of a scheme that is neither sip, sips nor tel

  [[nodiscard]] bool is_sip() const { return scheme == "sip" || scheme == "sips"; }
  /// The user part with %HH undone: what numbers are compared with.
  [[nodiscard]] std::string user_text() const;
  /// The header of that name (any case) with %HH undone, or none.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;

  friend bool operator==(const Uri&, const Uri&) = default;
};

/// Errors: malformed (RFC 3261 §19.1.1, no white space, no angle brackets), too_long.
[[nodiscard]] Result<Uri> parse_uri(std::string_view text);
void print_to(std::string& out, const Uri& uri);
[[nodiscard]] std::string print(const Uri& uri);

/// A SIP URI from plain text: `user` is escaped where it has to be.
[[nodiscard]] Uri sip_uri(std::string_view user, std::string_view host, std::uint16_t port = 0);

/// Whether both name the same resource: RFC 3261 §19.1.4.
[[nodiscard]] bool equivalent(const Uri& a, const Uri& b);

}  // namespace cord::sip
