#include "core/floor.hpp"

#include <algorithm>

#include "core/views.hpp"

namespace cord::core {

namespace {

std::string name_of_reason(const Directory& directory, const std::string& code) {
  for (const Named& it : directory.reasons) {
    if (it.id == code) return it.name;
  }
  return {};
}

const Channel* main_channel(const State& state, const Session& session) {
  if (const Channel* telephony = find_telephony(state, session)) return telephony;
  return session.channels.empty() ? nullptr : &state.at(session.channels.front());
}

FloorWork work_of(const State& state, const Interaction& it) {
  FloorWork work{it.type, it.direction, it.state, it.since};
  if (const Call* call = state.find(it.call)) {
    if (call->queue) work.queue = state.directory().queues[*call->queue].name;
    if (!it.conversation) work.from = call->caller;
  }
  if (!it.conversation) return work;
  const Conversation& primary = state.at(it.conversation);
  if (!primary.members.empty()) work.from = primary.members.front().address;
  const Conversation& focus = state.focus_of(it);
  work.held = focus.state == ConversationState::held;
  work.muted = focus.muted;
  return work;
}

void add_monitors(const State& state, const Channel& channel, FloorAgent& row) {
  for (const ChannelId id : channel.monitors) {
    const Channel& monitor = state.at(id);
    if (!monitor.monitoring || !monitor.monitoring->is_set) continue;
    row.monitored_by.push_back(state.directory().agents[monitor.agent].id);
  }
}

}  // namespace

FloorAgent floor_agent(const State& state, AgentIndex agent, Instant logged_out) {
  const Agent& configured = state.directory().agents[agent];
  FloorAgent row{configured.id, configured.name, configured.extension};
  row.since = logged_out;
  const Session* session = state.session_of(agent);
  // A session that was only prepared has nothing yet.
  const bool is_furnished = session != nullptr && session->is_furnished;
  const Channel* main = is_furnished ? main_channel(state, *session) : nullptr;
  row.queues = names_of(state.directory(),
                        main != nullptr ? main->queues : state.directory().queues_of(agent));
  if (!is_furnished) return row;
  row.session = session->connection ? FloorSession::logged_in : FloorSession::detached;
  row.since = session->since;
  if (main != nullptr) {
    row.since = std::max(row.since, main->since);
    row.channel = FloorChannel{main->state, main->agent_state, main->reason,
                               name_of_reason(state.directory(), main->reason), main->pending};
  }
  for (const ChannelId id : session->channels) {
    const Channel& channel = state.at(id);
    add_monitors(state, channel, row);
    if (channel.interaction) row.work.push_back(work_of(state, state.at(channel.interaction)));
  }
  return row;
}

}  // namespace cord::core
