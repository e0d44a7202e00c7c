// Channels: activation with its phone, ready and not ready, and endpoints that two agents share
// (docs/protocol.md, 5.1).
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

Result<std::vector<QueueIndex>> choose_queues(const Draft& draft, const Agent& agent,
                                              const std::optional<std::string>& name) {
  if (!name) return agent.queues;
  const std::optional<QueueIndex> queue = draft.directory().find_queue(*name);
  if (!queue || std::find(agent.queues.begin(), agent.queues.end(), *queue) == agent.queues.end()) {
    return refuse(Errc::invalid_request, "channel.activate", "It is not a queue of this agent.");
  }
  return std::vector<QueueIndex>{*queue};
}

void activate(Draft& draft, const Channel& channel, const std::vector<QueueIndex>& queues) {
  draft.emit(QueuesChosen{channel.id, queues});
  ChannelChanged change = change_of(channel, Cause::request);
  change.state = ChannelState::active;
  make_not_ready(change, {});
  draft.emit(std::move(change));
  claim_endpoint(draft, channel);
}

Result<void> check_reason(const Directory& directory, const std::string& reason) {
  if (reason.empty()) {
    if (!directory.reason_required) return {};
    return refuse(Errc::reason_required, "channel.notready", "Say why, with a reason code.");
  }
  const bool is_known = directory.reasons.empty() ||
                        std::any_of(directory.reasons.begin(), directory.reasons.end(),
                                    [&](const Named& known) { return known.id == reason; });
  if (is_known) return {};
  return refuse(Errc::invalid_request, "channel.notready", "There is no such reason code.");
}

void move_others(Draft& draft, const Channel& channel, ChannelState from, ChannelState to) {
  for (const ChannelId id : draft.state().channels_at(channel.endpoint)) {
    const Channel& other = draft.state().at(id);
    if (id == channel.id || other.state != from) continue;
    draft.begin_block();
    ChannelChanged change = change_of(other, Cause::request);
    change.state = to;
    draft.emit(std::move(change));
  }
}

// The agent is at work: what is asked for takes effect later.
void set_pending(Draft& draft, const Asked& asked, AgentState wish, const std::string& reason) {
  const Channel& channel = draft.state().at(asked.path.channel);
  succeed(draft, asked);
  if (channel.pending == wish && channel.pending_reason == reason) return;
  ChannelChanged change = change_of(channel, Cause::request);
  change.pending = wish;
  change.pending_reason = reason;
  draft.emit(std::move(change));
}

}  // namespace

ChannelChanged change_of(const Channel& channel, Cause cause) {
  return ChannelChanged{.channel = channel.id,
                        .state = channel.state,
                        .previous = channel.state,
                        .agent_state = channel.agent_state,
                        .reason = channel.reason,
                        .pending = channel.pending,
                        .pending_reason = channel.pending_reason,
                        .idle_since = channel.idle_since,
                        .cause = cause};
}

void make_not_ready(ChannelChanged& change, std::string_view reason) {
  change.agent_state = AgentState::not_ready;
  change.reason = reason;
  change.pending.reset();
  change.pending_reason.clear();
}

void take_pending(ChannelChanged& change, Instant now) {
  if (!change.pending) return;
  if (*change.pending == AgentState::not_ready) {
    return make_not_ready(change, std::string(change.pending_reason));
  }
  if (change.agent_state != AgentState::ready) change.idle_since = now;
  change.agent_state = AgentState::ready;
  change.reason.clear();
  change.pending.reset();
}

ChannelChanged change_after_work(const Channel& channel, Cause cause, Instant now) {
  ChannelChanged change = change_of(channel, cause);
  if (change.agent_state == AgentState::wrapup) {
    change.agent_state = AgentState::ready;
    change.reason.clear();
    change.idle_since = now;
  }
  take_pending(change, now);
  return change;
}

void claim_endpoint(Draft& draft, const Channel& channel) {
  move_others(draft, channel, ChannelState::inactive, ChannelState::unavailable);
}

void free_endpoint(Draft& draft, const Channel& channel) {
  move_others(draft, channel, ChannelState::unavailable, ChannelState::inactive);
}

void fail_activation(Draft& draft, const Channel& channel, Error error) {
  const Activation& activation = *channel.activation;
  draft.reply(activation.request, activation.connection, tl::make_unexpected(std::move(error)));
  draft.emit(ActivationEnded{channel.id});
}

void complete_activation(Draft& draft, const Channel& channel) {
  const Activation& activation = *channel.activation;
  draft.reply(activation.request, activation.connection, Success{});
  draft.emit(ActivationEnded{channel.id});
  activate(draft, channel, activation.queues);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ActivateChannel& command) {
  const Channel& channel = draft.state().at(asked.path.channel);
  const Agent& agent = agent_of(draft, channel);
  Result<std::vector<QueueIndex>> queues = choose_queues(draft, agent, command.queue);
  if (!queues) return tl::make_unexpected(queues.error());
  if (channel.activation) {
    return refuse(Errc::invalid_state, "channel.activate", "It is being activated already.");
  }
  if (channel.state == ChannelState::active) {
    succeed(draft, asked);
    if (!command.queue || *queues == channel.queues) return {};
    draft.emit(QueuesChosen{channel.id, *queues});
    draft.emit(change_of(channel, Cause::request));
    return {};
  }
  if (draft.state().is_endpoint_taken(channel.endpoint, channel.id)) {
    return refuse(Errc::endpoint_in_use, "channel.activate", "Another agent uses this extension.");
  }
  if (has_persistent_phone(draft, channel)) {
    draft.emit(ActivationBegun{channel.id, asked.request, asked.connection, *queues});
    call_phone(draft, channel, {.ring_max = draft.limits().phone_activation_max});
    return {};
  }
  succeed(draft, asked);
  activate(draft, channel, *queues);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const DeactivateChannel&) {
  const Channel& channel = draft.state().at(asked.path.channel);
  if (channel.activation) {
    return refuse(Errc::invalid_state, "channel.deactivate", "The channel is being activated.");
  }
  if (channel.interaction) {
    return refuse(Errc::ongoing_interaction, "channel.deactivate",
                  "An interaction has not been completed.");
  }
  succeed(draft, asked);
  if (channel.state != ChannelState::active) return {};
  hang_up_phone(draft, channel, Cause::request);
  ChannelChanged change = change_of(channel, Cause::request);
  change.state = ChannelState::inactive;
  make_not_ready(change, {});
  draft.emit(std::move(change));
  free_endpoint(draft, channel);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ReadyChannel&) {
  const Channel& channel = draft.state().at(asked.path.channel);
  if (channel.state != ChannelState::active) {
    return refuse(Errc::invalid_state, "channel.ready", "The channel is not active.");
  }
  if (channel.interaction) {
    set_pending(draft, asked, AgentState::ready, {});
    return {};
  }
  succeed(draft, asked);
  if (channel.agent_state == AgentState::ready) return {};
  ChannelChanged change = change_of(channel, Cause::request);
  change.agent_state = AgentState::ready;
  change.reason.clear();
  change.idle_since = draft.now();
  draft.emit(std::move(change));
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const NotReadyChannel& command) {
  const Channel& channel = draft.state().at(asked.path.channel);
  const std::string reason = command.reason.value_or("");
  const Result<void> is_valid = check_reason(draft.directory(), reason);
  if (!is_valid) return is_valid;
  if (channel.state == ChannelState::active && channel.interaction) {
    set_pending(draft, asked, AgentState::not_ready, reason);
    return {};
  }
  succeed(draft, asked);
  const bool holds_already = channel.agent_state == AgentState::not_ready &&
                             (channel.reason == reason || channel.state != ChannelState::active);
  if (holds_already) return {};
  ChannelChanged change = change_of(channel, Cause::request);
  make_not_ready(change, reason);
  draft.emit(std::move(change));
  return {};
}

}  // namespace cord::core
