// What the end of the process means to what lives (docs/closing.md, "The process"), and a restart
// to what the journal gave back (docs/journal.md, "After a restart").
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

template <class Table>
auto sorted_ids(const Table& table) {
  std::vector<typename Table::key_type> ids;
  ids.reserve(table.size());
  for (const auto& entry : table) ids.push_back(entry.first);
  std::sort(ids.begin(), ids.end());
  return ids;
}

void add_legs(const State& state, bool of_phones, std::vector<Input>& steps) {
  for (const LegId id : sorted_ids(state.legs())) {
    if (static_cast<bool>(state.at(id).channel) != of_phones) continue;
    steps.emplace_back(Report{LegReleased{id, Cause::recovery, "The server was restarted."}});
  }
}

bool is_at_work(const State& state, const Channel& channel) {
  const Interaction* interaction = state.find(channel.interaction);
  const bool has_call = interaction != nullptr && interaction->state != InteractionState::ended;
  return has_call || channel.activation || channel.dial || channel.monitoring;
}

// A phone that nobody talks on is hung up when its session ends.
void add_cuts(const State& state, bool of_phones, std::vector<Input>& steps) {
  for (const LegId id : sorted_ids(state.legs())) {
    const Leg& leg = state.at(id);
    if (static_cast<bool>(leg.channel) != of_phones) continue;
    if (of_phones && !is_at_work(state, state.at(leg.channel))) continue;
    steps.emplace_back(CutLeg{id});
  }
}

void add_wait(const Timer& timer, std::uint64_t subject, std::vector<Input>& steps) {
  if (!timer.runs() || !waits_for_platform(timer.kind)) return;
  steps.emplace_back(DeadlineReached{{timer.kind, subject, timer.number}});
}

void add_waits(const State& state, std::vector<Input>& steps) {
  for (const ChannelId id : sorted_ids(state.channels())) {
    const Channel& channel = state.at(id);
    if (channel.activation) add_wait(channel.activation->timer, id.value, steps);
    if (channel.dial) add_wait(channel.dial->timer, id.value, steps);
    if (channel.monitoring) add_wait(channel.monitoring->timer, id.value, steps);
    if (channel.media_request) add_wait(channel.media_request->timer, id.value, steps);
  }
  for (const InteractionId id : sorted_ids(state.interactions())) {
    const auto& operation = state.at(id).operation;
    if (operation) add_wait(operation->timer, id.value, steps);
  }
}

bool has_a_place(const State& state, const Session& session) {
  const Agent& agent = state.directory().agents[session.agent];
  return !agent.is_gone &&
         std::all_of(session.channels.begin(), session.channels.end(), [&](ChannelId id) {
           const Channel& channel = state.at(id);
           return channel.type != MediaType::telephony || channel.endpoint == agent.extension;
         });
}

std::vector<QueueIndex> living_queues(const Directory& directory, const Channel& channel) {
  std::vector<QueueIndex> queues = channel.queues;
  std::erase_if(queues, [&](QueueIndex queue) {
    return directory.queues[queue].is_gone || !directory.is_skilled(channel.agent, queue);
  });
  return queues;
}

bool lacks_phone(const Directory& directory, const Channel& channel) {
  return channel.state == ChannelState::active && !channel.leg &&
         has_persistent_phone(directory, channel);
}

bool fits(const Directory& directory, const Channel& channel) {
  return !lacks_phone(directory, channel) &&
         living_queues(directory, channel).size() == channel.queues.size();
}

}  // namespace

std::vector<Input> steps_after_restart(const State& state) {
  std::vector<Input> steps;
  for (const ConnectionId id : sorted_ids(state.connections())) {
    steps.emplace_back(ConnectionLost{id});
  }
  add_legs(state, false, steps);
  add_legs(state, true, steps);
  add_waits(state, steps);
  if (!steps.empty()) return steps;
  for (const SessionId id : sorted_ids(state.sessions())) {
    const Session& session = state.at(id);
    if (!has_a_place(state, session) && !has_live_call(state, session)) {
      steps.emplace_back(RetireSession{id});
    }
  }
  if (!steps.empty()) return steps;
  for (const ChannelId id : sorted_ids(state.channels())) {
    if (!fits(state.directory(), state.at(id))) steps.emplace_back(RefitChannel{id});
  }
  return steps;
}

std::optional<TurnAway> next_to_turn_away(const State& state) {
  for (QueueIndex queue = 0; queue < state.directory().queues.size(); ++queue) {
    const QueueTable& table = state.queue({queue, MediaType::telephony});
    for (const std::set<CallId>* waiting : {&table.fresh, &table.refused}) {
      for (const CallId id : *waiting) {
        // What rings may be answered.
        if (state.at(id).ringing.empty()) return TurnAway{id};
      }
    }
  }
  return std::nullopt;
}

std::vector<Input> steps_to_shut_down(const State& state) {
  std::vector<Input> steps;
  add_cuts(state, false, steps);
  if (!steps.empty()) return steps;
  add_cuts(state, true, steps);
  add_waits(state, steps);
  if (!steps.empty()) return steps;
  for (const SessionId id : sorted_ids(state.sessions())) steps.emplace_back(RetireSession{id});
  return steps;
}

void on_turned_away(Draft& draft, const TurnAway& input) {
  const Call* call = draft.state().find(input.call);
  if (call == nullptr || call->interaction || !call->ringing.empty()) return;
  give_up_waiting(draft, *call, Cause::shutdown);
}

void on_cut(Draft& draft, const CutLeg& input) {
  if (draft.state().find(input.leg) == nullptr) return;
  draft.order(ReleaseLeg{input.leg, Cause::shutdown});
  on_report(draft, LegReleased{input.leg, Cause::shutdown, "The server is stopping."});
}

void on_retired(Draft& draft, const RetireSession& input) {
  const Session& session = draft.state().at(input.session);
  close_session(draft, session, SessionEnd::shutdown, {});
}

void on_refitted(Draft& draft, const RefitChannel& input) {
  const Channel& channel = draft.state().at(input.channel);
  std::vector<QueueIndex> queues = living_queues(draft.directory(), channel);
  if (queues.size() != channel.queues.size()) {
    draft.emit(QueuesChosen{channel.id, std::move(queues)});
  }
  if (lacks_phone(draft.directory(), channel)) return lose_phone(draft, channel, Cause::recovery);
  draft.emit(change_of(channel, Cause::recovery));
}

}  // namespace cord::core
