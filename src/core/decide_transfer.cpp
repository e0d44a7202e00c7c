// Giving calls away: after a consult, and blindly (docs/protocol.md, 5.2 and 5.3); and what comes
// back.
#include <array>

#include "core/dial_steps.hpp"

namespace cord::core {

namespace {

// The far end of one of two calls that are joined, and of the other.
struct FarEnd {
  const Conversation& ours;       ///< the part in it of who joins them
  const Conversation* colleague;  ///< null: it is on a leg
  const Call& call;
};

FarEnd far_end_of(const State& state, const Conversation& conversation) {
  return {conversation, state.find_colleague(conversation), state.call_of(conversation)};
}

Result<void> check_transfer(const Draft& draft, const char* command) {
  if (draft.directory().capabilities.transfer) return {};
  return refuse(Errc::unsupported, command, "The platform cannot transfer.");
}

// The agent of `end` talks to the far end of `other` from now on, with that call's data.
void change_far_end(Draft& draft, const FarEnd& end, const FarEnd& other) {
  const State& state = draft.state();
  if (end.colleague == nullptr) return;
  const Conversation& theirs = *end.colleague;
  const Interaction& interaction = state.at(theirs.interaction);
  Member added = other.ours.members.front();
  added.id = draft.next(&LastIds::member);
  CallData data = interaction.data;
  // What is told of a call goes with it; who only consulted about another has that one's.
  if (theirs.type == ConversationType::primary) {
    for (const auto& [key, value] : state.at(other.ours.interaction).data) data[key] = value;
  }
  draft.begin_block();
  draft.emit(FarEndChanged{theirs.id, theirs.members.front(), std::move(added), std::move(data)});
  restore_part(draft, theirs, state.far_leg(other.ours), {});
  if (state.focus_of(interaction).id != theirs.id) focus_moved(draft, theirs, Cause::transfer);
}

// What is left of the two calls.
Event merged(const FarEnd& one, const FarEnd& two) {
  if (one.call.leg && two.call.leg) return PartnersJoined{one.call.id, two.call.id};
  const FarEnd& kept = two.call.leg ? two : one;
  const FarEnd& gone = two.call.leg ? one : two;
  const InteractionId reached = gone.colleague->interaction;
  const InteractionId origin = kept.call.leg ? InteractionId{} : kept.colleague->interaction;
  return CallsMerged{kept.call.id, gone.call.id, origin, reached};
}

// Whether the colleague at the other end speaks in another conversation.
bool is_elsewhere(const State& state, const Conversation& conversation) {
  const Conversation* colleague = state.find_colleague(conversation);
  return colleague != nullptr &&
         state.focus_of(state.at(colleague->interaction)).id != colleague->id;
}

bool is_conference(const State& state, const Conversation& conversation) {
  return !state.call_of(conversation).conference.empty();
}

// It might become a conference before it is given away.
tl::unexpected<Error> somebody_rings(const char* command) {
  return refuse(Errc::invalid_state, command,
                "Somebody who is to join in still rings: conversation.dropmember.");
}

// The agent has given the call away, or a supervisor has taken it, and wraps up.
void leave_call(Draft& draft, const Interaction& interaction, Cause cause) {
  const State& state = draft.state();
  const Conversation& last =
      state.at(interaction.consult ? interaction.consult : interaction.conversation);
  for (const ConversationId id : {interaction.conversation, interaction.consult}) {
    if (id) cancel_invitation(draft, state.at(id));
  }
  stop_recording(draft, interaction);
  if (interaction.consult) {
    const Conversation& primary = state.at(interaction.conversation);
    draft.emit(
        ConversationEnded{interaction.id, primary.id, primary.state, primary.muted, cause, false});
  }
  begin_wrapup(draft, last, {.cause = cause, .leaves_phone = true});
  draft.begin_block();
}

void give_away(Draft& draft, const Interaction& interaction, std::optional<QueueIndex> queue,
               Cause cause, RequestId request) {
  const Member& customer = draft.state().at(interaction.conversation).members.front();
  CallData data = interaction.data;
  if (queue) {
    data["Queue"] = {.is_json = false, .text = draft.directory().queues[*queue].name};
  }
  leave_call(draft, interaction, cause);
  draft.emit(CallTransferred{.call = interaction.call,
                             .channel = interaction.channel,
                             .queue = queue,
                             .caller = customer.address,
                             .caller_name = customer.name,
                             .data = std::move(data),
                             .request = is_of_phone(request) ? request : RequestId{}});
}

OfferMade offer_of(const Call& call, const Member& customer, CallData data) {
  return {.call = call.id,
          .customer = Member{.address = customer.address,
                             .name = customer.name,
                             .role = MemberRole::customer,
                             .leg = call.leg},
          .data = std::move(data)};
}

void transfer_inside(Draft& draft, const Asked& asked, const Destination& destination,
                     const std::string& number) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  if (destination.kind == Destination::Kind::queue) {
    return give_away(draft, interaction, destination.queue, Cause::transfer, asked.request);
  }
  give_to(draft, interaction, colleague_at(draft, number), Cause::transfer, asked.request);
}

// Whether the agent of `channel` can be offered `call` again, which nobody else has taken. It may
// have rung there too.
bool takes_back(const State& state, const Channel* channel, const Call& call) {
  if (channel == nullptr || channel->state != ChannelState::active) return false;
  if (channel->dial || channel->monitoring) return false;
  const Session& session = state.at(channel->session);
  const Interaction* interaction = state.find(channel->interaction);
  return session.state == SessionState::logged_in && session.connection &&
         (interaction == nullptr || interaction->state == InteractionState::ended ||
          interaction->call == call.id);
}

}  // namespace

// --- After a consult --------------------------------------------------------------------------

Result<void> carry_out(Draft& draft, const Asked& asked, const TransferInteraction&) {
  constexpr const char* command = "interaction.consulttransfer";
  const State& state = draft.state();
  const Interaction& interaction = state.at(asked.path.interaction);
  const Result<void> is_able = check_transfer(draft, command);
  if (!is_able) return is_able;
  if (!interaction.consult) {
    return refuse(Errc::invalid_state, command, "There is no consult call.");
  }
  const Conversation& consult = state.at(interaction.consult);
  if (consult.state == ConversationState::dialing) {
    return refuse(Errc::invalid_state, command, "The consult call is still ringing.");
  }
  const Conversation& primary = state.at(interaction.conversation);
  if (is_conference(state, primary) || is_conference(state, consult)) {
    return refuse(Errc::invalid_state, command,
                  "More than two: interaction.consultconference, then conversation.release.");
  }
  if (primary.inviting || consult.inviting) return somebody_rings(command);
  if (is_elsewhere(state, primary) || is_elsewhere(state, consult)) {
    return refuse(Errc::invalid_state, command, "A colleague has another call at the moment.");
  }
  begin_operation(draft, consult, OperationKind::transfer, requester_of(asked));
  // The phone of an agent comes second.
  const bool is_phone = state.find_colleague(primary) != nullptr && state.call_of(consult).leg;
  const LegId first = state.far_leg(is_phone ? consult : primary);
  const LegId second = state.far_leg(is_phone ? primary : consult);
  draft.order(BridgeLegs{first, second});
  return {};
}

const Interaction* find_transferring(const State& state, LegId agent, LegId customer) {
  const Leg* leg = state.find(agent);
  if (leg == nullptr) return nullptr;
  const auto is_it = [&](const Interaction* it) {
    if (it == nullptr || !it->operation || it->operation->kind != OperationKind::transfer) {
      return false;
    }
    const LegId one = state.far_leg(state.at(it->conversation));
    const LegId two = state.far_leg(state.at(it->consult));
    return (agent == one && (!customer || customer == two)) ||
           (agent == two && (!customer || customer == one));
  };
  if (leg->call) {
    const Interaction* own = state.find(state.at(leg->call).interaction);
    return is_it(own) ? own : nullptr;
  }
  const Interaction* interaction = state.find(state.at(leg->channel).interaction);
  if (interaction == nullptr) return nullptr;
  for (const ConversationId id : {interaction->conversation, interaction->consult}) {
    const Conversation* part = state.find(id);
    const Conversation* colleague = part == nullptr ? nullptr : state.find_colleague(*part);
    if (colleague == nullptr) continue;
    const Interaction& other = state.at(colleague->interaction);
    if (is_it(&other)) return &other;
  }
  return nullptr;
}

void bridge_again(Draft& draft, const Conversation& conversation) {
  const State& state = draft.state();
  const LegId phone = phone_of(state, conversation);
  const LegId far = state.far_leg(conversation);
  bridge_phone(draft, conversation);
  if (conversation.state == ConversationState::held) draft.order(HoldLeg{far, phone});
  const Conversation* colleague = state.find_colleague(conversation);
  if (colleague != nullptr && colleague->state == ConversationState::held) {
    draft.order(HoldLeg{phone, far});
  }
}

void finish_transfer(Draft& draft, const Interaction& interaction) {
  const State& state = draft.state();
  const FarEnd one = far_end_of(state, state.at(interaction.conversation));
  const FarEnd two = far_end_of(state, state.at(interaction.consult));
  const RequestId request = interaction.operation->request;
  end_operation(draft, interaction, Success{});
  if (is_of_phone(request)) draft.order(EndTransfer{request, TransferEnd::done});
  leave_call(draft, interaction, Cause::transfer);
  draft.emit(merged(one, two));
  change_far_end(draft, one, two);
  change_far_end(draft, two, one);
}

// What the platform has done of it is taken back.
void fail_transfer(Draft& draft, const Interaction& interaction, Error why) {
  const State& state = draft.state();
  fail_operation(draft, interaction, std::move(why));
  const Conversation& focus = state.focus_of(interaction);
  bridge_again(draft, *state.find_other(focus));
  bridge_again(draft, focus);
  follow_up(draft, interaction);
}

// --- Blindly ----------------------------------------------------------------------------------

Result<void> carry_out(Draft& draft, const Asked& asked, const BlindTransfer& command) {
  constexpr const char* where = "conversation.blindtransfer";
  const State& state = draft.state();
  const Interaction& interaction = state.at(asked.path.interaction);
  const Conversation& conversation = state.at(asked.path.conversation);
  const Result<void> is_able = check_transfer(draft, where);
  if (!is_able) return is_able;
  if (interaction.state != InteractionState::started || interaction.consult) {
    return refuse(Errc::invalid_state, where,
                  interaction.consult ? "There is a consult call: interaction.consulttransfer."
                                      : "The call is still ringing.");
  }
  if (is_conference(state, conversation)) {
    return refuse(Errc::invalid_state, where,
                  "Others are there: conversation.release leaves them.");
  }
  if (conversation.inviting) return somebody_rings(where);
  if (!state.call_of(conversation).leg) {
    return refuse(Errc::invalid_state, where, "Only a call from or to outside: consult first.");
  }
  const Channel& channel = state.at(interaction.channel);
  const auto destination = find_destination(draft, channel, command.destination);
  if (!destination) return tl::make_unexpected(destination.error());
  if (destination->kind != Destination::Kind::outside) {
    succeed(draft, asked);
    transfer_inside(draft, asked, *destination, command.destination);
    return {};
  }
  begin_operation(draft, conversation, OperationKind::blind_transfer, requester_of(asked),
                  command.destination);
  const LegId leg = draft.next(&LastIds::leg);
  draft.emit(OperationPlaced{interaction.id, leg});
  draft.order(dial_order(draft, channel, leg, command.destination));
  return {};
}

void transfer_outside(Draft& draft, const Interaction& interaction, const Dialled& dialled) {
  const RequestId request = interaction.operation->request;
  end_operation(draft, interaction, Success{});
  give_away(draft, interaction, {}, Cause::transfer, request);
  draft.emit(TransferDialed{.call = draft.next(&LastIds::call),
                            .partner = interaction.call,
                            .leg = dialled.leg,
                            .number = dialled.number,
                            .call_id = dialled.call_id});
}

void give_to(Draft& draft, const Interaction& interaction, const Channel& to, Cause cause,
             RequestId request) {
  give_away(draft, interaction, {}, cause, request);
  draft.begin_block();
  const Member& customer = draft.state().at(interaction.conversation).members.front();
  make_offer(draft, to, {},
             offer_of(draft.state().at(interaction.call), customer, interaction.data));
}

// --- What comes back --------------------------------------------------------------------------

void return_transferred(Draft& draft, const Call& call, Cause cause) {
  const State& state = draft.state();
  const Transfer& transfer = *call.transfer;
  withdraw_offers(draft, call, Cause::remote);
  draft.begin_block();
  draft.emit(TransferFailed{call.id, cause});
  const Channel* channel = state.find(transfer.channel);
  if (!takes_back(state, channel, call)) {
    if (transfer.home) return;
    draft.order(ReleaseLeg{call.leg, cause});
    return draft.emit(CallGone{call.id, cause});
  }
  // What the agent was to wrap up has not ended.
  const Interaction* interaction = state.find(channel->interaction);
  if (interaction != nullptr && interaction->state == InteractionState::ended) {
    draft.emit(InteractionCompleted{.channel = channel->id,
                                    .interaction = channel->interaction,
                                    .cause = Cause::transfer_failed});
  }
  const Interaction* offered = state.find(call.interaction);
  OfferMade offer = offer_of(call, {.address = call.caller, .name = call.caller_name},
                             offered == nullptr ? call.data : offered->data);
  offer.cause = Cause::transfer_failed;
  draft.begin_block();
  make_offer(draft, *channel, transfer.home, std::move(offer));
}

}  // namespace cord::core
