// What a supervisor does to another agent's session (docs/protocol.md, section 4): its agent state,
// and its end; and who may watch the floor. What a supervisor does to calls is in
// decide_monitor.cpp.
#include <algorithm>

#include "core/channel_steps.hpp"

namespace cord::core {

namespace {

std::vector<const Channel*> active_channels_of(const State& state, const Session& session,
                                               std::optional<MediaType> type) {
  std::vector<const Channel*> channels = channels_of(state, session);
  std::erase_if(channels, [&](const Channel* it) {
    return it->state != ChannelState::active || (type && it->type != *type);
  });
  return channels;
}

// An agent who cannot see offers is not made ready for them.
Result<void> check_presence(const Session& session, bool ready) {
  if (session.state != SessionState::logged_in) {
    return refuse(Errc::invalid_state, "setagentstate", "The agent's session is not started.");
  }
  if (ready && !session.connection) {
    return refuse(Errc::invalid_state, "setagentstate", "The agent's connection is lost.");
  }
  return {};
}

template <class OfChannel>
Result<void> set_all(Draft& draft, const Asked& asked, const std::vector<const Channel*>& channels,
                     const OfChannel& command) {
  for (const Channel* channel : channels) {
    const Result<void> checked = check(draft, *channel, command);
    if (!checked) return checked;
  }
  succeed(draft, asked);
  for (const Channel* channel : channels) change(draft, *channel, command, Cause::supervisor);
  return {};
}

Result<void> check_permission(const Draft& draft, const Asked& asked) {
  if (draft.directory().agents[asked.session.agent].may_supervise) return {};
  return refuse(Errc::permission_denied, "supervise", "It takes the permission supervise.");
}

Result<void> set_watch(Draft& draft, const Asked& asked, bool is_on) {
  const Result<void> allowed = check_permission(draft, asked);
  if (!allowed) return allowed;
  draft.reply(asked.request, asked.connection, Success{FloorWatch{asked.session.name, is_on}});
  return {};
}

}  // namespace

Result<const Session*> supervised_session(const Draft& draft, const Asked& asked,
                                          const std::string& agent) {
  const Result<void> allowed = check_permission(draft, asked);
  if (!allowed) return tl::make_unexpected(allowed.error());
  const std::optional<AgentIndex> index = draft.directory().find_agent(agent);
  if (!index) return refuse(Errc::target_not_found, "supervise", "There is no such agent.");
  const Session* session = draft.state().session_of(*index);
  if (session == nullptr) {
    return refuse(Errc::invalid_state, "supervise", "The agent is not logged in.");
  }
  return session;
}

Result<void> carry_out(Draft& draft, const Asked& asked, const WatchFloor&) {
  return set_watch(draft, asked, true);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const EndWatch&) {
  return set_watch(draft, asked, false);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const SetAgentState& command) {
  const Result<const Session*> session = supervised_session(draft, asked, command.agent);
  if (!session) return tl::make_unexpected(session.error());
  const Result<void> present = check_presence(**session, command.ready);
  if (!present) return present;
  const auto channels = active_channels_of(draft.state(), **session, command.type);
  if (channels.empty()) {
    return refuse(Errc::invalid_state, "setagentstate", "The agent has no such active channel.");
  }
  if (command.ready) return set_all(draft, asked, channels, ReadyChannel{});
  return set_all(draft, asked, channels, NotReadyChannel{command.reason});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ForceLogout& command) {
  const Result<const Session*> session = supervised_session(draft, asked, command.agent);
  if (!session) return tl::make_unexpected(session.error());
  if ((*session)->id == asked.session.id) {
    return refuse(Errc::invalid_request, "forcelogout",
                  "It is your own session: session.request.logout ends it.");
  }
  if (has_live_interaction(draft.state(), **session)) {
    return refuse(Errc::ongoing_interaction, "forcelogout",
                  "The agent is at work: it can be logged out when that has ended.");
  }
  succeed(draft, asked);
  cancel_preparations(draft, **session);
  draft.begin_block();
  close_session(draft, **session, SessionEnd::forced, command.reason);
  return {};
}

}  // namespace cord::core
