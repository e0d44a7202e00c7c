// Answering an offered call, by command or by picking up the phone (docs/protocol.md, 5.3
// conversation.answer, 5.2 interaction.accept).
#include "core/steps.hpp"

namespace cord::core {

namespace {

Result<void> answer(Draft& draft, const Asked& asked, const Interaction& interaction) {
  const Conversation* conversation = draft.state().find(interaction.conversation);
  if (conversation == nullptr) {
    return refuse(Errc::invalid_state, "conversation.answer", "The call has ended.");
  }
  if (conversation->state == ConversationState::connected) {
    succeed(draft, asked);
    return {};
  }
  // What one has dialled is answered at the other end.
  if (conversation->state != ConversationState::alerting) {
    return refuse(Errc::invalid_state, "conversation.answer", "The call is not ringing.");
  }
  begin_answer(draft, interaction, requester_of(asked));
  return {};
}

// Agent and far end hear each other. Who has dialled is busy already.
void begin_talk(Draft& draft, const Conversation& conversation, Cause cause) {
  const Interaction& interaction = draft.state().at(conversation.interaction);
  const Channel& channel = draft.state().at(interaction.channel);
  const ConversationState previous = conversation.state;
  if (conversation.type == ConversationType::consult) {
    return draft.emit(ConsultAnswered{conversation.id, cause});
  }
  draft.emit(CallAnswered{interaction.id, conversation.id, previous, cause});
  if (previous == ConversationState::alerting) {
    draft.begin_block();
    ChannelChanged change = change_of(channel, cause);
    change.agent_state = AgentState::busy;
    draft.emit(std::move(change));
  }
  if (!draft.directory().record_automatically || !draft.directory().capabilities.recording) return;
  draft.begin_block();
  begin_recording(draft, interaction, {});
}

}  // namespace

void bridge_phone(Draft& draft, const Conversation& conversation) {
  const State& state = draft.state();
  const LegId phone = phone_of(state, conversation);
  const Call& call = state.call_of(conversation);
  if (call.joins) return mix_in(draft, phone, state.call_of(state.at(call.joins)));
  if (!call.conference.empty()) return mix_in(draft, phone, call);
  draft.order(BridgeLegs{state.far_leg(conversation), phone});
}

namespace {

// Whose answer comes first has a call that rings at several.
void begin_answering(Draft& draft, const Interaction& interaction, const Requester& requester) {
  const Conversation& conversation = draft.state().at(interaction.conversation);
  if (conversation.state == ConversationState::alerting) {
    const Call& call = draft.state().at(interaction.call);
    take_offer(draft, interaction);
    withdraw_offers(draft, call, Cause::transfer, interaction.id);
    draft.begin_block();
  }
  begin_operation(draft, conversation, OperationKind::answer, requester);
}

}  // namespace

void begin_answer(Draft& draft, const Interaction& interaction, const Requester& requester) {
  const Channel& channel = draft.state().at(interaction.channel);
  const Call& call = draft.state().at(interaction.call);
  const Conversation& conversation = draft.state().at(interaction.conversation);
  begin_answering(draft, interaction, requester);
  if (has_persistent_phone(draft.directory(), channel)) return bridge_phone(draft, conversation);
  // A phone that rings with the offer is called anew, so that it picks up by itself.
  hang_up_phone(draft, channel, Cause::request);
  call_phone(draft, channel,
             {.caller = call.caller,
              .caller_name = call.caller_name,
              .ring_max = draft.limits().phone_pickup_max});
}

void fail_answer(Draft& draft, const Conversation& conversation, Cause cause) {
  if (conversation.state == ConversationState::alerting) {
    return end_offer(draft, draft.state().at(conversation.interaction),
                     {OfferEnd::phone_failed, cause});
  }
  draft.begin_block();
  end_conversation(draft, conversation,
                   {.cause = cause, .releases_customer = true, .leaves_phone = true});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const AnswerConversation&) {
  return answer(draft, asked, draft.state().at(asked.path.interaction));
}

Result<void> carry_out(Draft& draft, const Asked& asked, const AcceptInteraction&) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  if (interaction.type != MediaType::telephony) return accept_task(draft, asked, interaction);
  return answer(draft, asked, interaction);
}

void on_report(Draft& draft, const LegAnswered& report) {
  const Leg* leg = draft.state().find(report.leg);
  if (leg == nullptr) return draft.order(ReleaseLeg{report.leg, Cause::request});
  if (leg->call) return far_answered(draft, *leg);
  const Channel& channel = draft.state().at(leg->channel);
  if (leg->is_answered || channel.leg != leg->id) return;
  if (has_browser(draft.directory(), channel)) return;
  draft.emit(PhoneAnswered{leg->id});
  if (channel.activation) return end_activation(draft, channel, {});
  if (channel.dial) return go_on_dialling(draft, channel);
  if (channel.monitoring) return go_on_monitoring(draft, channel);
  const Interaction& interaction = draft.state().at(channel.interaction);
  const Conversation& conversation = draft.state().at(interaction.conversation);
  if (!interaction.operation) {
    begin_answering(draft, interaction, {.cause = Cause::phone});
  }
  bridge_phone(draft, conversation);
}

void on_report(Draft& draft, const LegsBridged& report) {
  const State& state = draft.state();
  const Interaction* transferring = find_transferring(state, report.agent, report.customer);
  if (transferring != nullptr) return finish_transfer(draft, *transferring);
  const Leg* phone = state.find(report.agent);
  if (phone == nullptr || !phone->is_answered) return;
  if (phone->call) return partners_bridged(draft, state.at(phone->call), report.customer);
  const Interaction* interaction = state.find(state.at(phone->channel).interaction);
  if (interaction == nullptr || !is_busy_with(*interaction, OperationKind::answer)) return;
  const Conversation& conversation = state.at(interaction->operation->conversation);
  if (state.far_leg(conversation) != report.customer) return;
  const Cause cause = interaction->operation->cause;
  end_operation(draft, *interaction, Success{});
  begin_talk(draft, conversation, cause);
  const Conversation* colleague = state.find_colleague(conversation);
  if (colleague == nullptr) return;
  draft.begin_block();
  begin_talk(draft, *colleague, Cause::remote);
}

void on_report(Draft& draft, const LegsMixed& report) {
  const State& state = draft.state();
  const Leg* leg = state.find(report.leg);
  if (leg == nullptr || !leg->is_answered) return;
  if (const Call* call = state.find(leg->call)) {
    if (call->joins) join_in(draft, *call);
    return;
  }
  const Interaction* interaction = state.find(state.at(leg->channel).interaction);
  if (interaction == nullptr || !interaction->operation) return;
  if (is_busy_with(*interaction, OperationKind::conference)) {
    return finish_conference(draft, *interaction);
  }
  const Conversation& conversation = state.at(interaction->operation->conversation);
  const Call& call = state.call_of(conversation);
  if (!is_busy_with(*interaction, OperationKind::answer) || !call.joins) return;
  const Cause cause = interaction->operation->cause;
  end_operation(draft, *interaction, Success{});
  begin_talk(draft, conversation, cause);
  join_in(draft, call);
}

}  // namespace cord::core
