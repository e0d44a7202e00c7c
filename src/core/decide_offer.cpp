// Arriving calls and their offers to agents, until they are answered or end (docs/protocol.md,
// 5.2 interaction.reject). Who is offered what is routing's choice (src/routing).
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

DataValue text(std::string value) {
  return {.is_json = false, .text = std::move(value)};
}

CallData data_of(const CallArrived& report, const Queue& queue) {
  return {{"ANI", text(report.caller)},
          {"DNIS", text(report.called)},
          {"Direction", text("INBOUND")},
          {"Queue", text(queue.name)},
          {"CallId", text(report.call_id)}};
}

bool may_be_offered(const Draft& draft, const Call& call, const Channel& channel) {
  const auto& queues = channel.queues;
  return !call.interaction && !call.partner && call.type == channel.type &&
         draft.state().takes_offers(channel) && !draft.state().rings_at(call, channel.agent) &&
         std::find(queues.begin(), queues.end(), call.queue) != queues.end() &&
         !State::is_resting(call, channel.agent, draft.now());
}

// Why the agent who dialled a colleague did not get through.
Cause cause_for_caller(const OfferEnding& ending) {
  switch (ending.end) {
    case OfferEnd::rejected:
      return Cause::rejected;
    case OfferEnd::ring_timeout:
      return Cause::timeout;
    default:
      return ending.cause == Cause::phone ? Cause::unreachable : ending.cause;
  }
}

// A call that nobody else is to be offered goes with its offer, or back to who gave it away.
void end_if_direct(Draft& draft, const Call& call, const OfferEnding& ending) {
  if (call.queue) return;
  if (call.transfer) return return_transferred(draft, call, cause_for_caller(ending));
  if (call.joins) return invitation_failed(draft, call, cause_for_caller(ending));
  if (call.origin) {
    const Conversation& caller = draft.state().part_in(draft.state().at(call.origin), call.id);
    fail_operation_of_ended_call(draft, caller);
    draft.begin_block();
    end_part(draft, caller, cause_for_caller(ending));
  } else {
    draft.order(ReleaseLeg{call.leg, ending.cause});
  }
  draft.emit(CallGone{call.id, ending.cause});
}

// The caller waits on, as before.
void let_wait(Draft& draft, const Call& call) {
  if (call.joins) return;
  if (call.leg) {
    const Queue& queue = draft.directory().queues[*call.queue];
    draft.order(AcceptLeg{call.leg, queue.waiting, queue.name});
  } else {
    const Interaction& caller = draft.state().at(call.origin);
    draft.order(PlayRinging{draft.state().at(caller.channel).leg});
  }
}

}  // namespace

void on_report(Draft& draft, const CallArrived& report) {
  const State& state = draft.state();
  if (state.find(report.leg) != nullptr) return;
  const std::optional<QueueIndex> index = draft.directory().find_queue_by_number(report.called);
  if (!index) return draft.order(ReleaseLeg{report.leg, Cause::rejected});
  const Queue& queue = draft.directory().queues[*index];
  const bool is_full =
      state.phone_call_count() >= draft.limits().calls_max ||
      state.queue({*index, MediaType::telephony}).waiting_count() >= queue.waiting_max;
  if (is_full) return draft.order(ReleaseLeg{report.leg, Cause::busy});
  draft.emit(CallQueued{.call = draft.next(&LastIds::call),
                        .leg = report.leg,
                        .queue = *index,
                        .called = report.called,
                        .caller = report.caller,
                        .caller_name = report.caller_name,
                        .call_id = report.call_id,
                        .data = data_of(report, queue)});
  draft.order(AcceptLeg{report.leg, queue.waiting, queue.name});
}

void on_offer(Draft& draft, const OfferCall& offer) {
  const Call* call = draft.state().find(offer.call);
  const Channel* channel = draft.state().find(offer.channel);
  if (call == nullptr || channel == nullptr || !may_be_offered(draft, *call, *channel)) return;
  const bool is_from_agent = call->origin || call->joins;
  const bool rings_all = draft.directory().queues[*call->queue].strategy == Strategy::ring_all;
  CallData data = call->data;
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(draft.now() - call->arrived);
  data["QueueTimeMs"] = {.is_json = true, .text = std::to_string(waited.count())};
  make_offer(
      draft, *channel, call->queue,
      OfferMade{.call = call->id,
                .customer = Member{.address = call->caller,
                                   .name = call->caller_name,
                                   .role = is_from_agent ? MemberRole::agent : MemberRole::customer,
                                   .leg = call->leg},
                .data = std::move(data),
                .direction = is_from_agent ? Direction::internal : Direction::inbound,
                // Once it rings at several it does so till the end, whatever is configured by then.
                .rings_all = rings_all || !call->ringing.empty()});
}

void make_offer(Draft& draft, const Channel& channel, const std::optional<QueueIndex>& queue,
                OfferMade offer) {
  ChannelChanged change = change_of(channel, offer.cause);
  occupy(change, AgentState::reserved);
  draft.emit(std::move(change));
  offer.channel = channel.id;
  offer.interaction = draft.next(&LastIds::interaction);
  if (channel.type != MediaType::telephony) {
    offer.customer = {};
    return draft.emit(std::move(offer));
  }
  offer.conversation = draft.next(&LastIds::conversation);
  offer.customer.id = draft.next(&LastIds::member);
  const PhoneCall phone{.caller = offer.customer.address,
                        .caller_name = offer.customer.name,
                        .auto_answer = false,
                        .ring_max = draft.directory().ring_max(queue)};
  draft.emit(std::move(offer));
  if (agent_of(draft, channel).phone_mode == PhoneMode::ring) call_phone(draft, channel, phone);
}

ChannelChanged change_after_offer(const Channel& channel, const OfferEnding& ending, Instant now) {
  ChannelChanged change = change_of(channel, ending.cause);
  switch (ending.end) {
    case OfferEnd::rejected:
      change.agent_state = AgentState::ready;
      change.idle_since = now;
      break;
    case OfferEnd::abandoned:
      change.agent_state = AgentState::ready;
      break;
    case OfferEnd::ring_timeout:
      change.agent_state = AgentState::not_ready;
      change.reason = reason_no_answer;
      break;
    case OfferEnd::phone_failed:
    case OfferEnd::phone_lost:
      // Not ready whatever is pending: the next call would fail the same way.
      make_not_ready(change, reason_phone_unreachable);
      break;
  }
  take_pending(change, now);
  return change;
}

void end_offer(Draft& draft, const Interaction& interaction, const OfferEnding& ending) {
  const Channel& channel = draft.state().at(interaction.channel);
  const Call& call = draft.state().at(interaction.call);
  draft.begin_block();
  draft.emit(
      OfferWithdrawn{call.id, channel.id, interaction.id, interaction.conversation, ending.cause});
  const bool was_bridging = interaction.operation && draft.state().at(channel.leg).is_answered;
  const bool is_abandoned = ending.end == OfferEnd::abandoned;
  if (was_bridging && !is_abandoned && call.queue) let_wait(draft, call);
  const bool is_parked = has_persistent_phone(draft.directory(), channel) && !was_bridging;
  if (ending.has_phone && !is_parked) leave_phone(draft, channel, ending.cause);
  if (ending.end != OfferEnd::phone_lost) {
    draft.begin_block();
    draft.emit(change_after_offer(channel, ending, draft.now()));
  }
  if (!is_abandoned) end_if_direct(draft, call, ending);
}

void withdraw_offers(Draft& draft, const Call& call, Cause cause, InteractionId but) {
  for (const InteractionId id : call.ringing) {
    if (id == but) continue;
    end_offer(draft, draft.state().at(id), {OfferEnd::abandoned, cause});
  }
}

void take_offer(Draft& draft, const Interaction& interaction) {
  const Call& call = draft.state().at(interaction.call);
  if (call.interaction != interaction.id) draft.emit(OfferTaken{call.id, interaction.id});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const RejectInteraction& command) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  if (interaction.state != InteractionState::alerting) {
    return refuse(Errc::invalid_state, "interaction.reject",
                  "Only what is still ringing can be rejected.");
  }
  const Channel& channel = draft.state().at(interaction.channel);
  const OfferEnding ending{OfferEnd::rejected, Cause::request};
  succeed(draft, asked);
  draft.emit(OfferRejected{.call = interaction.call,
                           .channel = channel.id,
                           .interaction = interaction.id,
                           .conversation = interaction.conversation,
                           .reason = command.reason});
  if (!has_persistent_phone(draft.directory(), channel))
    hang_up_phone(draft, channel, Cause::request);
  draft.begin_block();
  draft.emit(change_after_offer(channel, ending, draft.now()));
  end_if_direct(draft, draft.state().at(interaction.call), ending);
  return {};
}

}  // namespace cord::core
