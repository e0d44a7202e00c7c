// Channels: activation with its phone, ready and not ready, endpoints that two agents share, and
// the dispositions there are (docs/protocol.md, 5.1).
#include <algorithm>

#include "core/channel_steps.hpp"

namespace cord::core {

namespace {

// The queues a channel serves: all of its agent's, or the chosen one of them.
Result<std::vector<QueueIndex>> choose_queues(const Draft& draft, const Channel& channel,
                                              const std::optional<std::string>& name) {
  std::vector<QueueIndex> all = draft.directory().queues_of(channel.agent);
  if (!name) return all;
  const std::optional<QueueIndex> queue = draft.directory().find_queue(*name);
  if (!queue || std::find(all.begin(), all.end(), *queue) == all.end()) {
    return refuse(Errc::invalid_request, "channel.activate", "It is not a queue of this agent.");
  }
  return std::vector<QueueIndex>{*queue};
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
  for (const ChannelId id : draft.state().channels_at(channel)) {
    const Channel& other = draft.state().at(id);
    if (id == channel.id || other.state != from) continue;
    draft.begin_block();
    ChannelChanged change = change_of(other, Cause::request);
    change.state = to;
    draft.emit(std::move(change));
  }
}

// The agent is at work: what is asked for takes effect later.
struct Wish {
  AgentState state;
  std::string reason;
  Cause cause;
};
void set_pending(Draft& draft, const Channel& channel, const Wish& wish) {
  if (channel.pending == wish.state && channel.pending_reason == wish.reason) return;
  ChannelChanged change = change_of(channel, wish.cause);
  change.pending = wish.state;
  change.pending_reason = wish.reason;
  draft.emit(std::move(change));
}

template <class Command>
Result<void> carry_out_on_one(Draft& draft, const Asked& asked, const Command& command) {
  const Channel& channel = draft.state().at(asked.path.channel);
  const Result<void> checked = check(draft, channel, command);
  if (!checked) return checked;
  succeed(draft, asked);
  change(draft, channel, command);
  follow(draft, channel, command);
  return {};
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
  // BUSY: a task that was completed without being wrapped up.
  if (change.agent_state == AgentState::wrapup || change.agent_state == AgentState::busy) {
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

// --- Activation -----------------------------------------------------------------------------

Result<void> check(const Draft& draft, const Channel& channel, const ActivateChannel& command) {
  const auto queues = choose_queues(draft, channel, command.queue);
  if (!queues) return tl::make_unexpected(queues.error());
  if (channel.activation) {
    return refuse(Errc::invalid_state, "channel.activate", "It is being activated already.");
  }
  if (channel.state == ChannelState::active) return {};
  if (draft.state().is_endpoint_taken(channel)) {
    return refuse(Errc::endpoint_in_use, "channel.activate", "Another agent uses this endpoint.");
  }
  return check_media(draft, channel, "channel.activate");
}

void change(Draft& draft, const Channel& channel, const ActivateChannel& command) {
  const std::vector<QueueIndex> queues = *choose_queues(draft, channel, command.queue);
  const bool was_active = channel.state == ChannelState::active;
  if (was_active && (!command.queue || queues == channel.queues)) return;
  draft.emit(QueuesChosen{channel.id, queues});
  ChannelChanged change = change_of(channel, Cause::request);
  change.state = ChannelState::active;
  if (!was_active) make_not_ready(change, {});
  draft.emit(std::move(change));
}

void follow(Draft& draft, const Channel& channel, const ActivateChannel&) {
  claim_endpoint(draft, channel);
}

bool needs_phone(const Draft& draft, const Channel& channel) {
  if (channel.state == ChannelState::active) return false;
  // Its audio is on the way, check() says.
  if (has_browser(draft.directory(), channel)) return channel.media_wait.runs();
  return has_persistent_phone(draft.directory(), channel);
}

void begin_activation(Draft& draft, const Channel& channel, const Asked& asked,
                      const ActivateChannel& command, bool is_of_group) {
  std::optional<QueueIndex> queue;
  if (command.queue) queue = draft.directory().find_queue(*command.queue);
  draft.emit(ActivationBegun{channel.id, asked.request, asked.connection, queue, is_of_group});
  if (has_browser(draft.directory(), channel)) return;
  call_phone(draft, channel, {.ring_max = draft.limits().phone_activation_max});
}

ActivateChannel command_of(const Draft& draft, const Activation& activation) {
  if (!activation.queue) return {};
  return {draft.directory().queues[*activation.queue].name};
}

void end_activation(Draft& draft, const Channel& channel, const Result<void>& phone) {
  const Activation& activation = *channel.activation;
  if (activation.is_of_group) return end_group_activation(draft, channel, phone);
  if (!phone) return cancel_activation(draft, channel, phone.error());
  const ActivateChannel command = command_of(draft, activation);
  draft.reply(activation.request, activation.connection, Success{});
  draft.emit(ActivationEnded{channel.id});
  change(draft, channel, command);
  follow(draft, channel, command);
}

void cancel_activation(Draft& draft, const Channel& channel, Error why) {
  const Activation& activation = *channel.activation;
  draft.reply(activation.request, activation.connection, tl::make_unexpected(std::move(why)));
  draft.emit(ActivationEnded{channel.id});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ActivateChannel& command) {
  const Channel& channel = draft.state().at(asked.path.channel);
  const Result<void> checked = check(draft, channel, command);
  if (!checked) return checked;
  if (!needs_phone(draft, channel)) return carry_out_on_one(draft, asked, command);
  begin_activation(draft, channel, asked, command, false);
  return {};
}

// --- Deactivation ---------------------------------------------------------------------------

Result<void> check(const Draft&, const Channel& channel, const DeactivateChannel&) {
  if (channel.activation) {
    return refuse(Errc::invalid_state, "channel.deactivate", "The channel is being activated.");
  }
  if (channel.dial) {
    return refuse(Errc::invalid_state, "channel.deactivate", "The channel is dialling.");
  }
  if (channel.monitoring) {
    return refuse(Errc::invalid_state, "channel.deactivate",
                  "The phone is used to listen to an agent.");
  }
  if (channel.interaction) {
    return refuse(Errc::ongoing_interaction, "channel.deactivate",
                  "An interaction has not been completed.");
  }
  return {};
}

void change(Draft& draft, const Channel& channel, const DeactivateChannel&) {
  if (channel.state != ChannelState::active) return;
  if (!has_browser(draft.directory(), channel)) hang_up_phone(draft, channel, Cause::request);
  ChannelChanged change = change_of(channel, Cause::request);
  change.state = ChannelState::inactive;
  make_not_ready(change, {});
  draft.emit(std::move(change));
}

void follow(Draft& draft, const Channel& channel, const DeactivateChannel&) {
  if (channel.state == ChannelState::active) free_endpoint(draft, channel);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const DeactivateChannel& command) {
  return carry_out_on_one(draft, asked, command);
}

// --- Ready and not ready --------------------------------------------------------------------

Result<void> check(const Draft& draft, const Channel& channel, const ReadyChannel&) {
  if (channel.state == ChannelState::active) return check_media(draft, channel, "channel.ready");
  return refuse(Errc::invalid_state, "channel.ready", "The channel is not active.");
}

void change(Draft& draft, const Channel& channel, const ReadyChannel&, Cause cause) {
  if (channel.interaction) return set_pending(draft, channel, {AgentState::ready, {}, cause});
  if (channel.agent_state == AgentState::ready) return;
  ChannelChanged change = change_of(channel, cause);
  change.agent_state = AgentState::ready;
  change.reason.clear();
  change.idle_since = draft.now();
  draft.emit(std::move(change));
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ReadyChannel& command) {
  return carry_out_on_one(draft, asked, command);
}

Result<void> check(const Draft& draft, const Channel&, const NotReadyChannel& command) {
  return check_reason(draft.directory(), command.reason.value_or(""));
}

void change(Draft& draft, const Channel& channel, const NotReadyChannel& command, Cause cause) {
  const std::string reason = command.reason.value_or("");
  const bool is_active = channel.state == ChannelState::active;
  if (is_active && channel.interaction) {
    return set_pending(draft, channel, {AgentState::not_ready, reason, cause});
  }
  const bool holds_already =
      channel.agent_state == AgentState::not_ready && (channel.reason == reason || !is_active);
  if (holds_already) return;
  ChannelChanged change = change_of(channel, cause);
  make_not_ready(change, reason);
  draft.emit(std::move(change));
}

Result<void> carry_out(Draft& draft, const Asked& asked, const NotReadyChannel& command) {
  return carry_out_on_one(draft, asked, command);
}

// --- Dispositions ---------------------------------------------------------------------------

Result<void> carry_out(Draft& draft, const Asked& asked, const ListDispositions&) {
  succeed(draft, asked);
  draft.emit(DispositionsListed{asked.path.channel});
  return {};
}

}  // namespace cord::core
