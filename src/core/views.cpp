#include "core/views.hpp"

#include "core/steps.hpp"

namespace cord::core {

namespace {

MediaState media_of(const State& state, const Channel& channel) {
  const Leg* leg = state.find(channel.leg);
  if (leg == nullptr) return MediaState::none;
  if (!leg->is_answered) return MediaState::connecting;
  return channel.media_wait.runs() ? MediaState::lost : MediaState::connected;
}

ConversationView view_of(const Conversation& it) {
  return {it.id, it.type, it.state, it.muted, it.members};
}

InteractionView view_of(const State& state, const Interaction& it) {
  InteractionView view{it.id,    it.type, it.direction, it.state, it.recording_state, it.data,
                       it.focus, {}};
  for (const ConversationId id : {it.conversation, it.consult}) {
    if (id) view.conversations.push_back(view_of(state.at(id)));
  }
  return view;
}

ChannelView view_of(const State& state, const Channel& it) {
  ChannelView view{it.group, info_of(state, it), {}};
  if (it.interaction) view.interactions.push_back(view_of(state, state.at(it.interaction)));
  return view;
}

}  // namespace

ChannelInfo info_of(const State& state, const Channel& channel) {
  ChannelInfo info{channel.id,      channel.endpoint,       channel.type,
                   channel.state,   channel.agent_state,    channel.reason,
                   channel.pending, channel.pending_reason, {}};
  if (channel.monitoring && channel.monitoring->is_set) {
    const Channel& monitored = state.at(channel.monitoring->agent_channel);
    info.monitored = state.directory().agents[monitored.agent].id;
    info.monitor_mode = channel.monitoring->mode;
  }
  if (has_browser(state.directory(), channel)) info.media = media_of(state, channel);
  info.queues = names_of(state.directory(), channel.queues);
  return info;
}

std::vector<std::string> names_of(const Directory& directory,
                                  const std::vector<QueueIndex>& queues) {
  std::vector<std::string> names;
  names.reserve(queues.size());
  for (const QueueIndex queue : queues) names.push_back(directory.queues[queue].name);
  return names;
}

SessionInitialized profile_of(const State& state, const Session& session) {
  const Directory& directory = state.directory();
  const Agent& agent = directory.agents[session.agent];
  return {agent.id,
          agent.name,
          directory.reasons,
          directory.dispositions,
          directory.capabilities.names(),
          agent.permissions()};
}

SessionView view_of(const State& state, const Session& session) {
  SessionView view{
      session.name, session.state, !session.connection, profile_of(state, session), {}, {}};
  for (const GroupId id : session.groups) view.groups.push_back({id, state.at(id).name});
  for (const ChannelId id : session.channels) {
    view.channels.push_back(view_of(state, state.at(id)));
  }
  return view;
}

const Channel* find_telephony(const State& state, const Session& session) {
  for (const ChannelId id : session.channels) {
    const Channel& channel = state.at(id);
    if (channel.type == MediaType::telephony) return &channel;
  }
  return nullptr;
}

Presence presence_of(const State& state, AgentIndex agent) {
  const Session* session = state.session_of(agent);
  const Channel* channel = session == nullptr ? nullptr : find_telephony(state, *session);
  if (channel == nullptr) return Presence::logged_out;
  if (channel->agent_state == AgentState::ready) return Presence::ready;
  return channel->agent_state == AgentState::not_ready ? Presence::not_ready : Presence::busy;
}

DirectoryAnswer directory_view(const State& state) {
  const Directory& directory = state.directory();
  DirectoryAnswer view;
  for (AgentIndex i = 0; i < directory.agents.size(); ++i) {
    const Agent& agent = directory.agents[i];
    if (agent.is_gone) continue;
    view.agents.push_back({agent.id, agent.name, agent.extension, presence_of(state, i)});
  }
  for (const Queue& queue : directory.queues) {
    if (!queue.is_gone) view.queues.push_back({queue.name, queue.numbers});
  }
  return view;
}

}  // namespace cord::core
