// What clients may ask for, parsed but not yet believed. One struct per command, with the kind of
// object it is addressed to; effects, replies and event order are in docs/protocol.md, sections 4
// and 6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/values.hpp"

namespace cord::core {

struct StartSession {
  static constexpr ObjectKind target = ObjectKind::session;
  std::optional<std::string> extension;
};
struct LogoutSession {
  static constexpr ObjectKind target = ObjectKind::session;
  std::string reason;
};
struct SnapshotSession {
  static constexpr ObjectKind target = ObjectKind::session;
};

struct ListDirectory {
  static constexpr ObjectKind target = ObjectKind::session;
};

/// A supervisor's connection is told how agents and queues are, and is not any more
/// (docs/protocol.md, section 4, "The floor"). The front does that; nothing here changes.
struct WatchFloor {
  static constexpr ObjectKind target = ObjectKind::session;
};
struct EndWatch {
  static constexpr ObjectKind target = ObjectKind::session;
};

/// Another agent's channels are made ready or not ready by a supervisor.
struct SetAgentState {
  static constexpr ObjectKind target = ObjectKind::session;
  std::string agent;
  bool ready = false;  ///< false: not ready
  std::optional<std::string> reason;
  std::optional<MediaType> type;  ///< none: the channels of every medium
};
/// Another agent's session is ended by a supervisor.
struct ForceLogout {
  static constexpr ObjectKind target = ObjectKind::session;
  std::string agent;
  std::string reason;
};

/// A supervisor takes part in another agent's calls, on the supervisor's own channel.
struct MonitorAgent {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::string agent;
  MonitorMode mode = MonitorMode::monitor;
};
struct EndMonitor {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::string agent;
};
/// Another agent's call is taken away and offered to the supervisor.
struct InterceptCall {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::string agent;
};

struct AddChannel {
  static constexpr ObjectKind target = ObjectKind::session;
  Endpoint endpoint;
};
struct RemoveChannel {
  static constexpr ObjectKind target = ObjectKind::session;
  ChannelId channel;  ///< zero: no id of ours
};
struct AddGroup {
  static constexpr ObjectKind target = ObjectKind::session;
  std::string name;
  std::vector<Endpoint> channels;
};
struct RemoveGroup {
  static constexpr ObjectKind target = ObjectKind::session;
  GroupId group;  ///< zero: no id of ours
};

struct ActivateChannel {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::optional<std::string> queue;
};
struct DeactivateChannel {
  static constexpr ObjectKind target = ObjectKind::channel;
};
struct ReadyChannel {
  static constexpr ObjectKind target = ObjectKind::channel;
};
struct NotReadyChannel {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::optional<std::string> reason;
};

/// A browser's SDP offer for the agent's audio. It and its answer go through the core and stay
/// nowhere: docs/adr/0012-descriptions-pass-through.md.
struct RequestMedia {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::string offer;  ///< at most media_offer_bytes_max
};
inline constexpr std::size_t media_offer_bytes_max = 16 * 1024;

struct ListDispositions {
  static constexpr ObjectKind target = ObjectKind::channel;
};
struct DialNumber {
  static constexpr ObjectKind target = ObjectKind::channel;
  std::string destination;
};

/// The same for each channel of a group, until one refuses.
template <class OfChannel>
struct EachChannel {
  static constexpr ObjectKind target = ObjectKind::group;
  OfChannel command;
};

struct AcceptInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
};
struct RejectInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
  std::string reason;
};
struct CompleteInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
  std::optional<std::string> disposition;
  std::string notes;
};
struct GetInteractionData {
  static constexpr ObjectKind target = ObjectKind::interaction;
};
struct SetInteractionData {
  static constexpr ObjectKind target = ObjectKind::interaction;
  std::vector<DataChange> changes;
};
struct ControlRecording {
  static constexpr bool is_of_calls_only = true;
  static constexpr ObjectKind target = ObjectKind::interaction;
  enum class Verb : std::uint8_t { start, stop, pause, resume };
  Verb verb;
};

struct ConsultNumber {
  static constexpr ObjectKind target = ObjectKind::interaction;
  std::string destination;
};
struct AlternateInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
};
struct ReconnectInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
};
struct TransferInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
};
struct ConferenceInteraction {
  static constexpr ObjectKind target = ObjectKind::interaction;
};

struct AnswerConversation {
  static constexpr ObjectKind target = ObjectKind::conversation;
};
struct ReleaseConversation {
  static constexpr ObjectKind target = ObjectKind::conversation;
};
struct HoldConversation {
  static constexpr ObjectKind target = ObjectKind::conversation;
};
struct RetrieveConversation {
  static constexpr ObjectKind target = ObjectKind::conversation;
};
struct MuteConversation {
  static constexpr ObjectKind target = ObjectKind::conversation;
};
struct UnmuteConversation {
  static constexpr ObjectKind target = ObjectKind::conversation;
};

struct SendTones {
  static constexpr ObjectKind target = ObjectKind::conversation;
  std::string digits;
};

struct BlindTransfer {
  static constexpr ObjectKind target = ObjectKind::conversation;
  std::string destination;
};

struct BlindConference {
  static constexpr ObjectKind target = ObjectKind::conversation;
  std::string destination;
};

struct DropMember {
  static constexpr ObjectKind target = ObjectKind::conversation;
  MemberId member;
};

/// A command of the protocol that this server does not carry out yet. The target is still checked.
struct UnsupportedCommand {
  ObjectKind target;
};

using Command = std::variant<
    StartSession, LogoutSession, SnapshotSession, ListDirectory, WatchFloor, EndWatch,
    SetAgentState, ForceLogout, MonitorAgent, EndMonitor, InterceptCall, AddChannel, RemoveChannel,
    AddGroup, RemoveGroup, EachChannel<ActivateChannel>, EachChannel<DeactivateChannel>,
    EachChannel<ReadyChannel>, EachChannel<NotReadyChannel>, ActivateChannel, DeactivateChannel,
    ReadyChannel, NotReadyChannel, RequestMedia, ListDispositions, DialNumber, AcceptInteraction,
    RejectInteraction, CompleteInteraction, GetInteractionData, SetInteractionData,
    ControlRecording, ConsultNumber, AlternateInteraction, ReconnectInteraction,
    TransferInteraction, ConferenceInteraction, AnswerConversation, ReleaseConversation,
    HoldConversation, RetrieveConversation, MuteConversation, UnmuteConversation, SendTones,
    BlindTransfer, BlindConference, DropMember, UnsupportedCommand>;

/// The kind of object that `command` is addressed to.
[[nodiscard]] inline ObjectKind target_kind(const Command& command) {
  return std::visit([](const auto& it) { return it.target; }, command);
}
/// What makes a request the same one when it is sent again (docs/protocol.md, section 5 (6)).
struct RequestKey {
  std::string id;      ///< the client's, as JSON; empty: none, and the request is never the same
  std::string digest;  ///< of the body: equal for equal requests
};

/// A command as it reaches the engine: who sent it, over which connection, at what.
struct ClientRequest {
  RequestId request;
  ConnectionId connection;
  Target target;
  Command command;
  RequestKey key = {};  ///< the runtime's business; no handler looks at it
};

/// `prepareSession`, after the front has checked the password. Names and tokens are random, made
/// at the edge.
struct PrepareSession {
  RequestId request;
  ConnectionId connection;
  AgentIndex agent;
  bool takes_over = false;   ///< `override`
  std::string session_name;  ///< at least 128 random bits; [A-Za-z0-9_-]{1,64}
  std::string resume_token;
};

/// `session.resume`: the client of a living session is back, over another connection.
struct ResumeSession {
  RequestId request;
  ConnectionId connection;
  std::string session_name;
  std::string resume_token;
  std::uint64_t after = 0;  ///< the last event the client has
  // The runtime knows:
  bool has_gap = false;             ///< events after that one are not kept any more
  std::uint64_t numbers_after = 0;  ///< what is told anew has greater numbers
};

/// A chat or an e-mail from another system, which waits for an agent. Comes from the front itself:
/// the connection is none of a client's.
struct SubmitTask {
  RequestId request{};
  ConnectionId connection{};
  MediaType type = MediaType::chat;  ///< never telephony
  std::string queue{};
  std::string from{};
  std::string subject{};
  std::string key{};  ///< the submitter's own id: the same again is the same task; empty: none
  CallData data{};
};
inline constexpr std::size_t task_text_bytes_max = 512;  ///< of from and subject
inline constexpr std::size_t task_key_bytes_max = 64;

/// Whoever wrote has left: the task ends wherever it is.
struct WithdrawTask {
  RequestId request;
  ConnectionId connection;
  CallId call;
};

/// The connection is gone; its session, if any, becomes detached.
struct ConnectionLost {
  ConnectionId connection;
};

}  // namespace cord::core
