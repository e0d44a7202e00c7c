// Digest authentication in SIP: RFC 3261 §22 with RFC 7616 (MD5 and SHA-256, qop "auth"), RFC 8760
// (several challenges, the strongest first) and the form without qop of RFC 2069, which old phones
// still send. Left out on purpose: "auth-int", the "-sess" algorithms, userhash, SHA-512/256: no
// phone or carrier we know of wants them, and a challenge with nothing else is `unsupported`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "sip/message.hpp"

namespace cord::sip {

enum class DigestAlgorithm : std::uint8_t { md5, sha256 };

/// A WWW-Authenticate or Proxy-Authenticate value: RFC 7616 §3.3. Texts are what stands between the
/// quotes, escapes kept: so they are hashed (`unq` of §3.4).
struct DigestChallenge {
  std::string realm;
  std::string nonce;
  std::string opaque;  ///< empty: none
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  bool has_qop = false;  ///< false: RFC 2069
  bool stale = false;    ///< the password was right, the nonce is too old
  friend bool operator==(const DigestChallenge&, const DigestChallenge&) = default;
};

/// An Authorization or Proxy-Authorization value: RFC 7616 §3.4. Texts as in a challenge.
struct DigestCredentials {
  std::string username;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string response;  ///< hexadecimal, as long as the algorithm's output
  std::string opaque;    ///< empty: none
  std::string cnonce;
  std::string nc;  ///< 8 hexadecimal digits; empty: without qop (RFC 2069), and without cnonce
  DigestAlgorithm algorithm = DigestAlgorithm::md5;
  friend bool operator==(const DigestCredentials&, const DigestCredentials&) = default;
};

/// Whose password answers challenges. Nothing of it is ever logged.
struct DigestAccount {
  std::string user;
  std::string password;
  std::string realm;  ///< the only one it is for; empty: any
};

/// Errors: malformed; unsupported (another scheme, algorithm or qop).
[[nodiscard]] Result<DigestChallenge> parse_challenge(std::string_view text);
/// Errors: malformed (a part is missing, twice, or of the wrong length); unsupported.
[[nodiscard]] Result<DigestCredentials> parse_credentials(std::string_view text);
/// Texts must hold no quotation mark without a backslash before it.
[[nodiscard]] std::string print(const DigestChallenge& challenge);
[[nodiscard]] std::string print(const DigestCredentials& credentials);

/// What `response` must be for that password: RFC 7616 §3.4.1, RFC 2069 §2.1.2 without nc.
/// Empty if the system's OpenSSL refuses the algorithm (MD5 in FIPS mode).
[[nodiscard]] std::string digest_response(const DigestCredentials& credentials,
                                          std::string_view password, std::string_view method);

/// Compares in a time that depends on the lengths only.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);

/// Whether `text` can stand between quotes as it is: no quotation mark, backslash or control
/// character.
[[nodiscard]] bool is_plain_quotable(std::string_view text);

/// Answers the challenges that the requests of one account meet: RFC 3261 §22.2, §22.3.
class DigestClient {
 public:
  explicit DigestClient(DigestAccount account) : account_(std::move(account)) {}

  /// A new request begins, which may be repeated.
  void begin();
  /// Whether the request that met this 401 or 407 is worth repeating, signed: there is a challenge
  /// we can answer, and it is not our password that was refused. A `stale` nonce may be replaced
  /// once more.
  [[nodiscard]] bool take(const Message& response);
  /// Adds what is known to be asked for; `cnonce` must be new and quotable.
  void sign(Message& request, std::string_view cnonce);
  /// Adds what the INVITE signed last has, to its ACK: RFC 3261 §22.1.
  void copy_to(Message& ack) const;

 private:
  /// By the end that asks: a registrar or far end (401), a proxy (407).
  struct Known {
    std::optional<DigestChallenge> challenge;
    std::uint32_t uses = 0;   ///< of its nonce
    std::uint32_t tries = 0;  ///< of the present request
  };
  DigestAccount account_;
  std::array<Known, 2> known_;
  std::vector<Header> invite_rows_;
};

}  // namespace cord::sip
