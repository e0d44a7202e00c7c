#include "sip/media_security.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cord::sip {
namespace {

constexpr std::string_view plain_profile = "RTP/AVP";
constexpr std::string_view sdes_profile = "RTP/SAVP";
constexpr std::string_view dtls_profile = "UDP/TLS/RTP/SAVPF";
// Of a host candidate of the best local preference, component 1: RFC 8445 §5.1.2.1.
constexpr std::uint32_t host_priority = (126U << 24) | (65'535U << 8) | 255U;

bool is_sdes(const MediaDescription& media) {
  return media.protocol == sdes_profile || media.protocol == "RTP/SAVPF";
}

bool is_dtls(const MediaDescription& media) {
  return media.protocol == dtls_profile || media.protocol == "UDP/TLS/RTP/SAVP";
}

bool has_ice(const MediaSecurity& it) {
  return !it.ice_ufrag.empty() && !it.ice_pwd.empty() && it.rtcp_mux;
}

void add_ice(MediaSecurity& out, const LocalSecurity& local, const Endpoint& address) {
  out.ice_ufrag = local.ice_ufrag;
  out.ice_pwd = local.ice_pwd;
  out.candidates = {fmt::format("1 1 UDP {} {} {} typ host", host_priority,
                                print_ipv4(address.address), address.port)};
}

std::optional<SecurityAnswer> answer_sdes(const MediaDescription& offered,
                                          const LocalSecurity& local) {
  if (offered.security.crypto.empty()) return std::nullopt;
  const CryptoLine& theirs = offered.security.crypto.front();
  CryptoLine ours{.tag = theirs.tag, .suite = theirs.suite, .key = local.key};
  std::fill(ours.key.begin() + static_cast<std::ptrdiff_t>(key_bytes(ours.suite)), ours.key.end(),
            std::uint8_t{0});
  SecurityAnswer answer;
  answer.ours.crypto = {ours};
  answer.terms.sdes = SdesTerms{.suite = ours.suite, .local = ours.key, .remote = theirs.key};
  return answer;
}

std::optional<SecurityAnswer> answer_dtls(const MediaDescription& offered,
                                          const LocalSecurity& local, const Endpoint& address) {
  const MediaSecurity& theirs = offered.security;
  if (!theirs.fingerprint || !local.fingerprint) return std::nullopt;
  const bool is_client = theirs.setup == Setup::passive;
  SecurityAnswer answer;
  answer.ours.fingerprint = local.fingerprint;
  answer.ours.setup = is_client ? Setup::active : Setup::passive;
  answer.ours.rtcp_mux = theirs.rtcp_mux;
  answer.terms.dtls = DtlsTerms{.remote = *theirs.fingerprint, .is_client = is_client};
  answer.terms.rtcp_mux = theirs.rtcp_mux;
  if (has_ice(theirs) && !local.ice_pwd.empty()) {
    add_ice(answer.ours, local, address);
    answer.terms.ice_remote_ufrag = theirs.ice_ufrag;
  }
  return answer;
}

}  // namespace

void offer_security(MediaDescription& media, const MediaDescription* last,
                    const LocalSecurity& local, const Endpoint& address) {
  if (last != nullptr) {
    media.protocol = last->protocol;
    media.security = last->security;
    // Who offers leaves the roles open, RFC 8842 §5.5; the association stays.
    if (media.security.setup) media.security.setup = Setup::actpass;
    return;
  }
  media.protocol = plain_profile;
  if (local.policy == SrtpPolicy::off) return;
  if (local.policy == SrtpPolicy::required && local.offers_dtls && local.fingerprint) {
    media.protocol = dtls_profile;
    media.security.fingerprint = local.fingerprint;
    media.security.setup = Setup::actpass;
    media.security.rtcp_mux = true;
    if (!local.ice_pwd.empty()) add_ice(media.security, local, address);
    return;
  }
  if (local.policy == SrtpPolicy::required) media.protocol = sdes_profile;
  media.security.crypto = {CryptoLine{.key = local.key}};
}

std::optional<SecurityAnswer> answer_security(const MediaDescription& offered,
                                              const LocalSecurity& local, const Endpoint& address) {
  const bool may_protect = local.policy != SrtpPolicy::off;
  std::optional<SecurityAnswer> answer;
  if (is_dtls(offered) && may_protect) answer = answer_dtls(offered, local, address);
  if (is_sdes(offered) && may_protect) answer = answer_sdes(offered, local);
  if (offered.protocol == plain_profile) {
    if (may_protect) answer = answer_sdes(offered, local);
    if (!answer && local.policy != SrtpPolicy::required) answer = SecurityAnswer{};
  }
  if (answer) answer->ours.mid = offered.security.mid;
  return answer;
}

std::optional<SecurityTerms> accept_security(const MediaDescription& offered,
                                             const MediaDescription& answered,
                                             const LocalSecurity& local) {
  const MediaSecurity& ours = offered.security;
  const MediaSecurity& theirs = answered.security;
  SecurityTerms terms;
  if (answered.protocol != offered.protocol) return std::nullopt;
  if (is_dtls(offered)) {
    if (!theirs.fingerprint) return std::nullopt;
    const bool is_client = theirs.setup == Setup::passive;
    terms.dtls = DtlsTerms{.remote = *theirs.fingerprint, .is_client = is_client};
    terms.rtcp_mux = ours.rtcp_mux && theirs.rtcp_mux;
    if (has_ice(theirs) && has_ice(ours)) terms.ice_remote_ufrag = theirs.ice_ufrag;
    return terms;
  }
  for (const CryptoLine& line : theirs.crypto) {
    for (const CryptoLine& mine : ours.crypto) {
      if (line.tag != mine.tag || line.suite != mine.suite || terms.sdes) continue;
      terms.sdes = SdesTerms{.suite = mine.suite, .local = mine.key, .remote = line.key};
    }
  }
  if (terms.sdes) return terms;
  const bool may_be_plain =
      offered.protocol == plain_profile && local.policy != SrtpPolicy::required;
  return may_be_plain ? std::optional(terms) : std::nullopt;
}

OfferedSecurity offered_security(const SessionDescription& offer) {
  OfferedSecurity out;
  for (const MediaDescription& media : offer.media) {
    if (media.media != "audio" || media.port == 0) continue;
    const bool has_keys = !media.security.crypto.empty();
    out.plain = out.plain || media.protocol == plain_profile;
    out.srtp = out.srtp || (has_keys && (is_sdes(media) || media.protocol == plain_profile)) ||
               (is_dtls(media) && media.security.fingerprint);
  }
  return out;
}

}  // namespace cord::sip
