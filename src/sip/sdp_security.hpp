// What a session description says about keys and the way to the far end: a=crypto (RFC 4568),
// a=fingerprint (RFC 8122) and a=setup (RFC 4145) for DTLS-SRTP (RFC 5763), the credentials of ICE
// (RFC 8839) and a=rtcp-mux (RFC 5761). Lines that are malformed, or of a kind that we do not
// have, are dropped: whether what is left is enough is for offer and answer to say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cord::sip {

inline constexpr std::size_t sdp_crypto_lines_max = 16;  ///< of an m-line; later ones are dropped
inline constexpr std::size_t sdp_ice_characters_max = 256;  ///< RFC 8839 §5.4

enum class CryptoSuite : std::uint8_t {
  aes_cm_128_hmac_sha1_80,
  aes_cm_128_hmac_sha1_32,
  aead_aes_128_gcm,  ///< RFC 7714
};

[[nodiscard]] std::string_view to_text(CryptoSuite suite);
/// Of master key and master salt together: 30, or 28 with GCM.
[[nodiscard]] std::size_t key_bytes(CryptoSuite suite);

/// Master key and master salt, one after the other; what a suite does not need is zero.
using KeyAndSalt = std::array<std::uint8_t, 30>;

/// One a=crypto line. Lines with an MKI, several keys, or a session parameter that would have to be
/// understood are none (RFC 4568 §6.3).
struct CryptoLine {
  std::uint32_t tag = 1;  ///< 1 to 999,999,999
  CryptoSuite suite = CryptoSuite::aes_cm_128_hmac_sha1_80;
  KeyAndSalt key{};
  friend bool operator==(const CryptoLine&, const CryptoLine&) = default;
};

/// The SHA-256 of a certificate.
using Fingerprint = std::array<std::uint8_t, 32>;

/// Who begins the DTLS handshake, from the point of view of whoever wrote it: RFC 4145 §4.
enum class Setup : std::uint8_t { actpass, active, passive, holdconn };

/// Of one m-line; what stands for the whole session is in each.
struct MediaSecurity {
  std::vector<CryptoLine> crypto;
  std::optional<Fingerprint> fingerprint;
  std::optional<Setup> setup;
  std::string ice_ufrag, ice_pwd;       ///< both or none
  std::vector<std::string> candidates;  ///< values of a=candidate; ours only, theirs are not read
  bool rtcp_mux = false;
  std::string mid;  ///< RFC 5888; empty: none
  friend bool operator==(const MediaSecurity&, const MediaSecurity&) = default;
};

/// Reads an attribute into `out` if it is one of these; `value` is what follows the colon.
void read_security_attribute(std::string_view name, std::string_view value, MediaSecurity& out);

/// The value of a=crypto; none if it is malformed or not usable.
[[nodiscard]] std::optional<CryptoLine> parse_crypto(std::string_view value);

/// a=... lines with CRLF.
[[nodiscard]] std::string print(const MediaSecurity& security);

}  // namespace cord::sip
