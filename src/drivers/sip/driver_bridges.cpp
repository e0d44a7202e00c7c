// Who is connected with whom, and what each of them hears: leg.hpp says how the two follow from
// each other.
#include <algorithm>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

using FailedOrder = core::LegOrderFailed::Order;

constexpr const char* overloaded = "the media plane is overloaded";

}  // namespace

// Who holds the other hears nothing, who is held hears music: also if each holds the other. Who has
// left for somebody else holds, too.
media::SetSource SipDriver::Impl::heard_by(const Leg& leg) {
  if (leg.rings) return {0, leg.stream, media::Source::ringback, {}};
  const Leg* peer = find_up(leg.peer);
  if (peer == nullptr) {
    return {0, leg.stream, leg.is_phone() ? media::Source::silence : media::Source::music, {}};
  }
  if (peer->peer != leg.id || peer->holds) return {0, leg.stream, media::Source::music, {}};
  if (leg.holds) return {0, leg.stream, media::Source::silence, {}};
  return {0, leg.stream, media::Source::peer, peer->stream};
}

void SipDriver::Impl::tell_source(Leg& leg, Instant now) {
  if (leg.phase == LegPhase::closing || leg.stream_phase != StreamPhase::open) return;
  if (!desk_.tell(heard_by(leg))) hang_up(leg, core::Cause::failed, overloaded, now);
}

void SipDriver::Impl::connect(Leg& leg, core::LegId peer) {
  if (Leg* left = find(leg.peer)) std::erase(left->wanted_by, leg.id);
  leg.peer = peer;
  leg.holds = false;
  if (Leg* found = find(peer)) found->wanted_by.push_back(leg.id);
}

// Nobody is connected with `leg` any more. What it hears itself is left to the caller.
void SipDriver::Impl::leave(Leg& leg, Instant now) {
  connect(leg, {});
  leg.rings = false;
  const std::vector<core::LegId> left = std::exchange(leg.wanted_by, {});
  for (const core::LegId id : left) {
    Leg* other = find(id);
    if (other == nullptr) continue;
    other->peer = {};
    other->holds = false;
    ++other->turn;
    tell_source(*other, now);
  }
}

// Notes how the two were, for undo(), and whom it concerns.
std::vector<core::LegId> SipDriver::Impl::begin_change(OperationId id, Leg& customer, Leg& agent) {
  std::vector<core::LegId> concerned{customer.id, agent.id};
  for (Leg* leg : {&customer, &agent}) {
    ++leg->turn;
    operations_.at(id).before.push_back({leg->id, leg->peer, leg->holds, leg->turn});
    const bool is_new = std::find(concerned.begin(), concerned.end(), leg->peer) == concerned.end();
    if (leg->peer && is_new) concerned.push_back(leg->peer);
  }
  return concerned;
}

void SipDriver::Impl::refresh(const std::vector<core::LegId>& concerned, OperationId id,
                              Instant now) {
  // What is asked first may end a leg.
  std::vector<media::SetSource> orders;
  for (const core::LegId leg : concerned) {
    if (const Leg* found = find_up(leg)) orders.push_back(heard_by(*found));
  }
  for (const media::SetSource& order : orders) ask_for(id, order, now);
}

void SipDriver::Impl::join(Leg& customer, Leg& agent, OperationId id, Instant now) {
  const auto concerned = begin_change(id, customer, agent);
  customer.rings = agent.rings = false;
  connect(customer, agent.id);
  connect(agent, customer.id);
  refresh(concerned, id, now);
}

void SipDriver::Impl::run(const core::HoldLeg& it, Instant now) {
  Leg* customer = find_up(it.customer);
  Leg* agent = find_up(it.agent);
  if (customer == nullptr || agent == nullptr || agent->peer != customer->id) {
    return fail_order(FailedOrder::hold, it.agent, "the legs are not bridged");
  }
  const OperationId id = add_operation(FailedOrder::hold, it.customer, it.agent);
  const auto concerned = begin_change(id, *customer, *agent);
  agent->holds = true;
  refresh(concerned, id, now);
}

void SipDriver::Impl::run(const core::RetrieveLeg& it, Instant now) {
  Leg* customer = find_up(it.customer);
  Leg* agent = find_up(it.agent);
  if (customer == nullptr || agent == nullptr || customer->peer != agent->id) {
    return fail_order(FailedOrder::retrieve, it.agent, "the legs are not bridged");
  }
  const OperationId id = add_operation(FailedOrder::retrieve, it.customer, it.agent);
  const auto concerned = begin_change(id, *customer, *agent);
  agent->rings = false;
  connect(*agent, customer->id);
  refresh(concerned, id, now);
}

void SipDriver::Impl::run(const core::ParkLeg& it, Instant now) {
  Leg* leg = find_up(it.leg);
  if (leg == nullptr) return;
  leave(*leg, now);
  ++leg->turn;
  tell_source(*leg, now);
  if (!desk_.tell(media::SetMuted{0, leg->stream, false})) {
    hang_up(*leg, core::Cause::failed, overloaded, now);
  }
}

void SipDriver::Impl::run(const core::PlayRinging& it, Instant now) {
  Leg* leg = find_up(it.leg);
  if (leg == nullptr) return;
  leg->rings = true;
  tell_source(*leg, now);
}

void SipDriver::Impl::run(const core::StopRinging& it, Instant now) {
  Leg* leg = find_up(it.leg);
  if (leg == nullptr) return;
  leg->rings = false;
  tell_source(*leg, now);
}

// A failed order leaves the legs as they were: what the plane may have done of it is taken back, as
// far as it still listens. What has been ordered since then stays.
void SipDriver::Impl::undo(const Operation& failed) {
  if (failed.order == FailedOrder::mute || failed.order == FailedOrder::unmute) {
    const bool was_muted = failed.order == FailedOrder::unmute;
    if (const Leg* agent = find_up(failed.agent)) {
      (void)desk_.tell(media::SetMuted{0, agent->stream, was_muted});
    }
    return;
  }
  std::vector<core::LegId> concerned;
  for (const Connection& before : failed.before) {
    Leg* leg = find(before.leg);
    if (leg == nullptr || leg->turn != before.turn) continue;
    concerned.insert(concerned.end(), {leg->id, leg->peer, before.peer});
    connect(*leg, find(before.peer) == nullptr ? core::LegId{} : before.peer);
    leg->holds = before.holds;
  }
  for (const core::LegId id : concerned) {
    if (const Leg* leg = find_up(id)) (void)desk_.tell(heard_by(*leg));
  }
}

}  // namespace cord::drivers
