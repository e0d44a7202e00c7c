#include "runtime/bound_metrics.hpp"

#include <cstdint>
#include <variant>

namespace cord::runtime {
namespace {

std::int64_t number(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

/// The queue that is nearest to being full, of one medium.
struct Fill {
  std::size_t waiting = 0;
  std::size_t max = 1;
  [[nodiscard]] bool is_fuller_than(const Fill& other) const {
    return waiting * other.max > other.waiting * max;
  }
};

Fill fullest_queue(const core::State& state) {
  Fill fullest;
  const auto& queues = state.directory().queues;
  for (core::QueueIndex i = 0; i < queues.size(); ++i) {
    for (std::size_t type = 0; type < core::media_type_count; ++type) {
      const Fill fill{state.queue({i, static_cast<core::MediaType>(type)}).waiting_count(),
                      queues[i].waiting_max};
      if (i + type == 0 || fill.is_fuller_than(fullest)) fullest = fill;
    }
  }
  return fullest;
}

}  // namespace

BoundMetrics::BoundMetrics(Metrics& metrics, const core::Directory& directory,
                           const EngineOptions& options)
    : sessions_(metrics.bound("core.sessions_max", directory.limits.sessions_max)),
      channels_(metrics.bound("core.channels_max", directory.limits.channels_max)),
      groups_(metrics.bound("core.groups_max", directory.limits.groups_max)),
      calls_(metrics.bound("core.calls_max", directory.limits.calls_max)),
      tasks_(metrics.bound("core.tasks_max", directory.limits.tasks_max)),
      task_keys_(metrics.bound("core.task_keys_max", directory.limits.task_keys_max)),
      monitors_(metrics.bound("core.monitors_max", directory.limits.monitors_max)),
      media_offers_(metrics.bound("core.media_offers_max", directory.limits.media_offers_max)),
      conference_legs_(
          metrics.bound("core.conference_legs_max", directory.limits.conference_legs_max)),
      call_data_bytes_(
          metrics.bound("core.call_data_bytes_max", directory.limits.call_data_bytes_max)),
      refusals_(metrics.bound("core.refusals_max", directory.limits.refusals_max)),
      waiting_(metrics.bound("core.waiting_max", core::Queue{}.waiting_max)),
      waiting_max_(metrics.gauge("cord_bound_max", {}, "core.waiting_max")),
      held_messages_(metrics.bound("engine.held_messages_max", options.held_messages_max)),
      waiting_commands_(metrics.bound("engine.waiting_commands_max", options.waiting_commands_max)),
      session_events_(metrics.bound("engine.session_events_max", options.session_events_max)),
      answers_(metrics.bound("engine.answers_max", options.answers.answers_max)),
      answer_bytes_(metrics.bound("engine.answer_bytes_max", options.answers.answer_bytes_max)),
      askers_(metrics.bound("engine.askers_max", options.answers.askers_max)) {}

void BoundMetrics::note(const core::State& state, const core::Event& event) const {
  if (const auto* opened = std::get_if<core::ChannelOpened>(&event)) {
    channels_.raise(number(state.at(opened->session).channels.size()));
  } else if (const auto* group = std::get_if<core::GroupOpened>(&event)) {
    groups_.raise(number(state.at(group->session).groups.size()));
  } else if (const auto* begun = std::get_if<core::ConferenceBegun>(&event)) {
    conference_legs_.raise(number(begun->legs.size()));
  } else if (const auto* asked = std::get_if<core::MonitorAsked>(&event)) {
    monitors_.raise(number(state.at(asked->agent_channel).monitors.size()));
  } else if (const auto* media = std::get_if<core::MediaAsked>(&event)) {
    media_offers_.raise(number(state.at(media->channel).media_offers.size()));
  } else if (const auto* merged = std::get_if<core::DataMerged>(&event)) {
    call_data_bytes_.raise(number(core::size_bytes(state.at(merged->interaction).data)));
  } else if (const auto* rejected = std::get_if<core::OfferRejected>(&event)) {
    note_refusals(state.find(rejected->call));
  } else if (const auto* withdrawn = std::get_if<core::OfferWithdrawn>(&event)) {
    note_refusals(state.find(withdrawn->call));
  }
}

void BoundMetrics::note_refusals(const core::Call* call) const {
  if (call != nullptr) refusals_.raise(number(call->refusals.size()));
}

void BoundMetrics::publish(const core::State& state, const Lengths& lengths) const {
  sessions_.set(number(state.sessions().size()));
  calls_.set(number(state.phone_call_count()));
  tasks_.set(number(state.task_count()));
  task_keys_.set(number(state.ended_task_count()));
  const Fill fullest = fullest_queue(state);
  waiting_.set(number(fullest.waiting));
  waiting_max_.set(number(fullest.max));
  held_messages_.set(number(lengths.held_messages));
  waiting_commands_.set(number(lengths.waiting_commands));
  session_events_.set(number(lengths.session_events));
  answers_.set(number(lengths.answers.answers));
  answer_bytes_.set(number(lengths.answers.answer_bytes));
  askers_.set(number(lengths.answers.askers));
}

}  // namespace cord::runtime
