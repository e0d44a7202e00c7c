// Every name of the protocol, once: commands, events, states, causes and failure codes
// (docs/protocol.md, sections 4 to 8). Nothing else in the program spells them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "core/client.hpp"
#include "core/states.hpp"
#include "core/values.hpp"

namespace cord::wire {

/// What a command's name means. `unsupported` is a command of the protocol that this server does
/// not carry out yet.
enum class CommandKind : std::uint8_t {
  prepare_session,
  start_session,
  resume_session,
  snapshot,
  directory,
  history,
  watch,
  end_watch,
  log_out,
  set_agent_state,
  force_logout,
  add_channel,
  remove_channel,
  add_group,
  remove_group,
  activate_all,
  deactivate_all,
  ready_all,
  not_ready_all,
  activate,
  deactivate,
  ready,
  not_ready,
  request_media,
  list_dispositions,
  dial,
  monitor,
  whisper,
  barge,
  end_monitor,
  intercept,
  accept,
  reject,
  complete,
  get_data,
  set_data,
  consult,
  alternate,
  reconnect,
  consult_transfer,
  consult_conference,
  start_recording,
  stop_recording,
  pause_recording,
  resume_recording,
  answer,
  release,
  hold,
  retrieve,
  mute,
  unmute,
  send_tones,
  blind_transfer,
  blind_conference,
  drop_member,
  unsupported,
};

/// A command addressed to an object. Its spellings are `<object>.<verb>` and
/// `<object>.request.<verb>`, with the object's name from object_name().
struct CommandRow {
  core::ObjectKind object;
  std::string_view verb;
  CommandKind kind;
};

namespace detail {
using O = core::ObjectKind;
using K = CommandKind;
}  // namespace detail

inline constexpr std::array commands{
    CommandRow{detail::O::session, "start", detail::K::start_session},
    CommandRow{detail::O::session, "resume", detail::K::resume_session},
    CommandRow{detail::O::session, "snapshot", detail::K::snapshot},
    CommandRow{detail::O::session, "directory", detail::K::directory},
    CommandRow{detail::O::session, "history", detail::K::history},
    CommandRow{detail::O::session, "watch", detail::K::watch},
    CommandRow{detail::O::session, "endwatch", detail::K::end_watch},
    CommandRow{detail::O::session, "addchannel", detail::K::add_channel},
    CommandRow{detail::O::session, "removechannel", detail::K::remove_channel},
    CommandRow{detail::O::session, "addchannelgroup", detail::K::add_group},
    CommandRow{detail::O::session, "removechannelgroup", detail::K::remove_group},
    CommandRow{detail::O::session, "logout", detail::K::log_out},
    CommandRow{detail::O::session, "setagentstate", detail::K::set_agent_state},
    CommandRow{detail::O::session, "forcelogout", detail::K::force_logout},

    CommandRow{detail::O::group, "activateall", detail::K::activate_all},
    CommandRow{detail::O::group, "deactivateall", detail::K::deactivate_all},
    CommandRow{detail::O::group, "ready", detail::K::ready_all},
    CommandRow{detail::O::group, "notready", detail::K::not_ready_all},

    CommandRow{detail::O::channel, "activate", detail::K::activate},
    CommandRow{detail::O::channel, "deactivate", detail::K::deactivate},
    CommandRow{detail::O::channel, "ready", detail::K::ready},
    CommandRow{detail::O::channel, "notready", detail::K::not_ready},
    CommandRow{detail::O::channel, "media", detail::K::request_media},
    CommandRow{detail::O::channel, "dial", detail::K::dial},
    CommandRow{detail::O::channel, "externaldispositions", detail::K::list_dispositions},
    CommandRow{detail::O::channel, "monitor", detail::K::monitor},
    CommandRow{detail::O::channel, "whisper", detail::K::whisper},
    CommandRow{detail::O::channel, "barge", detail::K::barge},
    CommandRow{detail::O::channel, "intercept", detail::K::intercept},
    CommandRow{detail::O::channel, "endmonitor", detail::K::end_monitor},

    CommandRow{detail::O::interaction, "accept", detail::K::accept},
    CommandRow{detail::O::interaction, "reject", detail::K::reject},
    CommandRow{detail::O::interaction, "complete", detail::K::complete},
    CommandRow{detail::O::interaction, "getdata", detail::K::get_data},
    CommandRow{detail::O::interaction, "setdata", detail::K::set_data},
    CommandRow{detail::O::interaction, "consult", detail::K::consult},
    CommandRow{detail::O::interaction, "alternate", detail::K::alternate},
    CommandRow{detail::O::interaction, "reconnect", detail::K::reconnect},
    CommandRow{detail::O::interaction, "consulttransfer", detail::K::consult_transfer},
    CommandRow{detail::O::interaction, "consultconference", detail::K::consult_conference},
    CommandRow{detail::O::interaction, "recording.start", detail::K::start_recording},
    CommandRow{detail::O::interaction, "recording.stop", detail::K::stop_recording},
    CommandRow{detail::O::interaction, "recording.pause", detail::K::pause_recording},
    CommandRow{detail::O::interaction, "recording.resume", detail::K::resume_recording},

    CommandRow{detail::O::conversation, "answer", detail::K::answer},
    CommandRow{detail::O::conversation, "release", detail::K::release},
    CommandRow{detail::O::conversation, "hold", detail::K::hold},
    CommandRow{detail::O::conversation, "retrieve", detail::K::retrieve},
    CommandRow{detail::O::conversation, "mute", detail::K::mute},
    CommandRow{detail::O::conversation, "unmute", detail::K::unmute},
    CommandRow{detail::O::conversation, "senddtmf", detail::K::send_tones},
    CommandRow{detail::O::conversation, "blindtransfer", detail::K::blind_transfer},
    CommandRow{detail::O::conversation, "blindconference", detail::K::blind_conference},
    CommandRow{detail::O::conversation, "dropmember", detail::K::drop_member},
};

/// The one command that is addressed to no object, and has one spelling.
inline constexpr std::string_view prepare_session_name = "prepareSession";

/// What a spelling (already trimmed) means.
struct FoundCommand {
  CommandKind kind;
  core::ObjectKind object;  ///< meaningless for prepare_session
};
[[nodiscard]] std::optional<FoundCommand> find_command(std::string_view spelling);

/// "session", "channelgroup", ...: the first part of the names of commands and events.
[[nodiscard]] std::string_view object_name(core::ObjectKind kind);

/// The name of an event: `session.initialized`, `state.updated`, ...
[[nodiscard]] std::string_view event_name(const core::ClientEventData& data);

[[nodiscard]] std::string_view name_of(core::SessionState state);
[[nodiscard]] std::string_view name_of(core::ChannelState state);
[[nodiscard]] std::string_view name_of(core::AgentState state);
[[nodiscard]] std::string_view name_of(core::InteractionState state);
[[nodiscard]] std::string_view name_of(core::ConversationState state);
[[nodiscard]] std::string_view name_of(core::RecordingState state);
[[nodiscard]] std::string_view name_of(core::Cause cause);
[[nodiscard]] std::string_view name_of(core::SessionEnd reason);
[[nodiscard]] std::string_view name_of(core::MediaType type);
[[nodiscard]] std::string_view name_of(core::Direction direction);
[[nodiscard]] std::string_view name_of(core::ConversationType type);
[[nodiscard]] std::string_view name_of(core::MemberRole role);
[[nodiscard]] std::string_view name_of(core::MonitorMode mode);
[[nodiscard]] std::string_view name_of(core::MediaState state);
[[nodiscard]] std::string_view name_of(core::Presence presence);
[[nodiscard]] std::string_view name_of(core::FloorSession session);

/// `type` of a session description, W3C WebRTC §4.2.6.
inline constexpr std::string_view offer_type = "offer";
inline constexpr std::string_view answer_type = "answer";

/// What name_of(MediaType) spells, exactly so.
[[nodiscard]] std::optional<core::MediaType> find_media_type(std::string_view spelling);

/// A failure code of section 8 and what people read when there is nothing better to say.
struct FailureName {
  Errc code;
  std::string_view code_name;
  std::string_view message;
};

inline constexpr std::array failures{
    FailureName{Errc::invalid_request, "invalid.request", "The request is not valid."},
    FailureName{Errc::unknown_command, "unknown.command", "There is no such command."},
    FailureName{Errc::target_not_found, "target.not.found", "There is no such object."},
    FailureName{Errc::invalid_target, "invalid.target",
                "The command does not apply to this kind of object."},
    FailureName{Errc::invalid_state, "invalid.state", "This is not possible in the present state."},
    FailureName{Errc::unsupported, "unsupported", "This server or its platform cannot do this."},
    FailureName{Errc::permission_denied, "permission.denied", "You are not allowed to do this."},
    FailureName{Errc::authentication_failed, "authentication.failed", "The credentials are wrong."},
    FailureName{Errc::authentication_throttled, "authentication.throttled",
                "Too many wrong passwords. Try again in some minutes."},
    FailureName{Errc::session_not_started, "session.not.started",
                "The session has not been started."},
    FailureName{Errc::session_already_started, "session.already.started",
                "There is a session already."},
    FailureName{Errc::session_limit, "session.limit", "No more sessions are possible."},
    FailureName{Errc::resume_gap, "resume.gap", "The events asked for are no longer kept."},
    FailureName{Errc::ongoing_interaction, "ongoing.interaction",
                "There is an interaction that is not completed."},
    FailureName{Errc::endpoint_in_use, "endpoint.in.use",
                "The endpoint is in use by another agent."},
    FailureName{Errc::endpoint_unreachable, "endpoint.unreachable", "The phone cannot be reached."},
    FailureName{Errc::reason_required, "reason.required", "A reason must be given."},
    FailureName{Errc::disposition_required, "disposition.required", "A disposition must be given."},
    FailureName{Errc::rate_limited, "rate.limited", "Too many requests. Nothing was done."},
    FailureName{Errc::cti_error, "cti.error", "The telephony platform refused."},
    FailureName{Errc::cti_timeout, "cti.timeout", "The telephony platform did not answer in time."},
    FailureName{Errc::timeout, "timeout", "The request was not finished in time."},
    FailureName{Errc::not_accepting, "not.accepting",
                "The server takes no new work at the moment. Try again later."},
    FailureName{Errc::internal_error, "internal.error", "Something went wrong in the server."},
};

/// The row of a code. Codes that never leave the server are told as internal.error.
[[nodiscard]] const FailureName& failure_name(Errc code);

}  // namespace cord::wire
