// What passes with time: every waiting state has an owner and ends here at the latest.
#include "core/steps.hpp"

namespace cord::core {

namespace {

Error cti_timeout(const char* where) {
  return Error{Errc::cti_timeout, where, "The platform has not answered in time."};
}

void expire(Draft& draft, const Session& session) {
  if (has_live_call(draft.state(), session)) return draft.emit(SessionOverdue{session.id});
  cancel_preparations(draft, session);
  draft.begin_block();
  close_session(draft, session, SessionEnd::expired, reason_connection_lost);
}

void suspend_offers(Draft& draft, const Channel& channel) {
  if (channel.state != ChannelState::active) return;
  ChannelChanged change = change_of(channel, Cause::timeout);
  if (channel.interaction) {
    if (channel.pending == AgentState::not_ready) return;
    change.pending = AgentState::not_ready;
    change.pending_reason = reason_connection_lost;
  } else if (channel.agent_state == AgentState::ready) {
    make_not_ready(change, reason_connection_lost);
  } else {
    return;
  }
  draft.emit(std::move(change));
}

// The agent cannot see offers: no new ones, whatever the agent is doing now.
void suspend_offers(Draft& draft, const Session& session) {
  draft.emit(OffersSuspended{session.id});
  for (const Channel* channel : channels_of(draft.state(), session)) {
    suspend_offers(draft, *channel);
  }
}

void time_out_operation(Draft& draft, const Interaction& interaction) {
  const OperationKind kind = interaction.operation->kind;
  const Conversation& conversation = draft.state().at(interaction.operation->conversation);
  switch (kind) {
    case OperationKind::answer:
      end_operation(draft, interaction, tl::make_unexpected(cti_timeout("conversation.answer")));
      return fail_answer(draft, conversation, Cause::timeout);
    case OperationKind::release:
      // The call has been let go of and its end is ordered: the agent must not be stuck in it.
      end_operation(draft, interaction, tl::make_unexpected(cti_timeout("conversation.release")));
      draft.begin_block();
      return end_conversation(draft, conversation,
                              {.cause = Cause::timeout,
                               .releases_customer = true,
                               .leaves_phone = static_cast<bool>(interaction.consult)});
    case OperationKind::consult: {
      const bool is_held = static_cast<bool>(interaction.operation->leg);
      return fail_consult(draft, interaction, cti_timeout("interaction.consult"), is_held);
    }
    case OperationKind::transfer:
      return fail_transfer(draft, interaction, cti_timeout("interaction.consulttransfer"));
    case OperationKind::conference:
      return fail_transfer(draft, interaction, cti_timeout("interaction.consultconference"));
    case OperationKind::blind_transfer:
    case OperationKind::blind_conference:
      fail_operation(draft, interaction, cti_timeout("conversation"));
      break;
    case OperationKind::hold:
    case OperationKind::retrieve:
    case OperationKind::mute:
    case OperationKind::unmute:
    case OperationKind::tones:
    case OperationKind::alternate:
    case OperationKind::reconnect:
      end_operation(draft, interaction, tl::make_unexpected(cti_timeout("conversation")));
      break;
    case OperationKind::recording_start:
      // It might still begin, and nobody would know.
      stop_recording(draft, interaction);
      fail_recording_operation(draft, interaction, cti_timeout("recording"));
      break;
    case OperationKind::recording_stop:
    case OperationKind::recording_pause:
    case OperationKind::recording_resume:
      fail_recording_operation(draft, interaction, cti_timeout("recording"));
      break;
  }
  follow_up(draft, interaction);
}

void complete_wrapup(Draft& draft, const Interaction& interaction) {
  draft.emit(InteractionCompleted{
      .channel = interaction.channel, .interaction = interaction.id, .cause = Cause::timeout});
  draft.emit(change_after_work(draft.state().at(interaction.channel), Cause::timeout, draft.now()));
}

void give_up_activation(Draft& draft, const Channel& channel) {
  if (!has_browser(draft.directory(), channel)) hang_up_phone(draft, channel, Cause::timeout);
  end_activation(draft, channel, tl::make_unexpected(cti_timeout("channel.activate")));
}

void give_up_dialling(Draft& draft, const Channel& channel) {
  end_dial(draft, channel, cti_timeout("channel.dial"));
  leave_phone(draft, channel, Cause::timeout);
}

// Nobody has answered.
void give_up_ringing(Draft& draft, const Interaction& interaction) {
  if (interaction.state == InteractionState::alerting) {
    return end_offer(draft, interaction, {OfferEnd::ring_timeout, Cause::timeout});
  }
  end_call(draft, interaction,
           {.cause = Cause::timeout, .releases_customer = true, .leaves_phone = true});
}

}  // namespace

void on_deadline(Draft& draft, const Deadline& deadline) {
  const State& state = draft.state();
  switch (deadline.kind) {
    case DeadlineKind::session_start:
    case DeadlineKind::detached_grace:
    case DeadlineKind::overdue:
      return expire(draft, state.at(SessionId{deadline.subject}));
    case DeadlineKind::detached_rest:
      return suspend_offers(draft, state.at(SessionId{deadline.subject}));
    case DeadlineKind::activation:
      return give_up_activation(draft, state.at(ChannelId{deadline.subject}));
    case DeadlineKind::media_offer:
      return give_up_offer(draft, state.at(ChannelId{deadline.subject}));
    case DeadlineKind::media_wait:
      return give_up_media(draft, state.at(ChannelId{deadline.subject}));
    case DeadlineKind::dial:
      return give_up_dialling(draft, state.at(ChannelId{deadline.subject}));
    case DeadlineKind::monitor:
      return fail_monitoring(draft, state.at(ChannelId{deadline.subject}),
                             cti_timeout("channel.monitor"));
    case DeadlineKind::ring:
      return give_up_ringing(draft, state.at(InteractionId{deadline.subject}));
    case DeadlineKind::far_ring:
      return give_up_far_end(draft, state.at(CallId{deadline.subject}), Cause::timeout);
    case DeadlineKind::operation:
      return time_out_operation(draft, state.at(InteractionId{deadline.subject}));
    case DeadlineKind::wrapup:
      return complete_wrapup(draft, state.at(InteractionId{deadline.subject}));
    case DeadlineKind::queue_wait:
      return end_waiting(draft, state.at(CallId{deadline.subject}));
    case DeadlineKind::refusal_rest:
      return draft.emit(RefusalsRested{CallId{deadline.subject}});
  }
}

}  // namespace cord::core
