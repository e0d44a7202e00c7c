// Applies what happens to those whom an agent calls.
#include "core/state_editor.hpp"

namespace cord::core {

void StateEditor::on(const DialBegun& event) {
  Channel& channel = edit(event.channel);
  CORD_ASSERT(!channel.dial.has_value());
  unlist_ready(channel);
  channel.dial = Dial{event.request, event.connection, event.number, {}, {}};
  start(channel.dial->timer, DeadlineKind::dial, channel.id.value, time_ + limits().answer_timeout);
}

void StateEditor::on(const DialPlaced& event) {
  raise(state_.last_.leg, event.leg);
  edit(event.channel).dial->leg = event.leg;
  state_.legs_[event.leg] = Leg{.id = event.leg, .channel = event.channel};
}

void StateEditor::on(const DialEnded& event) {
  Channel& channel = edit(event.channel);
  CORD_ASSERT(channel.dial.has_value());
  stop(channel.dial->timer);
  if (channel.dial->leg) state_.legs_.erase(channel.dial->leg);
  channel.dial.reset();
  list_ready(channel);
}

template <class Dialled>
Call StateEditor::dialled_by(const Channel& channel, const Dialled& event) const {
  const Agent& agent = state_.directory().agents[channel.agent];
  return {.id = event.call,
          .leg = event.leg,
          .queue = event.queue,
          .caller = agent.extension,
          .caller_name = agent.name,
          .called = event.number,
          .call_id = event.call_id,
          .data = event.data};
}

template <class Dialled>
Call& StateEditor::add_dialled(const Dialled& event, const Channel& channel) {
  raise(state_.last_.conversation, event.conversation);
  raise(state_.last_.member, event.far.id);
  Call& call = add(dialled_by(channel, event));
  if (!event.leg) call.origin = event.interaction;
  return call;
}

void StateEditor::on(const CallDialed& event) {
  raise(state_.last_.interaction, event.interaction);
  Channel& channel = edit(event.channel);
  channel.interaction = event.interaction;
  Call& call = add_dialled(event, channel);
  state_.conversations_[event.conversation] = Conversation{.id = event.conversation,
                                                           .interaction = event.interaction,
                                                           .state = ConversationState::dialing,
                                                           .members = {event.far}};
  Interaction& interaction = state_.interactions_[event.interaction] =
      Interaction{.id = event.interaction,
                  .channel = event.channel,
                  .call = event.call,
                  .conversation = event.conversation,
                  .direction = event.leg ? Direction::outbound : Direction::internal,
                  .state = InteractionState::dialing,
                  .since = time_,
                  .data = event.data};
  if (!event.leg) {
    if (call.queue) wait_in_queue(call);
    return;
  }
  call.interaction = event.interaction;
  channel.dial->leg = {};
  // The platform's own word on it comes first, unless it has lost its voice.
  start(interaction.timer, DeadlineKind::ring, interaction.id.value,
        time_ + limits().dial_ring_max + limits().request_timeout);
}

// --- Consulting -----------------------------------------------------------------------------

void StateEditor::await_far_end(Call& call) {
  start(call.wait, DeadlineKind::far_ring, call.id.value,
        time_ + limits().dial_ring_max + limits().request_timeout);
}

void StateEditor::on(const ConsultDialed& event) {
  Interaction& interaction = edit(event.interaction);
  Call& call = add_dialled(event, edit(interaction.channel));
  Conversation& primary = edit(interaction.conversation);
  if (event.was_connected) primary.state = ConversationState::held;
  primary.phone_hold_wish.reset();
  state_.conversations_[event.conversation] = Conversation{.id = event.conversation,
                                                           .interaction = event.interaction,
                                                           .type = ConversationType::consult,
                                                           .state = ConversationState::dialing,
                                                           .members = {event.far}};
  interaction.consult_call = event.call;
  interaction.consult = interaction.focus = event.conversation;
  if (event.leg) call.interaction = event.interaction;
  await_answer(call);
}

void StateEditor::await_answer(Call& call) {
  if (call.leg) return await_far_end(call);
  if (call.queue) wait_in_queue(call);
}

void StateEditor::on(const ConsultAnswered& event) {
  edit(event.conversation).state = ConversationState::connected;
}

void StateEditor::on(const ConversationEnded& event) {
  Interaction& interaction = edit(event.interaction);
  CORD_ASSERT(interaction.consult);
  if (event.conversation == interaction.conversation) {
    close_recording(interaction);
    interaction.conversation = interaction.consult;
    interaction.call = interaction.consult_call;
  }
  interaction.consult = {};
  interaction.consult_call = {};
  interaction.focus = interaction.conversation;
  if (event.is_retrieved) retrieve(edit(interaction.conversation));
  state_.conversations_.erase(event.conversation);
}

void StateEditor::on(const FocusMoved& event) {
  Interaction& interaction = edit(event.interaction);
  Conversation& left = edit(interaction.focus);
  if (event.was_connected) left.state = ConversationState::held;
  left.phone_hold_wish.reset();
  retrieve(edit(event.conversation));
  interaction.focus = event.conversation;
}

void StateEditor::on(const ConferenceDialed& event) {
  raise(state_.last_.member, event.member.id);
  Conversation& asker = edit(event.conversation);
  Call& call = add(dialled_by(edit(edit(asker.interaction).channel), event));
  call.joins = event.conversation;
  asker.members.push_back(event.member);
  asker.inviting = event.call;
  await_answer(call);
}

// --- Transfers ------------------------------------------------------------------------------

void StateEditor::on(const CallTransferred& event) {
  Call& call = edit(event.call);
  call.interaction = {};
  call.transfer = Transfer{event.channel, call.queue, event.request};
  call.queue = event.queue;
  call.caller = event.caller;
  call.caller_name = event.caller_name;
  call.data = event.data;
  let_wait_anew(call);
}

// How long it has been talked on does not count.
void StateEditor::let_wait_anew(Call& call) {
  call.arrived = call.queued = time_;
  if (call.queue) wait_in_queue(call);
}

// Not anew: how long it has waited in all is told to who is offered it.
void StateEditor::on(const CallOverflowed& event) {
  Call& call = edit(event.call);
  stop_waiting(call);
  call.refusals.clear();
  call.queue = event.queue;
  call.queued = time_;
  call.data = event.data;
  if (call.queue) return wait_in_queue(call);
  if (!call.transfer) call.transfer = Transfer{};
}

void StateEditor::on(const TransferDialed& event) {
  raise(state_.last_.leg, event.leg);
  Call& given = edit(event.partner);
  given.partner = event.call;
  await_far_end(add({.id = event.call,
                     .leg = event.leg,
                     .caller = given.caller,
                     .caller_name = given.caller_name,
                     .called = event.number,
                     .call_id = event.call_id,
                     .partner = event.partner}));
}

void StateEditor::on(const TransferFailed& event) {
  Call& call = edit(event.call);
  stop_waiting(call);
  // What was done to it in the queue it was given to counts in no other.
  if (call.queue) call.refusals.clear();
  call.queue = call.transfer->home;
  call.transfer.reset();
  call.partner = {};
  let_wait_anew(call);
}

void StateEditor::on(const PartnersJoined& event) {
  join(edit(event.call), event.partner);
  join(edit(event.partner), event.call);
}

void StateEditor::join(Call& call, CallId partner) {
  stop(call.wait);
  call.interaction = {};
  call.transfer.reset();
  call.queue.reset();
  call.partner = partner;
}

void StateEditor::on(const CallsMerged& event) {
  Call& call = edit(event.call);
  call.origin = event.origin;
  call.interaction = event.interaction;
  for (const InteractionId id : {event.origin, event.interaction}) {
    if (!id) continue;
    Interaction& end = edit(id);
    CallId& part = end.consult_call == event.other || end.consult_call == event.call
                       ? end.consult_call
                       : end.call;
    part = event.call;
  }
  state_.calls_.erase(event.other);
}

void StateEditor::on(const FarEndChanged& event) {
  raise(state_.last_.member, event.added.id);
  Conversation& conversation = edit(event.conversation);
  for (Member& member : conversation.members) {
    if (member.id == event.removed.id) member = event.added;
  }
  edit(conversation.interaction).data = event.data;
}

// --- Supervisors ----------------------------------------------------------------------------

void StateEditor::on(const MonitorAsked& event) {
  Channel& channel = edit(event.channel);
  unlist_ready(channel);
  if (!channel.monitoring) {
    channel.monitoring = Monitoring{.agent_channel = event.agent_channel};
    edit(event.agent_channel).monitors.push_back(event.channel);
  }
  Monitoring& monitoring = *channel.monitoring;
  monitoring.wish = event.mode;
  monitoring.request = event.request;
  monitoring.connection = event.connection;
  start(monitoring.timer, DeadlineKind::monitor, channel.id.value, time_ + limits().answer_timeout);
}

void StateEditor::on(const MonitorSet& event) {
  Monitoring& monitoring = *edit(event.channel).monitoring;
  monitoring.mode = monitoring.wish;
  monitoring.is_set = true;
  stop(monitoring.timer);
}

void StateEditor::on(const MonitorKept& event) {
  stop(edit(event.channel).monitoring->timer);
}

void StateEditor::on(const MonitorEnded& event) {
  Channel& channel = edit(event.channel);
  stop(channel.monitoring->timer);
  std::erase(edit(channel.monitoring->agent_channel).monitors, event.channel);
  channel.monitoring.reset();
  list_ready(channel);
}

}  // namespace cord::core
