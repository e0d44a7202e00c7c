// What clients may ask for, parsed but not yet believed. One struct per command; effects, replies
// and event order are in docs/protocol.md, sections 4 and 5.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/values.hpp"

namespace cord::core {

struct StartSession {
  std::optional<std::string> extension;
};
struct LogoutSession {
  std::string reason;
};

struct ActivateChannel {
  std::optional<std::string> queue;
};
struct DeactivateChannel {};
struct ReadyChannel {};
struct NotReadyChannel {
  std::optional<std::string> reason;
};

struct AcceptInteraction {};
struct RejectInteraction {
  std::string reason;
};
struct CompleteInteraction {
  std::optional<std::string> disposition;
  std::string notes;
};
struct GetInteractionData {};
struct SetInteractionData {
  std::vector<DataChange> changes;
};
struct ControlRecording {
  enum class Verb : std::uint8_t { start, stop, pause, resume };
  Verb verb;
};

struct AnswerConversation {};
struct ReleaseConversation {};
struct HoldConversation {};
struct RetrieveConversation {};
struct MuteConversation {};
struct UnmuteConversation {};

/// A command of the protocol that this server does not carry out yet. The target is still checked.
struct UnsupportedCommand {
  ObjectKind target;
};

using Command =
    std::variant<StartSession, LogoutSession, ActivateChannel, DeactivateChannel, ReadyChannel,
                 NotReadyChannel, AcceptInteraction, RejectInteraction, CompleteInteraction,
                 GetInteractionData, SetInteractionData, ControlRecording, AnswerConversation,
                 ReleaseConversation, HoldConversation, RetrieveConversation, MuteConversation,
                 UnmuteConversation, UnsupportedCommand>;

/// A command as it reaches the engine: who sent it, over which connection, at what.
struct ClientRequest {
  RequestId request;
  ConnectionId connection;
  Target target;
  Command command;
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

/// The connection is gone; its session, if any, becomes detached.
struct ConnectionLost {
  ConnectionId connection;
};

}  // namespace cord::core
