// What the user agent says, and the SIP side of serving callers and calling phones.
#include <algorithm>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

core::Cause cause_of(sip::EndCause cause) {
  switch (cause) {
    case sip::EndCause::request:
      return core::Cause::request;
    case sip::EndCause::remote:
      return core::Cause::remote;
    case sip::EndCause::busy:
      return core::Cause::busy;
    case sip::EndCause::rejected:
      return core::Cause::rejected;
    case sip::EndCause::unreachable:
      return core::Cause::unreachable;
    case sip::EndCause::timeout:
      return core::Cause::timeout;
    case sip::EndCause::failed:
      return core::Cause::failed;
  }
  return core::Cause::failed;
}

// RFC 3323 §4.1.1.3 and what carriers send besides.
bool is_anonymous(const sip::NameAddr& who) {
  return sip::equals_ignoring_case(who.uri.user, "anonymous") ||
         sip::equals_ignoring_case(who.uri.host, "anonymous.invalid");
}

}  // namespace

void SipDriver::Impl::take(sip::SendBytes& it, Instant) {
  outside_.transport.send(it.flow, std::move(it.bytes));
}

void SipDriver::Impl::take(const sip::CallOffered& it, Instant now) {
  const auto trunk = trunks_.of(it.flow);
  // The right address, but not over TLS.
  if (!trunk) return agent_.hang_up(it.call, now, 403);
  const sip::SrtpPolicy policy = trunks_.at(*trunk).srtp;
  if (refuses(it, policy)) {
    outside_.log.info(
        "leg.refused",
        {{"call_id", it.call_id}, {"peer", sip::print(it.flow.remote)}, {"why", "srtp"}});
    return agent_.hang_up(it.call, now, 488);
  }
  if (!speaks(trunks_.at(*trunk), it)) return agent_.hang_up(it.call, now, 488);
  Leg* replaced = it.replaces ? find_by_call(it.replaces) : nullptr;
  if (it.replaces && replaced == nullptr) return agent_.hang_up(it.call, now, 481);
  // Who takes the place of a call of the same trunk is no further one.
  const bool is_counted = replaced != nullptr && replaced->trunk == trunk;
  if (!is_counted && !trunks_.admit(*trunk, now)) return agent_.hang_up(it.call, now, 503);
  if (replaced != nullptr) {
    if (replaced->trunk && !is_counted) trunks_.release(*replaced->trunk);
    replaced->trunk = trunk;
    replaced->srtp = policy;
    return replace_call(*replaced, it, now);
  }
  Leg& leg = add_leg({core::inbound_leg_bit | ++last_inbound_}, true);
  leg.call = it.call;
  leg.trunk = *trunk;
  leg.srtp = policy;
  if (!answer_codecs(leg, it)) {
    trunks_.release(*trunk);
    legs_.erase(leg.id);
    return agent_.hang_up(it.call, now, 503);
  }
  by_call_[it.call] = leg.id;
  const sip::NameAddr& who = it.asserted ? *it.asserted : it.from;
  const bool is_withheld = it.wants_privacy || is_anonymous(who);
  leg.name = is_withheld ? "anonymous" : who.uri.user_text();
  outside_.log.info(
      "leg.arrived",
      {{"leg", leg.id}, {"call_id", it.call_id}, {"peer", sip::print(it.flow.remote)}});
  report(
      core::CallArrived{.leg = leg.id,
                        .called = rewrite(trunks_.at(*trunk).rewrite_called, it.target.user_text()),
                        .caller = is_withheld ? std::string() : who.uri.user_text(),
                        .caller_name = is_withheld ? std::string() : who.display,
                        .call_id = it.call_id});
}

// The leg goes on with another far end: its stream, and who is connected with it, stay. Its keys
// do not, which the one before knows.
void SipDriver::Impl::replace_call(Leg& leg, const sip::CallOffered& it, Instant now) {
  outside_.log.info(
      "leg.replaced",
      {{"leg", leg.id}, {"call_id", it.call_id}, {"peer", sip::print(it.flow.remote)}});
  if (!answer_codecs(leg, it)) return agent_.hang_up(it.call, now, 503);
  const bool keeps_codec = leg.media && std::find(leg.codecs.begin(), leg.codecs.end(),
                                                  leg.media->codec) != leg.codecs.end();
  if (keeps_codec) leg.local.codecs = {leg.media->codec};
  give_keys(leg);
  const sip::CallHandle old = std::exchange(leg.call, it.call);
  by_call_.erase(old);
  by_call_[it.call] = leg.id;
  agent_.answer(it.call, leg.local, now);
  agent_.hang_up(old, now);
}

void SipDriver::Impl::take(const sip::CallRinging& it, Instant) {
  Leg* leg = find_by_call(it.call);
  if (leg == nullptr) return;
  leg->has_rung = true;
  report(core::LegRinging{leg->id});
}

void SipDriver::Impl::take(const sip::CallAnswered& it, Instant now) {
  Leg* leg = find_by_call(it.call);
  if (leg == nullptr) return;
  leg->phase = LegPhase::up;
  leg->plan.reset();
  leg->targets.clear();
  configure(*leg, now);
  set_source(*leg, media::Source::silence, now);
  if (leg->phase != LegPhase::up) return;
  report(core::LegAnswered{leg->id});
  tell_hold(*leg);
}

void SipDriver::Impl::take(const sip::MediaAgreed& it, Instant now) {
  Leg* leg = find_by_call(it.call);
  if (leg == nullptr) return;
  sip::Negotiated media = it.media;
  // Who holds us may give no address (0.0.0.0); the last one keeps the latch where it was.
  if (!media.may_send && leg->media) media.remote = leg->media->remote;
  leg->media = media;
  note_codecs(*leg, now);
  if (leg->phase == LegPhase::calling) return;  // CallAnswered is the next output.
  configure(*leg, now);
  tell_hold(*leg);
}

// One told by SIP is one told in RTP.
void SipDriver::Impl::take(const sip::KeyPressed& it, Instant now) {
  const Leg* leg = find_by_call(it.call);
  if (leg != nullptr) take(media::DtmfReceived{leg->stream, it.event}, now);
}

void SipDriver::Impl::take(const sip::ReinviteEnded&, Instant) {}

void SipDriver::Impl::take(const sip::CallEnded& it, Instant now) {
  Leg* leg = find_by_call(it.call);
  if (leg == nullptr) return;
  if (it.cause == sip::EndCause::request && leg->ordered_cause) {
    return end_leg(*leg, *leg->ordered_cause, leg->ordered_detail, now);
  }
  if (!call_another(*leg, it, now)) end_leg(*leg, cause_of(it.cause), it.detail, now);
}

// The hold key of an agent's phone. What a customer's side does is only answered.
void SipDriver::Impl::tell_hold(Leg& leg) {
  if (!leg.is_phone() || leg.phase != LegPhase::up || !leg.media) return;
  const bool is_held = !leg.media->may_send;
  if (is_held == std::exchange(leg.is_held_by_phone, is_held)) return;
  if (is_held) {
    report(core::LegHeldByPhone{leg.id});
  } else {
    report(core::LegRetrievedByPhone{leg.id});
  }
}

// Brings an inbound leg to what was ordered for it, as far as its stream allows.
void SipDriver::Impl::serve_caller(Leg& leg, Instant now) {
  if (!operations_.contains(leg.bridge)) leg.bridge = {};  // The phone has gone meanwhile.
  const bool needs_stream = leg.bridge || leg.waiting != core::Waiting::ringing;
  if (!needs_stream) return agent_.ring(leg.call, now);
  if (leg.stream_phase == StreamPhase::none) return open_stream(leg, now);
  if (leg.stream_phase == StreamPhase::opening) return;
  if (leg.bridge) {
    const OperationId id = std::exchange(leg.bridge, {});
    const core::LegId customer_id = leg.id;
    Leg* agent = find_up(operations_.at(id).agent);
    if (leg.phase == LegPhase::arriving) {
      if (agent != nullptr) prefer_codec(leg, *agent);
      answer_caller(leg, now);
    }
    // The answer may have ended the leg.
    Leg* customer = find_up(customer_id);
    if (customer != nullptr && agent != nullptr) join(*customer, *agent, id, now);
    return;
  }
  if (leg.phase == LegPhase::up) return;
  if (leg.waiting == core::Waiting::music) {
    set_source(leg, media::Source::music, now);
    return answer_caller(leg, now);
  }
  agent_.progress(leg.call, leg.local, now);
  set_source(leg, media::Source::ringback, now);
}

void SipDriver::Impl::answer_caller(Leg& leg, Instant now) {
  leg.phase = LegPhase::up;
  const bool had_early_media = leg.media.has_value();
  agent_.answer(leg.call, leg.local, now);
  if (had_early_media) configure(leg, now);
  settle(now);
}

}  // namespace cord::drivers
