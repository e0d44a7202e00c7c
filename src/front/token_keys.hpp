// The keys that log-in tokens are checked with (JWK: RFC 7517 and RFC 7518 §6; Ed25519: RFC 8037
// §2). A key has one algorithm, which follows from its kind and never from a token: an RSA key can
// not be mistaken for an HMAC secret. Left out on purpose: the other algorithms of JWA, encrypted
// tokens, keys fetched over the network, and keys that a token brings along.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY.

namespace cord::front {

inline constexpr std::size_t token_key_file_bytes_max = 256 * 1024;
inline constexpr std::size_t token_keys_max = 100;         ///< usable ones in a JWKS file
inline constexpr std::size_t token_secret_bytes_min = 32;  ///< RFC 7518 §3.2
inline constexpr std::size_t token_rsa_bits_min = 2'048;   ///< RFC 7518 §3.3
inline constexpr std::size_t token_rsa_bits_max = 8'192;   ///< a signature is checked in 0.5 ms

enum class TokenAlgorithm : std::uint8_t { hs256, rs256, es256, eddsa };

/// As the header of a token names it. Case counts (RFC 7515 §4.1.1); "none" is nothing.
[[nodiscard]] std::optional<TokenAlgorithm> find_token_algorithm(std::string_view name);

/// Bytes of base64url without padding; nothing if it has any other character, padding, or bits that
/// say nothing but are not zero: each value has one spelling.
[[nodiscard]] std::optional<std::string> read_base64url(std::string_view text);

/// One key that can check signatures, and cannot make any unless it is a secret.
class TokenKey {
 public:
  /// For HS256. Errors: malformed (too short).
  [[nodiscard]] static Result<TokenKey> secret(std::string_view bytes);
  /// RSA for RS256, P-256 for ES256, Ed25519 for EdDSA. Errors: malformed, saying what is allowed.
  [[nodiscard]] static Result<TokenKey> open(std::shared_ptr<evp_pkey_st> key);

  [[nodiscard]] TokenAlgorithm algorithm() const { return algorithm_; }

  /// True if `signature` (JWS form: ES256 is r and s of 32 bytes each) is this key's for `text`.
  /// From any thread.
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;

  std::string id = {};  ///< the JWK's `kid`, or empty

 private:
  TokenKey() = default;

  TokenAlgorithm algorithm_ = TokenAlgorithm::hs256;
  std::string secret_;
  std::shared_ptr<evp_pkey_st> key_;
};

/// Where the keys come from. The operator says what the file is; it is never guessed from its
/// content.
struct TokenKeySource {
  enum class Kind : std::uint8_t { none, secret, pem, jwks };
  Kind kind = Kind::none;
  std::string file = {};
};

struct TokenKeys {
  std::vector<TokenKey> all;
  std::size_t skipped = 0;  ///< JWKs of a kind or a use that is none of ours (RFC 7517 §5)

  /// The key that a token with this `kid` is to be checked with, or null. A key that is alone and
  /// has no id is for every token; a token without `kid` is for a key that is alone.
  [[nodiscard]] const TokenKey* find(const std::optional<std::string>& kid) const;
};

/// Reads a JWKS. Errors: malformed, naming the place, never a secret.
[[nodiscard]] Result<TokenKeys> read_jwks(std::string_view text);

/// Reads the file of `source`, which is not `none`. Errors: io_failed, malformed.
[[nodiscard]] Result<TokenKeys> load_token_keys(const TokenKeySource& source);

}  // namespace cord::front
