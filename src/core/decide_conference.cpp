// More than two who talk: consultconference, blindconference, dropmember, and how they come and go
// (docs/protocol.md, 5.2 and 5.3).
#include <algorithm>

#include "core/dial_steps.hpp"

namespace cord::core {

namespace {

bool has(const std::vector<LegId>& legs, LegId leg) {
  return std::find(legs.begin(), legs.end(), leg) != legs.end();
}

// The leg of who was alone with the agent; zero: there were several.
LegId first_leg(const State& state, const Conversation& conversation) {
  const Call& call = state.call_of(conversation);
  return call.joins ? phone_of(state, state.at(call.joins)) : state.far_leg(conversation);
}

LegId leg_of(const State& state, const Conversation& conversation, const Member& member) {
  const bool is_first = member.id == conversation.members.front().id;
  const LegId first = is_first ? first_leg(state, conversation) : LegId{};
  return first ? first : member.leg;
}

const Member* find_member(const State& state, const Conversation& conversation, LegId leg) {
  const auto& all = conversation.members;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Member& it) {
    return leg_of(state, conversation, it) == leg;
  });
  return found == all.end() ? nullptr : &*found;
}

// Two calls that become one, `kept`.
class Gathering {
 public:
  Gathering(const State& state, const Call& kept, const Call& other)
      : state_(state), kept_(kept), other_(other), legs_(state.legs_of(kept)) {
    for (const LegId leg : state.legs_of(other)) {
      if (!has(legs_, leg)) legs_.push_back(leg);
    }
    for (const LegId leg : legs_) add_party(leg);
  }

  /// What its mix is called.
  [[nodiscard]] CallId kept() const { return kept_.id; }

  [[nodiscard]] ConferenceBegun event() const { return {kept_.id, other_.id, legs_}; }

  /// The part of the agent on `leg`, or null.
  [[nodiscard]] const Conversation* part_on(LegId leg) const {
    const Channel* channel = state_.find(state_.at(leg).channel);
    if (channel == nullptr) return nullptr;
    const Interaction& interaction = state_.at(channel->interaction);
    const bool is_kept = interaction.call == kept_.id || interaction.consult_call == kept_.id;
    return &state_.part_in(interaction, is_kept ? kept_.id : other_.id);
  }

  /// The parts of all agents, that of `first` first.
  [[nodiscard]] std::vector<const Conversation*> parts(const Conversation& first) const {
    std::vector<const Conversation*> parts{&first};
    for (const LegId leg : legs_) {
      const Conversation* part = part_on(leg);
      if (part != nullptr && part != &first) parts.push_back(part);
    }
    return parts;
  }

  /// Whoever is new to `part`.
  [[nodiscard]] MembersJoined news_for(Draft& draft, const Conversation& part) const {
    MembersJoined news{.conversation = part.id, .first_leg = first_leg(state_, part)};
    for (const Member& party : parties_) {
      const bool is_expected = part.id == other_.joins && party.leg == legs_.back();
      const bool is_self = party.leg == phone_of(state_, part);
      if (is_expected || is_self || find_member(state_, part, party.leg) != nullptr) continue;
      news.members.push_back(party);
      news.members.back().id = draft.next(&LastIds::member);
    }
    return news;
  }

 private:
  void add_party(LegId leg) {
    if (const Channel* channel = state_.find(state_.at(leg).channel)) {
      return parties_.push_back(agent_member(state_, *channel));
    }
    for (const LegId phone : legs_) {
      const Channel* channel = state_.find(state_.at(phone).channel);
      const Member* known = channel == nullptr ? nullptr : find_known(*channel, leg);
      if (known == nullptr) continue;
      parties_.push_back(*known);
      parties_.back().leg = leg;
      return;
    }
  }

  // Whom the agent of `channel` knows on `leg`, in either conversation, or null.
  [[nodiscard]] const Member* find_known(const Channel& channel, LegId leg) const {
    const Interaction& interaction = state_.at(channel.interaction);
    for (const ConversationId id : {interaction.conversation, interaction.consult}) {
      const Conversation* part = state_.find(id);
      const Member* known = part == nullptr ? nullptr : find_member(state_, *part, leg);
      if (known != nullptr) return known;
    }
    return nullptr;
  }

  const State& state_;
  const Call& kept_;
  const Call& other_;
  std::vector<LegId> legs_;
  std::vector<Member> parties_;
};

// Those of `legs` whose agents speak here and not in another call of theirs; `leg` is left out.
std::vector<LegId> attentive(const State& state, const std::vector<LegId>& legs, LegId leg,
                             const Call& call) {
  std::vector<LegId> attentive;
  for (const LegId id : legs) {
    if (id == leg) continue;
    const Conversation* part = state.part_on(id, call.id);
    const bool is_here =
        part == nullptr || state.focus_of(state.at(part->interaction)).id == part->id;
    if (is_here) attentive.push_back(id);
  }
  return attentive;
}

// Who talks in `call`, or is called to.
std::size_t size_of(const State& state, const Call& call) {
  const std::vector<LegId> legs = state.legs_of(call);
  std::size_t size = legs.size();
  for (const LegId leg : legs) {
    const Conversation* part = state.part_on(leg, call.id);
    if (part != nullptr && part->inviting) ++size;
  }
  return size;
}

Result<void> check_capability(const Draft& draft, const char* command) {
  if (draft.directory().capabilities.conference) return {};
  return refuse(Errc::unsupported, command, "The platform cannot mix more than two.");
}

Result<void> check_size(const Draft& draft, std::size_t size, const char* command) {
  if (size <= draft.limits().conference_legs_max) return {};
  return refuse(Errc::invalid_state, command,
                fmt::format("There may be {} in one call.", draft.limits().conference_legs_max));
}

// What is told of the call goes to the agent of `part`, who was only consulted about it.
void share_data(Draft& draft, const Conversation& part, const CallData& data) {
  const Interaction& interaction = draft.state().at(part.interaction);
  DataMerged merged{.interaction = interaction.id};
  for (const auto& [key, value] : data) {
    const auto known = interaction.data.find(key);
    const bool is_known = known != interaction.data.end() && known->second == value;
    if (!is_known) merged.changes.push_back({key, value});
  }
  if (!merged.changes.empty()) draft.emit(std::move(merged));
}

// Tells all but `first`, and restores what is theirs.
void tell_others(Draft& draft, const Gathering& gathering, const Conversation& first) {
  for (const Conversation* part : gathering.parts(first)) {
    if (part == &first) continue;
    draft.begin_block();
    draft.emit(gathering.news_for(draft, *part));
    restore_part(draft, *part, {}, gathering.kept());
  }
}

void invite_inside(Draft& draft, const Conversation& asker, const Destination& destination,
                   const std::string& number) {
  const State& state = draft.state();
  const Interaction& interaction = state.at(asker.interaction);
  ConferenceDialed dialed{.call = draft.next(&LastIds::call), .conversation = asker.id};
  dialed.member = far_end(draft, destination, number);
  dialed.member.id = draft.next(&LastIds::member);
  dialed.member.address = number;
  dialed.number = number;
  dialed.data = interaction.data;
  if (destination.kind == Destination::Kind::queue) {
    dialed.queue = destination.queue;
    const std::string& name = draft.directory().queues[destination.queue].name;
    dialed.data["Queue"] = {.is_json = false, .text = name};
    return draft.emit(std::move(dialed));
  }
  const CallId call = dialed.call;
  draft.emit(std::move(dialed));
  offer_to_colleague(draft, state.at(interaction.channel), {call, number, interaction.data});
}

}  // namespace

// --- After a consult --------------------------------------------------------------------------

Result<void> carry_out(Draft& draft, const Asked& asked, const ConferenceInteraction&) {
  constexpr const char* command = "interaction.consultconference";
  const State& state = draft.state();
  const Interaction& interaction = state.at(asked.path.interaction);
  const Result<void> is_able = check_capability(draft, command);
  if (!is_able) return is_able;
  if (!interaction.consult) {
    return refuse(Errc::invalid_state, command, "There is no consult call.");
  }
  const Conversation& consult = state.at(interaction.consult);
  if (consult.state == ConversationState::dialing || consult.inviting) {
    return refuse(Errc::invalid_state, command, "Somebody in the consult call is still ringing.");
  }
  const Call& kept = state.at(interaction.call);
  const Call& other = state.call_of(consult);
  // The agent is in both.
  const std::size_t size = size_of(state, kept) + size_of(state, other) - 1;
  const Result<void> has_room = check_size(draft, size, command);
  if (!has_room) return has_room;
  begin_operation(draft, consult, OperationKind::conference, requester_of(asked));
  const LegId phone = state.at(interaction.channel).leg;
  std::vector<LegId> others = attentive(state, state.legs_of(kept), phone, kept);
  const std::vector<LegId> more = attentive(state, state.legs_of(other), phone, other);
  others.insert(others.end(), more.begin(), more.end());
  draft.order(MixLegs{phone, std::move(others), kept.id});
  return {};
}

void finish_conference(Draft& draft, const Interaction& interaction) {
  const State& state = draft.state();
  const Conversation& primary = state.at(interaction.conversation);
  const Conversation& consult = state.at(interaction.consult);
  const Gathering gathering(state, state.at(interaction.call), state.call_of(consult));
  end_operation(draft, interaction, Success{});
  draft.emit(ConversationEnded{interaction.id, consult.id, consult.state, consult.muted,
                               Cause::conference, false});
  draft.emit(gathering.event());
  MembersJoined news = gathering.news_for(draft, primary);
  news.is_retrieved = primary.state == ConversationState::held;
  draft.emit(std::move(news));
  follow_focus(draft, state.focus_of(interaction), primary);
  if (interaction.recording) {
    draft.order(
        MoveRecording{interaction.recording, {}, phone_of(state, primary), gathering.kept()});
  }
  tell_others(draft, gathering, primary);
  const Conversation* consulted = state.find_colleague(consult);
  if (consulted == nullptr || consulted->type != ConversationType::primary) return;
  draft.begin_block();
  share_data(draft, *consulted, interaction.data);
}

// --- Blindly ----------------------------------------------------------------------------------

Result<void> carry_out(Draft& draft, const Asked& asked, const BlindConference& command) {
  constexpr const char* where = "conversation.blindconference";
  const State& state = draft.state();
  const Interaction& interaction = state.at(asked.path.interaction);
  const Conversation& conversation = state.at(asked.path.conversation);
  const Result<void> is_able = check_capability(draft, where);
  if (!is_able) return is_able;
  const bool is_talked_on = conversation.state == ConversationState::connected ||
                            conversation.state == ConversationState::held;
  if (!is_talked_on) return refuse(Errc::invalid_state, where, "The call is still ringing.");
  if (conversation.inviting) {
    return refuse(Errc::invalid_state, where, "Somebody else is still ringing.");
  }
  const std::size_t size = size_of(state, state.call_of(conversation)) + 1;
  const Result<void> has_room = check_size(draft, size, where);
  if (!has_room) return has_room;
  const Channel& channel = state.at(interaction.channel);
  const auto destination = find_destination(draft, channel, command.destination);
  if (!destination) return tl::make_unexpected(destination.error());
  if (destination->kind != Destination::Kind::outside) {
    succeed(draft, asked);
    invite_inside(draft, conversation, *destination, command.destination);
    return {};
  }
  begin_operation(draft, conversation, OperationKind::blind_conference, requester_of(asked),
                  command.destination);
  const LegId leg = draft.next(&LastIds::leg);
  draft.emit(OperationPlaced{interaction.id, leg});
  draft.order(dial_order(draft, channel, leg, command.destination));
  return {};
}

void invite_outside(Draft& draft, const Interaction& interaction, const Dialled& dialled) {
  const ConversationId asker = interaction.operation->conversation;
  end_operation(draft, interaction, Success{});
  draft.emit(ConferenceDialed{.call = draft.next(&LastIds::call),
                              .conversation = asker,
                              .leg = dialled.leg,
                              .member = {.id = draft.next(&LastIds::member),
                                         .address = dialled.number,
                                         .name = {},
                                         .role = MemberRole::external,
                                         .leg = dialled.leg},
                              .number = dialled.number,
                              .call_id = dialled.call_id,
                              .data = interaction.data});
}

void invited_answered(Draft& draft, const Call& call) {
  if (draft.state().at(call.leg).is_answered) return;
  draft.emit(PhoneAnswered{call.leg});
  mix_in(draft, call.leg, draft.state().call_of(draft.state().at(call.joins)));
}

void mix_in(Draft& draft, LegId leg, const Call& call) {
  const State& state = draft.state();
  draft.order(MixLegs{leg, attentive(state, state.legs_of(call), leg, call), call.id});
}

void restore_part(Draft& draft, const Conversation& part, LegId far, CallId mix) {
  const State& state = draft.state();
  const Interaction& interaction = state.at(part.interaction);
  const LegId phone = phone_of(state, part);
  if (interaction.recording && part.id == interaction.conversation) {
    draft.order(MoveRecording{interaction.recording, far, phone, mix});
  }
  const bool is_held = part.state == ConversationState::held ||
                       is_busy_with(interaction, OperationKind::hold) ||
                       is_busy_with(interaction, OperationKind::consult);
  if (is_held && state.focus_of(interaction).id == part.id) draft.order(HoldLeg{far, phone, mix});
}

void join_in(Draft& draft, const Call& call) {
  const State& state = draft.state();
  const Conversation& asker = state.at(call.joins);
  const Gathering gathering(state, state.call_of(asker), call);
  draft.begin_block();
  draft.emit(gathering.event());
  draft.emit(gathering.news_for(draft, asker));
  restore_part(draft, asker, {}, gathering.kept());
  tell_others(draft, gathering, asker);
}

void invitation_failed(Draft& draft, const Call& call, Cause cause) {
  const Conversation& asker = draft.state().at(call.joins);
  withdraw_offers(draft, call, Cause::remote);
  draft.begin_block();
  draft.emit(MemberLeft{asker.id, draft.state().invited_member(call), cause});
  draft.emit(CallGone{call.id, cause});
}

void cancel_invitation(Draft& draft, const Conversation& asker) {
  const Call* call = draft.state().find(asker.inviting);
  if (call == nullptr) return;
  if (call->leg) draft.order(ReleaseLeg{call->leg, Cause::request});
  if (const Interaction* offered = draft.state().find(call->interaction)) {
    fail_operation_of_ended_call(draft, *offered);
    end_offer(draft, *offered, {OfferEnd::abandoned, Cause::remote});
  }
  withdraw_offers(draft, *call, Cause::remote);
  draft.emit(CallGone{call->id, Cause::request});
  draft.begin_block();
}

void take_back_invitation(Draft& draft, const Conversation& asker, Cause cause) {
  const Call* call = draft.state().find(asker.inviting);
  if (call == nullptr) return;
  draft.emit(MemberLeft{asker.id, draft.state().invited_member(*call), cause});
  cancel_invitation(draft, asker);
}

// --- Leaving ----------------------------------------------------------------------------------

void leave_conference(Draft& draft, const Call& call, LegId leg, Cause cause) {
  const State& state = draft.state();
  std::vector<LegId> rest = call.conference;
  std::erase(rest, leg);
  draft.emit(ConferenceLeft{call.id, leg});
  if (rest.size() > 1) {
    for (const LegId id : rest) {
      const Conversation* part = state.part_on(id, call.id);
      if (part == nullptr) continue;
      draft.begin_block();
      draft.emit(MemberLeft{part->id, *find_member(state, *part, leg), cause});
    }
    return;
  }
  const Conversation* last = state.part_on(rest.front(), call.id);
  if (last == nullptr) {
    draft.order(ReleaseLeg{rest.front(), cause});
  } else {
    fail_operation_of_ended_call(draft, *last);
    draft.begin_block();
    end_part(draft, *last, cause);
  }
  draft.emit(CallGone{call.id, cause});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const DropMember& command) {
  constexpr const char* where = "conversation.dropmember";
  const State& state = draft.state();
  const Conversation& conversation = state.at(asked.path.conversation);
  const auto& all = conversation.members;
  const auto member = std::find_if(all.begin(), all.end(),
                                   [&](const Member& it) { return it.id == command.member; });
  if (member == all.end()) {
    return refuse(Errc::target_not_found, where, "The conversation has no such member.");
  }
  const Call* invited = state.find(conversation.inviting);
  if (invited != nullptr && state.invited_member(*invited).id == member->id) {
    succeed(draft, asked);
    take_back_invitation(draft, conversation, Cause::request);
    return {};
  }
  const Call& call = state.call_of(conversation);
  if (call.conference.empty()) {
    return refuse(Errc::invalid_state, where, "There is nobody else: conversation.release.");
  }
  succeed(draft, asked);
  const Conversation* theirs = state.part_on(member->leg, call.id);
  if (theirs == nullptr) {
    draft.order(ReleaseLeg{member->leg, Cause::request});
  } else {
    fail_operation_of_ended_call(draft, *theirs);
    draft.begin_block();
    end_part(draft, *theirs, Cause::conference);
  }
  leave_conference(draft, call, member->leg, Cause::conference);
  return {};
}

}  // namespace cord::core
