// Sessions: prepareSession, session.start, session.request.logout, session.request.directory, lost
// connections, and what a takeover means (docs/protocol.md, section 4).
#include <algorithm>

#include "base/assert.hpp"
#include "core/steps.hpp"
#include "core/views.hpp"

namespace cord::core {

namespace {

Cause cause_of(SessionEnd reason) {
  switch (reason) {
    case SessionEnd::logout:
      return Cause::request;
    case SessionEnd::forced:
      return Cause::supervisor;
    case SessionEnd::shutdown:
      return Cause::shutdown;
    case SessionEnd::replaced:
    case SessionEnd::expired:
      break;
  }
  return Cause::timeout;
}

// What the old connection waits for on `channel` goes on, and is not its business any more.
void answer_pending(Draft& draft, const Channel& channel) {
  const auto answer = [&](RequestId request, ConnectionId connection) {
    draft.reply(request, connection,
                refuse(Errc::target_not_found, "session", "The session was taken over."));
  };
  if (channel.activation) answer(channel.activation->request, channel.activation->connection);
  if (channel.dial) answer(channel.dial->request, channel.dial->connection);
  if (channel.media_request) {
    answer(channel.media_request->request, channel.media_request->connection);
  }
  if (channel.monitoring && channel.monitoring->timer.runs()) {
    answer(channel.monitoring->request, channel.monitoring->connection);
  }
  if (!channel.interaction) return;
  const auto& operation = draft.state().at(channel.interaction).operation;
  if (operation) answer(operation->request, operation->connection);
}

void take_over(Draft& draft, const Session& old, const PrepareSession& input) {
  for (const Channel* channel : channels_of(draft.state(), old)) answer_pending(draft, *channel);
  draft.begin_block();
  draft.emit(SessionReplaced{.old_session = old.id,
                             .old_connection = old.connection,
                             .old_name = old.name,
                             .session = draft.next(&LastIds::session),
                             .connection = input.connection,
                             .name = input.session_name,
                             .resume_token = input.resume_token});
  draft.close(old.connection, close_session_gone);
}

template <class Wanted>
bool has_live(const State& state, const Session& session, const Wanted& is_wanted) {
  return std::any_of(session.channels.begin(), session.channels.end(), [&](ChannelId id) {
    const Interaction* interaction = state.find(state.at(id).interaction);
    return interaction != nullptr && interaction->state != InteractionState::ended &&
           is_wanted(*interaction);
  });
}

// What an agent has from the beginning.
void open_channels(Draft& draft, const Session& session, const Agent& agent) {
  const Endpoint extension{MediaType::telephony, agent.extension};
  if (agent.channel_group.empty()) return open_channel(draft, session, GroupId{}, extension);
  open_group(draft, session, agent.channel_group, {extension});
}

// What a taken over session has: groups with their channels, channels on their own, interactions.
void present_channels(Draft& draft, const Session& session) {
  const State& state = draft.state();
  const std::vector<const Channel*> channels = channels_of(state, session);
  for (const GroupId group : session.groups) {
    draft.emit(GroupPresented{group});
    for (const Channel* it : channels_of(state, state.at(group))) {
      draft.emit(ChannelPresented{it->id});
    }
    draft.emit(GroupInitiated{group});
  }
  for (const Channel* it : channels) {
    if (!it->group) draft.emit(ChannelPresented{it->id});
  }
  for (const Channel* it : channels) {
    if (it->interaction) draft.emit(InteractionPresented{it->interaction});
  }
}

// A channel goes with its session; a task that is left waits again, what had ended is wrapped up.
void dispose(Draft& draft, const Channel& channel, Cause cause, std::string_view why) {
  const Interaction* interaction = draft.state().find(channel.interaction);
  if (interaction != nullptr && is_live_task(*interaction)) {
    requeue_task(draft, *interaction, cause);
  } else if (interaction != nullptr) {
    draft.emit(InteractionCompleted{
        .channel = channel.id, .interaction = channel.interaction, .cause = cause});
  }
  hang_up_phone(draft, channel, cause);
  if (channel.state == ChannelState::active) {
    ChannelChanged change = change_of(channel, cause);
    change.state = ChannelState::inactive;
    make_not_ready(change, why);
    draft.emit(std::move(change));
  }
  draft.emit(ChannelClosed{channel.id, channel.session, channel.group});
}

}  // namespace

Result<void> prepare(Draft& draft, const PrepareSession& input) {
  const State& state = draft.state();
  CORD_ASSERT(input.agent < draft.directory().agents.size());
  if (state.session_of(input.connection) != nullptr) {
    return refuse(Errc::session_already_started, "prepareSession",
                  "This connection has a session already.");
  }
  const Session* old = state.session_of(input.agent);
  if (old != nullptr && !input.takes_over) {
    draft.reply(input.request, input.connection,
                Success{Confirm{"The agent has a session already; override it?"}});
    return {};
  }
  if (old != nullptr) {
    take_over(draft, *old, input);
  } else if (state.sessions().size() >= draft.limits().sessions_max) {
    return refuse(Errc::session_limit, "prepareSession", "All sessions of this server are taken.");
  } else {
    draft.emit(SessionPrepared{draft.next(&LastIds::session), input.agent, input.connection,
                               input.session_name, input.resume_token});
  }
  draft.reply(input.request, input.connection,
              Success{Prepared{input.session_name, input.resume_token}});
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const StartSession& command) {
  const Session& session = asked.session;
  if (session.state != SessionState::initializing) {
    return refuse(Errc::session_already_started, "session.start",
                  "The session has been started already.");
  }
  if (command.extension) {
    const Result<void> is_own = check_endpoint(draft.directory(), session.agent,
                                               {MediaType::telephony, *command.extension});
    if (!is_own) return is_own;
  }
  succeed(draft, asked);
  draft.emit(SessionStarted{session.id});
  if (session.is_furnished) {
    present_channels(draft, session);
  } else {
    open_channels(draft, session, draft.directory().agents[session.agent]);
  }
  draft.emit(SessionPresented{session.id});
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const LogoutSession& command) {
  const std::vector<const Channel*> channels = channels_of(draft.state(), asked.session);
  if (std::any_of(channels.begin(), channels.end(),
                  [](const Channel* it) { return static_cast<bool>(it->interaction); })) {
    return refuse(Errc::ongoing_interaction, "session.request.logout",
                  "An interaction has not been completed.");
  }
  cancel_preparations(draft, asked.session);
  succeed(draft, asked);
  draft.put_reply_last();
  close_session(draft, asked.session, SessionEnd::logout, command.reason);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ListDirectory&) {
  draft.reply(asked.request, asked.connection, Success{directory_view(draft.state())});
  return {};
}

void on_connection_lost(Draft& draft, ConnectionId connection) {
  const Session* session = draft.state().session_of(connection);
  if (session != nullptr) {
    draft.emit(SessionDetached{session->id});
  } else if (draft.state().has_lost_session(connection)) {
    draft.emit(ConnectionForgotten{connection});
  }
}

bool has_live_interaction(const State& state, const Session& session) {
  return has_live(state, session, [](const Interaction&) { return true; });
}

bool has_live_call(const State& state, const Session& session) {
  return has_live(state, session,
                  [](const Interaction& it) { return it.type == MediaType::telephony; });
}

void cancel_preparations(Draft& draft, const Session& session) {
  const Error why{Errc::invalid_state, "session", "The session has ended."};
  for (const Channel* channel : channels_of(draft.state(), session)) {
    if (channel->activation) cancel_activation(draft, *channel, why);
    if (channel->dial) end_dial(draft, *channel, why);
    if (channel->monitoring) end_monitoring(draft, *channel, why, Cause::request);
    cancel_media_request(draft, *channel, why);
  }
}

void close_session(Draft& draft, const Session& session, SessionEnd reason, std::string_view why) {
  const Cause cause = cause_of(reason);
  const std::vector<const Channel*> channels = channels_of(draft.state(), session);
  for (const Channel* channel : channels) dispose(draft, *channel, cause, why);
  for (const GroupId group : session.groups) draft.emit(GroupClosed{group, session.id});
  draft.emit(SessionClosed{.session = session.id,
                           .connection = session.connection,
                           .name = session.name,
                           .reason = reason,
                           .cause = cause,
                           .was_started = session.state == SessionState::logged_in});
  if (reason != SessionEnd::logout) draft.close(session.connection, close_session_gone);
  for (const Channel* channel : channels) {
    if (channel->state == ChannelState::active) free_endpoint(draft, *channel);
  }
}

}  // namespace cord::core
