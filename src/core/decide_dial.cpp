// Dialling (docs/protocol.md, 5.1 channel.dial): the agent's phone is called first, then the
// number: a colleague, a queue, or somebody outside. Clients hear of the call once it is on its
// way.
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

constexpr const char* where = "channel.dial";
constexpr const char* no_more_calls = "There are as many calls as there may be.";

bool has_all_calls(const Draft& draft) {
  return draft.state().phone_call_count() >= draft.limits().calls_max;
}

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
  return !channel.interaction && !channel.dial && channel.reason != reason_connection_lost &&
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

// Where `number` leads, if a call can go there now.
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
  if (has_all_calls(draft)) return refuse(Errc::not_accepting, where, no_more_calls);
  if (found->kind == Destination::Kind::colleague) {
    const auto colleague = find_colleague(draft, number);
    if (!colleague) return tl::make_unexpected(colleague.error());
  } else if (found->kind == Destination::Kind::queue) {
    const Result<void> has_room = check_queue(draft, found->queue);
    if (!has_room) return tl::make_unexpected(has_room.error());
  }
  return *found;
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
  return {};
}

DataValue text(std::string value) {
  return {.is_json = false, .text = std::move(value)};
}

// What is known of a call that an agent makes.
CallData data_of(const Draft& draft, const Channel& channel, const CallDialed& call) {
  CallData data{{"ANI", text(agent_of(draft, channel).extension)},
                {"DNIS", text(call.number)},
                {"Direction", text(call.leg ? "OUTBOUND" : "INTERNAL")}};
  if (call.queue) data["Queue"] = text(draft.directory().queues[*call.queue].name);
  if (!call.call_id.empty()) data["CallId"] = text(call.call_id);
  return data;
}

// The call is on its way: the agent is told, and works on it from now on. Gives its id.
CallId begin_call(Draft& draft, const Channel& channel, const Dial& dial, CallDialed call) {
  draft.reply(dial.request, dial.connection, Success{});
  ChannelChanged change = change_of(channel, Cause::request);
  occupy(change, AgentState::busy);
  draft.emit(std::move(change));
  call.call = draft.next(&LastIds::call);
  call.channel = channel.id;
  call.interaction = draft.next(&LastIds::interaction);
  call.conversation = draft.next(&LastIds::conversation);
  call.far.id = draft.next(&LastIds::member);
  call.far.address = dial.number;
  call.far.leg = call.leg;
  call.number = dial.number;
  call.data = data_of(draft, channel, call);
  const CallId id = call.call;
  draft.emit(std::move(call));
  if (channel.dial) draft.emit(DialEnded{channel.id});
  draft.order(PlayRinging{channel.leg});
  return id;
}

void call_colleague(Draft& draft, const Channel& channel, const Dial& dial) {
  const Channel& colleague = **find_colleague(draft, dial.number);
  CallDialed dialled;
  dialled.far.name = agent_of(draft, colleague).name;
  dialled.far.role = MemberRole::agent;
  dialled.number = dial.number;
  CallData data = data_of(draft, channel, dialled);
  const CallId call = begin_call(draft, channel, dial, std::move(dialled));
  draft.begin_block();
  const Agent& agent = agent_of(draft, channel);
  make_offer(draft, colleague, {},
             OfferMade{.call = call,
                       .customer = Member{.address = agent.extension,
                                          .name = agent.name,
                                          .role = MemberRole::agent},
                       .data = std::move(data),
                       .direction = Direction::internal});
}

void call_queue(Draft& draft, const Channel& channel, const Dial& dial, QueueIndex queue) {
  CallDialed dialled;
  dialled.queue = queue;
  dialled.far.name = draft.directory().queues[queue].name;
  dialled.far.role = MemberRole::agent;
  begin_call(draft, channel, dial, std::move(dialled));
}

void call_outside(Draft& draft, const Channel& channel, const Dial& dial,
                  const std::string& trunk) {
  // A phone that was there already has not been called for this.
  if (!channel.dial) {
    draft.emit(DialBegun{channel.id, dial.request, dial.connection, dial.number});
  }
  const LegId leg = draft.next(&LastIds::leg);
  const Agent& agent = agent_of(draft, channel);
  draft.emit(DialPlaced{channel.id, leg});
  draft.order(DialLeg{.leg = leg,
                      .trunk = trunk,
                      .number = dial.number,
                      .caller = agent.extension,
                      .caller_name = agent.name,
                      .ring_max = draft.limits().dial_ring_max});
}

// The phone is there. Errors: what find_destination() says; nothing has been done then.
Result<void> place(Draft& draft, const Channel& channel, const Dial& dial) {
  const Result<Destination> destination = find_destination(draft, channel, dial.number);
  if (!destination) return tl::make_unexpected(destination.error());
  switch (destination->kind) {
    case Destination::Kind::colleague:
      call_colleague(draft, channel, dial);
      break;
    case Destination::Kind::queue:
      call_queue(draft, channel, dial, destination->queue);
      break;
    case Destination::Kind::outside:
      call_outside(draft, channel, dial, destination->trunk);
      break;
  }
  return {};
}

}  // namespace

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
  if (has_persistent_phone(draft, channel)) return place(draft, channel, dial);
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
  if (channel == nullptr || !channel->dial || channel->dial->leg != leg->id) return;
  if (has_all_calls(draft)) {
    // Others have come since this one was asked for.
    end_dial(draft, *channel, Error{Errc::not_accepting, where, std::string(no_more_calls)});
    return leave_phone(draft, *channel, Cause::request);
  }
  CallDialed call;
  call.leg = leg->id;
  call.call_id = report.call_id;
  begin_call(draft, *channel, *channel->dial, std::move(call));
}

void far_answered(Draft& draft, const Leg& leg) {
  const Interaction* interaction = draft.state().find(draft.state().at(leg.call).interaction);
  if (interaction == nullptr || interaction->state != InteractionState::dialing) return;
  if (interaction->operation) return;
  begin_operation(draft, *interaction, OperationKind::answer, {.cause = Cause::remote});
  bridge_phone(draft, *interaction);
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
