// Recording (docs/protocol.md, 5.2): orders, reports, and pausing that fails closed.
#include <chrono>

#include "base/utc_text.hpp"
#include "core/steps.hpp"

namespace cord::core {

namespace {

using Verb = ControlRecording::Verb;

std::string base_name(const Interaction& interaction, RecordingId recording, Instant now) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch());
  return fmt::format("i-{}-{}-{}", interaction.id, recording, ms.count());
}

std::string recording_agent(const Draft& draft, const Interaction& interaction) {
  return agent_of(draft, draft.state().at(interaction.channel)).id;
}

Result<void> check_capability(const Draft& draft, Verb verb) {
  const Capabilities& can = draft.directory().capabilities;
  if (!can.recording) {
    return refuse(Errc::unsupported, "recording", "The platform cannot record.");
  }
  if ((verb == Verb::pause || verb == Verb::resume) && !can.recording_pause) {
    return refuse(Errc::unsupported, "recording", "The platform cannot pause a recording.");
  }
  return {};
}

RecordingInput input_of(Verb verb) {
  switch (verb) {
    case Verb::start:
      return RecordingInput::started;
    case Verb::stop:
      return RecordingInput::stopped;
    case Verb::pause:
      return RecordingInput::paused;
    case Verb::resume:
      return RecordingInput::resumed;
  }
  return RecordingInput::stopped;
}

bool holds_already(RecordingState state, Verb verb) {
  switch (verb) {
    case Verb::start:
    case Verb::resume:
      return state == RecordingState::recording;
    case Verb::stop:
      return state == RecordingState::none;
    case Verb::pause:
      return state == RecordingState::paused;
  }
  return false;
}

Result<void> check_state(const Interaction& interaction, Verb verb) {
  if (interaction.state != InteractionState::started) {
    return refuse(Errc::invalid_state, "recording", "Only a call that is talked on is recorded.");
  }
  if (next_state(recording_moves, interaction.recording_state, input_of(verb))) return {};
  const bool is_paused = interaction.recording_state == RecordingState::paused;
  return refuse(Errc::invalid_state, "recording",
                is_paused ? "The recording is paused: resume it." : "Nothing is being recorded.");
}

const Interaction* find_recorded(const Draft& draft, RecordingId id) {
  const InteractionId* interaction = draft.state().find(id);
  return interaction == nullptr ? nullptr : &draft.state().at(*interaction);
}

// A recorder that runs, or might, although nobody knows of it.
void stop_stray(Draft& draft, RecordingId id) {
  draft.order(StopRecording{id, {}});
}

struct Reported {
  RecordingId recording;
  RecordingInput input;
  OperationKind operation;
  std::string file = {};
};

// A recorder did something: the pending operation has succeeded if it was for that; if not, it is
// the late report of one that has timed out, and true all the same.
void report_recorder(Draft& draft, const Reported& it) {
  const Interaction* interaction = find_recorded(draft, it.recording);
  if (interaction == nullptr) {
    if (it.input != RecordingInput::stopped) stop_stray(draft, it.recording);
    return;
  }
  const auto to = next_state(recording_moves, interaction->recording_state, it.input);
  if (!to) return;
  const bool ends_operation = is_busy_with(*interaction, it.operation);
  if (it.input == RecordingInput::started && !ends_operation) return;
  if (ends_operation) {
    end_operation(draft, *interaction, Success{});
  } else {
    draft.begin_block();
  }
  draft.emit(RecordingChanged{interaction->id, it.recording, *to, Cause::request, it.file});
  if (ends_operation) follow_up(draft, *interaction);
}

bool concerns_recorder(OperationKind kind) {
  return kind == OperationKind::recording_start || kind == OperationKind::recording_stop ||
         kind == OperationKind::recording_pause || kind == OperationKind::recording_resume;
}

void lose_recording(Draft& draft, const Interaction& interaction) {
  draft.begin_block();
  draft.emit(RecordingChanged{
      interaction.id, interaction.recording, RecordingState::none, Cause::failed, {}});
}

}  // namespace

void begin_recording(Draft& draft, const Interaction& interaction, const Requester& requester) {
  const State& state = draft.state();
  const Call& call = state.at(interaction.call);
  const Channel& channel = state.at(interaction.channel);
  const RecordingId recording = draft.next(&LastIds::recording);
  const std::string agent = recording_agent(draft, interaction);
  // An automatic recording begins with the answer, which is not applied yet.
  const bool is_answered = interaction.state == InteractionState::started;
  const Instant answered = is_answered ? interaction.answered_at : draft.now();
  const Conversation& conversation = state.at(interaction.conversation);
  begin_operation(draft, conversation, OperationKind::recording_start, requester);
  draft.emit(RecordingOrdered{interaction.id, recording});
  std::string queue;
  if (call.queue) queue = draft.directory().queues[*call.queue].name;
  draft.order(StartRecording{.recording = recording,
                             .customer = state.far_leg(conversation),
                             .agent = channel.leg,
                             .base_name = base_name(interaction, recording, draft.now()),
                             .facts = {{"agent", agent},
                                       {"queue", queue},
                                       {"ani", call.caller},
                                       {"dnis", call.called},
                                       {"call_id", call.call_id},
                                       {"interaction", fmt::format("i-{}", interaction.id)},
                                       {"arrived", utc_text(call.arrived)},
                                       {"answered", utc_text(answered)}},
                             .by = agent,
                             .mix = mix_of(state, conversation)});
}

void stop_recording(Draft& draft, const Interaction& interaction) {
  if (!interaction.recording) return;
  draft.order(StopRecording{interaction.recording, recording_agent(draft, interaction)});
}

Result<void> carry_out(Draft& draft, const Asked& asked, const ControlRecording& command) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const Result<void> is_able = check_capability(draft, command.verb);
  if (!is_able) return is_able;
  const bool is_started = interaction.state == InteractionState::started;
  const bool goal_holds = holds_already(interaction.recording_state, command.verb);
  if (goal_holds && (is_started || command.verb == Verb::stop)) {
    succeed(draft, asked);
    return {};
  }
  const Result<void> is_legal = check_state(interaction, command.verb);
  if (!is_legal) return is_legal;
  const std::string by = recording_agent(draft, interaction);
  const Conversation& conversation = draft.state().at(interaction.conversation);
  switch (command.verb) {
    case Verb::start:
      begin_recording(draft, interaction, requester_of(asked));
      break;
    case Verb::stop:
      begin_operation(draft, conversation, OperationKind::recording_stop, requester_of(asked));
      draft.order(StopRecording{interaction.recording, by});
      break;
    case Verb::pause:
      begin_operation(draft, conversation, OperationKind::recording_pause, requester_of(asked));
      draft.order(PauseRecording{interaction.recording, by});
      break;
    case Verb::resume:
      begin_operation(draft, conversation, OperationKind::recording_resume, requester_of(asked));
      draft.order(ResumeRecording{interaction.recording, by});
      break;
  }
  return {};
}

void on_report(Draft& draft, const RecordingStarted& report) {
  report_recorder(draft, {report.recording, RecordingInput::started, OperationKind::recording_start,
                          report.file});
}

void on_report(Draft& draft, const RecordingPaused& report) {
  report_recorder(draft,
                  {report.recording, RecordingInput::paused, OperationKind::recording_pause});
}

void on_report(Draft& draft, const RecordingResumed& report) {
  report_recorder(draft,
                  {report.recording, RecordingInput::resumed, OperationKind::recording_resume});
}

void on_report(Draft& draft, const RecordingStopped& report) {
  report_recorder(draft,
                  {report.recording, RecordingInput::stopped, OperationKind::recording_stop});
}

void fail_recording_operation(Draft& draft, const Interaction& interaction, Error error) {
  const OperationKind kind = interaction.operation->kind;
  const bool was_asked = static_cast<bool>(interaction.operation->request);
  end_operation(draft, interaction, tl::make_unexpected(std::move(error)));
  if (kind == OperationKind::recording_start) {
    if (!was_asked) return lose_recording(draft, interaction);
    draft.emit(RecordingDropped{interaction.id, interaction.recording});
  } else if (kind == OperationKind::recording_pause) {
    stop_recording(draft, interaction);
    lose_recording(draft, interaction);
  }
}

void on_report(Draft& draft, const RecordingFailed& report) {
  const Interaction* interaction = find_recorded(draft, report.recording);
  if (interaction == nullptr) return;
  if (!interaction->operation || !concerns_recorder(interaction->operation->kind)) {
    return lose_recording(draft, *interaction);
  }
  switch (interaction->operation->kind) {
    case OperationKind::recording_stop:
      // It has ended, which is what was wanted; that it ended badly is the change's cause.
      end_operation(draft, *interaction, Success{});
      draft.emit(RecordingChanged{
          interaction->id, report.recording, RecordingState::none, Cause::failed, {}});
      break;
    case OperationKind::recording_resume:
      end_operation(draft, *interaction, refuse(Errc::cti_error, "recording", report.detail));
      lose_recording(draft, *interaction);
      break;
    default:
      fail_recording_operation(draft, *interaction,
                               Error{Errc::cti_error, "recording", report.detail});
      break;
  }
  follow_up(draft, *interaction);
}

}  // namespace cord::core
