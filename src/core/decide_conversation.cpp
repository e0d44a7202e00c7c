// Calls that are talked on: release, hold, retrieve, mute, unmute, tones (docs/protocol.md, 5.3),
// the phone's own hold key, and how a call ends.
#include "core/steps.hpp"

namespace cord::core {

namespace {

struct Control {
  const Conversation& conversation;
  const Interaction& interaction;
  LegId customer;
  LegId phone;
};

// What an answered call is controlled by.
Control control_of(const Draft& draft, const Interaction& interaction) {
  const State& state = draft.state();
  return {state.at(interaction.conversation), interaction, state.far_leg(interaction),
          state.at(interaction.channel).leg};
}

bool is_answered(const Conversation& conversation) {
  return conversation.state == ConversationState::connected ||
         conversation.state == ConversationState::held;
}

Result<void> check_mute(const Draft& draft, const Conversation& conversation) {
  if (!draft.directory().capabilities.mute) {
    return refuse(Errc::unsupported, "conversation.mute", "The platform cannot mute.");
  }
  if (!is_answered(conversation)) {
    return refuse(Errc::invalid_state, "conversation.mute", "The call is still ringing.");
  }
  return {};
}

Result<void> set_muted(Draft& draft, const Asked& asked, bool muted) {
  const Conversation& conversation = draft.state().at(asked.path.conversation);
  const Result<void> is_allowed = check_mute(draft, conversation);
  if (!is_allowed) return is_allowed;
  if (conversation.muted == muted) {
    succeed(draft, asked);
    return {};
  }
  const Control control = control_of(draft, draft.state().at(asked.path.interaction));
  begin_operation(draft, control.interaction, muted ? OperationKind::mute : OperationKind::unmute,
                  requester_of(asked));
  draft.order(muted ? Effect{MuteLeg{control.phone}} : Effect{UnmuteLeg{control.phone}});
  return {};
}

void begin_hold(Draft& draft, const Interaction& interaction, const Requester& requester) {
  const Control control = control_of(draft, interaction);
  begin_operation(draft, interaction, OperationKind::hold, requester);
  draft.order(HoldLeg{control.customer, control.phone});
}

void begin_retrieve(Draft& draft, const Interaction& interaction, const Requester& requester) {
  const Control control = control_of(draft, interaction);
  begin_operation(draft, interaction, OperationKind::retrieve, requester);
  draft.order(RetrieveLeg{control.customer, control.phone});
}

// The answered call that a report about a leg of it speaks of, or null.
const Interaction* answered_call_of(const Draft& draft, LegId id) {
  const State& state = draft.state();
  const Leg* leg = state.find(id);
  if (leg == nullptr) return nullptr;
  const Interaction* interaction =
      state.find(leg->call ? state.at(leg->call).interaction : state.at(leg->channel).interaction);
  if (interaction == nullptr || interaction->state != InteractionState::started) return nullptr;
  return interaction;
}

// The answered call whose agent pressed the hold key. What a customer's own phone does with its
// media is not ours to follow.
const Interaction* keyed_call_of(const Draft& draft, LegId id) {
  const Leg* leg = draft.state().find(id);
  const bool is_phone = leg != nullptr && leg->channel;
  if (!is_phone || !draft.directory().capabilities.hold) return nullptr;
  return answered_call_of(draft, id);
}

// The cause of a reported change: the pending operation's if it was for this, which then ends.
// Late reports of operations that have timed out are true all the same.
Cause settle(Draft& draft, const Interaction& interaction, OperationKind kind) {
  if (!is_busy_with(interaction, kind)) {
    draft.begin_block();
    return Cause::request;
  }
  const Cause cause = interaction.operation->cause;
  end_operation(draft, interaction, Success{});
  return cause;
}

void report_muted(Draft& draft, LegId leg, bool muted) {
  const Interaction* interaction = answered_call_of(draft, leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().at(interaction->conversation);
  if (conversation.muted == muted) return;
  const OperationKind kind = muted ? OperationKind::mute : OperationKind::unmute;
  const bool ends_operation = is_busy_with(*interaction, kind);
  const Cause cause = settle(draft, *interaction, kind);
  draft.emit(ConversationMuted{conversation.id, muted, cause});
  if (ends_operation) follow_hold_key(draft, *interaction);
}

// The agent's part of a call is over; the agent wraps up.
void end_part(Draft& draft, const Interaction& interaction, const CallEnding& ending) {
  const Conversation& conversation = draft.state().at(interaction.conversation);
  const Channel& channel = draft.state().at(interaction.channel);
  stop_recording(draft, interaction);
  draft.emit(CallEnded{interaction.id, conversation.id, conversation.state, conversation.muted,
                       ending.cause});
  if (ending.leaves_phone) leave_phone(draft, channel, ending.cause);
  draft.begin_block();
  ChannelChanged change = change_of(channel, ending.cause);
  change.agent_state = AgentState::wrapup;
  draft.emit(std::move(change));
}

// The agent at the other end has gone.
void end_for_colleague(Draft& draft, const Interaction& interaction) {
  fail_operation_of_ended_call(draft, interaction);
  if (interaction.state == InteractionState::alerting) {
    return end_offer(draft, interaction, {OfferEnd::abandoned, Cause::remote});
  }
  draft.begin_block();
  end_part(draft, interaction, {.cause = Cause::remote, .leaves_phone = true});
}

}  // namespace

Result<void> carry_out(Draft& draft, const Asked& asked, const HoldConversation&) {
  const Conversation& conversation = draft.state().at(asked.path.conversation);
  if (!draft.directory().capabilities.hold) {
    return refuse(Errc::unsupported, "conversation.hold", "The platform cannot hold.");
  }
  if (conversation.state == ConversationState::held) {
    succeed(draft, asked);
    return {};
  }
  if (!next_state(conversation_moves, conversation.state, ConversationInput::held)) {
    return refuse(Errc::invalid_state, "conversation.hold", "The call is still ringing.");
  }
  begin_hold(draft, draft.state().at(asked.path.interaction), requester_of(asked));
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const RetrieveConversation&) {
  const Conversation& conversation = draft.state().at(asked.path.conversation);
  if (!draft.directory().capabilities.hold) {
    return refuse(Errc::unsupported, "conversation.retrieve", "The platform cannot hold.");
  }
  if (conversation.state == ConversationState::connected) {
    succeed(draft, asked);
    return {};
  }
  if (!next_state(conversation_moves, conversation.state, ConversationInput::retrieved)) {
    return refuse(Errc::invalid_state, "conversation.retrieve", "The call is still ringing.");
  }
  begin_retrieve(draft, draft.state().at(asked.path.interaction), requester_of(asked));
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const MuteConversation&) {
  return set_muted(draft, asked, true);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const UnmuteConversation&) {
  return set_muted(draft, asked, false);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const SendTones& command) {
  constexpr std::size_t digits_max = 64;
  constexpr std::string_view allowed = "0123456789ABCD*#,";
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  if (!draft.directory().capabilities.dtmf) {
    return refuse(Errc::unsupported, "conversation.senddtmf", "The platform cannot send tones.");
  }
  const bool is_valid = !command.digits.empty() && command.digits.size() <= digits_max &&
                        command.digits.find_first_not_of(allowed) == std::string::npos;
  if (!is_valid) {
    return refuse(Errc::invalid_request, "conversation.senddtmf",
                  fmt::format("data.digits must be 1 to {} of {}", digits_max, allowed));
  }
  if (draft.state().at(asked.path.conversation).state != ConversationState::connected) {
    return refuse(Errc::invalid_state, "conversation.senddtmf", "Nobody would hear them.");
  }
  const Control control = control_of(draft, interaction);
  begin_operation(draft, interaction, OperationKind::tones, requester_of(asked));
  draft.order(SendDigits{control.customer, control.phone, command.digits});
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ReleaseConversation&) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  if (draft.state().at(asked.path.conversation).state == ConversationState::alerting) {
    return refuse(Errc::invalid_state, "conversation.release",
                  "The call is still ringing: it can be answered or rejected.");
  }
  if (!draft.state().at(interaction.call).leg) {
    // Between agents there is no leg but their phones': nothing to wait for.
    succeed(draft, asked);
    end_call(draft, interaction, {.cause = Cause::request, .leaves_phone = true});
    return {};
  }
  begin_operation(draft, interaction, OperationKind::release, requester_of(asked));
  draft.order(ReleaseLeg{draft.state().at(interaction.call).leg, Cause::request});
  leave_phone(draft, draft.state().at(interaction.channel), Cause::request);
  return {};
}

void end_for_caller(Draft& draft, const Interaction& interaction, Cause cause) {
  end_part(draft, interaction, {.cause = cause, .leaves_phone = true});
}

void end_call(Draft& draft, const Interaction& interaction, const CallEnding& ending) {
  const Call& call = draft.state().at(interaction.call);
  if (ending.releases_customer && call.leg) draft.order(ReleaseLeg{call.leg, ending.cause});
  end_part(draft, interaction, ending);
  const Interaction* colleague = draft.state().find_colleague(interaction);
  if (colleague != nullptr) end_for_colleague(draft, *colleague);
  draft.emit(CallGone{call.id, ending.cause});
}

void on_report(Draft& draft, const LegHeld& report) {
  const Interaction* interaction = answered_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().at(interaction->conversation);
  if (!next_state(conversation_moves, conversation.state, ConversationInput::held)) return;
  const bool ends_operation = is_busy_with(*interaction, OperationKind::hold);
  const Cause cause = settle(draft, *interaction, OperationKind::hold);
  draft.emit(ConversationHeld{conversation.id, cause});
  if (ends_operation) follow_hold_key(draft, *interaction, cause);
}

void on_report(Draft& draft, const LegRetrieved& report) {
  const Interaction* interaction = answered_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().at(interaction->conversation);
  if (!next_state(conversation_moves, conversation.state, ConversationInput::retrieved)) return;
  const bool ends_operation = is_busy_with(*interaction, OperationKind::retrieve);
  const Cause cause = settle(draft, *interaction, OperationKind::retrieve);
  draft.emit(ConversationRetrieved{conversation.id, cause});
  if (ends_operation) follow_hold_key(draft, *interaction, std::nullopt);
}

void on_report(Draft& draft, const LegMuted& report) {
  report_muted(draft, report.leg, true);
}
void on_report(Draft& draft, const LegUnmuted& report) {
  report_muted(draft, report.leg, false);
}

void on_report(Draft& draft, const TonesSent& report) {
  const Interaction* interaction = answered_call_of(draft, report.leg);
  if (interaction == nullptr || !is_busy_with(*interaction, OperationKind::tones)) return;
  end_operation(draft, *interaction, Success{});
  follow_hold_key(draft, *interaction);
}

// --- The phone's hold key -------------------------------------------------------------------

void follow_hold_key(Draft& draft, const Interaction& interaction, std::optional<Cause> held_by) {
  const Conversation& conversation = draft.state().at(interaction.conversation);
  const std::optional<bool> wish = conversation.phone_hold_wish;
  if (!wish) return;
  draft.begin_block();
  draft.emit(PhoneHoldKeyed{conversation.id, std::nullopt});
  if (*wish && !held_by) begin_hold(draft, interaction, {.cause = Cause::phone});
  if (!*wish && held_by == Cause::phone) {
    begin_retrieve(draft, interaction, {.cause = Cause::phone});
  }
}

void follow_hold_key(Draft& draft, const Interaction& interaction) {
  const Conversation& conversation = draft.state().at(interaction.conversation);
  std::optional<Cause> held_by;
  if (conversation.state == ConversationState::held) {
    held_by = conversation.held_by_phone ? Cause::phone : Cause::request;
  }
  follow_hold_key(draft, interaction, held_by);
}

void on_report(Draft& draft, const LegHeldByPhone& report) {
  const Interaction* interaction = keyed_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().at(interaction->conversation);
  if (interaction->operation) return draft.emit(PhoneHoldKeyed{conversation.id, true});
  if (conversation.state == ConversationState::connected) {
    begin_hold(draft, *interaction, {.cause = Cause::phone});
  }
}

void on_report(Draft& draft, const LegRetrievedByPhone& report) {
  const Interaction* interaction = keyed_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().at(interaction->conversation);
  if (interaction->operation) return draft.emit(PhoneHoldKeyed{conversation.id, false});
  if (conversation.held_by_phone) begin_retrieve(draft, *interaction, {.cause = Cause::phone});
}

}  // namespace cord::core
