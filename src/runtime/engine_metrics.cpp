#include "runtime/engine_metrics.hpp"

#include <algorithm>
#include <string_view>

namespace cord::runtime {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<core::Input>> input_names{
    "prepare",   "request", "connection_lost", "report", "offer",          "deadline",  "resume",
    "restarted", "retire",  "refit",           "task",   "task_withdrawn", "turn_away", "cut"};

// By Errc; place 0 is success.
constexpr std::array<std::string_view, static_cast<std::size_t>(Errc::internal_error) + 1>
    outcome_names{"success",
                  "invalid_request",
                  "unknown_command",
                  "target_not_found",
                  "invalid_target",
                  "invalid_state",
                  "unsupported",
                  "permission_denied",
                  "authentication_failed",
                  "authentication_throttled",
                  "session_not_started",
                  "session_already_started",
                  "session_limit",
                  "resume_gap",
                  "ongoing_interaction",
                  "endpoint_in_use",
                  "endpoint_unreachable",
                  "reason_required",
                  "disposition_required",
                  "rate_limited",
                  "cti_error",
                  "cti_timeout",
                  "timeout",
                  "not_accepting",
                  "internal_error"};

std::string_view name_of(core::DeadlineKind kind) {
  switch (kind) {
    case core::DeadlineKind::session_start:
      return "session_start";
    case core::DeadlineKind::detached_rest:
      return "detached_rest";
    case core::DeadlineKind::detached_grace:
      return "detached_grace";
    case core::DeadlineKind::overdue:
      return "overdue";
    case core::DeadlineKind::activation:
      return "activation";
    case core::DeadlineKind::media_offer:
      return "media_offer";
    case core::DeadlineKind::media_wait:
      return "media_wait";
    case core::DeadlineKind::dial:
      return "dial";
    case core::DeadlineKind::monitor:
      return "monitor";
    case core::DeadlineKind::ring:
      return "ring";
    case core::DeadlineKind::far_ring:
      return "far_ring";
    case core::DeadlineKind::operation:
      return "operation";
    case core::DeadlineKind::wrapup:
      return "wrapup";
    case core::DeadlineKind::queue_wait:
      return "queue_wait";
    case core::DeadlineKind::refusal_rest:
      return "refusal_rest";
  }
  return "";
}

std::int64_t waiting_count(const core::State& state, core::MediaType type) {
  std::size_t waiting = 0;
  for (core::QueueIndex i = 0; i < state.directory().queues.size(); ++i) {
    waiting += state.queue({i, type}).waiting_count();
  }
  return static_cast<std::int64_t>(waiting);
}

}  // namespace

EngineMetrics::EngineMetrics(Metrics& metrics)
    : metrics_(metrics),
      sessions_(metrics.gauge("cord_sessions", "Sessions, detached ones included.")),
      interactions_(metrics.gauge("cord_interactions", "Interactions that are not completed.")),
      calls_(metrics.gauge("cord_calls", "Callers in the house.")),
      calls_waiting_(metrics.gauge("cord_calls_waiting", "Callers nobody has been offered.")),
      tasks_(metrics.gauge("cord_tasks", "Chats and e-mails that have not ended.")),
      tasks_waiting_(
          metrics.gauge("cord_tasks_waiting", "Chats and e-mails nobody has been offered.")),
      repeated_(metrics.counter("cord_requests_repeated_total",
                                "Requests sent again and not carried out again.")),
      held_messages_(metrics.gauge("cord_engine_held_messages",
                                   "Messages to clients that wait for the journal.")),
      kept_events_(metrics.gauge("cord_session_events",
                                 "Events kept for clients that come back, of all sessions.")),
      kept_event_bytes_(
          metrics.gauge("cord_session_event_bytes", "Memory of the events kept, in bytes.")),
      kept_answers_(
          metrics.gauge("cord_session_answers", "Answers kept for requests that are sent again.")),
      waiting_commands_(
          metrics.gauge("cord_engine_waiting_commands", "Commands that wait for an earlier one.")),
      journal_lag_(metrics.gauge("cord_journal_lag_records",
                                 "Records given to the journal and not yet committed.")),
      snapshots_(metrics.counter("cord_journal_snapshots_total", "Snapshots taken.")),
      snapshot_bytes_(
          metrics.gauge("cord_journal_snapshot_bytes", "Size of the last snapshot taken.")) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    inputs_[i] = &metrics.counter("cord_engine_decisions_total", "Inputs decided on, by kind.",
                                  input_names[i]);
  }
  for (std::size_t i = 0; i < replies_.size(); ++i) {
    replies_[i] = &metrics.counter("cord_replies_total", "Replies by outcome.", outcome_names[i]);
  }
}

void EngineMetrics::count_decision(const core::Input& input) {
  inputs_[input.index()]->add();
  if (const auto* it = std::get_if<core::DeadlineReached>(&input))
    count_deadline(it->deadline.kind);
}

// Rare enough to be looked up.
void EngineMetrics::count_deadline(core::DeadlineKind kind) {
  metrics_
      .counter("cord_deadlines_reached_total", "Waits that were ended by their deadline, by kind.",
               name_of(kind))
      .add();
}

void EngineMetrics::count_reply(const core::Reply& reply) {
  const auto place = reply.outcome ? 0 : static_cast<std::size_t>(reply.outcome.error().code);
  // A code that is not the protocol's is a failure of ours as far as clients are told.
  replies_[std::min(place, replies_.size() - 1)]->add();
}

void EngineMetrics::count_snapshot(std::size_t bytes) {
  snapshots_.add();
  snapshot_bytes_.set(static_cast<std::int64_t>(bytes));
}

void EngineMetrics::publish(const core::State& state, const Lengths& lengths) const {
  sessions_.set(static_cast<std::int64_t>(state.sessions().size()));
  interactions_.set(static_cast<std::int64_t>(state.interactions().size()));
  calls_.set(static_cast<std::int64_t>(state.phone_call_count()));
  calls_waiting_.set(waiting_count(state, core::MediaType::telephony));
  tasks_.set(static_cast<std::int64_t>(state.task_count()));
  tasks_waiting_.set(waiting_count(state, core::MediaType::chat) +
                     waiting_count(state, core::MediaType::email));
  kept_events_.set(static_cast<std::int64_t>(lengths.kept_events));
  kept_event_bytes_.set(static_cast<std::int64_t>(lengths.kept_event_bytes));
  kept_answers_.set(static_cast<std::int64_t>(lengths.kept_answers));
  held_messages_.set(static_cast<std::int64_t>(lengths.held_messages));
  waiting_commands_.set(static_cast<std::int64_t>(lengths.waiting_commands));
  journal_lag_.set(static_cast<std::int64_t>(lengths.journal_lag_records));
}

}  // namespace cord::runtime
