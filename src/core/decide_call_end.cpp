// How calls end: for the agent who has one or two of them, for the colleague at the other end, and
// on the platform.
#include "core/steps.hpp"

namespace cord::core {

namespace {

// What the agent had of its last call is over; the agent wraps up.
void end_last(Draft& draft, const Conversation& conversation, const CallEnding& ending) {
  cancel_invitation(draft, conversation);
  stop_recording(draft, draft.state().at(conversation.interaction));
  begin_wrapup(draft, conversation, ending);
}

// What the end of one of two conversations means to the other.
enum class Other : std::uint8_t { is_left, is_retrieved, ends_too };

// The phone turns to the conversation that is left.
void turn_to(Draft& draft, const Conversation& left, Cause cause) {
  const State& state = draft.state();
  const Interaction& interaction = state.at(left.interaction);
  follow_focus(draft, state.focus_of(interaction), left);
  // The platform may have begun to take the phone away.
  const bool is_joining = is_busy_with(interaction, OperationKind::transfer) ||
                          is_busy_with(interaction, OperationKind::conference);
  if (is_joining) bridge_again(draft, left);
  // The phone was kept only for what has ended.
  const bool is_let_go = is_busy_with(interaction, OperationKind::release) &&
                         interaction.operation->conversation == left.id;
  if (is_let_go) leave_phone(draft, state.at(interaction.channel), cause);
}

// One of two conversations ends. A recording is that of the primary.
void end_one(Draft& draft, const Conversation& conversation, Cause cause,
             Other other = Other::is_left) {
  const State& state = draft.state();
  const Interaction& interaction = state.at(conversation.interaction);
  const LegId phone = state.at(interaction.channel).leg;
  cancel_invitation(draft, conversation);
  const bool is_recorded = conversation.id == interaction.conversation &&
                           interaction.recording_state != RecordingState::none;
  if (conversation.id == interaction.conversation) stop_recording(draft, interaction);
  draft.emit(ConversationEnded{interaction.id, conversation.id, conversation.state,
                               conversation.muted, cause, other == Other::is_retrieved});
  if (conversation.state == ConversationState::dialing) draft.order(StopRinging{phone});
  // What ends for the agent goes on for the others.
  if (const CallId mix = mix_of(state, conversation)) draft.order(LeaveMix{phone, mix});
  if (other != Other::ends_too) turn_to(draft, *state.find_other(conversation), cause);
  if (!is_recorded) return;
  draft.begin_block();
  draft.emit(
      RecordingChanged{interaction.id, interaction.recording, RecordingState::none, cause, {}});
}

bool is_consulting(const Draft& draft, const Conversation& conversation) {
  const Conversation* other = draft.state().find_other(conversation);
  return other != nullptr && other->state == ConversationState::dialing;
}

void end_for_colleague(Draft& draft, const Conversation& conversation) {
  fail_operation_of_ended_call(draft, conversation);
  if (conversation.state == ConversationState::alerting) {
    return end_offer(draft, draft.state().at(conversation.interaction),
                     {OfferEnd::abandoned, Cause::remote});
  }
  draft.begin_block();
  end_part(draft, conversation, Cause::remote);
}

// The call of `conversation` is over at its other end, too.
void end_far(Draft& draft, const Conversation& conversation, const CallEnding& ending) {
  const Call& call = draft.state().call_of(conversation);
  if (!call.conference.empty()) {
    return leave_conference(draft, call, phone_of(draft.state(), conversation), Cause::remote);
  }
  const Conversation* colleague = draft.state().find_colleague(conversation);
  if (colleague != nullptr) end_for_colleague(draft, *colleague);
  withdraw_offers(draft, call, Cause::remote);
  draft.emit(CallGone{call.id, ending.cause});
}

void release_far(Draft& draft, const Conversation& conversation, const CallEnding& ending) {
  const LegId leg = draft.state().call_of(conversation).leg;
  if (ending.releases_customer && leg) draft.order(ReleaseLeg{leg, ending.cause});
}

// The consult of an interaction of which everything is over.
void end_consult(Draft& draft, const Interaction& interaction, Cause cause) {
  if (!interaction.consult) return;
  const Conversation& consult = draft.state().at(interaction.consult);
  const CallEnding ending{.cause = cause, .releases_customer = true};
  release_far(draft, consult, ending);
  end_one(draft, consult, cause, Other::ends_too);
  end_far(draft, consult, ending);
  draft.begin_block();
}

}  // namespace

void begin_wrapup(Draft& draft, const Conversation& last, const CallEnding& ending) {
  const Channel& channel = draft.state().at(draft.state().at(last.interaction).channel);
  draft.emit(CallEnded{last.interaction, last.id, last.state, last.muted, ending.cause});
  if (ending.leaves_phone) leave_phone(draft, channel, ending.cause);
  draft.begin_block();
  ChannelChanged change = change_of(channel, ending.cause);
  change.agent_state = AgentState::wrapup;
  draft.emit(std::move(change));
  end_monitors(draft, channel, ending.cause);
}

void end_part(Draft& draft, const Conversation& conversation, Cause cause) {
  const Interaction& interaction = draft.state().at(conversation.interaction);
  const bool is_last = !interaction.consult || is_consulting(draft, conversation);
  if (!is_last) return end_one(draft, conversation, cause);
  if (conversation.id != interaction.consult) end_consult(draft, interaction, cause);
  end_last(draft, conversation, {.cause = cause, .leaves_phone = true});
}

void finish_reconnect(Draft& draft, const Interaction& interaction) {
  const Conversation& consult = draft.state().at(interaction.consult);
  const CallEnding ending{.cause = Cause::request, .releases_customer = true};
  end_operation(draft, interaction, Success{});
  release_far(draft, consult, ending);
  end_one(draft, consult, ending.cause, Other::is_retrieved);
  end_far(draft, consult, ending);
}

void end_call(Draft& draft, const Interaction& interaction, const CallEnding& ending) {
  const Conversation& conversation = draft.state().at(interaction.conversation);
  end_consult(draft, interaction, ending.cause);
  release_far(draft, conversation, ending);
  end_last(draft, conversation, ending);
  end_far(draft, conversation, ending);
}

void end_conversation(Draft& draft, const Conversation& conversation, const CallEnding& ending) {
  const Interaction& interaction = draft.state().at(conversation.interaction);
  if (!interaction.consult || is_consulting(draft, conversation)) {
    return end_call(draft, interaction, ending);
  }
  release_far(draft, conversation, ending);
  end_one(draft, conversation, ending.cause);
  end_far(draft, conversation, ending);
}

void give_up_far_end(Draft& draft, const Call& call, Cause cause) {
  if (call.partner) return partner_failed(draft, call, cause, false);
  if (call.joins) {
    if (call.leg) draft.order(ReleaseLeg{call.leg, cause});
    return invitation_failed(draft, call, cause);
  }
  const Interaction& caller = draft.state().at(call.origin ? call.origin : call.interaction);
  const Conversation& conversation = draft.state().part_in(caller, call.id);
  fail_operation_of_ended_call(draft, conversation);
  draft.begin_block();
  end_conversation(draft, conversation,
                   {.cause = cause, .releases_customer = true, .leaves_phone = true});
}

void give_up_waiting(Draft& draft, const Call& call, Cause cause) {
  if (call.origin || call.joins) return give_up_far_end(draft, call, cause);
  if (call.transfer && cause != Cause::shutdown) return return_transferred(draft, call, cause);
  withdraw_offers(draft, call, Cause::remote);
  draft.emit(CallGone{call.id, cause});
  if (!call.leg) return;
  const bool waited_in_vain = call.queue && cause == Cause::timeout;
  draft.order(
      ReleaseLeg{call.leg, cause,
                 waited_in_vain ? draft.directory().queues[*call.queue].name : std::string()});
}

}  // namespace cord::core
