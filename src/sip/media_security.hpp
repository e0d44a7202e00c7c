// Offer and answer about keys: SDES (RFC 4568), DTLS-SRTP (RFC 5763, RFC 5764) and ICE-lite (RFC
// 8445 §2.5, RFC 8839). Keys and credentials are the caller's.
//
// Decisions. "Optional" is opportunistic (RFC 8643): our offer is RTP/AVP with a=crypto, which who
// does not know it ignores; an offer like that is answered in its way. We are the passive side of
// DTLS unless the far end insists: its first packet then finds the way through its NAT. Of several
// suites the far end's first that is ours is taken. ICE goes with a=rtcp-mux only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sip/flow.hpp"
#include "sip/sdp.hpp"

namespace cord::sip {

enum class SrtpPolicy : std::uint8_t {
  off,       ///< neither offered nor taken
  optional,  ///< taken if the far end can
  required,  ///< no media without it
};

/// What our side brings.
struct LocalSecurity {
  SrtpPolicy policy = SrtpPolicy::off;
  bool offers_dtls = false;  ///< a first offer under `required` is DTLS-SRTP instead of SDES
  KeyAndSalt key{};          ///< with which we send, where SDES is agreed; never logged
  std::optional<Fingerprint> fingerprint;  ///< of our certificate; none: no DTLS
  std::string ice_ufrag{}, ice_pwd{};      ///< empty: no ICE
};

struct SdesTerms {
  CryptoSuite suite = CryptoSuite::aes_cm_128_hmac_sha1_80;
  KeyAndSalt local{}, remote{};  ///< what we send with, and they
  friend bool operator==(const SdesTerms&, const SdesTerms&) = default;
};

struct DtlsTerms {
  Fingerprint remote{};    ///< what their certificate must have
  bool is_client = false;  ///< we begin the handshake
  friend bool operator==(const DtlsTerms&, const DtlsTerms&) = default;
};

/// What was agreed. Neither SDES nor DTLS: plain RTP.
struct SecurityTerms {
  std::optional<SdesTerms> sdes;
  std::optional<DtlsTerms> dtls;
  std::string ice_remote_ufrag;  ///< empty: no ICE
  bool rtcp_mux = false;
  [[nodiscard]] bool is_protected() const { return sdes || dtls; }
  friend bool operator==(const SecurityTerms&, const SecurityTerms&) = default;
};

/// Gives the m-line of an offer of ours protocol and keys. `last`: the m-line in its place in what
/// we said last, which is kept to; none in a first offer.
void offer_security(MediaDescription& media, const MediaDescription* last,
                    const LocalSecurity& local, const Endpoint& address);

struct SecurityAnswer {
  MediaSecurity ours;
  SecurityTerms terms;
};
/// How the m-line of an offer can be answered; none: not at all. The candidate of ICE names
/// `address`.
[[nodiscard]] std::optional<SecurityAnswer> answer_security(const MediaDescription& offered,
                                                            const LocalSecurity& local,
                                                            const Endpoint& address);

/// What their answer makes of our offered m-line; none: it is not to be accepted.
[[nodiscard]] std::optional<SecurityTerms> accept_security(const MediaDescription& offered,
                                                           const MediaDescription& answered,
                                                           const LocalSecurity& local);

/// Which ways of protection an offer leaves us, whatever our policy is.
struct OfferedSecurity {
  bool plain = false, srtp = false;
};
[[nodiscard]] OfferedSecurity offered_security(const SessionDescription& offer);

}  // namespace cord::sip
