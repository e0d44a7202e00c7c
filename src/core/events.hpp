// What has happened, in the past tense: the journal's vocabulary. `apply` changes the state by one
// event, `project` says what it means to clients. Every alternative is a plain aggregate of values,
// so that the journal can list its members; times are those of the record that holds the event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "core/ids.hpp"
#include "core/media_events.hpp"
#include "core/states.hpp"
#include "core/values.hpp"

namespace cord::core {

/// What an interaction can be busy with; at most one at a time.
enum class OperationKind : std::uint8_t {
  answer,
  release,
  hold,
  retrieve,
  mute,
  unmute,
  tones,
  recording_start,
  recording_stop,
  recording_pause,
  recording_resume,
  consult,  ///< the primary is held, then the number is called
  alternate,
  reconnect,
  transfer,          ///< the far ends of both conversations are joined
  blind_transfer,    ///< the number is called
  conference,        ///< all of both conversations are joined
  blind_conference,  ///< the number is called
};

// --- The process -----------------------------------------------------------------------------

/// Another process goes on where the journal ends, at `stopped`. The time between does not count:
/// every deadline runs on from now.
struct ServerRestarted {
  Instant stopped{};
};

// --- Sessions and connections ---------------------------------------------------------------

/// A session exists and is bound to `connection`; it has no events before SessionStarted.
struct SessionPrepared {
  SessionId session{};
  AgentIndex agent = 0;
  ConnectionId connection{};
  std::string name{};
  std::string resume_token{};
};

/// `session` has taken over the channels and calls of `old_session`, which is gone.
/// Projects: session.ended (replaced) to the old session.
struct SessionReplaced {
  SessionId old_session{};
  ConnectionId old_connection{};  ///< zero: it was detached
  std::string old_name{};
  SessionId session{};
  ConnectionId connection{};
  std::string name{};
  std::string resume_token{};
};

struct SessionStarted {
  SessionId session{};
};

/// Everything that exists has been announced. Projects: session.initialized.
struct SessionPresented {
  SessionId session{};
};

/// The connection is lost. Projects: state.updated(session).
struct SessionDetached {
  SessionId session{};
};

/// A client is back, over `connection`. Projects: state.updated(session) if it was detached.
struct SessionResumed {
  SessionId session{};
  ConnectionId connection{};
  ConnectionId old_connection{};    ///< it was bound to this one until now; zero: it was detached
  bool starts_over = false;         ///< what the client missed is lost: SessionStarted must follow
  std::uint64_t numbers_after = 0;  ///< what it is told then has greater numbers; 0: the next ones
};

/// Detached for so long that its channels take no more offers (ChannelChanged events follow).
struct OffersSuspended {
  SessionId session{};
};

/// Past its grace, but it still has a live call: logged out as soon as that has ended.
struct SessionOverdue {
  SessionId session{};
};

/// The session is gone. Projects: state.updated(session) if it was started, session.ended.
struct SessionClosed {
  SessionId session{};
  ConnectionId connection{};  ///< zero: it was detached
  std::string name{};
  SessionEnd reason = SessionEnd::logout;
  Cause cause = Cause::request;
  bool was_started = false;
};

/// A connection without a session is gone.
struct ConnectionForgotten {
  ConnectionId connection{};
};

// --- Channel groups and channels ------------------------------------------------------------

struct GroupOpened {
  GroupId group{};
  SessionId session{};
  std::string name{};
};
/// Projects: channelgroup.created.
struct GroupPresented {
  GroupId group{};
};
/// Projects: channelgroup.initialized.
struct GroupInitiated {
  GroupId group{};
};
/// Projects: channelgroup.disposed.
struct GroupClosed {
  GroupId group{};
  SessionId session{};
};

struct ChannelOpened {
  ChannelId channel{};
  SessionId session{};
  GroupId group{};  ///< zero: none
  MediaType type = MediaType::telephony;
  std::string endpoint{};
  std::vector<QueueIndex> queues{};
  ChannelState state = ChannelState::inactive;
};
/// Projects: channel.created, channel.infochanged, state(channel), channel.initialized.
struct ChannelPresented {
  ChannelId channel{};
};
/// From now on the channel takes calls of these queues only.
struct QueuesChosen {
  ChannelId channel{};
  std::vector<QueueIndex> queues{};
};
/// A persistent phone is being called; ActivationEnded follows, whatever comes of it.
struct ActivationBegun {
  ChannelId channel{};
  RequestId request{};
  ConnectionId connection{};
  std::optional<QueueIndex> queue{};
  bool is_of_group = false;
};
struct ActivationEnded {
  ChannelId channel{};
};
/// Log-in and ready state are now these. Projects: channel.infochanged, state(channel).
struct ChannelChanged {
  ChannelId channel{};
  ChannelState state = ChannelState::inactive;
  ChannelState previous = ChannelState::inactive;
  AgentState agent_state = AgentState::not_ready;
  std::string reason{};
  std::optional<AgentState> pending{};
  std::string pending_reason{};
  Instant idle_since{};
  Cause cause = Cause::request;
};
/// Projects: channel.externaldispositions.updated.
struct DispositionsListed {
  ChannelId channel{};
};
/// Projects: channel.disposed.
struct ChannelClosed {
  ChannelId channel{};
  SessionId session{};
  GroupId group{};
};

// --- Legs of phones -------------------------------------------------------------------------

/// The phone of `channel` is being called.
struct PhoneCalled {
  LegId leg{};
  ChannelId channel{};
};
struct PhoneAnswered {
  LegId leg{};
};
/// The leg is released, or its release is ordered and nobody waits for that.
struct PhoneForgotten {
  LegId leg{};
};

// --- Supervisors ----------------------------------------------------------------------------

/// A supervisor wants to take part, or to take part in another way, in the calls of the agent at
/// `agent_channel`. The supervisor's phone may have to be called first. MonitorSet, MonitorKept or
/// MonitorEnded follows.
struct MonitorAsked {
  ChannelId channel{};
  ChannelId agent_channel{};
  MonitorMode mode = MonitorMode::monitor;
  RequestId request{};
  ConnectionId connection{};
};
/// It is so. Projects: channel.infochanged, state(channel).
struct MonitorSet {
  ChannelId channel{};
};
/// It stays as it was.
struct MonitorKept {
  ChannelId channel{};
};
/// Projects: channel.infochanged, state(channel), if it `was_set`.
struct MonitorEnded {
  ChannelId channel{};
  bool was_set = false;
  Cause cause = Cause::request;
};

// --- Dialling -------------------------------------------------------------------------------

/// An agent has dialled; the phone is called first. DialEnded follows, whatever comes of it.
struct DialBegun {
  ChannelId channel{};
  RequestId request{};
  ConnectionId connection{};
  std::string number{};
};
/// The phone is there, and the number is being called.
struct DialPlaced {
  ChannelId channel{};
  LegId leg{};
};
/// The number's leg, if there is one, is released, its release is ordered, or CallDialed has it.
struct DialEnded {
  ChannelId channel{};
};

// --- Calls ----------------------------------------------------------------------------------

/// A call has arrived and waits.
struct CallQueued {
  CallId call{};
  LegId leg{};
  QueueIndex queue = 0;
  std::string called{};
  std::string caller{};
  std::string caller_name{};
  std::string call_id{};  ///< the platform's
  CallData data{};
};
/// An agent's call is on its way. Through a trunk it is on `leg`; else `leg` is zero, and it waits
/// in `queue`, or is offered (OfferMade follows). Projects the birth order.
struct CallDialed {
  CallId call{};
  ChannelId channel{};
  InteractionId interaction{};
  ConversationId conversation{};
  LegId leg{};
  std::optional<QueueIndex> queue{};
  Member far{};
  std::string number{};
  std::string call_id{};  ///< the platform's
  CallData data{};
};
/// A chat or an e-mail has arrived and waits.
struct TaskQueued {
  CallId call{};
  MediaType type = MediaType::chat;
  QueueIndex queue = 0;
  std::string from{};
  std::string key{};  ///< the submitter's own id; empty: none
  CallData data{};
};
/// An agent's consult call is on its way: as CallDialed, but beside the primary, which is held.
/// Projects: state(primary) if it `was_connected`, conversation.created, state(consult),
/// conversation.member.added, conversation.initialized, interaction.focuschanged.
struct ConsultDialed {
  CallId call{};
  InteractionId interaction{};
  ConversationId conversation{};
  LegId leg{};
  std::optional<QueueIndex> queue{};
  Member far{};
  std::string number{};
  std::string call_id{};  ///< the platform's
  CallData data{};
  bool was_connected = false;
};
/// The agent who had the call from or to outside has given it away: to those of `queue`, or to whom
/// OfferMade or TransferDialed says. Nobody has it until it is answered.
struct CallTransferred {
  CallId call{};
  ChannelId channel{};  ///< it comes back there if nobody takes it
  std::optional<QueueIndex> queue{};
  std::string caller{};  ///< the one outside, for who is offered it
  std::string caller_name{};
  CallData data{};
  /// Of the agent's phone, which hears what becomes of it; zero: it has not asked for that.
  RequestId request{};
};
/// A call that was given away to a number outside is on its way there, on `leg`.
struct TransferDialed {
  CallId call{};
  CallId partner{};  ///< what was given away
  LegId leg{};
  std::string number{};
  std::string call_id{};  ///< the platform's
};
/// It has waited as long as its queue lets it: it waits in `queue` now, or, without one, is to be
/// called on (TransferDialed follows). Nobody has refused it there.
struct CallOverflowed {
  CallId call{};
  std::optional<QueueIndex> queue{};
  CallData data{};
};
/// Nobody took it. It is its queue's again, if it came from one; else OfferMade or CallGone
/// follows.
struct TransferFailed {
  CallId call{};
  Cause cause = Cause::failed;
};
/// Two calls on legs talk to each other, and no agent has a part in them any more.
struct PartnersJoined {
  CallId call{};
  CallId partner{};
};
/// What is left of two calls of one agent who has joined their far ends: `call` is between its leg,
/// or `origin`, and `interaction`. The other one is gone.
struct CallsMerged {
  CallId call{};
  CallId other{};
  InteractionId origin{};
  InteractionId interaction{};
};
/// A call has more than two ends from now on, all of them phones' or outside. `other`, which has
/// brought some of them, is gone; who was called to join in comes last.
struct ConferenceBegun {
  CallId call{};
  CallId other{};
  std::vector<LegId> legs{};
};
/// Somebody is called to join the call of `conversation`: a number outside on `leg`, whoever is
/// free in `queue`, or a colleague (OfferMade follows). Projects: conversation.member.added,
/// state(conversation).
struct ConferenceDialed {
  CallId call{};
  ConversationId conversation{};
  LegId leg{};
  std::optional<QueueIndex> queue{};
  Member member{};
  std::string number{};
  std::string call_id{};  ///< the platform's
  CallData data{};
};
/// Of those in a conference one is gone; there are two others at least, or CallGone follows.
struct ConferenceLeft {
  CallId call{};
  LegId leg{};
};
/// Others are in the agent's conversation, beside who is there; who was there alone has
/// `first_leg`. Projects: conversation.member.added of each, state(conversation).
struct MembersJoined {
  ConversationId conversation{};
  LegId first_leg{};  ///< zero: it was a conference already
  std::vector<Member> members{};
  bool is_retrieved = false;
  Cause cause = Cause::conference;
};
/// Projects: conversation.member.removed, state(conversation).
struct MemberLeft {
  ConversationId conversation{};
  Member member{};
  Cause cause = Cause::remote;
};
/// Those who refused the call long enough ago may be offered it again.
struct RefusalsRested {
  CallId call{};
};
/// The leg from outside, if there is one, is released or its release is ordered. For the call's
/// statistics: why.
struct CallGone {
  CallId call{};
  Cause cause = Cause::remote;
};

// --- Interactions and conversations ---------------------------------------------------------

/// The call rings at an agent. Projects the birth order of docs/protocol.md, 5.1 (dial), from
/// interaction.created on.
struct OfferMade {
  CallId call{};
  ChannelId channel{};
  InteractionId interaction{};
  ConversationId conversation{};
  Member customer{};
  CallData data{};
  Direction direction = Direction::inbound;
  Cause cause = Cause::remote;  ///< transfer_failed: it comes back to who gave it away
  bool rings_all = false;       ///< the call may ring at others too, and waits on (OfferTaken)
};
/// Of those at whom the call rings, this one takes it; the others' offers are withdrawn.
struct OfferTaken {
  CallId call{};
  InteractionId interaction{};
};
/// The agent refused; the call waits again (or CallGone follows). Projects: state(interaction)
/// ENDED, interaction.ended, interaction.disposed.
struct OfferRejected {
  CallId call{};
  ChannelId channel{};
  InteractionId interaction{};
  ConversationId conversation{};
  std::string reason{};
  Cause cause = Cause::request;
};
/// The offer ended otherwise; the call waits again (or CallGone follows). Projects:
/// state(conversation), conversation.disposed, interaction.ended, state(interaction),
/// interaction.disposed.
struct OfferWithdrawn {
  CallId call{};
  ChannelId channel{};
  InteractionId interaction{};
  ConversationId conversation{};
  Cause cause = Cause::timeout;
};
/// A task's agent is gone; it waits again. Projects: interaction.ended, state(interaction),
/// interaction.disposed.
struct TaskRequeued {
  CallId call{};
  ChannelId channel{};
  InteractionId interaction{};
  InteractionState previous = InteractionState::started;
  Cause cause = Cause::timeout;
};
/// After a takeover. Projects the birth order with present states.
struct InteractionPresented {
  InteractionId interaction{};
};
/// Projects: state(conversation) CONNECTED, interaction.screenpop if it was offered to the agent,
/// state(interaction) STARTED. A task has no conversation, here and below.
struct CallAnswered {
  InteractionId interaction{};
  ConversationId conversation{};
  ConversationState previous = ConversationState::alerting;
  Cause cause = Cause::request;
};
/// Projects: state(conversation) DISCONNECTED, conversation.disposed, interaction.ended,
/// state(interaction) ENDED.
struct CallEnded {
  InteractionId interaction{};
  ConversationId conversation{};
  ConversationState previous = ConversationState::connected;
  bool muted = false;
  Cause cause = Cause::request;
};
/// The consulted party has answered. Projects: state(conversation).
struct ConsultAnswered {
  ConversationId conversation{};
  Cause cause = Cause::remote;
};
/// One of two conversations is over, the other one is left. Projects: state(conversation)
/// DISCONNECTED, conversation.disposed, state(the other) if that `is_retrieved`,
/// interaction.focuschanged.
struct ConversationEnded {
  InteractionId interaction{};
  ConversationId conversation{};
  ConversationState previous = ConversationState::connected;
  bool muted = false;
  Cause cause = Cause::request;
  bool is_retrieved = false;
};
/// The agent speaks in the other one of two conversations. Projects: state(conversation) HELD of
/// the one that had the focus, if it `was_connected`, state(conversation) CONNECTED of the other,
/// interaction.focuschanged.
struct FocusMoved {
  InteractionId interaction{};
  ConversationId conversation{};
  bool was_connected = true;
  Cause cause = Cause::request;
};
/// The far end of a conversation is another one now, and its data are the call's. Projects:
/// conversation.member.removed, conversation.member.added, interaction.datachanged.
struct FarEndChanged {
  ConversationId conversation{};
  Member removed{};
  Member added{};
  CallData data{};
};
/// Projects: state(interaction) COMPLETED, interaction.disposed.
struct InteractionCompleted {
  ChannelId channel{};
  InteractionId interaction{};
  std::string disposition{};
  std::string notes{};
  Cause cause = Cause::request;
};
/// Projects: interaction.datachanged.
struct DataMerged {
  InteractionId interaction{};
  std::vector<DataChange> changes{};
};

/// An order is out and its report awaited. Request zero: nobody asked (the phone's own key, an
/// automatic recording).
struct OperationBegun {
  InteractionId interaction{};
  ConversationId conversation{};  ///< that it is about
  OperationKind kind = OperationKind::answer;
  RequestId request{};
  ConnectionId connection{};
  Cause cause = Cause::request;
  std::string number{};  ///< of consult, blind_transfer and blind_conference
};
/// The operation's number is being called; clients have not been told yet.
struct OperationPlaced {
  InteractionId interaction{};
  LegId leg{};
};
struct OperationEnded {
  InteractionId interaction{};
};

/// Each projects: state(conversation).
struct ConversationHeld {
  ConversationId conversation{};
  Cause cause = Cause::request;
};
struct ConversationRetrieved {
  ConversationId conversation{};
  Cause cause = Cause::request;
};
struct ConversationMuted {
  ConversationId conversation{};
  bool muted = true;
  Cause cause = Cause::request;
};
/// The phone's hold key, pressed while another operation runs (`hold` says which way); no value:
/// that has been dealt with.
struct PhoneHoldKeyed {
  ConversationId conversation{};
  std::optional<bool> hold{};
};

// --- Recording ------------------------------------------------------------------------------

/// A recorder is ordered; it is not known yet whether it runs.
struct RecordingOrdered {
  InteractionId interaction{};
  RecordingId recording{};
};
/// State none ends the recording. Projects: state(interaction).
struct RecordingChanged {
  InteractionId interaction{};
  RecordingId recording{};
  RecordingState state = RecordingState::none;
  Cause cause = Cause::request;
  std::string file{};  ///< when started
};
/// The ordered recorder never ran, as far as clients are concerned.
struct RecordingDropped {
  InteractionId interaction{};
  RecordingId recording{};
};

using Event = std::variant<
    SessionPrepared, SessionReplaced, SessionStarted, SessionPresented, SessionDetached,
    SessionResumed, OffersSuspended, SessionOverdue, SessionClosed, ConnectionForgotten,
    GroupOpened, GroupPresented, GroupInitiated, GroupClosed, ChannelOpened, ChannelPresented,
    QueuesChosen, ActivationBegun, ActivationEnded, ChannelChanged, DispositionsListed,
    ChannelClosed, PhoneCalled, PhoneAnswered, PhoneForgotten, MonitorAsked, MonitorSet,
    MonitorKept, MonitorEnded, DialBegun, DialPlaced, DialEnded, CallQueued, CallDialed,
    ConsultDialed, CallTransferred, TransferDialed, TransferFailed, PartnersJoined, CallsMerged,
    ConferenceBegun, ConferenceDialed, ConferenceLeft, MembersJoined, MemberLeft, RefusalsRested,
    CallGone, OfferMade, OfferRejected, OfferWithdrawn, InteractionPresented, CallAnswered,
    CallEnded, ConsultAnswered, ConversationEnded, FocusMoved, FarEndChanged, InteractionCompleted,
    DataMerged, OperationBegun, OperationPlaced, OperationEnded, ConversationHeld,
    ConversationRetrieved, ConversationMuted, PhoneHoldKeyed, RecordingOrdered, RecordingChanged,
    RecordingDropped, ServerRestarted, TaskQueued, TaskRequeued, OfferTaken, CallOverflowed,
    MediaAsked, MediaSettled, MediaAwaited, MediaFound, LegParted>;

}  // namespace cord::core
