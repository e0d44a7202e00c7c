// Interactions: wrap-up and data (docs/protocol.md, 5.2), and what all their operations share.
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

Result<void> check_disposition(const Directory& directory,
                               const std::optional<std::string>& disposition) {
  if (!disposition) {
    if (!directory.disposition_required) return {};
    return refuse(Errc::disposition_required, "interaction.complete", "Say how it ended.");
  }
  const bool is_known = directory.dispositions.empty() ||
                        std::any_of(directory.dispositions.begin(), directory.dispositions.end(),
                                    [&](const Named& known) { return known.id == *disposition; });
  if (is_known) return {};
  return refuse(Errc::invalid_request, "interaction.complete", "There is no such disposition.");
}

CallData merged(CallData data, const std::vector<DataChange>& changes) {
  for (const DataChange& change : changes) {
    if (change.value) {
      data[change.key] = *change.value;
    } else {
      data.erase(change.key);
    }
  }
  return data;
}

bool is_about_both(OperationKind kind) {
  return kind == OperationKind::alternate || kind == OperationKind::reconnect ||
         kind == OperationKind::transfer || kind == OperationKind::conference;
}

}  // namespace

void succeed(Draft& draft, const Asked& asked) {
  draft.reply(asked.request, asked.connection, Success{});
}

Requester requester_of(const Asked& asked) {
  return {.request = asked.request, .connection = asked.connection, .cause = Cause::request};
}

bool is_busy_with(const Interaction& interaction, OperationKind kind) {
  return interaction.operation && interaction.operation->kind == kind;
}

void begin_operation(Draft& draft, const Conversation& conversation, OperationKind kind,
                     const Requester& requester, const std::string& number) {
  draft.emit(OperationBegun{.interaction = conversation.interaction,
                            .conversation = conversation.id,
                            .kind = kind,
                            .request = requester.request,
                            .connection = requester.connection,
                            .cause = requester.cause,
                            .number = number});
}

void end_operation(Draft& draft, const Interaction& interaction, Result<Success> outcome) {
  const Operation& operation = *interaction.operation;
  draft.reply(operation.request, operation.connection, std::move(outcome));
  draft.emit(OperationEnded{interaction.id});
}

void fail_operation(Draft& draft, const Interaction& interaction, Error why) {
  const LegId leg = interaction.operation->leg;
  end_operation(draft, interaction, tl::make_unexpected(std::move(why)));
  if (leg) draft.order(ReleaseLeg{leg, Cause::request});
}

void fail_operation_of_ended_call(Draft& draft, const Interaction& interaction) {
  if (!interaction.operation) return;
  fail_operation(draft, interaction, Error{Errc::invalid_state, "call", "The call has ended."});
}

void fail_operation_of_ended_call(Draft& draft, const Conversation& conversation) {
  const Interaction& interaction = draft.state().at(conversation.interaction);
  if (!interaction.operation) return;
  const Conversation* other = draft.state().find_other(conversation);
  const bool is_about_it = interaction.operation->conversation == conversation.id;
  const bool ends_all = other == nullptr || other->state == ConversationState::dialing;
  if (is_about_it || ends_all || is_about_both(interaction.operation->kind)) {
    fail_operation_of_ended_call(draft, interaction);
  }
}

Result<void> carry_out(Draft& draft, const Asked& asked, const CompleteInteraction& command) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const bool ends_task =
      is_live_task(interaction) && interaction.state == InteractionState::started;
  if (!ends_task &&
      !next_state(interaction_moves, interaction.state, InteractionInput::completed)) {
    return refuse(Errc::invalid_state, "interaction.complete", "It has not ended yet.");
  }
  const Result<void> is_valid = check_disposition(draft.directory(), command.disposition);
  if (!is_valid) return is_valid;
  succeed(draft, asked);
  if (ends_task) end_task(draft, interaction, Cause::request);
  draft.emit(InteractionCompleted{interaction.channel, interaction.id,
                                  command.disposition.value_or(""), command.notes, Cause::request});
  draft.emit(change_after_work(draft.state().at(interaction.channel), Cause::request, draft.now()));
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const GetInteractionData&) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  draft.reply(asked.request, asked.connection, Success{DataAnswer{interaction.data}});
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const SetInteractionData& command) {
  const Interaction& interaction = draft.state().at(asked.path.interaction);
  const CallData data = merged(interaction.data, command.changes);
  const std::size_t bytes_max = draft.limits().call_data_bytes_max;
  if (size_bytes(data) > bytes_max) {
    return refuse(
        Errc::invalid_request, "interaction.setdata",
        fmt::format("The data would be {} bytes; {} are allowed.", size_bytes(data), bytes_max));
  }
  succeed(draft, asked);
  if (data != interaction.data) draft.emit(DataMerged{interaction.id, command.changes});
  return {};
}

}  // namespace cord::core
