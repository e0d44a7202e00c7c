#include "core/state_image.hpp"

#include <algorithm>
#include <map>

#include "core/state_editor.hpp"

namespace cord::core {
namespace {

template <class Id, class T>
std::vector<T> values_of(const State::Table<Id, T>& table) {
  std::vector<T> all;
  all.reserve(table.size());
  for (const auto& [id, it] : table) all.push_back(it);
  std::sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.id < b.id; });
  return all;
}

template <class Key, class T>
std::vector<std::pair<Key, T>> pairs_of(const State::Table<Key, T>& table) {
  std::vector<std::pair<Key, T>> all(table.begin(), table.end());
  std::sort(all.begin(), all.end());
  return all;
}

template <class Id, class T>
void fill(State::Table<Id, T>& table, std::vector<T>&& all) {
  table.reserve(all.size());
  for (T& it : all) {
    const Id id = it.id;
    table.emplace(id, std::move(it));
  }
}

std::vector<QueueTurn> turns_of(const State& state) {
  std::vector<QueueTurn> turns;
  for (QueueIndex queue = 0; queue < state.directory().queues.size(); ++queue) {
    for (std::size_t i = 0; i < media_type_count; ++i) {
      const auto type = static_cast<MediaType>(i);
      const std::optional<AgentIndex>& last = state.queue({queue, type}).last_offered;
      if (last) turns.push_back({queue, type, *last});
    }
  }
  return turns;
}

}  // namespace

StateImage image_of(const State& state) {
  return {.sessions = values_of(state.sessions()),
          .groups = values_of(state.groups()),
          .channels = values_of(state.channels()),
          .interactions = values_of(state.interactions()),
          .conversations = values_of(state.conversations()),
          .calls = values_of(state.calls()),
          .legs = values_of(state.legs()),
          .recordings = pairs_of(state.recordings()),
          .connections = pairs_of(state.connections()),
          .task_keys = pairs_of(state.task_keys()),
          .ended_task_keys = {state.ended_task_keys().begin(), state.ended_task_keys().end()},
          .turns = turns_of(state),
          .last = state.last_ids(),
          .last_timer = state.last_timer()};
}

void restore(State& state, StateImage&& image) {
  StateEditor(state, {}).restore(std::move(image));
}

void StateEditor::restore(StateImage&& image) {
  CORD_ASSERT(state_.sessions_.empty() && state_.last_timer_ == 0);
  fill(state_.sessions_, std::move(image.sessions));
  fill(state_.groups_, std::move(image.groups));
  fill(state_.channels_, std::move(image.channels));
  fill(state_.interactions_, std::move(image.interactions));
  fill(state_.conversations_, std::move(image.conversations));
  fill(state_.calls_, std::move(image.calls));
  fill(state_.legs_, std::move(image.legs));
  state_.recordings_.insert(image.recordings.begin(), image.recordings.end());
  state_.connections_.insert(image.connections.begin(), image.connections.end());
  state_.task_keys_.insert(image.task_keys.begin(), image.task_keys.end());
  state_.ended_task_keys_.assign(image.ended_task_keys.begin(), image.ended_task_keys.end());
  for (const QueueTurn& it : image.turns) table({it.queue, it.type}).last_offered = it.agent;
  state_.last_ = image.last;
  state_.last_timer_ = image.last_timer;
  postpone(Duration::zero());
  index();
}

void StateEditor::index() {
  for (const auto& [id, session] : state_.sessions_) {
    state_.agents_[session.agent] = id;
    state_.session_names_[session.name] = id;
  }
  // At an endpoint channels are in the order of their making, which is that of their ids.
  std::map<ChannelId, const Channel*> channels;
  for (const auto& [id, channel] : state_.channels_) channels.emplace(id, &channel);
  for (const auto& [id, channel] : channels) {
    state_.endpoints_[{channel->type, channel->endpoint}].push_back(id);
    list_ready(*channel);
    list_staff(*channel);
  }
  for (const auto& [id, interaction] : state_.interactions_) {
    for (const PartedLeg& it : interaction.parted) state_.parted_[it.leg] = id;
  }
  for (const auto& [id, call] : state_.calls_) {
    if (call.queue && !call.interaction && !call.partner) list_waiting(call);
    if (call.type != MediaType::telephony) ++state_.task_count_;
  }
}

}  // namespace cord::core
