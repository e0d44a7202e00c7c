// Who is connected with whom, and what each of them hears: leg.hpp says how the two follow from
// each other.
#include <algorithm>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

using FailedOrder = core::LegOrderFailed::Order;

void add_new(std::vector<core::LegId>& all, core::LegId leg) {
  if (leg && std::find(all.begin(), all.end(), leg) == all.end()) all.push_back(leg);
}

void add_new(std::vector<core::LegId>& all, const std::vector<core::LegId>& more) {
  for (const core::LegId it : more) add_new(all, it);
}

bool is_in(const Leg& leg, core::CallId mix) {
  return leg.with.conference && leg.with.conference.call == mix;
}

}  // namespace

// --- What follows from who is with whom ---------------------------------------------------------

std::vector<core::LegId> SipDriver::Impl::members_of(ConferenceId conference) const {
  const auto found = conferences_.find(conference);
  return found == conferences_.end() ? std::vector<core::LegId>{} : found->second;
}

std::vector<core::LegId> SipDriver::Impl::partners_of(const Leg& leg) {
  std::vector<core::LegId> all;
  if (leg.with.holds) return all;
  std::vector<core::LegId> candidates = members_of(leg.with.conference);
  if (!leg.with.conference) candidates = {leg.with.peer};
  for (const core::LegId id : candidates) {
    const Leg* other = id == leg.id ? nullptr : find_up(id);
    if (other == nullptr || other->with.holds) continue;
    const bool is_here = leg.with.conference ? other->with.conference == leg.with.conference
                                             : other->with.peer == leg.id;
    if (is_here) all.push_back(id);
  }
  return all;
}

// Those who talk with it, and the supervisors it is to hear.
std::vector<core::LegId> SipDriver::Impl::voices_on(const Leg& leg) {
  std::vector<core::LegId> voices = partners_of(leg);
  std::vector<core::LegId> supervisors;
  const auto add = [&](const Leg& supervised, bool whispers_too) {
    for (const core::LegId id : supervised.supervised_by) {
      const Leg* supervisor = find_up(id);
      if (supervisor == nullptr || supervisor == &leg) continue;
      const core::MonitorMode mode = supervisor->with.mode;
      const bool is_heard =
          mode == core::MonitorMode::barge || (whispers_too && mode == core::MonitorMode::whisper);
      if (is_heard) supervisors.push_back(id);
    }
  };
  add(leg, true);
  for (const core::LegId id : voices) add(*find(id), false);
  add_new(voices, supervisors);
  return voices;
}

std::vector<core::LegId> SipDriver::Impl::voices_for(const Leg& leg) {
  const Leg* agent = find_up(leg.with.agent);
  if (agent == nullptr) return voices_on(leg);
  std::vector<core::LegId> voices{agent->id};
  add_new(voices, voices_on(*agent));
  std::erase(voices, leg.id);
  return voices;
}

// What is heard where nobody speaks.
media::Source SipDriver::Impl::background_of(const Leg& leg) {
  using media::Source;
  if (leg.with.conference) return leg.with.holds ? Source::silence : Source::music;
  const Leg* peer = find_up(leg.with.peer);
  if (peer == nullptr) return leg.is_phone() ? Source::silence : Source::music;
  return peer->with.peer != leg.id || peer->with.holds ? Source::music : Source::silence;
}

media::SetSource SipDriver::Impl::heard_by(const Leg& leg) {
  if (leg.rings) return {0, leg.stream, media::Source::ringback, {}, {}};
  std::vector<media::StreamId> voices;
  for (const core::LegId id : voices_for(leg)) voices.push_back(find(id)->stream);
  if (voices.empty()) return {0, leg.stream, background_of(leg), {}, {}, leg.program};
  if (voices.size() == 1) return {0, leg.stream, media::Source::peer, voices.front(), {}};
  return {0, leg.stream, media::Source::mix, {}, std::move(voices)};
}

// All whose hearing depends on who `leg` is with.
std::vector<core::LegId> SipDriver::Impl::circle_of(const Leg& leg) {
  std::vector<core::LegId> circle{leg.id};
  add_new(circle, leg.with.peer);
  add_new(circle, leg.wanted_by);
  add_new(circle, members_of(leg.with.conference));
  const Leg* agent = find(leg.with.agent);
  if (agent != nullptr) add_new(circle, circle_of(*agent));
  for (std::size_t i = 0; i < circle.size(); ++i) {
    if (const Leg* it = find(circle[i])) add_new(circle, it->supervised_by);
  }
  return circle;
}

// The circles of these as they are now, after a change.
void SipDriver::Impl::add_circles(std::vector<core::LegId>& concerned) {
  for (std::size_t i = 0, changed = concerned.size(); i < changed; ++i) {
    if (const Leg* leg = find(concerned[i])) add_new(concerned, circle_of(*leg));
  }
}

void SipDriver::Impl::tell_source(Leg& leg, Instant now) {
  if (leg.phase == LegPhase::closing || leg.stream_phase != StreamPhase::open) return;
  if (!desk_.tell(heard_by(leg))) hang_up(leg, core::Cause::failed, overloaded, now);
}

// --- Changes of that ----------------------------------------------------------------------------

bool SipDriver::Impl::is_living(core::LegId id) {
  const Leg* leg = find(id);
  return leg != nullptr && leg->phase != LegPhase::closing;
}

// All that is known the other way round follows.
void SipDriver::Impl::tie(Leg& leg, Connection with) {
  if (Leg* peer = find(leg.with.peer)) std::erase(peer->wanted_by, leg.id);
  if (Leg* agent = find(leg.with.agent)) std::erase(agent->supervised_by, leg.id);
  for (const ConferenceId seat : leg.with.seats) {
    std::erase(conferences_[seat], leg.id);
    if (conferences_[seat].empty()) conferences_.erase(seat);
  }
  leg.with = std::move(with);
  for (const ConferenceId seat : leg.with.seats) conferences_[seat].push_back(leg.id);
  if (Leg* peer = find(leg.with.peer)) peer->wanted_by.push_back(leg.id);
  if (Leg* agent = find(leg.with.agent)) agent->supervised_by.push_back(leg.id);
}

void SipDriver::Impl::connect(Leg& leg, core::LegId peer) {
  leg.program.reset();
  Connection with = leg.with;
  with.peer = peer;
  with.conference = {};
  with.holds = false;
  tie(leg, std::move(with));
}

void SipDriver::Impl::take_seat(Leg& leg, ConferenceId seat) {
  leg.program.reset();
  Connection with = leg.with;
  with.peer = {};
  with.conference = seat;
  with.holds = false;
  tie(leg, std::move(with));
}

// Who is left alone in a conference is in none any more.
void SipDriver::Impl::give_up(ConferenceId seat) {
  const std::vector<core::LegId> left = members_of(seat);
  if (left.size() != 1) return;
  Leg& last = *find(left.front());
  Connection with = last.with;
  std::erase(with.seats, seat);
  if (with.conference == seat) {
    with.conference = {};
    with.holds = false;
  }
  ++last.turn;
  tie(last, std::move(with));
}

// Nobody is connected with `leg` any more. What it hears itself is left to the caller.
void SipDriver::Impl::leave(Leg& leg, Instant now) {
  std::vector<core::LegId> concerned = circle_of(leg);
  const std::vector<ConferenceId> seats = leg.with.seats;
  tie(leg, {});
  ++leg.turn;
  leg.rings = false;
  for (const core::LegId id : std::exchange(leg.wanted_by, {})) {
    Leg* other = find(id);
    if (other == nullptr) continue;
    other->with.peer = {};
    other->with.holds = false;
    ++other->turn;
  }
  for (const core::LegId id : std::exchange(leg.supervised_by, {})) {
    Leg* supervisor = find(id);
    if (supervisor == nullptr) continue;
    supervisor->with.agent = {};
    ++supervisor->turn;
  }
  for (const ConferenceId seat : seats) give_up(seat);
  std::erase(concerned, leg.id);
  for (const core::LegId id : concerned) {
    if (Leg* other = find(id)) tell_source(*other, now);
  }
  tell_recorders(seats);
}

// Notes how these were, for undo(), and whom it concerns.
std::vector<core::LegId> SipDriver::Impl::begin_change(OperationId id,
                                                       const std::vector<core::LegId>& legs) {
  std::vector<core::LegId> concerned = legs;
  for (const core::LegId it : legs) {
    Leg& leg = *find(it);
    ++leg.turn;
    operations_.at(id).before.push_back({leg.id, leg.with, leg.turn});
    add_new(concerned, circle_of(leg));
  }
  return concerned;
}

void SipDriver::Impl::refresh(std::vector<core::LegId> concerned, OperationId id, Instant now) {
  add_circles(concerned);
  // What is asked first may end a leg.
  std::vector<media::SetSource> orders;
  for (const core::LegId leg : concerned) {
    if (const Leg* found = find_up(leg)) orders.push_back(heard_by(*found));
  }
  for (const media::SetSource& order : orders) ask_for(id, order, now);
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
  for (const Before& before : failed.before) {
    Leg* leg = find(before.leg);
    if (leg == nullptr || leg->turn != before.turn) continue;
    add_new(concerned, circle_of(*leg));
    Connection with = before.with;
    if (!is_living(with.peer)) with.peer = {};
    if (!is_living(with.agent)) with.agent = {};
    tie(*leg, std::move(with));
  }
  add_circles(concerned);
  for (const core::LegId id : concerned) {
    if (const Leg* leg = find_up(id)) (void)desk_.tell(heard_by(*leg));
  }
}

// --- Orders for two -----------------------------------------------------------------------------

void SipDriver::Impl::join(Leg& customer, Leg& agent, OperationId id, Instant now) {
  auto concerned = begin_change(id, {customer.id, agent.id});
  customer.rings = agent.rings = false;
  connect(customer, agent.id);
  connect(agent, customer.id);
  refresh(std::move(concerned), id, now);
}

void SipDriver::Impl::run(const core::HoldLeg& it, Instant now) {
  Leg* agent = find_up(it.agent);
  const Leg* customer = it.customer ? find_up(it.customer) : agent;
  const bool is_with = agent != nullptr && customer != nullptr &&
                       (it.customer ? agent->with.peer == customer->id : is_in(*agent, it.mix));
  if (!is_with) return fail_order(FailedOrder::hold, it.agent, "the legs are not bridged");
  const OperationId id = add_operation(FailedOrder::hold, it.customer, it.agent, it.mix);
  std::vector<core::LegId> legs{agent->id};
  if (it.customer) legs.insert(legs.begin(), it.customer);
  auto concerned = begin_change(id, legs);
  agent->with.holds = true;
  refresh(std::move(concerned), id, now);
}

void SipDriver::Impl::run(const core::RetrieveLeg& it, Instant now) {
  if (!it.customer) return return_to_conference(it, now);
  Leg* customer = find_up(it.customer);
  Leg* agent = find_up(it.agent);
  if (customer == nullptr || agent == nullptr || customer->with.peer != agent->id) {
    return fail_order(FailedOrder::retrieve, it.agent, "the legs are not bridged");
  }
  const OperationId id = add_operation(FailedOrder::retrieve, it.customer, it.agent);
  auto concerned = begin_change(id, {customer->id, agent->id});
  agent->rings = false;
  connect(*agent, customer->id);
  refresh(std::move(concerned), id, now);
}

void SipDriver::Impl::run(const core::ParkLeg& it, Instant now) {
  Leg* leg = find_up(it.leg);
  if (leg == nullptr) return;
  leave(*leg, now);
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

}  // namespace cord::drivers
