#include "wire/names.hpp"

#include "base/assert.hpp"

namespace cord::wire {
namespace {

// Indexed by the enumerators' values; name_in() refuses a table that is too short.
constexpr std::array<std::string_view, 5> object_names{"session", "channelgroup", "channel",
                                                       "interaction", "conversation"};
constexpr std::array<std::string_view, 3> session_states{"INITIALIZING", "LOGGED_IN", "LOGGED_OUT"};
constexpr std::array<std::string_view, 3> channel_states{"INACTIVE", "ACTIVE", "UNAVAILABLE"};
constexpr std::array<std::string_view, 5> agent_states{"NOT_READY", "READY", "RESERVED", "BUSY",
                                                       "WRAPUP"};
constexpr std::array<std::string_view, 5> interaction_states{"ALERTING", "DIALING", "STARTED",
                                                             "ENDED", "COMPLETED"};
constexpr std::array<std::string_view, 5> conversation_states{"ALERTING", "DIALING", "CONNECTED",
                                                              "HELD", "DISCONNECTED"};
constexpr std::array<std::string_view, 3> recording_states{"NONE", "RECORDING", "PAUSED"};
constexpr std::array<std::string_view, 15> causes{
    "request",         "remote",     "phone",    "supervisor",  "timeout",
    "failed",          "busy",       "rejected", "unreachable", "transfer",
    "transfer.failed", "conference", "recovery", "replaced",    "shutdown"};
constexpr std::array<std::string_view, 5> session_ends{"replaced", "logout", "expired", "forced",
                                                       "shutdown"};
constexpr std::array<std::string_view, 3> media_types{"Telephony", "Chat", "Email"};
constexpr std::array<std::string_view, 3> directions{"INBOUND", "OUTBOUND", "INTERNAL"};
constexpr std::array<std::string_view, 2> conversation_types{"primary", "consult"};
constexpr std::array<std::string_view, 4> member_roles{"customer", "agent", "external",
                                                       "supervisor"};

constexpr std::array<std::string_view, 3> monitor_modes{"monitor", "whisper", "barge"};
constexpr std::array<std::string_view, 4> media_states{"NONE", "CONNECTING", "CONNECTED", "LOST"};

constexpr std::array<std::string_view, 4> presences{"READY", "NOT_READY", "BUSY", "LOGGED_OUT"};
constexpr std::array<std::string_view, 3> floor_sessions{"LOGGED_IN", "DETACHED", "LOGGED_OUT"};

/// In the order of core::ClientEventData's alternatives.
constexpr std::array<std::string_view, 28> event_names{
    "session.initialized",
    "session.ended",
    "channelgroup.created",
    "channelgroup.initialized",
    "channelgroup.disposed",
    "channel.created",
    "channel.infochanged",
    "channel.initialized",
    "channel.externaldispositions.updated",
    "channel.disposed",
    "interaction.created",
    "interaction.datachanged",
    "interaction.preview",
    "interaction.screenpop",
    "interaction.initialized",
    "interaction.ended",
    "interaction.disposed",
    "interaction.quality",
    "interaction.focuschanged",
    "conversation.created",
    "conversation.member.added",
    "conversation.member.removed",
    "conversation.initialized",
    "conversation.disposed",
    "state.updated",
    "state.updated",
    "state.updated",
    "state.updated",
};
static_assert(event_names.size() == std::variant_size_v<core::ClientEventData>);

/// The table of codes is in the order of the codes, so a code finds its row by its number.
constexpr bool failures_are_in_order() {
  for (std::size_t i = 0; i < failures.size(); ++i) {
    if (static_cast<std::size_t>(failures[i].code) != i + 1) return false;
  }
  return failures.back().code == Errc::internal_error;
}
static_assert(failures_are_in_order());

template <std::size_t rows, class Enum>
std::string_view name_in(const std::array<std::string_view, rows>& table, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  CORD_ASSERT(index < rows);
  return table[index];
}

}  // namespace

std::optional<FoundCommand> find_command(std::string_view spelling) {
  if (spelling == prepare_session_name) {
    return FoundCommand{CommandKind::prepare_session, core::ObjectKind::session};
  }
  const auto dot = spelling.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view object = spelling.substr(0, dot);
  std::string_view verb = spelling.substr(dot + 1);
  constexpr std::string_view infix = "request.";
  if (verb.starts_with(infix)) verb.remove_prefix(infix.size());
  for (const CommandRow& row : commands) {
    if (row.verb == verb && object_name(row.object) == object) {
      return FoundCommand{row.kind, row.object};
    }
  }
  return std::nullopt;
}

std::string_view object_name(core::ObjectKind kind) {
  return name_in(object_names, kind);
}

std::string_view event_name(const core::ClientEventData& data) {
  return name_in(event_names, data.index());
}

std::string_view name_of(core::SessionState state) {
  return name_in(session_states, state);
}
std::string_view name_of(core::ChannelState state) {
  return name_in(channel_states, state);
}
std::string_view name_of(core::AgentState state) {
  return name_in(agent_states, state);
}
std::string_view name_of(core::InteractionState state) {
  return name_in(interaction_states, state);
}
std::string_view name_of(core::ConversationState state) {
  return name_in(conversation_states, state);
}
std::string_view name_of(core::RecordingState state) {
  return name_in(recording_states, state);
}
std::string_view name_of(core::Cause cause) {
  return name_in(causes, cause);
}
std::string_view name_of(core::SessionEnd reason) {
  return name_in(session_ends, reason);
}
std::string_view name_of(core::MediaType type) {
  return name_in(media_types, type);
}
std::string_view name_of(core::Direction direction) {
  return name_in(directions, direction);
}
std::string_view name_of(core::ConversationType type) {
  return name_in(conversation_types, type);
}
std::string_view name_of(core::MemberRole role) {
  return name_in(member_roles, role);
}

std::string_view name_of(core::MonitorMode mode) {
  return name_in(monitor_modes, mode);
}

std::string_view name_of(core::MediaState state) {
  return name_in(media_states, state);
}

std::string_view name_of(core::Presence presence) {
  return name_in(presences, presence);
}

std::string_view name_of(core::FloorSession session) {
  return name_in(floor_sessions, session);
}

std::optional<core::MediaType> find_media_type(std::string_view spelling) {
  for (std::size_t i = 0; i < media_types.size(); ++i) {
    if (media_types[i] == spelling) return static_cast<core::MediaType>(i);
  }
  return std::nullopt;
}

const FailureName& failure_name(Errc code) {
  const auto number = static_cast<std::size_t>(code);
  return number >= 1 && number <= failures.size() ? failures[number - 1] : failures.back();
}

}  // namespace cord::wire
