// Applies what happens to calls with more than two ends.
#include <algorithm>

#include "core/state_editor.hpp"

namespace cord::core {

void StateEditor::on(const ConferenceBegun& event) {
  Call& other = edit(event.other);
  if (other.joins) {
    const MemberId invited = state_.invited_member(other).id;
    Conversation& asker = edit(other.joins);
    for (Member& member : asker.members) {
      if (member.id == invited) member.leg = event.legs.back();
    }
    asker.inviting = {};
  }
  stop_waiting(other);
  state_.calls_.erase(event.other);
  Call& call = edit(event.call);
  call.leg = {};
  call.origin = {};
  call.interaction = {};
  call.queue.reset();
  call.transfer.reset();
  call.conference = event.legs;
  for (const LegId leg : event.legs) move_leg(leg, event.other, event.call);
}

void StateEditor::move_leg(LegId id, CallId from, CallId to) {
  Leg& leg = in(state_.legs_, id);
  if (leg.call) {
    leg.call = to;
    return;
  }
  Interaction& interaction = edit(edit(leg.channel).interaction);
  if (interaction.call == from) interaction.call = to;
  if (interaction.consult_call == from) interaction.consult_call = to;
}

void StateEditor::on(const ConferenceLeft& event) {
  std::erase(edit(event.call).conference, event.leg);
  forget_outside(event.leg);
}

// A phone's is its channel's, and may be gone already.
void StateEditor::forget_outside(LegId id) {
  const auto leg = state_.legs_.find(id);
  if (leg != state_.legs_.end() && leg->second.call) state_.legs_.erase(leg);
}

void StateEditor::on(const MembersJoined& event) {
  Conversation& conversation = edit(event.conversation);
  if (event.first_leg) conversation.members.front().leg = event.first_leg;
  for (const Member& member : event.members) {
    raise(state_.last_.member, member.id);
    conversation.members.push_back(member);
  }
  if (event.is_retrieved) retrieve(conversation);
}

void StateEditor::on(const MemberLeft& event) {
  std::erase_if(edit(event.conversation).members,
                [&](const Member& it) { return it.id == event.member.id; });
}

}  // namespace cord::core
