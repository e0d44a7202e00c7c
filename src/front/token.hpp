// Log-in tokens: JSON Web Tokens (RFC 7519) in JWS compact form (RFC 7515 §7.1), checked as RFC
// 8725 advises. Nothing of a token's claims is looked at before its signature holds. Reads no
// clock. Left out on purpose: encrypted tokens, and tokens for one use: one may be shown again
// until it expires.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/instant.hpp"
#include "front/token_keys.hpp"

namespace cord::front {

inline constexpr std::size_t token_bytes_max = 8 * 1024;
inline constexpr Duration token_leeway_max = std::chrono::minutes(5);

/// `[token]`. Without keys nobody logs in by token.
struct TokenConfig {
  TokenKeySource keys;
  std::string issuer;                          ///< what `iss` must be
  std::string audience;                        ///< what `aud` must be, or hold
  std::string agent_claim = "sub";             ///< the claim that is the agent's id
  Duration leeway = std::chrono::seconds(30);  ///< two clocks may differ by it; at most 5 min

  [[nodiscard]] bool is_given() const { return keys.kind != TokenKeySource::Kind::none; }
  /// Errors: malformed, naming the first bad field.
  [[nodiscard]] Result<void> validate() const;
};

/// Why a token is not believed: for the log and the metrics, never for the client.
enum class TokenFault : std::uint8_t {
  too_long,
  malformed,  ///< not three parts, no base64url, no JSON object, a member twice or of a wrong type
  critical,   ///< `crit`, or a `typ` that is for something else
  algorithm,  ///< "none", one that is not ours, or not the key's
  key,        ///< no key has its `kid`
  signature,
  issuer,
  audience,
  expired,        ///< `exp` has passed, or is missing
  not_yet_valid,  ///< `nbf` has not come
  agent,          ///< no claim that says who it is, or nobody we know
};
inline constexpr std::array<std::string_view, 11> token_fault_names{
    "too_long", "malformed", "critical", "algorithm",     "key",  "signature",
    "issuer",   "audience",  "expired",  "not_yet_valid", "agent"};

struct RefusedToken {
  TokenFault fault;
  std::string agent = {};  ///< whom it names, once its signature holds; empty: unknown
};

/// The agent's id that a token vouches for at `now`.
[[nodiscard]] tl::expected<std::string, RefusedToken> check_token(std::string_view token,
                                                                  const TokenKeys& keys,
                                                                  const TokenConfig& config,
                                                                  Instant now);

}  // namespace cord::front
