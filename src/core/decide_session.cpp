// Sessions: prepareSession, session.start, session.request.logout, lost connections, and what a
// takeover means (docs/protocol.md, section 4).
#include <algorithm>

#include "base/assert.hpp"
#include "core/steps.hpp"

namespace cord::core {

namespace {

void take_over(Draft& draft, const Session& old, const PrepareSession& input) {
  const State& state = draft.state();
  const auto answer_pending = [&](RequestId request, ConnectionId connection) {
    draft.reply(request, connection,
                refuse(Errc::target_not_found, "session", "The session was taken over."));
  };
  if (old.channel) {
    const Channel& channel = state.at(old.channel);
    if (channel.activation) {
      answer_pending(channel.activation->request, channel.activation->connection);
    }
    if (channel.interaction) {
      const auto& operation = state.at(channel.interaction).operation;
      if (operation) answer_pending(operation->request, operation->connection);
    }
  }
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

void open_channel(Draft& draft, const Session& session, const Agent& agent) {
  GroupId group{};
  if (!agent.channel_group.empty()) {
    group = draft.next(&LastIds::group);
    draft.emit(GroupOpened{group, session.id, agent.channel_group});
  }
  const ChannelId channel = draft.next(&LastIds::channel);
  const auto& sharing = draft.state().channels_at(agent.extension);
  const bool is_taken = std::any_of(sharing.begin(), sharing.end(), [&](ChannelId id) {
    return draft.state().at(id).state == ChannelState::active;
  });
  draft.emit(ChannelOpened{channel, session.id, group, agent.extension, agent.queues,
                           is_taken ? ChannelState::unavailable : ChannelState::inactive});
  if (group) draft.emit(GroupPresented{group});
  draft.emit(ChannelPresented{channel});
  if (group) draft.emit(GroupInitiated{group});
}

void present_channel(Draft& draft, const Session& session) {
  const Channel& channel = draft.state().at(session.channel);
  if (session.group) draft.emit(GroupPresented{session.group});
  draft.emit(ChannelPresented{channel.id});
  if (session.group) draft.emit(GroupInitiated{session.group});
  if (channel.interaction) draft.emit(InteractionPresented{channel.interaction});
}

Result<void> check_extension(const Directory& directory, const Agent& own,
                             const std::string& extension) {
  if (extension == own.extension) return {};
  for (const Agent& other : directory.agents) {
    if (other.extension == extension) {
      return refuse(Errc::endpoint_in_use, "session.start", "It is another agent's extension.");
    }
  }
  return refuse(Errc::invalid_request, "session.start", "There is no such extension.");
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
  const Agent& agent = draft.directory().agents[session.agent];
  if (command.extension) {
    const Result<void> is_own = check_extension(draft.directory(), agent, *command.extension);
    if (!is_own) return is_own;
  }
  succeed(draft, asked);
  draft.emit(SessionStarted{session.id});
  if (session.channel) {
    present_channel(draft, session);
  } else {
    open_channel(draft, session, agent);
  }
  draft.emit(SessionPresented{session.id});
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const LogoutSession& command) {
  const Channel& channel = draft.state().at(asked.session.channel);
  if (channel.interaction) {
    return refuse(Errc::ongoing_interaction, "session.request.logout",
                  "An interaction has not been completed.");
  }
  fail_pending_activation(draft, asked.session);
  succeed(draft, asked);
  draft.put_reply_last();
  close_session(draft, asked.session, SessionEnd::logout, command.reason);
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

bool has_live_call(const State& state, const Session& session) {
  if (!session.channel) return false;
  const InteractionId id = state.at(session.channel).interaction;
  return id && state.at(id).state != InteractionState::ended;
}

void fail_pending_activation(Draft& draft, const Session& session) {
  if (!session.channel) return;
  const Channel& channel = draft.state().at(session.channel);
  if (!channel.activation) return;
  fail_activation(draft, channel,
                  Error{Errc::invalid_state, "channel.activate", "The session has ended."});
}

void close_session(Draft& draft, const Session& session, SessionEnd reason, std::string_view why) {
  const Cause cause = reason == SessionEnd::logout ? Cause::request : Cause::timeout;
  const Channel* channel = session.channel ? &draft.state().at(session.channel) : nullptr;
  if (channel != nullptr) {
    if (channel->interaction) {
      draft.emit(InteractionCompleted{
          .channel = channel->id, .interaction = channel->interaction, .cause = cause});
    }
    hang_up_phone(draft, *channel, cause);
    if (channel->state == ChannelState::active) {
      ChannelChanged change = change_of(*channel, cause);
      change.state = ChannelState::inactive;
      make_not_ready(change, why);
      draft.emit(std::move(change));
    }
    draft.emit(ChannelClosed{channel->id, session.id, channel->group});
  }
  if (session.group) draft.emit(GroupClosed{session.group, session.id});
  draft.emit(SessionClosed{.session = session.id,
                           .connection = session.connection,
                           .name = session.name,
                           .reason = reason,
                           .cause = cause,
                           .was_started = session.state == SessionState::logged_in});
  if (reason == SessionEnd::expired) draft.close(session.connection, close_session_gone);
  if (channel != nullptr && channel->state == ChannelState::active) free_endpoint(draft, *channel);
}

}  // namespace cord::core
