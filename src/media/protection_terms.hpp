// How the packets of a stream are protected, and how its far end is found: what was agreed in SDP,
// as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "media/srtp.hpp"

namespace cord::media {

using CertificateDigest = std::array<std::uint8_t, 32>;  ///< SHA-256

/// Keys of both directions.
struct SrtpKeys {
  SrtpKey local, remote;
  friend bool operator==(const SrtpKeys&, const SrtpKeys&) = default;
};

/// Keys come from a handshake.
struct DtlsTerms {
  CertificateDigest remote{};  ///< what their certificate must have
  bool is_client = false;      ///< we begin
};

/// Credentials of ICE, RFC 8445: ours, and who they are.
struct IceTerms {
  std::string local_ufrag, local_pwd, remote_ufrag;
  friend bool operator==(const IceTerms&, const IceTerms&) = default;
};

/// Nothing at all: plain RTP.
struct ProtectionTerms {
  std::optional<SrtpKeys> keys{};  ///< agreed in SDP (SDES)
  std::optional<DtlsTerms> dtls{};
  std::optional<IceTerms> ice{};
  bool rtcp_mux = false;  ///< RTCP comes and goes through the RTP port, RFC 5761
};

}  // namespace cord::media
