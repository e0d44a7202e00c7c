// Tasks: chats and e-mails, offered by another system over HTTP (docs/protocol.md, section 10).
// They are queued, offered, data and wrap-up like calls; they have no leg, no phone and no
// conversation.
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

DataValue text(std::string value) {
  return {.is_json = false, .text = std::move(value)};
}

// What the server says of a task goes before what the submitter says.
CallData data_of(const SubmitTask& task) {
  CallData data = task.data;
  data["From"] = text(task.from);
  data["Direction"] = text("INBOUND");
  data["Queue"] = text(task.queue);
  if (!task.subject.empty()) data["Subject"] = text(task.subject);
  if (!task.key.empty()) data["CallId"] = text(task.key);
  return data;
}

Result<QueueIndex> find_queue(const Draft& draft, const SubmitTask& task) {
  const std::optional<QueueIndex> queue = draft.directory().find_queue(task.queue);
  if (!queue) return refuse(Errc::invalid_request, "queue", "There is no such queue.");
  return *queue;
}

Result<void> check_room(const Draft& draft, const SubmitTask& task, QueueIndex queue) {
  const State& state = draft.state();
  const std::size_t bytes_max = draft.limits().call_data_bytes_max;
  const std::size_t bytes = size_bytes(data_of(task));
  if (bytes > bytes_max) {
    return refuse(Errc::invalid_request, "interaction-data",
                  fmt::format("The data would be {} bytes; {} are allowed.", bytes, bytes_max));
  }
  if (state.task_count() >= draft.limits().tasks_max) {
    return refuse(Errc::rate_limited, "tasks",
                  fmt::format("There are {} tasks already.", draft.limits().tasks_max));
  }
  const std::size_t waiting_max = draft.directory().queues[queue].waiting_max;
  if (state.queue({queue, task.type}).waiting_count() >= waiting_max) {
    return refuse(Errc::rate_limited, "queue",
                  fmt::format("{} wait in this queue already.", waiting_max));
  }
  return {};
}

}  // namespace

Result<void> submit_task(Draft& draft, const SubmitTask& task) {
  CORD_ASSERT(task.type != MediaType::telephony);
  if (const CallId* known = draft.state().find_task(task.key)) {
    draft.reply(task.request, task.connection, Success{TaskTaken{*known}});
    return {};
  }
  const Result<QueueIndex> queue = find_queue(draft, task);
  if (!queue) return tl::make_unexpected(queue.error());
  const Result<void> has_room = check_room(draft, task, *queue);
  if (!has_room) return has_room;
  const CallId call = draft.next(&LastIds::call);
  draft.reply(task.request, task.connection, Success{TaskTaken{call}});
  draft.emit(TaskQueued{.call = call,
                        .type = task.type,
                        .queue = *queue,
                        .from = task.from,
                        .key = task.key,
                        .data = data_of(task)});
  return {};
}

Result<void> withdraw_task(Draft& draft, const WithdrawTask& withdrawal) {
  const State& state = draft.state();
  const Call* call = state.find(withdrawal.call);
  if (call == nullptr || call->type == MediaType::telephony) {
    return refuse(Errc::target_not_found, "task", "There is no such task, or it has ended.");
  }
  draft.reply(withdrawal.request, withdrawal.connection, Success{TaskTaken{call->id}});
  draft.begin_block();
  const Interaction* interaction = state.find(call->interaction);
  if (interaction == nullptr) {
    withdraw_offers(draft, *call, Cause::remote);
    draft.emit(CallGone{call->id, Cause::remote});
  } else if (interaction->state == InteractionState::alerting) {
    end_offer(draft, *interaction, {OfferEnd::abandoned, Cause::remote});
    draft.emit(CallGone{call->id, Cause::remote});
  } else {
    end_task(draft, *interaction, Cause::remote);
    draft.begin_block();
    ChannelChanged change = change_of(state.at(interaction->channel), Cause::remote);
    change.agent_state = AgentState::wrapup;
    draft.emit(std::move(change));
  }
  return {};
}

Result<void> accept_task(Draft& draft, const Asked& asked, const Interaction& interaction) {
  if (interaction.state == InteractionState::started) {
    succeed(draft, asked);
    return {};
  }
  if (interaction.state != InteractionState::alerting) {
    return refuse(Errc::invalid_state, "interaction.accept", "It has ended.");
  }
  succeed(draft, asked);
  take_offer(draft, interaction);
  draft.emit(CallAnswered{.interaction = interaction.id, .cause = Cause::request});
  draft.begin_block();
  ChannelChanged change = change_of(draft.state().at(interaction.channel), Cause::request);
  change.agent_state = AgentState::busy;
  draft.emit(std::move(change));
  withdraw_offers(draft, draft.state().at(interaction.call), Cause::transfer, interaction.id);
  return {};
}

void end_task(Draft& draft, const Interaction& interaction, Cause cause) {
  draft.emit(CallEnded{.interaction = interaction.id, .cause = cause});
  draft.emit(CallGone{interaction.call, cause});
}

void requeue_task(Draft& draft, const Interaction& interaction, Cause cause) {
  draft.emit(TaskRequeued{.call = interaction.call,
                          .channel = interaction.channel,
                          .interaction = interaction.id,
                          .previous = interaction.state,
                          .cause = cause});
}

bool is_live_task(const Interaction& interaction) {
  return interaction.type != MediaType::telephony && interaction.call;
}

}  // namespace cord::core
