// What the core orders: core/effects.hpp.
#include <algorithm>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {

using FailedOrder = core::LegOrderFailed::Order;

void SipDriver::Impl::execute(const core::Effect& order, Instant now) {
  std::visit([&](const auto& it) { run(it, now); }, order);
  settle(now);
}

void SipDriver::Impl::run(const core::OriginateLeg& it, Instant now) {
  if (find(it.leg) != nullptr) return;
  Leg& leg = add_leg(it.leg, false);
  const Phone& phone = phone_at(it.to);
  leg.srtp = phone.srtp;
  leg.codecs = phone.codecs;
  originate(leg, it, now);
}

void SipDriver::Impl::run(const core::DialLeg& it, Instant now) {
  if (find(it.leg) != nullptr) return;
  Leg& leg = add_leg(it.leg, false);
  leg.is_dialled = true;
  const auto trunk = trunks_.find(it.trunk);
  if (!trunk || trunks_.at(*trunk).peers.empty()) {
    return end_leg(leg, core::Cause::unreachable, "no such trunk: " + it.trunk, now);
  }
  if (!trunks_.admit(*trunk, now)) {
    return end_leg(leg, core::Cause::failed, "too many calls on trunk " + it.trunk, now);
  }
  leg.trunk = *trunk;
  leg.srtp = trunks_.at(*trunk).srtp;
  leg.codecs = trunks_.at(*trunk).codecs;
  const std::string number = rewrite(trunks_.at(*trunk).rewrite_dialled, it.number);
  originate(leg,
            {.leg = it.leg,
             .to = sip::print(sip::sip_uri(number, "trunk.invalid")),
             .caller = it.caller,
             .caller_name = it.caller_name,
             .auto_answer = false,
             .ring_max = it.ring_max},
            now);
}

// The call follows when there is a stream for it.
void SipDriver::Impl::originate(Leg& leg, core::OriginateLeg plan, Instant now) {
  if (legs_.size() > config_.legs_max) {
    return end_leg(leg, core::Cause::failed, "too many legs", now);
  }
  const auto to = sip::parse_uri(plan.to);
  if (!to || !to->is_sip()) {
    return end_leg(leg, core::Cause::unreachable, "not a SIP URI: " + plan.to, now);
  }
  leg.local.codecs = leg.codecs;
  if (!limit_codecs(leg)) return end_leg(leg, core::Cause::failed, no_coder, now);
  leg.name = to->user_text();
  leg.ring_over = now + plan.ring_max;
  leg.plan = std::move(plan);
  open_stream(leg, now);
}

void SipDriver::Impl::run(const core::BridgeLegs& it, Instant now) {
  Leg* customer = find(it.customer);
  const bool is_there = customer != nullptr && customer->phase != LegPhase::closing &&
                        customer->phase != LegPhase::calling;
  if (!is_there) return fail_order(FailedOrder::bridge, it.agent, "the far end has gone");
  if (find_up(it.agent) == nullptr) {
    return fail_order(FailedOrder::bridge, it.agent, "the phone is not there");
  }
  const OperationId id = add_operation(FailedOrder::bridge, it.customer, it.agent);
  if (!customer->is_inbound) return join(*customer, *find_up(it.agent), id, now);
  if (customer->bridge) fail_operation(customer->bridge, "replaced by another order");
  customer->bridge = id;
  serve_caller(*customer, now);
}

void SipDriver::Impl::run(const core::MuteLeg& it, Instant now) {
  mute(it.agent, true, now);
}

void SipDriver::Impl::run(const core::UnmuteLeg& it, Instant now) {
  mute(it.agent, false, now);
}

void SipDriver::Impl::run(const core::PauseRecording& it, Instant now) {
  control_recorder(it.recording, AwaitedReply::Kind::pause, it.by, now);
}

void SipDriver::Impl::run(const core::ResumeRecording& it, Instant now) {
  control_recorder(it.recording, AwaitedReply::Kind::resume, it.by, now);
}

void SipDriver::Impl::run(const core::StopRecording& it, Instant now) {
  conference_recordings_.erase(it.recording);
  control_recorder(it.recording, AwaitedReply::Kind::stop, it.by, now);
}

}  // namespace cord::drivers
