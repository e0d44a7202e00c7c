// Who has to be protected, with which keys, and what becomes of it.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"
#include "media/srtp_crypto.hpp"

namespace cord::drivers {
namespace {

// RFC 8839 §5.4: at least 24 bits of user name and 128 of password, 6 bits a character.
constexpr std::size_t ice_ufrag_characters = 8, ice_pwd_characters = 24;

std::string ice_secret(std::size_t characters) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out(characters, 'A');
  std::array<std::uint8_t, ice_pwd_characters> random{};
  media::fill_with_secrets(std::span(random).first(characters));
  for (std::size_t i = 0; i < characters; ++i) out[i] = alphabet[random[i] & 63U];
  return out;
}

media::SrtpSuite suite_of(sip::CryptoSuite suite) {
  switch (suite) {
    case sip::CryptoSuite::aes_cm_128_hmac_sha1_80:
      return media::SrtpSuite::aes_cm_128_hmac_sha1_80;
    case sip::CryptoSuite::aes_cm_128_hmac_sha1_32:
      return media::SrtpSuite::aes_cm_128_hmac_sha1_32;
    case sip::CryptoSuite::aead_aes_128_gcm:
      break;
  }
  return media::SrtpSuite::aead_aes_128_gcm;
}

media::SrtpKey key_of(sip::CryptoSuite suite, const sip::KeyAndSalt& bytes) {
  media::SrtpKey key{.suite = suite_of(suite)};
  std::copy_n(bytes.begin(), key.key.size(), key.key.begin());
  std::copy_n(bytes.begin() + key.key.size(), media::srtp_salt_bytes(key.suite), key.salt.begin());
  return key;
}

media::ProtectionTerms terms_of(const sip::SecurityTerms& agreed, const sip::LocalSecurity& ours) {
  media::ProtectionTerms terms{.rtcp_mux = agreed.rtcp_mux};
  if (agreed.sdes) {
    terms.keys = media::SrtpKeys{key_of(agreed.sdes->suite, agreed.sdes->local),
                                 key_of(agreed.sdes->suite, agreed.sdes->remote)};
  }
  if (agreed.dtls) terms.dtls = media::DtlsTerms{agreed.dtls->remote, agreed.dtls->is_client};
  if (!agreed.ice_remote_ufrag.empty()) {
    terms.ice = media::IceTerms{ours.ice_ufrag, ours.ice_pwd, agreed.ice_remote_ufrag};
  }
  return terms;
}

std::string_view name_of(const sip::SecurityTerms& agreed) {
  if (agreed.sdes) return sip::to_text(agreed.sdes->suite);
  return agreed.dtls ? "DTLS" : "none";
}

}  // namespace

const Phone& SipDriver::Impl::phone_at(const std::string& uri) const {
  static const Phone other;
  const auto found = std::find_if(config_.phones.begin(), config_.phones.end(),
                                  [&](const Phone& phone) { return phone.uri == uri; });
  return found == config_.phones.end() ? other : *found;
}

// An offer that its trunk's policy forbids is refused before anybody's phone rings.
bool SipDriver::Impl::refuses(const sip::CallOffered& it, sip::SrtpPolicy policy) const {
  if (!it.security) return false;
  if (policy == sip::SrtpPolicy::required) return !it.security->srtp;
  return policy == sip::SrtpPolicy::off && !it.security->plain;
}

void SipDriver::Impl::give_keys(Leg& leg) const {
  sip::LocalSecurity& ours = leg.local.security;
  ours.policy = leg.srtp;
  if (ours.policy == sip::SrtpPolicy::off) return;
  media::fill_with_secrets(ours.key);
  ours.fingerprint = outside_.fingerprint;
  ours.ice_ufrag = ice_secret(ice_ufrag_characters);
  ours.ice_pwd = ice_secret(ice_pwd_characters);
}

// False: the plane is overloaded. Keys go before the address, so that no packet goes out without.
bool SipDriver::Impl::protect(Leg& leg) {
  const sip::SecurityTerms& agreed = leg.media->security;
  if (leg.protection == agreed) return true;
  if (!leg.protection && !agreed.is_protected()) return true;
  leg.protection = agreed;
  outside_.log.info(
      "leg.protected",
      {{"leg", leg.id}, {"by", name_of(agreed)}, {"ice", !agreed.ice_remote_ufrag.empty()}});
  return desk_.tell(media::SetProtection{0, leg.stream, terms_of(agreed, leg.local.security)});
}

void SipDriver::Impl::take(const media::ProtectionFailed& it, Instant now) {
  Leg* leg = find_by_stream(it.stream);
  if (leg == nullptr) return;
  // Another offer may do better.
  if (leg->browser && leg->phase == LegPhase::up) return browser_is_lost(*leg, it.reason);
  outside_.log.warn("leg.unprotected", {{"leg", leg->id}, {"why", it.reason}});
  hang_up(*leg, core::Cause::failed, "no keys: " + it.reason, now);
}

}  // namespace cord::drivers
