#include "sip/browser_offer.hpp"

#include <algorithm>
#include <string_view>

#include "sip/invite_session.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view where_offer = "sip.browser_offer";
constexpr std::string_view noise_format = "13";
constexpr std::string_view browser_profile = "UDP/TLS/RTP/SAVPF";

const MediaDescription* audio_of(const SessionDescription& offer) {
  const auto found =
      std::find_if(offer.media.begin(), offer.media.end(),
                   [](const MediaDescription& it) { return it.media == "audio" && it.port != 0; });
  return found == offer.media.end() ? nullptr : &*found;
}

}  // namespace

Result<void> check_browser_offer(const SessionDescription& offer,
                                 const std::vector<Codec>& codecs) {
  const auto missing = [](std::string_view what) {
    return refuse(Errc::unsupported, where_offer, what);
  };
  const MediaDescription* audio = audio_of(offer);
  if (audio == nullptr) return missing("the offer has no audio; one m=audio line is needed");
  if (audio->protocol != browser_profile) {
    return missing("the audio is not UDP/TLS/RTP/SAVPF; nothing else is allowed");
  }
  const MediaSecurity& security = audio->security;
  if (!security.fingerprint) return missing("the audio has no a=fingerprint:sha-256");
  if (security.ice_ufrag.empty() || security.ice_pwd.empty()) {
    return missing("the audio has no a=ice-ufrag and a=ice-pwd");
  }
  if (!security.rtcp_mux) return missing("the audio has no a=rtcp-mux");
  const std::vector<Codec> offered = common_codecs(offer);
  const bool has_ours = std::any_of(codecs.begin(), codecs.end(), [&](Codec it) {
    return std::find(offered.begin(), offered.end(), it) != offered.end();
  });
  if (has_ours) return {};
  return missing(
      "the audio has no codec of ours; allowed are the agent's codecs, of opus, PCMU, "
      "PCMA and G722");
}

void leave_out_noise(SessionDescription& offer) {
  for (MediaDescription& media : offer.media) {
    // RFC 3264 §5.1: an m-line names one format at least.
    if (media.formats.size() > 1) std::erase(media.formats, noise_format);
  }
}

std::string ice_ufrag_of(const SessionDescription& offer) {
  const MediaDescription* audio = audio_of(offer);
  return audio == nullptr ? std::string() : audio->security.ice_ufrag;
}

}  // namespace cord::sip
