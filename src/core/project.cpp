// What each event means to clients: the names and orders of docs/protocol.md, sections 5 and 6.
#include "core/decide.hpp"
#include "core/views.hpp"

namespace cord::core {

namespace {

class Projector {
 public:
  Projector(const State& after, std::vector<ClientEvent>& out) : after_(after), out_(out) {}

  // What changes nothing that clients see.
  template <class Silent>
  void on(const Silent&) {}

  void on(const SessionReplaced& event) {
    at(event.old_session, event.old_name);
    say(SessionEnded{SessionEnd::replaced});
  }

  void on(const SessionPresented& event) {
    const Session& session = after_.at(event.session);
    if (at(session)) say(profile_of(after_, session));
  }

  void on(const SessionDetached& event) {
    if (!at(after_.at(event.session))) return;
    say(SessionStateUpdated{SessionState::logged_in, SessionState::logged_in, Cause::remote, true});
  }

  void on(const SessionResumed& event) {
    if (!at(after_.at(event.session)) || event.old_connection) return;
    say(SessionStateUpdated{SessionState::logged_in, SessionState::logged_in, Cause::request,
                            false});
  }

  void on(const SessionClosed& event) {
    at(event.session, event.name);
    if (event.was_started) {
      say(SessionStateUpdated{SessionState::logged_out, SessionState::logged_in, event.cause,
                              !event.connection});
    }
    say(SessionEnded{event.reason});
  }

  void on(const GroupPresented& event) {
    const ChannelGroup& group = after_.at(event.group);
    if (at(after_.at(group.session))) say(GroupCreated{group.id, group.name});
  }

  void on(const GroupInitiated& event) {
    if (at_group(after_.at(after_.at(event.group).session), event.group)) say(GroupInitialized{});
  }

  void on(const GroupClosed& event) {
    if (at_group(after_.at(event.session), event.group)) say(GroupDisposed{});
  }

  void on(const ChannelPresented& event) {
    const Channel& channel = after_.at(event.channel);
    const Session& session = after_.at(channel.session);
    if (!(channel.group ? at_group(session, channel.group) : at(session))) return;
    say(ChannelCreated{channel.id, channel.endpoint, channel.type});
    at(channel);
    say_channel(channel, channel.state, Cause::request);
    say(ChannelInitialized{});
  }

  void on(const ChannelChanged& event) {
    const Channel& channel = after_.at(event.channel);
    if (at(channel)) say_channel(channel, event.previous, event.cause);
  }

  void on(const LegParted& event) {
    const Interaction* interaction = after_.find(event.interaction);
    if (!event.quality || interaction == nullptr || !at(*interaction)) return;
    say(InteractionQuality{event.call_id, *event.quality});
  }

  void on(const MonitorSet& event) {
    const Channel& channel = after_.at(event.channel);
    if (at(channel)) say_channel(channel, channel.state, Cause::request);
  }

  void on(const MonitorEnded& event) {
    const Channel& channel = after_.at(event.channel);
    if (event.was_set && at(channel)) say_channel(channel, channel.state, event.cause);
  }

  void on(const DispositionsListed& event) {
    if (!at(after_.at(event.channel))) return;
    say(ExternalDispositionsUpdated{after_.directory().dispositions});
  }

  void on(const ChannelClosed& event) {
    if (!at_group(after_.at(event.session), event.group)) return;
    target_.channel = event.channel;
    say(ChannelDisposed{});
  }

  void on(const CallDialed& event) { say_birth(after_.at(event.interaction)); }
  void on(const OfferMade& event) { say_birth(after_.at(event.interaction), event.cause); }
  void on(const InteractionPresented& event) { say_birth(after_.at(event.interaction)); }

  void on(const ConsultDialed& event) {
    const Interaction& interaction = after_.at(event.interaction);
    if (!at(interaction)) return;
    if (event.was_connected) {
      say_conversation(after_.at(interaction.conversation), ConversationState::connected,
                       Cause::request);
      at(interaction);
    }
    say_birth(after_.at(event.conversation), Cause::request);
    say(InteractionFocusChanged{event.conversation});
  }

  void on(const ConsultAnswered& event) {
    say_conversation(after_.at(event.conversation), ConversationState::dialing, event.cause);
  }

  void on(const ConversationEnded& event) {
    const Interaction& interaction = after_.at(event.interaction);
    if (!at(interaction)) return;
    target_.conversation = event.conversation;
    say_conversation_end(event.previous, event.muted, event.cause);
    const Conversation& left = after_.at(interaction.focus);
    if (event.is_retrieved) say_conversation(left, ConversationState::held, event.cause);
    at(interaction);
    say(InteractionFocusChanged{left.id});
  }

  void on(const FocusMoved& event) {
    const Conversation& conversation = after_.at(event.conversation);
    const Interaction& interaction = after_.at(event.interaction);
    if (!at(interaction)) return;
    if (event.was_connected) {
      say_conversation(*after_.find_other(conversation), ConversationState::connected, event.cause);
    }
    say_conversation(conversation, ConversationState::held, event.cause);
    at(interaction);
    say(InteractionFocusChanged{conversation.id});
  }

  void on(const FarEndChanged& event) {
    const Conversation& conversation = after_.at(event.conversation);
    const Interaction& interaction = after_.at(conversation.interaction);
    if (!at(interaction)) return;
    target_.conversation = conversation.id;
    say(MemberRemoved{event.removed});
    say(MemberAdded{event.added});
    target_.conversation = {};
    say(InteractionDataChanged{interaction.data});
  }

  void on(const ConferenceDialed& event) {
    const Conversation& conversation = after_.at(event.conversation);
    say_members(conversation, {event.member});
    say_conversation(conversation, conversation.state, Cause::conference);
  }

  void on(const MembersJoined& event) {
    const Conversation& conversation = after_.at(event.conversation);
    const auto previous = event.is_retrieved ? ConversationState::held : conversation.state;
    say_members(conversation, event.members);
    say_conversation(conversation, previous, event.cause);
  }

  void on(const MemberLeft& event) {
    const Conversation& conversation = after_.at(event.conversation);
    if (!at(after_.at(conversation.interaction))) return;
    target_.conversation = conversation.id;
    say(MemberRemoved{event.member});
    say_conversation(conversation, conversation.state, event.cause);
  }

  void on(const OfferRejected& event) {
    if (!at(after_.at(event.channel))) return;
    target_.interaction = event.interaction;
    say(InteractionStateUpdated{InteractionState::ended, InteractionState::alerting, event.cause,
                                RecordingState::none});
    say(InteractionEnded{event.cause});
    say(InteractionDisposed{});
  }

  void on(const OfferWithdrawn& event) {
    if (!at(after_.at(event.channel))) return;
    target_.interaction = event.interaction;
    target_.conversation = event.conversation;
    say_conversation_end(ConversationState::alerting, false, event.cause);
    say_interaction_end(InteractionState::alerting, event.cause);
    say(InteractionDisposed{});
  }

  void on(const TaskRequeued& event) {
    if (!at(after_.at(event.channel))) return;
    target_.interaction = event.interaction;
    say_interaction_end(event.previous, event.cause);
    say(InteractionDisposed{});
  }

  void on(const CallAnswered& event) {
    const Interaction& interaction = after_.at(event.interaction);
    if (!at(interaction)) return;
    // A task has been offered, and has no conversation.
    const bool was_offered = event.previous == ConversationState::alerting;
    if (event.conversation) {
      target_.conversation = event.conversation;
      say(ConversationStateUpdated{ConversationState::connected, event.previous, event.cause,
                                   after_.at(event.conversation).muted});
      target_.conversation = {};
    }
    if (was_offered) say(InteractionScreenPop{interaction.data});
    say(InteractionStateUpdated{
        InteractionState::started,
        was_offered ? InteractionState::alerting : InteractionState::dialing, event.cause,
        interaction.recording_state});
  }

  void on(const CallEnded& event) {
    if (!at(after_.at(event.interaction))) return;
    target_.conversation = event.conversation;
    say_conversation_end(event.previous, event.muted, event.cause);
    const bool was_dialing = event.previous == ConversationState::dialing;
    say_interaction_end(was_dialing ? InteractionState::dialing : InteractionState::started,
                        event.cause);
  }

  void on(const InteractionCompleted& event) {
    if (!at(after_.at(event.channel))) return;
    target_.interaction = event.interaction;
    say(InteractionStateUpdated{InteractionState::completed, InteractionState::ended, event.cause,
                                RecordingState::none});
    say(InteractionDisposed{});
  }

  void on(const DataMerged& event) {
    const Interaction& interaction = after_.at(event.interaction);
    if (at(interaction)) say(InteractionDataChanged{interaction.data});
  }

  void on(const ConversationHeld& event) {
    say_conversation(after_.at(event.conversation), ConversationState::connected, event.cause);
  }

  void on(const ConversationRetrieved& event) {
    say_conversation(after_.at(event.conversation), ConversationState::held, event.cause);
  }

  void on(const ConversationMuted& event) {
    const Conversation& conversation = after_.at(event.conversation);
    say_conversation(conversation, conversation.state, event.cause);
  }

  void on(const RecordingChanged& event) {
    const Interaction& interaction = after_.at(event.interaction);
    if (!at(interaction)) return;
    say(InteractionStateUpdated{interaction.state, interaction.state, event.cause,
                                interaction.recording_state});
  }

 private:
  // Each sets the target of what is said next. False: the session has not been started, so nothing
  // is said to it yet.
  bool at(const Session& session) {
    at(session.id, session.name);
    return session.state == SessionState::logged_in;
  }
  void at(SessionId session, const std::string& name) {
    session_ = session;
    target_ = ObjectPath{.session = name};
  }
  bool at_group(const Session& session, GroupId group) {
    const bool is_started = at(session);
    target_.group = group;
    return is_started;
  }
  bool at(const Channel& channel) {
    const bool is_started = at_group(after_.at(channel.session), channel.group);
    target_.channel = channel.id;
    return is_started;
  }
  bool at(const Interaction& interaction) {
    const bool is_started = at(after_.at(interaction.channel));
    target_.interaction = interaction.id;
    return is_started;
  }

  void say(ClientEventData data) {
    out_.push_back(ClientEvent{.session = session_, .target = target_, .data = std::move(data)});
  }

  void say_channel(const Channel& channel, ChannelState previous, Cause cause) {
    say(ChannelInfoChanged{info_of(after_, channel)});
    say(ChannelStateUpdated{channel.state, previous, cause, channel.agent_state, channel.reason,
                            channel.pending});
  }

  void say_conversation(const Conversation& conversation, ConversationState previous, Cause cause) {
    if (!at(after_.at(conversation.interaction))) return;
    target_.conversation = conversation.id;
    say(ConversationStateUpdated{conversation.state, previous, cause, conversation.muted});
  }

  void say_members(const Conversation& conversation, const std::vector<Member>& added) {
    if (!at(after_.at(conversation.interaction))) return;
    target_.conversation = conversation.id;
    for (const Member& member : added) say(MemberAdded{member});
  }

  // Of the target's; a task has none.
  void say_conversation_end(ConversationState previous, bool muted, Cause cause) {
    if (!target_.conversation) return;
    say(ConversationStateUpdated{ConversationState::disconnected, previous, cause, muted});
    say(ConversationDisposed{});
    target_.conversation = {};
  }

  void say_interaction_end(InteractionState previous, Cause cause) {
    say(InteractionEnded{cause});
    say(InteractionStateUpdated{InteractionState::ended, previous, cause, RecordingState::none});
  }

  // docs/protocol.md, 5.1 (dial), from interaction.created on, with the states as they are. An
  // ended interaction has no conversation any more.
  void say_birth(const Interaction& interaction) {
    const bool is_ours = !interaction.call || interaction.state == InteractionState::dialing;
    say_birth(interaction, is_ours ? Cause::request : Cause::remote);
  }

  void say_birth(const Interaction& interaction, Cause cause) {
    if (!at(after_.at(interaction.channel))) return;
    say(InteractionCreated{interaction.id, interaction.type, interaction.direction});
    target_.interaction = interaction.id;
    say(InteractionStateUpdated{interaction.state, interaction.state, cause,
                                interaction.recording_state});
    for (const ConversationId id : {interaction.conversation, interaction.consult}) {
      if (id) say_birth(after_.at(id), cause);
    }
    if (interaction.focus) say(InteractionFocusChanged{interaction.focus});
    say(InteractionDataChanged{interaction.data});
    say(InteractionPreview{interaction.data});
    say(InteractionInitialized{});
  }

  void say_birth(const Conversation& conversation, Cause cause) {
    say(ConversationCreated{conversation.id, conversation.type});
    target_.conversation = conversation.id;
    say(ConversationStateUpdated{conversation.state, conversation.state, cause,
                                 conversation.muted});
    for (const Member& member : conversation.members) say(MemberAdded{member});
    say(ConversationInitialized{});
    target_.conversation = {};
  }

  const State& after_;
  std::vector<ClientEvent>& out_;
  SessionId session_{};
  ObjectPath target_;
};

}  // namespace

void project(const State& after, const Event& event, std::vector<ClientEvent>& out) {
  std::visit([&](const auto& it) { Projector(after, out).on(it); }, event);
}

}  // namespace cord::core
