// What a session consists of: channels and channel groups, added and removed (docs/protocol.md,
// section 4).
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

Result<void> check_room(const Draft& draft, const Session& session, std::size_t channels,
                        std::size_t groups) {
  const Limits& limits = draft.limits();
  if (session.channels.size() + channels > limits.channels_max) {
    return refuse(Errc::invalid_state, "session.channels",
                  fmt::format("A session has at most {} channels.", limits.channels_max));
  }
  if (session.groups.size() + groups > limits.groups_max) {
    return refuse(Errc::invalid_state, "session.groups",
                  fmt::format("A session has at most {} channel groups.", limits.groups_max));
  }
  return {};
}

Result<void> check_name(const std::string& name, std::string_view what, std::size_t bytes_max) {
  if (!name.empty() && name.size() <= bytes_max) return {};
  return refuse(Errc::invalid_request, "session.name",
                fmt::format("{} must have 1 to {} bytes.", what, bytes_max));
}

bool has_channel_at(const Draft& draft, const Session& session, const Endpoint& endpoint) {
  const auto& all = draft.state().channels_at(endpoint);
  return std::any_of(all.begin(), all.end(),
                     [&](ChannelId id) { return draft.state().at(id).session == session.id; });
}

Result<void> check_new(const Draft& draft, const Session& session, const Endpoint& endpoint) {
  Result<void> checked = check_name(endpoint.name, "An endpoint", endpoint_bytes_max);
  if (checked) checked = check_endpoint(draft.directory(), session.agent, endpoint);
  if (!checked) return checked;
  if (has_channel_at(draft, session, endpoint)) {
    return refuse(Errc::invalid_state, "session.channels",
                  "The session has a channel at this endpoint.");
  }
  return {};
}

Result<void> check_new(const Draft& draft, const Session& session, const AddGroup& command) {
  const std::vector<Endpoint>& endpoints = command.channels;
  Result<void> checked = check_name(command.name, "A channel group's name", group_name_bytes_max);
  if (checked) checked = check_room(draft, session, endpoints.size(), 1);
  if (!checked) return checked;
  for (auto it = endpoints.begin(); it != endpoints.end(); ++it) {
    checked = check_new(draft, session, *it);
    if (!checked) return checked;
    if (std::find(endpoints.begin(), it, *it) != it) {
      return refuse(Errc::invalid_request, "session.channels",
                    "No two channels may have the same endpoint.");
    }
  }
  return {};
}

Result<void> check_removal(const Channel& channel) {
  if (!channel.interaction) return {};
  return refuse(Errc::ongoing_interaction, "session.channels",
                "An interaction has not been completed.");
}

void cancel_if_removed(Draft& draft, const Channel& channel) {
  const Error why{Errc::invalid_state, "channel", "The channel was removed."};
  if (channel.activation) cancel_activation(draft, channel, why);
  if (channel.dial) end_dial(draft, channel, why);
  if (channel.monitoring) end_monitoring(draft, channel, why, Cause::request);
  cancel_media_request(draft, channel, why);
}

void close_channel(Draft& draft, const Channel& channel) {
  hang_up_phone(draft, channel, Cause::request);
  draft.emit(ChannelClosed{channel.id, channel.session, channel.group});
}

template <class Select>
std::vector<const Channel*> select_channels(const State& state, const Session& session,
                                            const Select& is_wanted) {
  std::vector<const Channel*> channels;
  for (const ChannelId id : session.channels) {
    const Channel& channel = state.at(id);
    if (is_wanted(channel)) channels.push_back(&channel);
  }
  return channels;
}

}  // namespace

std::vector<const Channel*> channels_of(const State& state, const Session& session) {
  return select_channels(state, session, [](const Channel&) { return true; });
}

std::vector<const Channel*> channels_of(const State& state, const ChannelGroup& group) {
  return select_channels(state, state.at(group.session),
                         [&](const Channel& it) { return it.group == group.id; });
}

Result<void> check_endpoint(const Directory& directory, AgentIndex agent,
                            const Endpoint& endpoint) {
  if (endpoint.type != MediaType::telephony) return {};
  if (endpoint.name == directory.agents[agent].extension) return {};
  const bool is_anothers =
      std::any_of(directory.agents.begin(), directory.agents.end(),
                  [&](const Agent& it) { return it.extension == endpoint.name; });
  if (is_anothers) {
    return refuse(Errc::endpoint_in_use, "endpoint", "It is another agent's extension.");
  }
  return refuse(Errc::invalid_request, "endpoint", "There is no such extension.");
}

void open_channel(Draft& draft, const Session& session, GroupId group, const Endpoint& endpoint) {
  const ChannelId channel = draft.next(&LastIds::channel);
  const auto& sharing = draft.state().channels_at(endpoint);
  const bool is_taken = std::any_of(sharing.begin(), sharing.end(), [&](ChannelId id) {
    return draft.state().at(id).state == ChannelState::active;
  });
  draft.emit(ChannelOpened{.channel = channel,
                           .session = session.id,
                           .group = group,
                           .type = endpoint.type,
                           .endpoint = endpoint.name,
                           .queues = draft.directory().queues_of(session.agent),
                           .state = is_taken ? ChannelState::unavailable : ChannelState::inactive});
  draft.emit(ChannelPresented{channel});
}

void open_group(Draft& draft, const Session& session, const std::string& name,
                const std::vector<Endpoint>& channels) {
  const GroupId group = draft.next(&LastIds::group);
  draft.emit(GroupOpened{group, session.id, name});
  draft.emit(GroupPresented{group});
  for (const Endpoint& endpoint : channels) open_channel(draft, session, group, endpoint);
  draft.emit(GroupInitiated{group});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const AddChannel& command) {
  Result<void> checked = check_room(draft, asked.session, 1, 0);
  if (checked) checked = check_new(draft, asked.session, command.endpoint);
  if (!checked) return checked;
  succeed(draft, asked);
  open_channel(draft, asked.session, GroupId{}, command.endpoint);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const RemoveChannel& command) {
  const Channel* channel = draft.state().find(command.channel);
  if (channel == nullptr || channel->session != asked.session.id) {
    return refuse(Errc::target_not_found, "session.removechannel", "There is no such channel.");
  }
  const Result<void> checked = check_removal(*channel);
  if (!checked) return checked;
  cancel_if_removed(draft, *channel);
  succeed(draft, asked);
  close_channel(draft, *channel);
  if (channel->state == ChannelState::active) free_endpoint(draft, *channel);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const AddGroup& command) {
  const Result<void> checked = check_new(draft, asked.session, command);
  if (!checked) return checked;
  succeed(draft, asked);
  open_group(draft, asked.session, command.name, command.channels);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const RemoveGroup& command) {
  const ChannelGroup* group = draft.state().find(command.group);
  if (group == nullptr || group->session != asked.session.id) {
    return refuse(Errc::target_not_found, "session.removechannelgroup", "There is no such group.");
  }
  const std::vector<const Channel*> channels = channels_of(draft.state(), *group);
  for (const Channel* channel : channels) {
    const Result<void> checked = check_removal(*channel);
    if (!checked) return checked;
  }
  for (const Channel* channel : channels) cancel_if_removed(draft, *channel);
  succeed(draft, asked);
  for (const Channel* channel : channels) close_channel(draft, *channel);
  draft.emit(GroupClosed{group->id, asked.session.id});
  for (const Channel* channel : channels) {
    if (channel->state == ChannelState::active) free_endpoint(draft, *channel);
  }
  return {};
}

}  // namespace cord::core
