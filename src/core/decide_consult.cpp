// A second call beside the first: consult, alternate, reconnect (docs/protocol.md, 5.2). The
// agent's phone has one of the two at a time, which is the interaction's focus; the other is held.
#include "core/dial_steps.hpp"

namespace cord::core {

namespace {

constexpr const char* where = "interaction.consult";

// Who wants a number to be consulted. The operation may not have been begun yet.
struct Wish {
  const Interaction& interaction;
  Requester requester;
  std::string number;
};

const Conversation& primary_of(const Draft& draft, const Interaction& interaction) {
  return draft.state().at(interaction.conversation);
}

Result<void> check_capability(const Draft& draft, const char* command) {
  const Capabilities& can = draft.directory().capabilities;
  if (can.consult && can.hold && can.dial) return {};
  return refuse(Errc::unsupported, command, "The platform cannot have two calls for one phone.");
}

Result<void> check_consult(const Draft& draft, const Interaction& interaction) {
  const Result<void> is_able = check_capability(draft, where);
  if (!is_able) return is_able;
  if (interaction.type != MediaType::telephony) {
    return refuse(Errc::unsupported, where, "Only calls have a consult call.");
  }
  if (interaction.state != InteractionState::started) {
    return refuse(Errc::invalid_state, where, "There is no call that is talked on.");
  }
  if (interaction.consult) {
    return refuse(Errc::invalid_state, where, "There is a consult call already.");
  }
  if (primary_of(draft, interaction).type == ConversationType::consult) {
    return refuse(Errc::invalid_state, where, "The first call has ended: this is the consult.");
  }
  return {};
}

// The conversation that has not got the focus, if both are talked on.
Result<const Conversation*> find_background(const Draft& draft, const Asked& asked,
                                            const char* command) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const Result<void> is_able = check_capability(draft, command);
  if (!is_able) return tl::make_unexpected(is_able.error());
  if (!interaction.consult) {
    return refuse(Errc::invalid_state, command, "There is no consult call.");
  }
  if (draft.state().at(interaction.consult).state == ConversationState::dialing) {
    return refuse(Errc::invalid_state, command, "The consult call is still ringing.");
  }
  return draft.state().find_other(draft.state().focus_of(interaction));
}

// The consult call is on its way: the agent is told. Gives its id.
CallId begin_consult(Draft& draft, const Wish& wish, const Dialled& dialled) {
  const Interaction& interaction = wish.interaction;
  const Conversation& primary = primary_of(draft, interaction);
  if (interaction.operation) {
    end_operation(draft, interaction, Success{});
  } else {
    draft.reply(wish.requester.request, wish.requester.connection, Success{});
  }
  const Channel& channel = draft.state().at(interaction.channel);
  auto call = dialled_event<ConsultDialed>(draft, channel, dialled);
  call.interaction = interaction.id;
  call.was_connected = primary.state == ConversationState::connected;
  const CallId id = call.call;
  draft.emit(std::move(call));
  draft.order(PlayRinging{channel.leg});
  if (primary.muted) draft.order(UnmuteLeg{channel.leg});
  return id;
}

void consult_outside(Draft& draft, const Wish& wish) {
  const Interaction& interaction = wish.interaction;
  if (!interaction.operation) {
    begin_operation(draft, primary_of(draft, interaction), OperationKind::consult, wish.requester,
                    wish.number);
  }
  const LegId leg = draft.next(&LastIds::leg);
  draft.emit(OperationPlaced{interaction.id, leg});
  draft.order(dial_order(draft, draft.state().at(interaction.channel), leg, wish.number));
}

// The primary is held. Errors: what find_destination() says; nothing has been done then.
Result<void> place(Draft& draft, const Wish& wish) {
  const Channel& channel = draft.state().at(wish.interaction.channel);
  const Result<Destination> destination = find_destination(draft, channel, wish.number);
  if (!destination) return tl::make_unexpected(destination.error());
  if (destination->kind == Destination::Kind::outside) {
    consult_outside(draft, wish);
    return {};
  }
  Dialled dialled{.number = wish.number, .far = far_end(draft, *destination, wish.number)};
  if (destination->kind == Destination::Kind::queue) dialled.queue = destination->queue;
  const CallId call = begin_consult(draft, wish, dialled);
  if (!dialled.queue) {
    offer_to_colleague(draft, channel, {call, dialled.number, data_of(draft, channel, dialled)});
  }
  return {};
}

}  // namespace

Result<void> carry_out(Draft& draft, const Asked& asked, const ConsultNumber& command) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const Result<void> is_able = check_consult(draft, interaction);
  if (!is_able) return is_able;
  const Wish wish{interaction, requester_of(asked), command.destination};
  const Conversation& primary = primary_of(draft, interaction);
  if (primary.state == ConversationState::held) return place(draft, wish);
  // Nobody is held in vain.
  const Result<Destination> destination =
      find_destination(draft, draft.state().at(interaction.channel), wish.number);
  if (!destination) return tl::make_unexpected(destination.error());
  begin_operation(draft, primary, OperationKind::consult, wish.requester, wish.number);
  draft.order(hold_order(draft.state(), primary));
  return {};
}

void go_on_consulting(Draft& draft, const Interaction& interaction) {
  const Result<void> placed = place(draft, {interaction, {}, interaction.operation->number});
  if (!placed) fail_consult(draft, interaction, placed.error(), true);
}

void fail_consult(Draft& draft, const Interaction& interaction, Error why, bool is_held) {
  fail_operation(draft, interaction, std::move(why));
  const Conversation& primary = primary_of(draft, interaction);
  if (!is_held || primary.state == ConversationState::held) return follow_up(draft, interaction);
  draft.begin_block();
  draft.emit(ConversationHeld{primary.id, Cause::request});
  follow_up(draft, interaction, Cause::request);
}

void operation_dialed(Draft& draft, const Channel& channel, const LegDialed& report) {
  const Interaction* interaction = draft.state().find(channel.interaction);
  if (interaction == nullptr || !interaction->operation) return;
  const Operation& operation = *interaction->operation;
  if (operation.leg != report.leg) return;
  const Result<void> room = check_room(draft);
  const Dialled dialled{.number = operation.number, .leg = report.leg, .call_id = report.call_id};
  if (operation.kind == OperationKind::consult) {
    if (!room) return fail_consult(draft, *interaction, room.error(), true);
    Dialled external = dialled;
    external.far.role = MemberRole::external;
    begin_consult(draft, {*interaction, {}, operation.number}, external);
  } else if (room && operation.kind == OperationKind::blind_conference) {
    invite_outside(draft, *interaction, dialled);
  } else if (room) {
    transfer_outside(draft, *interaction, dialled);
  } else {
    fail_operation(draft, *interaction, room.error());
    follow_up(draft, *interaction);
  }
}

void operation_refused(Draft& draft, const Channel& channel, const LegReleased& report) {
  const Interaction& interaction = draft.state().at(channel.interaction);
  const bool has_words = !report.detail.empty();
  const bool is_consult = is_busy_with(interaction, OperationKind::consult);
  Error why{Errc::cti_error, "platform",
            has_words ? report.detail : "The platform did not place the call."};
  if (is_consult) return fail_consult(draft, interaction, std::move(why), true);
  fail_operation(draft, interaction, std::move(why));
  follow_up(draft, interaction);
}

void follow_far_answer(Draft& draft, const Interaction& interaction) {
  const Conversation* consult = draft.state().find(interaction.consult);
  if (consult == nullptr || consult->state != ConversationState::dialing) return;
  const Leg* leg = draft.state().find(draft.state().call_of(*consult).leg);
  if (leg == nullptr || !leg->is_answered) return;
  draft.begin_block();
  begin_operation(draft, *consult, OperationKind::answer, {.cause = Cause::remote});
  bridge_phone(draft, *consult);
}

// --- One and the other ------------------------------------------------------------------------

Result<void> carry_out(Draft& draft, const Asked& asked, const AlternateInteraction&) {
  const auto other = find_background(draft, asked, "interaction.alternate");
  if (!other) return tl::make_unexpected(other.error());
  begin_operation(draft, **other, OperationKind::alternate, requester_of(asked));
  draft.order(retrieve_order(draft.state(), **other));
  return {};
}

void focus_moved(Draft& draft, const Conversation& to, Cause cause) {
  const Interaction& interaction = draft.state().at(to.interaction);
  const Conversation& from = draft.state().focus_of(interaction);
  if (from.state == ConversationState::dialing) {
    // The late end of a command that had timed out; the agent calls somebody by now.
    return draft.order(hold_order(draft.state(), to));
  }
  draft.emit(FocusMoved{interaction.id, to.id, from.state == ConversationState::connected, cause});
  follow_focus(draft, from, to);
}

void follow_focus(Draft& draft, const Conversation& from, const Conversation& to) {
  if (from.muted == to.muted) return;
  const LegId phone = phone_of(draft.state(), draft.state().at(to.interaction));
  draft.order(to.muted ? Effect{MuteLeg{phone}} : Effect{UnmuteLeg{phone}});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ReconnectInteraction&) {
  constexpr const char* command = "interaction.reconnect";
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const Result<void> is_able = check_capability(draft, command);
  if (!is_able) return is_able;
  if (!interaction.consult) {
    return refuse(Errc::invalid_state, command, "There is no consult call.");
  }
  const Conversation& primary = primary_of(draft, interaction);
  if (primary.state == ConversationState::connected) {
    succeed(draft, asked);
    end_conversation(draft, draft.state().at(interaction.consult),
                     {.cause = Cause::request, .releases_customer = true});
    return {};
  }
  begin_operation(draft, primary, OperationKind::reconnect, requester_of(asked));
  draft.order(retrieve_order(draft.state(), primary));
  return {};
}

}  // namespace cord::core
