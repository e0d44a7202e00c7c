#include "core/decide.hpp"

#include "core/handlers.hpp"

namespace cord::core {

namespace {

Result<const Session*> session_behind(const State& state, const ClientRequest& request) {
  const Session* session = state.session_of(request.connection);
  if (session == nullptr) {
    if (state.has_lost_session(request.connection)) {
      return refuse(Errc::target_not_found, "session", "The session of this connection has ended.");
    }
    return refuse(Errc::session_not_started, "session", "This connection has no session.");
  }
  if (request.target.session != session->name) {
    return refuse(Errc::target_not_found, "session", "This connection has no such session.");
  }
  const bool is_start = std::holds_alternative<StartSession>(request.command);
  if (session->state == SessionState::initializing && !is_start) {
    return refuse(Errc::session_not_started, "session", "The first command is session.start.");
  }
  return session;
}

// Whether the command makes no sense without a call to be heard.
bool is_of_calls_only(const Command& command) {
  return std::visit(
      []<class T>(const T&) {
        return requires {
          T::is_of_calls_only;
        };
      },
      command);
}

Result<void> check_medium(const State& state, const ObjectPath& path, const Command& command) {
  const Interaction* interaction = state.find(path.interaction);
  const bool is_task = interaction != nullptr && interaction->type != MediaType::telephony;
  if (!is_task || !is_of_calls_only(command)) return {};
  return refuse(Errc::unsupported, "interaction", "This is for telephone calls only.");
}

Result<void> decide_on(Draft& draft, const ClientRequest& request) {
  const State& state = draft.state();
  const Result<const Session*> session = session_behind(state, request);
  if (!session) return tl::make_unexpected(session.error());
  const Result<ObjectPath> path =
      state.resolve(request.target, **session, target_kind(request.command));
  if (!path) return tl::make_unexpected(path.error());
  const Result<void> fits = check_medium(state, *path, request.command);
  if (!fits) return fits;
  if (waits_for(state, request)) {
    return refuse(Errc::invalid_state, "interaction", "Another command for it is being done.");
  }
  const Asked asked{request.request, request.connection, **session, *path};
  return std::visit([&](const auto& command) { return carry_out(draft, asked, command); },
                    request.command);
}

Result<void> decide_on(Draft& draft, const PrepareSession& input) {
  return prepare(draft, input);
}

Result<void> decide_on(Draft& draft, const ResumeSession& input) {
  return resume(draft, input);
}

Result<void> decide_on(Draft& draft, const SubmitTask& input) {
  return submit_task(draft, input);
}

Result<void> decide_on(Draft& draft, const WithdrawTask& input) {
  return withdraw_task(draft, input);
}

Result<void> decide_on(Draft& draft, const ConnectionLost& input) {
  on_connection_lost(draft, input.connection);
  return {};
}

Result<void> decide_on(Draft& draft, const Report& report) {
  std::visit([&](const auto& it) { on_report(draft, it); }, report);
  return {};
}

Result<void> decide_on(Draft& draft, const OfferCall& offer) {
  on_offer(draft, offer);
  return {};
}

Result<void> decide_on(Draft& draft, const Restarted& input) {
  draft.emit(ServerRestarted{input.stopped});
  return {};
}

Result<void> decide_on(Draft& draft, const RetireSession& input) {
  on_retired(draft, input);
  return {};
}

Result<void> decide_on(Draft& draft, const RefitChannel& input) {
  on_refitted(draft, input);
  return {};
}

Result<void> decide_on(Draft& draft, const TurnAway& input) {
  on_turned_away(draft, input);
  return {};
}

Result<void> decide_on(Draft& draft, const CutLeg& input) {
  on_cut(draft, input);
  return {};
}

Result<void> decide_on(Draft& draft, const DeadlineReached& reached) {
  if (draft.state().is_current(reached.deadline)) on_deadline(draft, reached.deadline);
  return {};
}

}  // namespace

Result<Decision> decide(const State& state, const Input& input, Instant now) {
  Draft draft(state, now);
  const Result<void> done = std::visit([&](const auto& it) { return decide_on(draft, it); }, input);
  if (!done) return tl::make_unexpected(done.error());
  Decision decision = draft.take();
  tell_phones(state, decision);
  return decision;
}

std::optional<InteractionId> waits_for(const State& state, const ClientRequest& request) {
  const Session* session = state.session_of(request.connection);
  if (session == nullptr) return std::nullopt;
  const Result<ObjectPath> path = state.resolve(request.target, *session);
  if (!path || !path->interaction) return std::nullopt;
  if (!state.at(path->interaction).operation) return std::nullopt;
  return path->interaction;
}

Result<void> carry_out(Draft&, const Asked&, const UnsupportedCommand&) {
  return refuse(Errc::unsupported, "command", "This server does not carry out this command yet.");
}

}  // namespace cord::core
