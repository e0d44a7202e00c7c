// Phones and the ends of legs: what their reports mean to calls and channels.
#include "core/steps.hpp"

namespace cord::core {

namespace {

// The causes a leg's end may have towards clients; the others mean that somebody hung up.
Cause cause_or(Cause reported, Cause otherwise) {
  switch (reported) {
    case Cause::busy:
    case Cause::rejected:
    case Cause::unreachable:
    case Cause::timeout:
    case Cause::failed:
    case Cause::recovery:
    case Cause::shutdown:
      return reported;
    default:
      return otherwise;
  }
}

// A phone ends calls by its own will, unless the process has ended or is about to.
Cause cause_of_phone(Cause reported) {
  const bool is_of_process = reported == Cause::recovery || reported == Cause::shutdown;
  return is_of_process ? reported : Cause::phone;
}

// The far end of `call` has been released by itself, and the agent's part in the call ends.
void end_released(Draft& draft, const Call& call, const Conversation& conversation,
                  const LegReleased& report) {
  const Interaction& interaction = draft.state().at(conversation.interaction);
  const bool is_asked_for = is_busy_with(interaction, OperationKind::release) &&
                            interaction.operation->conversation == conversation.id;
  if (is_asked_for) {
    const Cause asked = interaction.operation->cause;
    end_operation(draft, interaction, Success{});
    // A phone that had another call was not let go of yet.
    const bool has_phone = static_cast<bool>(interaction.consult);
    end_conversation(draft, conversation, {.cause = asked, .leaves_phone = has_phone});
  } else {
    fail_operation_of_ended_call(draft, conversation);
    draft.begin_block();
    end_conversation(draft, conversation,
                     {.cause = cause_or(report.cause, Cause::remote), .leaves_phone = true});
  }
  draft.begin_block();
  draft.emit(LegParted{report.leg, interaction.id, call.call_id, report.quality});
}

void customer_released(Draft& draft, const Call& call, const LegReleased& report) {
  const LegId leg = report.leg;
  const Cause cause = cause_or(report.cause, Cause::remote);
  if (!call.conference.empty()) return leave_conference(draft, call, leg, cause);
  if (call.joins) return invitation_failed(draft, call, cause);
  if (call.partner) return partner_released(draft, call, cause);
  const Interaction* interaction = draft.state().find(call.interaction);
  if (interaction == nullptr) {
    withdraw_offers(draft, call, cause);
    return draft.emit(CallGone{call.id, cause});
  }
  if (interaction->state == InteractionState::alerting) {
    fail_operation_of_ended_call(draft, *interaction);
    end_offer(draft, *interaction, {OfferEnd::abandoned, cause});
    return draft.emit(CallGone{call.id, cause});
  }
  end_released(draft, call, draft.state().part_in(*interaction, call.id), report);
}

// The phone did not take the offered call, or was hung up before it was through.
void phone_refused(Draft& draft, const Interaction& interaction, const LegReleased& report,
                   bool is_persistent) {
  if (interaction.operation) {
    end_operation(draft, interaction, tl::make_unexpected(phone_error(report)));
  }
  const Cause cause = cause_or(report.cause, Cause::phone);
  OfferEnding ending{OfferEnd::phone_failed, cause, false};
  if (is_persistent) {
    ending.end = OfferEnd::phone_lost;
  } else if (!interaction.operation && cause == Cause::timeout) {
    ending.end = OfferEnd::ring_timeout;
  }
  end_offer(draft, interaction, ending);
}

void phone_hung_up(Draft& draft, const Interaction& interaction, Cause reported) {
  if (is_busy_with(interaction, OperationKind::release)) {
    const bool has_other = static_cast<bool>(interaction.consult);
    end_operation(draft, interaction, Success{});
    return end_call(draft, interaction, {.cause = Cause::request, .releases_customer = has_other});
  }
  fail_operation_of_ended_call(draft, interaction);
  draft.begin_block();
  end_call(draft, interaction, {.cause = cause_of_phone(reported), .releases_customer = true});
}

void phone_released(Draft& draft, const Leg& leg, const LegReleased& report) {
  const Channel& channel = draft.state().at(leg.channel);
  draft.emit(PhoneForgotten{leg.id});
  cancel_media_request(draft, channel, phone_error(report));
  if (channel.activation) {
    end_activation(draft, channel, tl::make_unexpected(phone_error(report)));
    if (has_browser(draft.directory(), channel)) lose_phone(draft, channel, Cause::phone);
    return;
  }
  const bool is_persistent = has_persistent_phone(draft.directory(), channel);
  const Interaction* interaction = draft.state().find(channel.interaction);
  if (channel.monitoring) {
    end_monitoring(draft, channel, phone_error(report), cause_of_phone(report.cause));
  } else if (channel.dial) {
    end_dial(draft, channel, phone_error(report));
  } else if (interaction != nullptr && interaction->state == InteractionState::alerting) {
    phone_refused(draft, *interaction, report, is_persistent);
  } else if (interaction != nullptr && interaction->state != InteractionState::ended) {
    phone_hung_up(draft, *interaction, report.cause);
  }
  if (is_persistent) lose_phone(draft, channel, cause_of_phone(report.cause));
}

// Whether an operation of `kind` waits for `order`.
bool waits_for(OperationKind kind, LegOrderFailed::Order order) {
  switch (order) {
    case LegOrderFailed::Order::bridge:
    case LegOrderFailed::Order::mix:
      return kind == OperationKind::answer;
    case LegOrderFailed::Order::hold:
      return kind == OperationKind::hold || kind == OperationKind::consult;
    case LegOrderFailed::Order::retrieve:
      return kind == OperationKind::retrieve || kind == OperationKind::alternate ||
             kind == OperationKind::reconnect;
    case LegOrderFailed::Order::mute:
      return kind == OperationKind::mute;
    case LegOrderFailed::Order::unmute:
      return kind == OperationKind::unmute;
    case LegOrderFailed::Order::tones:
      return kind == OperationKind::tones;
    case LegOrderFailed::Order::monitor:
      return false;
  }
  return false;
}

void monitor_failed(Draft& draft, const Channel* channel, const LegOrderFailed& report) {
  const bool is_awaited =
      channel != nullptr && channel->monitoring && channel->monitoring->timer.runs();
  if (!is_awaited) return;
  fail_monitoring(draft, *channel, Error{Errc::cti_error, "platform", report.detail});
}

// More than two were to be joined, as a command or an invitation wanted; false if it was not so.
bool mixing_failed(Draft& draft, const LegOrderFailed& report) {
  if (report.order != LegOrderFailed::Order::mix) return false;
  const State& state = draft.state();
  const Leg& leg = state.at(report.leg);
  if (const Call* call = state.find(leg.call)) {
    if (!call->joins || !leg.is_answered) return false;
    draft.order(ReleaseLeg{leg.id, Cause::failed});
    invitation_failed(draft, *call, Cause::failed);
    return true;
  }
  const Interaction* interaction = state.find(state.at(leg.channel).interaction);
  if (interaction == nullptr || !is_busy_with(*interaction, OperationKind::conference))
    return false;
  fail_transfer(draft, *interaction, Error{Errc::cti_error, "platform", report.detail});
  return true;
}

// Two ends without an agent of their own were to be joined; false if it was not so.
bool joining_failed(Draft& draft, const LegOrderFailed& report) {
  if (report.order != LegOrderFailed::Order::bridge) return false;
  const State& state = draft.state();
  const Interaction* transferring = find_transferring(state, report.leg, {});
  if (transferring != nullptr) {
    fail_transfer(draft, *transferring, Error{Errc::cti_error, "platform", report.detail});
    return true;
  }
  const Call* call = state.find(state.at(report.leg).call);
  if (call == nullptr || !call->partner || !call->wait.runs()) return false;
  partner_failed(draft, *call, Cause::failed, false);
  return true;
}

}  // namespace

const Agent& agent_of(const Draft& draft, const Channel& channel) {
  return draft.directory().agents[channel.agent];
}

bool has_persistent_phone(const Directory& directory, const Channel& channel) {
  const bool is_called_for_it = channel.type == MediaType::telephony &&
                                directory.agents[channel.agent].phone_mode == PhoneMode::persistent;
  return is_called_for_it || has_browser(directory, channel);
}

void call_phone(Draft& draft, const Channel& channel, const PhoneCall& call) {
  const LegId leg = draft.next(&LastIds::leg);
  draft.emit(PhoneCalled{leg, channel.id});
  draft.order(OriginateLeg{.leg = leg,
                           .to = agent_of(draft, channel).phone,
                           .caller = call.caller,
                           .caller_name = call.caller_name,
                           .auto_answer = call.auto_answer,
                           .ring_max = call.ring_max});
}

void hang_up_phone(Draft& draft, const Channel& channel, Cause cause) {
  if (!channel.leg) return;
  draft.emit(PhoneForgotten{channel.leg});
  draft.order(ReleaseLeg{channel.leg, cause});
}

void leave_phone(Draft& draft, const Channel& channel, Cause cause) {
  if (!has_persistent_phone(draft.directory(), channel))
    return hang_up_phone(draft, channel, cause);
  if (channel.leg) draft.order(ParkLeg{channel.leg});
}

void lose_phone(Draft& draft, const Channel& channel, Cause cause) {
  draft.begin_block();
  ChannelChanged change = change_of(channel, cause);
  // A browser may be there before, and after, it is worked with.
  if (channel.state != ChannelState::active) return draft.emit(std::move(change));
  change.state = ChannelState::inactive;
  make_not_ready(change, reason_phone_lost);
  draft.emit(std::move(change));
  free_endpoint(draft, channel);
}

Error phone_error(const LegReleased& report) {
  const bool is_silent = report.cause == Cause::unreachable || report.cause == Cause::timeout;
  std::string words = report.detail.empty() ? "The phone did not take the call." : report.detail;
  return Error{is_silent ? Errc::endpoint_unreachable : Errc::cti_error, "phone", std::move(words)};
}

void on_report(Draft&, const LegRinging&) {}

namespace {

// Of a call that was gone before.
void tell_quality(Draft& draft, const LegReleased& report) {
  const InteractionId id = draft.state().parted_from(report.leg);
  if (!id) return;
  const std::vector<PartedLeg>& parted = draft.state().at(id).parted;
  const auto it = std::find_if(parted.begin(), parted.end(),
                               [&](const PartedLeg& leg) { return leg.leg == report.leg; });
  draft.begin_block();
  draft.emit(LegParted{report.leg, id, it->call_id, report.quality});
}

void leg_released(Draft& draft, const LegReleased& report) {
  const Leg* leg = draft.state().find(report.leg);
  if (leg == nullptr) return;
  if (leg->call) {
    return customer_released(draft, draft.state().at(leg->call), report);
  }
  const Channel& channel = draft.state().at(leg->channel);
  if (channel.leg == leg->id) return phone_released(draft, *leg, report);
  if (channel.dial) return dial_refused(draft, channel, report);
  operation_refused(draft, channel, report);
}

}  // namespace

void on_report(Draft& draft, const LegReleased& report) {
  leg_released(draft, report);
  tell_quality(draft, report);
}

void on_report(Draft& draft, const LegOrderFailed& report) {
  const State& state = draft.state();
  const Leg* leg = state.find(report.leg);
  if (leg == nullptr || joining_failed(draft, report) || mixing_failed(draft, report)) return;
  const Channel* channel = state.find(leg->channel);
  if (report.order == LegOrderFailed::Order::monitor) {
    return monitor_failed(draft, channel, report);
  }
  const Interaction* interaction =
      state.find(channel == nullptr ? state.at(leg->call).interaction : channel->interaction);
  if (interaction == nullptr || !interaction->operation) return;
  const Operation& operation = *interaction->operation;
  if (!waits_for(operation.kind, report.order) || operation.leg) return;
  const bool is_answer = operation.kind == OperationKind::answer;
  if (is_answer && !state.at(state.at(interaction->channel).leg).is_answered) return;
  end_operation(draft, *interaction, refuse(Errc::cti_error, "platform", report.detail));
  if (is_answer) return fail_answer(draft, state.at(operation.conversation), Cause::failed);
  follow_up(draft, *interaction);
}

}  // namespace cord::core
