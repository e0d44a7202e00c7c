// Calls that are talked on: release, hold, retrieve, mute, unmute, tones (docs/protocol.md, 5.3),
// and the phone's own hold key.
#include "core/steps.hpp"

namespace cord::core {

namespace {

bool is_answered(const Conversation& conversation) {
  return conversation.state == ConversationState::connected ||
         conversation.state == ConversationState::held;
}

bool has_focus(const Draft& draft, const Conversation& conversation) {
  return draft.state().focus_of(draft.state().at(conversation.interaction)).id == conversation.id;
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
  if (!has_focus(draft, conversation)) {
    // The phone is muted when it has this conversation.
    succeed(draft, asked);
    draft.emit(ConversationMuted{conversation.id, muted, Cause::request});
    return {};
  }
  begin_operation(draft, conversation, muted ? OperationKind::mute : OperationKind::unmute,
                  requester_of(asked));
  const LegId phone = phone_of(draft.state(), conversation);
  draft.order(muted ? Effect{MuteLeg{phone}} : Effect{UnmuteLeg{phone}});
  return {};
}

void begin_hold(Draft& draft, const Conversation& conversation, const Requester& requester) {
  begin_operation(draft, conversation, OperationKind::hold, requester);
  draft.order(hold_order(draft.state(), conversation));
}

void begin_retrieve(Draft& draft, const Conversation& conversation, const Requester& requester) {
  begin_operation(draft, conversation, OperationKind::retrieve, requester);
  draft.order(retrieve_order(draft.state(), conversation));
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

// The answered conversation of `interaction` that a report on an order to the phone is about. Its
// only one may have got another far end meanwhile.
template <class Report>
const Conversation* conversation_of(const Draft& draft, const Interaction& interaction,
                                    const Report& report) {
  const State& state = draft.state();
  for (const ConversationId id : {interaction.conversation, interaction.consult}) {
    const Conversation* it = state.find(id);
    if (it == nullptr || !is_answered(*it)) continue;
    const bool is_it = state.far_leg(*it) == report.customer && mix_of(state, *it) == report.mix;
    if (!interaction.consult || is_it) return it;
  }
  return nullptr;
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
  const Conversation& conversation = draft.state().focus_of(*interaction);
  if (conversation.muted == muted) return;
  const OperationKind kind = muted ? OperationKind::mute : OperationKind::unmute;
  const bool ends_operation = is_busy_with(*interaction, kind);
  const Cause cause = settle(draft, *interaction, kind);
  draft.emit(ConversationMuted{conversation.id, muted, cause});
  if (ends_operation) follow_up(draft, *interaction);
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
  begin_hold(draft, conversation, requester_of(asked));
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
  if (!has_focus(draft, conversation)) {
    return refuse(Errc::invalid_state, "conversation.retrieve",
                  "The phone has the other call: interaction.alternate or .reconnect.");
  }
  begin_retrieve(draft, conversation, requester_of(asked));
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
  const Conversation& conversation = draft.state().at(asked.path.conversation);
  if (!draft.directory().capabilities.dtmf) {
    return refuse(Errc::unsupported, "conversation.senddtmf", "The platform cannot send tones.");
  }
  const bool is_valid = !command.digits.empty() && command.digits.size() <= digits_max &&
                        command.digits.find_first_not_of(allowed) == std::string::npos;
  if (!is_valid) {
    return refuse(Errc::invalid_request, "conversation.senddtmf",
                  fmt::format("data.digits must be 1 to {} of {}", digits_max, allowed));
  }
  if (conversation.state != ConversationState::connected) {
    return refuse(Errc::invalid_state, "conversation.senddtmf", "Nobody would hear them.");
  }
  begin_operation(draft, conversation, OperationKind::tones, requester_of(asked));
  draft.order(SendDigits{draft.state().far_leg(conversation), phone_of(draft.state(), conversation),
                         command.digits});
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ReleaseConversation&) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const Conversation& conversation = draft.state().at(asked.path.conversation);
  if (conversation.state == ConversationState::alerting) {
    return refuse(Errc::invalid_state, "conversation.release",
                  "The call is still ringing: it can be answered or rejected.");
  }
  const LegId leg = draft.state().call_of(conversation).leg;
  if (!leg) {
    // Between agents there is no leg but their phones': nothing to wait for.
    succeed(draft, asked);
    end_conversation(draft, conversation, {.cause = Cause::request, .leaves_phone = true});
    return {};
  }
  begin_operation(draft, conversation, OperationKind::release, requester_of(asked));
  take_back_invitation(draft, conversation, Cause::request);
  draft.order(ReleaseLeg{leg, Cause::request});
  if (interaction.consult) return {};
  leave_phone(draft, draft.state().at(interaction.channel), Cause::request);
  return {};
}

void on_report(Draft& draft, const LegHeld& report) {
  const Interaction* interaction = answered_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation* conversation = conversation_of(draft, *interaction, report);
  if (conversation == nullptr) return;
  if (is_busy_with(*interaction, OperationKind::consult)) {
    const bool is_placed = static_cast<bool>(interaction->operation->leg);
    return is_placed ? void() : go_on_consulting(draft, *interaction);
  }
  if (!next_state(conversation_moves, conversation->state, ConversationInput::held)) return;
  const bool ends_operation = is_busy_with(*interaction, OperationKind::hold);
  const Cause cause = settle(draft, *interaction, OperationKind::hold);
  draft.emit(ConversationHeld{conversation->id, cause});
  if (ends_operation) follow_up(draft, *interaction, cause);
}

void on_report(Draft& draft, const LegRetrieved& report) {
  const Interaction* interaction = answered_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation* conversation = conversation_of(draft, *interaction, report);
  if (conversation == nullptr) return;
  const bool is_primary = conversation->id == interaction->conversation;
  if (is_primary && is_busy_with(*interaction, OperationKind::reconnect)) {
    return finish_reconnect(draft, *interaction);
  }
  if (!has_focus(draft, *conversation)) {
    return focus_moved(draft, *conversation, settle(draft, *interaction, OperationKind::alternate));
  }
  if (!next_state(conversation_moves, conversation->state, ConversationInput::retrieved)) return;
  const bool ends_operation = is_busy_with(*interaction, OperationKind::retrieve);
  const Cause cause = settle(draft, *interaction, OperationKind::retrieve);
  draft.emit(ConversationRetrieved{conversation->id, cause});
  if (ends_operation) follow_up(draft, *interaction, std::nullopt);
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
  follow_up(draft, *interaction);
}

// --- The phone's hold key -------------------------------------------------------------------

void follow_up(Draft& draft, const Interaction& interaction, std::optional<Cause> held_by) {
  const Conversation& conversation = draft.state().focus_of(interaction);
  const std::optional<bool> wish = conversation.phone_hold_wish;
  if (!wish) return follow_far_answer(draft, interaction);
  draft.begin_block();
  draft.emit(PhoneHoldKeyed{conversation.id, std::nullopt});
  if (*wish && !held_by) {
    begin_hold(draft, conversation, {.cause = Cause::phone});
  } else if (!*wish && held_by == Cause::phone) {
    begin_retrieve(draft, conversation, {.cause = Cause::phone});
  }
}

void follow_up(Draft& draft, const Interaction& interaction) {
  const Conversation& conversation = draft.state().focus_of(interaction);
  std::optional<Cause> held_by;
  if (conversation.state != ConversationState::connected) {
    held_by = conversation.held_by_phone ? Cause::phone : Cause::request;
  }
  follow_up(draft, interaction, held_by);
}

void on_report(Draft& draft, const LegHeldByPhone& report) {
  const Interaction* interaction = keyed_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().focus_of(*interaction);
  if (interaction->operation) return draft.emit(PhoneHoldKeyed{conversation.id, true});
  if (conversation.state == ConversationState::connected) {
    begin_hold(draft, conversation, {.cause = Cause::phone});
  }
}

void on_report(Draft& draft, const LegRetrievedByPhone& report) {
  const Interaction* interaction = keyed_call_of(draft, report.leg);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().focus_of(*interaction);
  if (interaction->operation) return draft.emit(PhoneHoldKeyed{conversation.id, false});
  if (conversation.held_by_phone) begin_retrieve(draft, conversation, {.cause = Cause::phone});
}

}  // namespace cord::core
