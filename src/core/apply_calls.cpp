// Applies what happens to calls, interactions, conversations and recordings.
#include <algorithm>
#include <utility>

#include "core/state_editor.hpp"

namespace cord::core {

namespace {

QueueKey key_of(const Call& call) {
  return {*call.queue, call.type};
}

}  // namespace

void StateEditor::unlist_waiting(const Call& call) {
  if (!call.queue) return;
  QueueTable& queue = table(key_of(call));
  queue.fresh.erase(call.id);
  queue.refused.erase(call.id);
  match(key_of(call));
}

void StateEditor::list_waiting(const Call& call) {
  QueueTable& queue = table(key_of(call));
  (call.refusals.empty() ? queue.fresh : queue.refused).insert(call.id);
  match(key_of(call));
}

// --- Calls ----------------------------------------------------------------------------------

void StateEditor::on(const CallQueued& event) {
  wait_in_queue(add({.id = event.call,
                     .leg = event.leg,
                     .queue = event.queue,
                     .caller = event.caller,
                     .caller_name = event.caller_name,
                     .called = event.called,
                     .call_id = event.call_id,
                     .data = event.data}));
}

Call& StateEditor::add(Call call) {
  raise(state_.last_.call, call.id);
  call.arrived = call.queued = time_;
  if (call.leg) state_.legs_[call.leg] = Leg{.id = call.leg, .call = call.id};
  return state_.calls_[call.id] = std::move(call);
}

void StateEditor::stop_waiting(Call& call) {
  unlist_waiting(call);
  stop(call.wait);
  stop(call.rest);
}

void StateEditor::wait_in_queue(Call& call) {
  list_waiting(call);
  rest_refusals(call);
  begin_wait(call);
}

void StateEditor::on(const TaskQueued& event) {
  Call& call = add({.id = event.call,
                    .type = event.type,
                    .queue = event.queue,
                    .caller = event.from,
                    .call_id = event.key,
                    .data = event.data});
  ++state_.task_count_;
  if (!event.key.empty()) state_.task_keys_[event.key] = event.call;
  wait_in_queue(call);
}

// From when it came into the queue on, whatever happened to it since.
void StateEditor::begin_wait(Call& call) {
  const bool is_task = call.type != MediaType::telephony;
  const Duration wait_max =
      is_task ? limits().task_wait_max : state_.directory().queues[*call.queue].wait_max;
  start(call.wait, DeadlineKind::queue_wait, call.id.value,
        std::max(call.queued + wait_max, time_));
}

void StateEditor::rest_refusals(Call& call) {
  if (call.refusals.empty()) return stop(call.rest);
  start(call.rest, DeadlineKind::refusal_rest, call.id.value, call.refusals.front().until);
}

void StateEditor::on(const RefusalsRested& event) {
  Call& call = edit(event.call);
  unlist_waiting(call);
  std::erase_if(call.refusals, [&](const Refusal& refusal) { return refusal.until <= time_; });
  list_waiting(call);
  rest_refusals(call);
}

void StateEditor::on(const CallGone& event) {
  Call& call = edit(event.call);
  stop_waiting(call);
  if (call.type != MediaType::telephony) forget_task(call);
  if (call.leg) part(call);
  if (call.joins) edit(call.joins).inviting = {};
  for (const LegId leg : call.conference) forget_outside(leg);
  state_.calls_.erase(event.call);
}

void StateEditor::part(const Call& call) {
  state_.legs_.erase(call.leg);
  const auto found = state_.interactions_.find(call.interaction);
  if (found == state_.interactions_.end()) return;
  Interaction& interaction = found->second;
  if (interaction.parted.size() >= parted_legs_max) {
    state_.parted_.erase(interaction.parted.front().leg);
    interaction.parted.erase(interaction.parted.begin());
  }
  interaction.parted.push_back({call.leg, call.call_id});
  state_.parted_[call.leg] = interaction.id;
}

void StateEditor::on(const LegParted& event) {
  state_.parted_.erase(event.leg);
  const auto found = state_.interactions_.find(event.interaction);
  if (found == state_.interactions_.end()) return;
  std::erase_if(found->second.parted, [&](const PartedLeg& it) { return it.leg == event.leg; });
}

void StateEditor::forget_parted(Interaction& interaction) {
  for (const PartedLeg& it : interaction.parted) state_.parted_.erase(it.leg);
  interaction.parted.clear();
}

// Its key stays for a while: whoever submitted it may not have heard the answer.
void StateEditor::forget_task(const Call& call) {
  --state_.task_count_;
  if (call.call_id.empty()) return;
  std::deque<std::string>& ended = state_.ended_task_keys_;
  ended.push_back(call.call_id);
  if (ended.size() <= limits().task_keys_max) return;
  state_.task_keys_.erase(ended.front());
  ended.pop_front();
}

// --- Offers ---------------------------------------------------------------------------------

void StateEditor::on(const OfferMade& event) {
  raise(state_.last_.interaction, event.interaction);
  raise(state_.last_.conversation, event.conversation);
  raise(state_.last_.member, event.customer.id);
  Call& call = edit(event.call);
  if (event.rings_all) {
    call.ringing.push_back(event.interaction);
  } else {
    stop_waiting(call);
    call.interaction = event.interaction;
  }
  Channel& channel = edit(event.channel);
  if (call.queue) table(key_of(call)).last_offered = channel.agent;
  unlist_ready(channel);
  channel.interaction = event.interaction;
  if (event.conversation) {
    state_.conversations_[event.conversation] = Conversation{
        .id = event.conversation, .interaction = event.interaction, .members = {event.customer}};
  }
  Interaction& interaction = state_.interactions_[event.interaction] =
      Interaction{.id = event.interaction,
                  .channel = event.channel,
                  .call = event.call,
                  .conversation = event.conversation,
                  .type = call.type,
                  .direction = event.direction,
                  .since = time_,
                  .data = event.data};
  start(interaction.timer, DeadlineKind::ring, interaction.id.value,
        time_ + state_.directory().ring_max(call.queue));
}

void StateEditor::on(const OfferTaken& event) {
  Call& call = edit(event.call);
  stop_waiting(call);
  std::erase(call.ringing, event.interaction);
  call.interaction = event.interaction;
}

void StateEditor::on(const OfferRejected& event) {
  end_offer(event.call, event.interaction);
}

void StateEditor::on(const OfferWithdrawn& event) {
  end_offer(event.call, event.interaction);
}

void StateEditor::on(const TaskRequeued& event) {
  end_offer(event.call, event.interaction);
}

void StateEditor::end_offer(CallId call_id, InteractionId interaction_id) {
  Call& call = edit(call_id);
  Interaction& interaction = edit(interaction_id);
  Channel& channel = edit(interaction.channel);
  if (call.interaction == interaction_id) {
    call.data = std::move(interaction.data);
    call.interaction = {};
  }
  std::erase(call.ringing, interaction_id);
  // If it has been taken, that is why this offer ends.
  if (!call.interaction) note_refusal(call, channel.agent);
  stop(interaction.timer);
  forget_parted(interaction);
  state_.conversations_.erase(interaction.conversation);
  state_.interactions_.erase(interaction_id);
  channel.interaction = {};
  end_if_overdue(channel);
}

void StateEditor::note_refusal(Call& call, AgentIndex agent) {
  unlist_waiting(call);
  std::erase_if(call.refusals, [&](const Refusal& refusal) { return refusal.agent == agent; });
  if (call.refusals.size() >= limits().refusals_max) call.refusals.erase(call.refusals.begin());
  call.refusals.push_back({agent, time_ + limits().refusal_rest});
  if (call.queue) wait_in_queue(call);
}

// --- Interactions ---------------------------------------------------------------------------

void StateEditor::on(const CallAnswered& event) {
  Interaction& interaction = edit(event.interaction);
  interaction.state = InteractionState::started;
  interaction.since = time_;
  interaction.answered_at = time_;
  Call& call = edit(interaction.call);
  const bool was_offered = event.previous == ConversationState::alerting;
  if (was_offered && call.queue) ++edit(interaction.channel).taken;
  call.transfer.reset();
  if (event.conversation) {
    edit(event.conversation).state = ConversationState::connected;
  } else {
    stop(interaction.timer);  // A call's was stopped by the operation that answered it.
  }
}

void StateEditor::on(const CallEnded& event) {
  Interaction& interaction = edit(event.interaction);
  close_recording(interaction);
  interaction.state = InteractionState::ended;
  interaction.since = time_;
  interaction.call = {};
  interaction.conversation = {};
  interaction.focus = {};
  state_.conversations_.erase(event.conversation);
  start(interaction.timer, DeadlineKind::wrapup, interaction.id.value, time_ + limits().wrapup_max);
  end_if_overdue(edit(interaction.channel));
}

void StateEditor::on(const InteractionCompleted& event) {
  Interaction& interaction = edit(event.interaction);
  stop(interaction.timer);
  forget_parted(interaction);
  Channel& channel = edit(event.channel);
  channel.interaction = {};
  state_.interactions_.erase(event.interaction);
}

void StateEditor::on(const DataMerged& event) {
  CallData& data = edit(event.interaction).data;
  for (const DataChange& change : event.changes) {
    if (change.value) {
      data[change.key] = *change.value;
    } else {
      data.erase(change.key);
    }
  }
}

void StateEditor::on(const OperationBegun& event) {
  Interaction& interaction = edit(event.interaction);
  CORD_ASSERT(!interaction.operation.has_value());
  const bool is_answer = event.kind == OperationKind::answer;
  // What is being answered, or is let go of before it was, has another deadline now.
  if (is_answer || interaction.state == InteractionState::dialing) stop(interaction.timer);
  if (is_answer && event.conversation == interaction.consult) {
    stop(edit(interaction.consult_call).wait);
  }
  interaction.operation = Operation{.kind = event.kind,
                                    .request = event.request,
                                    .connection = event.connection,
                                    .cause = event.cause,
                                    .conversation = event.conversation,
                                    .number = event.number};
  const bool takes_long =
      is_answer || event.kind == OperationKind::tones || event.kind == OperationKind::consult ||
      event.kind == OperationKind::blind_transfer || event.kind == OperationKind::blind_conference;
  start(interaction.operation->timer, DeadlineKind::operation, interaction.id.value,
        time_ + (takes_long ? limits().answer_timeout : limits().request_timeout));
}

void StateEditor::on(const OperationPlaced& event) {
  raise(state_.last_.leg, event.leg);
  Interaction& interaction = edit(event.interaction);
  CORD_ASSERT(interaction.operation.has_value());
  interaction.operation->leg = event.leg;
  state_.legs_[event.leg] = Leg{.id = event.leg, .channel = interaction.channel};
}

void StateEditor::on(const OperationEnded& event) {
  Interaction& interaction = edit(event.interaction);
  CORD_ASSERT(interaction.operation.has_value());
  if (interaction.operation->leg) state_.legs_.erase(interaction.operation->leg);
  stop(interaction.operation->timer);
  interaction.operation.reset();
}

// --- Conversations --------------------------------------------------------------------------

void StateEditor::on(const ConversationHeld& event) {
  Conversation& conversation = edit(event.conversation);
  conversation.state = ConversationState::held;
  conversation.held_by_phone = event.cause == Cause::phone;
}

void StateEditor::on(const ConversationRetrieved& event) {
  retrieve(edit(event.conversation));
}

void StateEditor::retrieve(Conversation& conversation) {
  conversation.state = ConversationState::connected;
  conversation.held_by_phone = false;
}

void StateEditor::on(const ConversationMuted& event) {
  edit(event.conversation).muted = event.muted;
}

void StateEditor::on(const PhoneHoldKeyed& event) {
  edit(event.conversation).phone_hold_wish = event.hold;
}

// --- Recording ------------------------------------------------------------------------------

void StateEditor::on(const RecordingOrdered& event) {
  raise(state_.last_.recording, event.recording);
  edit(event.interaction).recording = event.recording;
  state_.recordings_[event.recording] = event.interaction;
}

void StateEditor::on(const RecordingChanged& event) {
  Interaction& interaction = edit(event.interaction);
  if (event.state == RecordingState::none) return close_recording(interaction);
  interaction.recording_state = event.state;
}

void StateEditor::on(const RecordingDropped& event) {
  close_recording(edit(event.interaction));
}

void StateEditor::close_recording(Interaction& interaction) {
  state_.recordings_.erase(interaction.recording);
  interaction.recording = {};
  interaction.recording_state = RecordingState::none;
}

}  // namespace cord::core
