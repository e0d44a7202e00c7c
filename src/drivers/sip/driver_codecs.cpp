// What legs speak: as the trunk or the phone wants it, the same for two who talk if that can be,
// and G.711 for whom nothing else can be afforded.
#include <algorithm>
#include <iterator>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

bool needs_coder(const std::vector<sip::Codec>& codecs) {
  return !std::all_of(codecs.begin(), codecs.end(), sip::is_g711);
}

bool has(const std::vector<sip::Codec>& codecs, sip::Codec codec) {
  return std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

// Our order, of what both have.
std::vector<sip::Codec> common(const std::vector<sip::Codec>& ours,
                               const std::vector<sip::Codec>& theirs) {
  std::vector<sip::Codec> both;
  std::copy_if(ours.begin(), ours.end(), std::back_inserter(both),
               [&](sip::Codec it) { return has(theirs, it); });
  return both;
}

}  // namespace

bool SipDriver::Impl::speaks(const Trunk& trunk, const sip::CallOffered& it) const {
  return !common(trunk.codecs, it.codecs).empty();
}

bool SipDriver::Impl::take_coder(Leg& leg) {
  if (leg.has_coder) return true;
  if (coded_legs_ >= config_.coded_legs_max) return false;
  leg.has_coder = true;
  metrics_.coded_legs.set(static_cast<std::int64_t>(++coded_legs_));
  return true;
}

void SipDriver::Impl::release_coder(Leg& leg) {
  if (!std::exchange(leg.has_coder, false)) return;
  metrics_.coded_legs.set(static_cast<std::int64_t>(--coded_legs_));
}

// Takes out of what will be offered or answered what cannot be afforded. False: nothing is left.
bool SipDriver::Impl::limit_codecs(Leg& leg) {
  if (!needs_coder(leg.local.codecs) || take_coder(leg)) return true;
  metrics_.coders_refused.add();
  leg.local.codecs = leg.codecs;
  std::erase_if(leg.local.codecs, [](sip::Codec it) { return !sip::is_g711(it); });
  return !leg.local.codecs.empty();
}

// What a caller will be answered: what is most wanted of its offer. Of the two laws of G.711 one is
// as good as the other: the caller's order counts (RFC 3264 §6.1). False: nothing can be afforded.
bool SipDriver::Impl::answer_codecs(Leg& leg, const sip::CallOffered& it) {
  leg.codecs = common(trunks_.at(*leg.trunk).codecs, it.codecs);
  leg.local.codecs = leg.codecs;
  const bool is_offer_ours = !it.security;
  if (!is_offer_ours) {
    const sip::Codec best = leg.codecs.front();
    std::erase_if(leg.local.codecs, [&](sip::Codec other) {
      return other != best && !(sip::is_g711(other) && sip::is_g711(best));
    });
  }
  return limit_codecs(leg);
}

// Two legs of one codec need no transcoding. What was answered already stays.
void SipDriver::Impl::prefer_codec(Leg& leg, const Leg& other) {
  if (leg.media || !other.media || !has(leg.codecs, other.media->codec)) return;
  if (sip::is_g711(other.media->codec) || take_coder(leg)) leg.local.codecs = {other.media->codec};
}

// After an offer and its answer. Only who asks for more in a later one can find no room then.
void SipDriver::Impl::note_codecs(Leg& leg, Instant now) {
  const bool is_coded = leg.media->opus_payload_type != 0 || leg.media->has_g722;
  if (!is_coded) return release_coder(leg);
  if (!take_coder(leg)) hang_up(leg, core::Cause::failed, no_coder, now);
}

}  // namespace cord::drivers
