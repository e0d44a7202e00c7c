// More than two who hear each other: conferences, supervisors, their recordings; and keys, which
// all of a call hear.
#include <algorithm>
#include <utility>

#include "drivers/sip/sip_driver_impl.hpp"
#include "media/keys.hpp"

namespace cord::drivers {
namespace {

using FailedOrder = core::LegOrderFailed::Order;

bool has(const std::vector<core::LegId>& all, core::LegId leg) {
  return std::find(all.begin(), all.end(), leg) != all.end();
}

// The place of `leg` in the mix of that call, be it there or away.
ConferenceId seat_of(const Leg& leg, core::CallId mix) {
  const std::vector<ConferenceId>& seats = leg.with.seats;
  const auto found =
      std::find_if(seats.begin(), seats.end(), [&](ConferenceId seat) { return seat.call == mix; });
  return found == seats.end() ? ConferenceId{} : *found;
}

}  // namespace

// --- Conferences --------------------------------------------------------------------------------

// A call's, as long as nobody is left behind in an older one: the present one.
std::vector<ConferenceId> SipDriver::Impl::conferences_of(core::CallId call) const {
  std::vector<ConferenceId> all;
  for (auto it = conferences_.lower_bound({call, 0});
       it != conferences_.end() && it->first.call == call; ++it) {
    all.push_back(it->first);
  }
  return all;
}

// Those who are to talk, and whoever is in a call with one of them but away with somebody else.
std::vector<core::LegId> SipDriver::Impl::gather(const std::vector<core::LegId>& talking,
                                                 const std::vector<ConferenceId>& old) {
  std::vector<core::LegId> all = talking;
  const auto add = [&](core::LegId id) {
    if (is_living(id) && !has(all, id)) all.push_back(id);
  };
  for (const core::LegId id : talking) add(find(id)->with.peer);
  for (const ConferenceId conference : old) {
    for (const core::LegId member : members_of(conference)) add(member);
  }
  return all;
}

// A conference is a new one whenever somebody joins: a failure gives the old one back.
void SipDriver::Impl::run(const core::MixLegs& it, Instant now) {
  std::vector<core::LegId> talking{it.leg};
  for (const core::LegId id : it.others) {
    if (!has(talking, id)) talking.push_back(id);
  }
  const bool are_there = std::all_of(talking.begin(), talking.end(),
                                     [&](core::LegId id) { return find_up(id) != nullptr; });
  if (!are_there) return fail_order(FailedOrder::mix, it.leg, "somebody is not there");
  std::vector<ConferenceId> old = conferences_of(it.mix);
  for (const core::LegId leg : talking) old.push_back(find(leg)->with.conference);
  const std::vector<core::LegId> all = gather(talking, old);
  metrics_.conference_legs.raise(static_cast<std::int64_t>(all.size()));
  if (all.size() > config_.conference_legs_max) {
    return fail_order(FailedOrder::mix, it.leg, "too many for one conference");
  }
  const OperationId id = add_operation(FailedOrder::mix, {}, it.leg);
  auto concerned = begin_change(id, all);
  const ConferenceId conference{it.mix, ++last_conference_};
  for (const core::LegId leg : all) {
    Connection with = find(leg)->with;
    std::erase_if(with.seats, [&](ConferenceId seat) {
      return std::find(old.begin(), old.end(), seat) != old.end();
    });
    with.seats.push_back(conference);
    if (has(talking, leg)) {
      with.peer = {};
      with.conference = conference;
      with.holds = with.holds && leg != it.leg;
      find(leg)->rings = false;
    }
    tie(*find(leg), std::move(with));
  }
  refresh(std::move(concerned), id, now);
}

// Back from somebody else, or from its own hold.
void SipDriver::Impl::return_to_conference(const core::RetrieveLeg& it, Instant now) {
  Leg* agent = find_up(it.agent);
  const ConferenceId seat = agent == nullptr ? ConferenceId{} : seat_of(*agent, it.mix);
  if (!seat) return fail_order(FailedOrder::retrieve, it.agent, "the phone is not in that mix");
  const OperationId id = add_operation(FailedOrder::retrieve, {}, it.agent, it.mix);
  auto concerned = begin_change(id, {it.agent});
  agent->rings = false;
  take_seat(*agent, seat);
  refresh(std::move(concerned), id, now);
}

void SipDriver::Impl::run(const core::LeaveMix& it, Instant now) {
  Leg* leg = find_up(it.leg);
  const ConferenceId seat = leg == nullptr ? ConferenceId{} : seat_of(*leg, it.mix);
  if (!seat) return;
  std::vector<core::LegId> concerned = members_of(seat);
  for (const core::LegId id : circle_of(*leg)) {
    if (!has(concerned, id)) concerned.push_back(id);
  }
  Connection with = leg->with;
  std::erase(with.seats, seat);
  if (with.conference == seat) {
    with.conference = {};
    with.holds = false;
  }
  ++leg->turn;
  tie(*leg, std::move(with));
  give_up(seat);
  for (const core::LegId id : concerned) {
    if (Leg* other = find(id)) tell_source(*other, now);
  }
  tell_recorders({seat});
}

// --- Supervisors --------------------------------------------------------------------------------

void SipDriver::Impl::run(const core::MonitorLeg& it, Instant now) {
  const Leg* agent = find_up(it.agent);
  Leg* supervisor = find_up(it.supervisor);
  if (agent == nullptr || supervisor == nullptr) {
    return fail_order(FailedOrder::monitor, it.supervisor, "one of the phones is not there");
  }
  if (agent == supervisor || agent->with.agent || !supervisor->supervised_by.empty()) {
    return fail_order(FailedOrder::monitor, it.supervisor, "supervisors are not supervised");
  }
  const OperationId id = add_operation(FailedOrder::monitor, it.agent, it.supervisor);
  operations_.at(id).mode = it.mode;
  auto concerned = begin_change(id, {it.supervisor});
  Connection with = supervisor->with;
  with.agent = it.agent;
  with.mode = it.mode;
  tie(*supervisor, std::move(with));
  refresh(std::move(concerned), id, now);
}

// --- Keys ---------------------------------------------------------------------------------------

void SipDriver::Impl::run(const core::SendDigits& it, Instant now) {
  const Leg* agent = find_up(it.agent);
  std::vector<core::LegId> hearers;
  if (agent != nullptr) hearers = partners_of(*agent);
  if (it.customer) std::erase_if(hearers, [&](core::LegId id) { return id != it.customer; });
  if (hearers.empty()) return fail_order(FailedOrder::tones, it.agent, "nobody would hear them");
  const OperationId id = add_operation(FailedOrder::tones, it.customer, it.agent);
  std::vector<media::StreamId> streams;
  for (const core::LegId hearer : hearers) streams.push_back(find(hearer)->stream);
  for (const media::StreamId stream : streams) {
    ask_for(id, media::SendTones{0, stream, it.digits}, now,
            media::KeySequence::duration_of(it.digits));
  }
}

// --- Recordings ---------------------------------------------------------------------------------

// All others of a mix in which a phone has a place.
std::vector<media::RecordedParty> SipDriver::Impl::others_of(const Leg& agent, core::CallId mix) {
  std::vector<media::RecordedParty> others;
  for (const core::LegId id : members_of(seat_of(agent, mix))) {
    const Leg* other = id == agent.id ? nullptr : find_up(id);
    if (other != nullptr) others.push_back({other->stream, other->name});
  }
  return others;
}

// Recordings in these conferences go on without who has left.
void SipDriver::Impl::tell_recorders(const std::vector<ConferenceId>& conferences) {
  for (const ConferenceId conference : conferences) {
    for (const auto& [recording, seat] : conference_recordings_) {
      const bool is_it = seat.mix == conference.call && has(members_of(conference), seat.agent);
      if (is_it) (void)move_recorder({recording, {}, seat.agent, seat.mix});
    }
  }
}

// False if one of the two is not there, or the plane has no room.
bool SipDriver::Impl::move_recorder(const core::MoveRecording& it) {
  const Leg* customer = find_up(it.customer);
  const Leg* agent = find_up(it.agent);
  if (agent == nullptr || (it.customer && customer == nullptr)) return false;
  media::MoveRecorder order{.token = 0,
                            .recorder = {it.recording.value},
                            .left = {},
                            .right = agent->stream,
                            .conference = {}};
  if (customer != nullptr) {
    order.left = customer->stream;
  } else {
    order.conference = others_of(*agent, it.mix);
  }
  return desk_.tell(std::move(order));
}

void SipDriver::Impl::run(const core::StartRecording& it, Instant now) {
  const Leg* customer = find_up(it.customer);
  const Leg* agent = find_up(it.agent);
  if (agent == nullptr || (it.customer && customer == nullptr)) {
    return report(core::RecordingFailed{it.recording, "a leg has no media"});
  }
  media::StartRecorder order{.token = 0,
                             .recorder = {it.recording.value},
                             .left = {},
                             .right = agent->stream,
                             .base_name = it.base_name,
                             .facts = it.facts,
                             .by = it.by};
  if (customer != nullptr) {
    order.left = customer->stream;
  } else {
    order.conference = others_of(*agent, it.mix);
    conference_recordings_[it.recording] = {it.agent, it.mix};
  }
  const AwaitedReply reply{.kind = AwaitedReply::Kind::start_recorder, .id = it.recording.value};
  if (!desk_.ask(std::move(order), reply, now)) {
    report(core::RecordingFailed{it.recording, overloaded});
  }
}

void SipDriver::Impl::run(const core::MoveRecording& it, Instant) {
  if (it.customer) {
    conference_recordings_.erase(it.recording);
  } else {
    conference_recordings_[it.recording] = {it.agent, it.mix};
  }
  if (!move_recorder(it))
    report(core::RecordingFailed{it.recording, "it could not follow its call"});
}

}  // namespace cord::drivers
