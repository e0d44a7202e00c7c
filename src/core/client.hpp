// What clients are told, as values: replies to requests, and the events of docs/protocol.md,
// section 6. src/wire spells them; nothing here is text for the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "core/directory.hpp"
#include "core/ids.hpp"
#include "core/states.hpp"
#include "core/values.hpp"

namespace cord::core {

// Payloads of events. Each is complete: it is printed later, by another thread.
struct SessionInitialized {
  std::string agent_id, agent_name;
  std::vector<Named> reasons, dispositions;
  std::vector<std::string> capabilities;  ///< of the driver: "recording.pause", "mute", ...
  std::vector<std::string> permissions{};
};
struct SessionEnded {
  SessionEnd reason;
};
struct GroupCreated {
  GroupId id;
  std::string name;
};
struct GroupInitialized {};
struct GroupDisposed {};
struct ChannelCreated {
  ChannelId id;
  std::string endpoint;
  MediaType type;
};
struct ChannelInfo {
  ChannelId id;
  std::string endpoint;
  MediaType type;
  ChannelState state;
  AgentState agent_state;
  std::string reason;                 ///< empty: none
  std::optional<AgentState> pending;  ///< takes effect when the work ends
  std::string pending_reason;
  std::vector<std::string> queues;
  std::string monitored{};  ///< whose calls the supervisor listens to; empty: nobody's
  MonitorMode monitor_mode = MonitorMode::monitor;
  std::optional<MediaState> media{};  ///< none: the phone is no browser
};
struct ChannelInfoChanged {
  ChannelInfo channel;
};
struct ChannelInitialized {};
/// What may be given to interaction.complete on the channel.
struct ExternalDispositionsUpdated {
  std::vector<Named> dispositions;
};
struct ChannelDisposed {};
struct InteractionCreated {
  InteractionId id;
  MediaType type;
  Direction direction;
};
struct InteractionDataChanged {
  CallData data;
};
struct InteractionPreview {
  CallData data;
};
struct InteractionScreenPop {
  CallData data;
};
struct InteractionInitialized {};
struct InteractionEnded {
  Cause cause;
};
struct InteractionDisposed {};
/// How a call has been, once its far end has been released. Its conversation is disposed by then.
struct InteractionQuality {
  std::string call_id;
  LegQuality quality;
};
struct InteractionFocusChanged {
  ConversationId conversation;
};
struct ConversationCreated {
  ConversationId id;
  ConversationType type;
};
struct MemberAdded {
  Member member;
};
struct MemberRemoved {
  Member member;
};
struct ConversationInitialized {};
struct ConversationDisposed {};

/// `state.updated`, one alternative per kind of object, with the flags of section 7.
struct SessionStateUpdated {
  SessionState state, previous;
  Cause cause;
  bool detached = false;
};
struct ChannelStateUpdated {
  ChannelState state, previous;
  Cause cause;
  AgentState agent_state;
  std::string reason;
  std::optional<AgentState> pending;
};
struct InteractionStateUpdated {
  InteractionState state, previous;
  Cause cause;
  RecordingState recording;
};
struct ConversationStateUpdated {
  ConversationState state, previous;
  Cause cause;
  bool muted;
};

using ClientEventData =
    std::variant<SessionInitialized, SessionEnded, GroupCreated, GroupInitialized, GroupDisposed,
                 ChannelCreated, ChannelInfoChanged, ChannelInitialized,
                 ExternalDispositionsUpdated, ChannelDisposed, InteractionCreated,
                 InteractionDataChanged, InteractionPreview, InteractionScreenPop,
                 InteractionInitialized, InteractionEnded, InteractionDisposed, InteractionQuality,
                 InteractionFocusChanged, ConversationCreated, MemberAdded, MemberRemoved,
                 ConversationInitialized, ConversationDisposed, SessionStateUpdated,
                 ChannelStateUpdated, InteractionStateUpdated, ConversationStateUpdated>;

/// One protocol event, before it is spelled.
struct ClientEvent {
  SessionId session;
  ObjectPath target;
  ClientEventData data;
  std::uint64_t seq = 0;  ///< of the session, from 1, without a hole
  Instant time{};
};

/// What a success carries beyond the echoed `data` of its request.
struct Prepared {
  std::string session_name, resume_token;
};
struct Confirm {
  std::string message;
};  ///< prepareSession: the agent already has a session
struct DataAnswer {
  CallData data;
};  ///< interaction.getdata
/// session.request.directory: whom one may dial, consult or transfer to.
struct DirectoryAgent {
  std::string id, name, endpoint;
  Presence state = Presence::logged_out;
};
struct DirectoryQueue {
  std::string name;
  std::vector<std::string> numbers;
};
struct DirectoryAnswer {
  std::vector<DirectoryAgent> agents;  ///< in the order of the configuration; so is the next
  std::vector<DirectoryQueue> queues;
};
/// session.request.watch and .endwatch: whether the connection is to be told of the floor.
struct FloorWatch {
  std::string session_name;
  bool is_on = false;
};
/// channel.request.media: the SDP answer. Never logged.
struct MediaAnswer {
  std::string sdp;
};
/// The task is known by this number from now on.
struct TaskTaken {
  CallId call;
};
/// session.resume: the events `from` to `to` follow.
struct Resumed {
  SessionId session;
  std::uint64_t from = 1;
  std::uint64_t to = 0;  ///< filled in by the runtime
};

// session.snapshot: everything a client could know from the events up to now.
struct ConversationView {
  ConversationId id;
  ConversationType type;
  ConversationState state;
  bool muted;
  std::vector<Member> members;
};
struct InteractionView {
  InteractionId id;
  MediaType type;
  Direction direction;
  InteractionState state;
  RecordingState recording;
  CallData data;
  ConversationId focus;  ///< what interaction.focuschanged said last; zero: nothing that lives
  std::vector<ConversationView> conversations;
};
struct ChannelView {
  GroupId group;  ///< zero: none
  ChannelInfo info;
  std::vector<InteractionView> interactions;
};
struct SessionView {
  std::string name;
  SessionState state;
  bool detached = false;
  SessionInitialized profile;
  std::vector<GroupCreated> groups;
  std::vector<ChannelView> channels;
};

using Success = std::variant<std::monostate, Prepared, Confirm, DataAnswer, Resumed, SessionView,
                             TaskTaken, MediaAnswer, DirectoryAnswer, FloorWatch>;

/// The one answer to a request.
struct Reply {
  RequestId request;
  ConnectionId connection;
  Result<Success> outcome;
  std::uint64_t seq = 0;  ///< of the last secondary event; filled in by the runtime
};

/// The connection has lost its session (taken over, or expired): close it with this code after
/// everything sent before.
struct CloseConnection {
  ConnectionId connection;
  std::uint16_t code;
};

}  // namespace cord::core
