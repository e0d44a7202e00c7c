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

void StateEditor::on(const CallDialed& event) {
  raise(state_.last_.call, event.call);
  raise(state_.last_.interaction, event.interaction);
  raise(state_.last_.conversation, event.conversation);
  raise(state_.last_.member, event.far.id);
  Channel& channel = edit(event.channel);
  channel.interaction = event.interaction;
  const Agent& agent = state_.directory().agents[channel.agent];
  Call& call = state_.calls_[event.call] = Call{.id = event.call,
                                                .leg = event.leg,
                                                .queue = event.queue,
                                                .caller = agent.extension,
                                                .caller_name = agent.name,
                                                .called = event.number,
                                                .call_id = event.call_id,
                                                .arrived = time_,
                                                .data = event.data};
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
                  .data = event.data};
  if (!event.leg) {
    call.origin = event.interaction;
    if (call.queue) wait_in_queue(call);
    return;
  }
  call.interaction = event.interaction;
  channel.dial->leg = {};
  state_.legs_[event.leg] = Leg{.id = event.leg, .call = event.call};
  // The platform's own word on it comes first, unless it has lost its voice.
  start(interaction.timer, DeadlineKind::ring, interaction.id.value,
        time_ + limits().dial_ring_max + limits().request_timeout);
}

}  // namespace cord::core
