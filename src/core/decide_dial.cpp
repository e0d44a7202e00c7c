// Dialling (docs/protocol.md, 5.1 channel.dial): the agent's phone is called first, then the
// number: a colleague, a queue, or somebody outside. Clients hear of the call once it is on its
// way.
#include <algorithm>

#include "core/dial_steps.hpp"

namespace cord::core {

namespace {

constexpr const char* where = "channel.dial";

bool is_dialable(std::string_view number) {
  constexpr std::string_view others = "+*#-._";
  const auto is_allowed = [&](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
  };
  return !number.empty() && number.size() <= dialled_bytes_max &&
         std::all_of(number.begin(), number.end(), is_allowed);
}

bool is_free(const Draft& draft, const Channel& channel) {
  return !channel.interaction && !channel.dial && !channel.monitoring &&
         channel.reason != reason_connection_lost &&
         draft.state().at(channel.session).state == SessionState::logged_in;
}

// The channel on which whoever has the extension now can be offered a call, ready or not.
Result<const Channel*> find_colleague(const Draft& draft, const std::string& extension) {
  for (const ChannelId id : draft.state().channels_at({MediaType::telephony, extension})) {
    const Channel& channel = draft.state().at(id);
    if (channel.state != ChannelState::active) continue;
    if (is_free(draft, channel)) return &channel;
    return refuse(Errc::endpoint_unreachable, where, "The colleague is busy.");
  }
  return refuse(Errc::endpoint_unreachable, where, "The colleague is not there.");
}

Result<void> check_queue(const Draft& draft, QueueIndex index) {
  const std::size_t waiting = draft.state().queue({index, MediaType::telephony}).waiting_count();
  if (waiting < draft.directory().queues[index].waiting_max) return {};
  return refuse(Errc::endpoint_unreachable, where, "The queue is full.");
}

Result<void> check_channel(const Draft& draft, const Channel& channel) {
  if (!draft.directory().capabilities.dial) {
    return refuse(Errc::unsupported, where, "The platform cannot dial.");
  }
  if (channel.type != MediaType::telephony || channel.state != ChannelState::active) {
    return refuse(Errc::invalid_state, where, "Only an active telephony channel can dial.");
  }
  if (channel.interaction) {
    return refuse(Errc::ongoing_interaction, where, "An interaction has not been completed.");
  }
  if (channel.dial) return refuse(Errc::invalid_state, where, "It is dialling already.");
  if (channel.monitoring) {
    return refuse(Errc::invalid_state, where, "The phone is used to listen to an agent.");
  }
  return {};
}

DataValue text(std::string value) {
  return {.is_json = false, .text = std::move(value)};
}

// The call is on its way: the agent is told, and works on it from now on. Gives its id.
CallId begin_call(Draft& draft, const Channel& channel, const Dial& dial, const Dialled& dialled) {
  draft.reply(dial.request, dial.connection, Success{});
  ChannelChanged change = change_of(channel, Cause::request);
  occupy(change, AgentState::busy);
  draft.emit(std::move(change));
  CallDialed call = dialled_event<CallDialed>(draft, channel, dialled);
  call.channel = channel.id;
  call.interaction = draft.next(&LastIds::interaction);
  const CallId id = call.call;
  draft.emit(std::move(call));
  if (channel.dial) draft.emit(DialEnded{channel.id});
  draft.order(PlayRinging{channel.leg});
  return id;
}

void call_outside(Draft& draft, const Channel& channel, const Dial& dial) {
  // A phone that was there already has not been called for this.
  if (!channel.dial) {
    draft.emit(DialBegun{channel.id, dial.request, dial.connection, dial.number});
  }
  const LegId leg = draft.next(&LastIds::leg);
  draft.emit(DialPlaced{channel.id, leg});
  draft.order(dial_order(draft, channel, leg, dial.number));
}

// The phone is there. Errors: what find_destination() says; nothing has been done then.
Result<void> place(Draft& draft, const Channel& channel, const Dial& dial) {
  const Result<Destination> destination = find_destination(draft, channel, dial.number);
  if (!destination) return tl::make_unexpected(destination.error());
  if (destination->kind == Destination::Kind::outside) {
    call_outside(draft, channel, dial);
    return {};
  }
  Dialled dialled{.number = dial.number, .far = far_end(draft, *destination, dial.number)};
  if (destination->kind == Destination::Kind::queue) dialled.queue = destination->queue;
  const CallId call = begin_call(draft, channel, dial, dialled);
  if (!dialled.queue) {
    offer_to_colleague(draft, channel, {call, dialled.number, data_of(draft, channel, dialled)});
  }
  return {};
}

}  // namespace

Result<void> check_room(const Draft& draft) {
  if (draft.state().phone_call_count() < draft.limits().calls_max) return {};
  return refuse(Errc::not_accepting, where, "There are as many calls as there may be.");
}

Result<Destination> find_destination(const Draft& draft, const Channel& channel,
                                     const std::string& number) {
  if (!is_dialable(number)) {
    return refuse(Errc::invalid_request, where,
                  fmt::format("data.destination must have 1 to {} letters, digits and +*#-._",
                              dialled_bytes_max));
  }
  const std::optional<Destination> found = draft.directory().find_destination(number);
  if (!found) return refuse(Errc::invalid_request, where, "There is no route for this number.");
  if (number == channel.endpoint) {
    return refuse(Errc::invalid_request, where, "It is the agent's own extension.");
  }
  if (const Result<void> room = check_room(draft); !room) {
    return tl::make_unexpected(room.error());
  }
  if (found->kind == Destination::Kind::colleague) {
    const auto colleague = find_colleague(draft, number);
    if (!colleague) return tl::make_unexpected(colleague.error());
  } else if (found->kind == Destination::Kind::queue) {
    const Result<void> has_room = check_queue(draft, found->queue);
    if (!has_room) return tl::make_unexpected(has_room.error());
  }
  return *found;
}

Member far_end(const Draft& draft, const Destination& destination, const std::string& number) {
  Member far;
  far.role = MemberRole::agent;
  if (destination.kind == Destination::Kind::queue) {
    far.name = draft.directory().queues[destination.queue].name;
  } else {
    far.name = agent_of(draft, colleague_at(draft, number)).name;
  }
  return far;
}

const Channel& colleague_at(const Draft& draft, const std::string& number) {
  return **find_colleague(draft, number);
}

CallData data_of(const Draft& draft, const Channel& channel, const Dialled& dialled) {
  CallData data{{"ANI", text(agent_of(draft, channel).extension)},
                {"DNIS", text(dialled.number)},
                {"Direction", text(dialled.leg ? "OUTBOUND" : "INTERNAL")}};
  if (dialled.queue) data["Queue"] = text(draft.directory().queues[*dialled.queue].name);
  if (!dialled.call_id.empty()) data["CallId"] = text(dialled.call_id);
  return data;
}

Member agent_member(const State& state, const Channel& channel) {
  const Agent& agent = state.directory().agents[channel.agent];
  return {.address = agent.extension,
          .name = agent.name,
          .role = MemberRole::agent,
          .leg = channel.leg};
}

void offer_to_colleague(Draft& draft, const Channel& channel, InternalCall call) {
  OfferMade offer{.call = call.call,
                  .customer = agent_member(draft.state(), channel),
                  .data = std::move(call.data),
                  .direction = Direction::internal};
  offer.customer.leg = {};
  draft.begin_block();
  make_offer(draft, colleague_at(draft, call.number), {}, std::move(offer));
}

DialLeg dial_order(const Draft& draft, const Channel& channel, LegId leg,
                   const std::string& number) {
  const Agent& agent = agent_of(draft, channel);
  return {.leg = leg,
          .trunk = draft.directory().find_destination(number)->trunk,
          .number = number,
          .caller = agent.extension,
          .caller_name = agent.name,
          .ring_max = draft.limits().dial_ring_max};
}

void occupy(ChannelChanged& change, AgentState state) {
  if (change.agent_state == AgentState::not_ready) {
    change.pending = AgentState::not_ready;
    change.pending_reason = change.reason;
  }
  change.agent_state = state;
  change.reason.clear();
}

Result<void> carry_out(Draft& draft, const Asked& asked, const DialNumber& command) {
  const Channel& channel = draft.state().at(asked.path.channel);
  const Result<void> is_able = check_channel(draft, channel);
  if (!is_able) return is_able;
  const Dial dial{asked.request, asked.connection, command.destination, {}, {}};
  if (has_persistent_phone(draft.directory(), channel)) return place(draft, channel, dial);
  // Nobody's phone is called in vain.
  const Result<Destination> destination = find_destination(draft, channel, dial.number);
  if (!destination) return tl::make_unexpected(destination.error());
  draft.emit(DialBegun{channel.id, dial.request, dial.connection, dial.number});
  call_phone(draft, channel, {.caller = dial.number, .ring_max = draft.limits().phone_pickup_max});
  return {};
}

void go_on_dialling(Draft& draft, const Channel& channel) {
  const Result<void> placed = place(draft, channel, *channel.dial);
  if (placed) return;
  end_dial(draft, channel, placed.error());
  leave_phone(draft, channel, Cause::request);
}

void end_dial(Draft& draft, const Channel& channel, Error why) {
  const Dial& dial = *channel.dial;
  draft.reply(dial.request, dial.connection, tl::make_unexpected(std::move(why)));
  draft.emit(DialEnded{channel.id});
  if (dial.leg) draft.order(ReleaseLeg{dial.leg, Cause::request});
}

void on_report(Draft& draft, const LegDialed& report) {
  const Leg* leg = draft.state().find(report.leg);
  if (leg == nullptr) return draft.order(ReleaseLeg{report.leg, Cause::request});
  const Channel* channel = draft.state().find(leg->channel);
  if (channel == nullptr || leg->id == channel->leg) return;
  if (!channel->dial) return operation_dialed(draft, *channel, report);
  const Result<void> room = check_room(draft);
  if (!room) {
    // Others have come since this one was asked for.
    end_dial(draft, *channel, room.error());
    return leave_phone(draft, *channel, Cause::request);
  }
  begin_call(draft, *channel, *channel->dial,
             {.number = channel->dial->number, .leg = leg->id, .call_id = report.call_id});
}

void far_answered(Draft& draft, const Leg& leg) {
  const Call& call = draft.state().at(leg.call);
  if (call.partner) return partner_answered(draft, call);
  if (call.joins) return invited_answered(draft, call);
  const Interaction* interaction = draft.state().find(call.interaction);
  if (interaction == nullptr) return;
  const Conversation& conversation = draft.state().part_in(*interaction, call.id);
  if (conversation.state != ConversationState::dialing) return;
  if (!interaction->operation) {
    begin_operation(draft, conversation, OperationKind::answer, {.cause = Cause::remote});
    return bridge_phone(draft, conversation);
  }
  // The agent is about to do something else; see follow_far_answer().
  if (conversation.type == ConversationType::consult) draft.emit(PhoneAnswered{leg.id});
}

void dial_refused(Draft& draft, const Channel& channel, const LegReleased& report) {
  const Dial& dial = *channel.dial;
  const bool has_words = !report.detail.empty();
  draft.reply(dial.request, dial.connection,
              refuse(Errc::cti_error, where,
                     has_words ? report.detail : "The platform did not place the call."));
  draft.emit(DialEnded{channel.id});
  leave_phone(draft, channel, Cause::request);
}

}  // namespace cord::core
