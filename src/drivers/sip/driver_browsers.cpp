// Agents whose browser is the phone: offers come from their desktops, through the core, and the way
// of the audio may become another one while the leg stays. ICE tells where it is, so what the SDP
// says of addresses is kept from the first offer.
#include <algorithm>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"
#include "sip/browser_offer.hpp"
#include "sip/invite_session.hpp"

namespace cord::drivers {

void SipDriver::Impl::run(const core::AnswerOffer& it, Instant now) {
  metrics_.offer_bytes.raise(static_cast<std::int64_t>(it.offer.size()));
  const auto refuse = [&](core::Cause cause, std::string why) {
    metrics_.offers_refused.add();
    report(core::OfferRefused{it.leg, it.channel, it.request, cause, std::move(why)});
  };
  if (!outside_.fingerprint) return refuse(core::Cause::failed, "this server has no certificate");
  if (it.offer.size() > config_.offer_bytes_max) {
    return refuse(core::Cause::rejected, "the offer is too long; allowed are 16384 bytes");
  }
  auto sdp = sip::parse_sdp(it.offer);
  if (!sdp) return refuse(core::Cause::rejected, "the offer is no SDP: " + sdp.error().detail);
  if (auto fits = sip::check_browser_offer(*sdp, phone_at(it.phone).codecs); !fits) {
    return refuse(core::Cause::rejected, fits.error().detail);
  }
  const bool has_ended = released_set_.contains(it.leg);
  Leg* leg = has_ended ? nullptr : find(it.leg);
  const bool is_closing = leg != nullptr && leg->phase == LegPhase::closing;
  if (has_ended || is_closing) return refuse(core::Cause::failed, "the connection has ended");
  if (leg == nullptr) leg = add_browser(it);
  if (leg == nullptr) return refuse(core::Cause::busy, "too many browsers have audio already");
  sip::leave_out_noise(*sdp);
  leg->browser->asked = PendingOffer{it.channel, it.request, std::move(*sdp)};
  if (leg->stream_phase == StreamPhase::none) return open_stream(*leg, now);
  if (leg->stream_phase == StreamPhase::open) answer_offer(*leg, now);
}

// Null: there are too many.
Leg* SipDriver::Impl::add_browser(const core::AnswerOffer& it) {
  const bool is_full =
      browser_legs_ >= config_.browser_legs_max || legs_.size() >= config_.legs_max;
  if (is_full) return nullptr;
  Leg& leg = add_leg(it.leg, false);
  leg.browser = Browser{.session = {.session_id = ids_.next() >> 8}};
  leg.srtp = sip::SrtpPolicy::required;
  leg.codecs = phone_at(it.phone).codecs;
  if (const auto phone = sip::parse_uri(it.phone)) leg.name = phone->user_text();
  metrics_.browser_legs.set(static_cast<std::int64_t>(++browser_legs_));
  return &leg;
}

// The stream is open. What cannot be answered leaves all as it was.
void SipDriver::Impl::answer_offer(Leg& leg, Instant now) {
  if (!leg.browser->asked) return;
  const PendingOffer asked = *std::exchange(leg.browser->asked, std::nullopt);
  const sip::LocalMedia before = leg.local;
  const bool is_same_way =
      leg.media && leg.media->security.ice_remote_ufrag == sip::ice_ufrag_of(asked.sdp);
  if (!is_same_way) give_keys(leg);
  const bool has_codec = take_offered_codecs(leg, asked.sdp);
  auto answer = has_codec ? sip::make_answer(leg.browser->session, asked.sdp, leg.local)
                          : Result<sip::Answer>(refuse(Errc::full, "sip.browser", no_coder));
  if (answer) return agree(leg, std::move(*answer), asked, now);
  leg.local = before;
  leg.browser->asked = asked;
  refuse_offer(leg, has_codec ? core::Cause::rejected : core::Cause::busy, answer.error().detail);
  if (leg.phase == LegPhase::calling) end_leg(leg, core::Cause::failed, "no answer", now);
}

// What it speaks already, else what is most wanted of its offer. False: that cannot be afforded.
bool SipDriver::Impl::take_offered_codecs(Leg& leg, const sip::SessionDescription& offer) {
  const std::vector<sip::Codec> offered = sip::common_codecs(offer);
  std::vector<sip::Codec> both = leg.codecs;
  std::erase_if(both, [&](sip::Codec it) {
    return std::find(offered.begin(), offered.end(), it) == offered.end();
  });
  if (both.empty()) return false;
  const bool keeps =
      leg.media && std::find(both.begin(), both.end(), leg.media->codec) != both.end();
  const sip::Codec best = keeps ? leg.media->codec : both.front();
  leg.local.codecs = {best};
  return limit_codecs(leg);
}

void SipDriver::Impl::agree(Leg& leg, sip::Answer answer, const PendingOffer& asked, Instant now) {
  const bool is_first = !leg.media;
  if (!is_first) answer.media.remote = leg.media->remote;
  leg.media = std::move(answer.media);
  note_codecs(leg, now);
  configure(leg, now);
  if (is_first) set_source(leg, media::Source::silence, now);
  if (leg.phase == LegPhase::closing) return;
  metrics_.offers_answered.add();
  outside_.log.info("browser.answered",
                    {{"leg", leg.id}, {"extension", leg.name}, {"again", !is_first}});
  report(core::OfferAnswered{leg.id, asked.channel, asked.request, sip::print(answer.sdp)});
}

void SipDriver::Impl::refuse_offer(Leg& leg, core::Cause cause, std::string detail) {
  const auto asked = std::exchange(leg.browser->asked, std::nullopt);
  if (!asked) return;
  metrics_.offers_refused.add();
  report(core::OfferRefused{leg.id, asked->channel, asked->request, cause, std::move(detail)});
}

// The leg ends.
void SipDriver::Impl::forget_browser(Leg& leg) {
  if (!leg.browser) return;
  refuse_offer(leg, core::Cause::failed, leg.detail);
  leg.browser.reset();
  metrics_.browser_legs.set(static_cast<std::int64_t>(--browser_legs_));
}

void SipDriver::Impl::browser_is_there(Leg& leg, Instant now) {
  if (leg.phase == LegPhase::calling) {
    leg.phase = LegPhase::up;
    configure(leg, now);
  }
  if (leg.phase != LegPhase::up) return;
  outside_.log.info("browser.connected", {{"leg", leg.id}});
  report(core::LegMediaUp{leg.id});
}

void SipDriver::Impl::browser_is_lost(Leg& leg, std::string_view why) {
  metrics_.browsers_lost.add();
  outside_.log.warn("browser.lost", {{"leg", leg.id}, {"why", why}});
  report(core::LegMediaLost{leg.id});
}

void SipDriver::Impl::take(const media::StreamProtected& it, Instant now) {
  Leg* leg = find_by_stream(it.stream);
  if (leg != nullptr && leg->browser) browser_is_there(*leg, now);
}

void SipDriver::Impl::take(const media::StreamHeard& it, Instant now) {
  Leg* leg = find_by_stream(it.stream);
  if (leg != nullptr && leg->browser) browser_is_there(*leg, now);
}

}  // namespace cord::drivers
