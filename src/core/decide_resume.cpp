// session.resume and session.snapshot (docs/protocol.md, section 4): a client comes back to its
// living session, and what it then finds.
#include "core/steps.hpp"
#include "core/views.hpp"

namespace cord::core {

namespace {

// Takes the same time wherever the two differ. That their lengths differ may show.
bool is_same_secret(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

// What suspend_offers() took away. A channel that became not ready for another reason stays so.
void restore_readiness(Draft& draft, const Channel& channel) {
  ChannelChanged change = change_of(channel, Cause::request);
  if (channel.pending && channel.pending_reason == reason_connection_lost) {
    change.pending.reset();
    change.pending_reason.clear();
  } else if (channel.state == ChannelState::active && !channel.interaction &&
             channel.agent_state == AgentState::not_ready &&
             channel.reason == reason_connection_lost) {
    change.agent_state = AgentState::ready;
    change.reason.clear();
  } else {
    return;
  }
  draft.emit(std::move(change));
}

}  // namespace

Result<void> resume(Draft& draft, const ResumeSession& input) {
  const State& state = draft.state();
  if (state.session_of(input.connection) != nullptr) {
    return refuse(Errc::session_already_started, "session.resume",
                  "This connection has a session already.");
  }
  const Session* session = state.session_named(input.session_name);
  if (session == nullptr || !is_same_secret(session->resume_token, input.resume_token)) {
    return refuse(Errc::authentication_failed, "session.resume",
                  "There is no such session, or this is not its resumeToken.");
  }
  if (input.has_gap) {
    draft.reply(
        input.request, input.connection,
        refuse(Errc::resume_gap, "session.resume", "session.start gives everything there is."));
  } else {
    draft.reply(input.request, input.connection,
                Success{Resumed{.session = session->id, .from = input.after + 1}});
    // What follows is news, not what the reply announces.
    draft.begin_block();
  }
  draft.emit(SessionResumed{.session = session->id,
                            .connection = input.connection,
                            .old_connection = session->connection,
                            .starts_over = input.has_gap,
                            .numbers_after = input.has_gap ? input.numbers_after : 0});
  for (const Channel* channel : channels_of(state, *session)) restore_readiness(draft, *channel);
  draft.close(session->connection, close_session_resumed);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const SnapshotSession&) {
  draft.reply(asked.request, asked.connection, Success{view_of(draft.state(), asked.session)});
  return {};
}

}  // namespace cord::core
