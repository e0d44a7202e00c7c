#include "core/directory.hpp"

#include <algorithm>
#include <utility>

namespace cord::core {

namespace {

template <class T, class Matches>
std::optional<std::uint32_t> index_of(const std::vector<T>& list, Matches matches) {
  const auto it = std::find_if(list.begin(), list.end(), matches);
  if (it == list.end()) return std::nullopt;
  return static_cast<std::uint32_t>(it - list.begin());
}

// How much of `number` a route's entry names; nothing if it does not match.
std::optional<std::size_t> matched_bytes(std::string_view entry, std::string_view number) {
  if (!entry.ends_with('*')) {
    // As long as a prefix can get, and one better.
    return entry == number ? std::optional(number.size() + 1) : std::nullopt;
  }
  entry.remove_suffix(1);
  return number.starts_with(entry) ? std::optional(entry.size()) : std::nullopt;
}

const Route* find_route(const std::vector<Route>& routes, std::string_view number) {
  const Route* best = nullptr;
  std::size_t best_bytes = 0;
  for (const Route& route : routes) {
    for (const std::string& entry : route.numbers) {
      const auto bytes = matched_bytes(entry, number);
      if (!bytes || (best != nullptr && *bytes <= best_bytes)) continue;
      best = &route;
      best_bytes = *bytes;
    }
  }
  return best;
}

}  // namespace

std::vector<std::string> Agent::permissions() const {
  std::vector<std::string> all;
  if (may_supervise) all.emplace_back("supervise");
  return all;
}

std::vector<std::string> Capabilities::names() const {
  std::vector<std::string> all;
  if (hold) all.emplace_back("hold");
  if (mute) all.emplace_back("mute");
  if (recording) all.emplace_back("recording");
  if (recording_pause) all.emplace_back("recording.pause");
  if (dial) all.emplace_back("dial");
  if (dtmf) all.emplace_back("dtmf");
  if (consult) all.emplace_back("consult");
  if (transfer) all.emplace_back("transfer");
  if (monitor) all.emplace_back("monitor");
  if (conference) all.emplace_back("conference");
  return all;
}

namespace {

std::int64_t level_of(const Agent& agent, const std::string& skill) {
  const auto index = index_of(agent.skills, [&](const Skill& it) { return it.name == skill; });
  return index ? agent.skills[*index].level : 0;
}

}  // namespace

bool Directory::is_skilled(AgentIndex agent, QueueIndex queue) const {
  const std::vector<Skill>& asked = queues[queue].skills;
  return std::all_of(asked.begin(), asked.end(),
                     [&](const Skill& it) { return level_of(agents[agent], it.name) >= it.level; });
}

std::int64_t Directory::level_in(AgentIndex agent, QueueIndex queue) const {
  std::int64_t sum = 0;
  for (const Skill& it : queues[queue].skills) sum += level_of(agents[agent], it.name);
  return sum;
}

std::vector<QueueIndex> Directory::queues_of(AgentIndex agent) const {
  std::vector<QueueIndex> served = agents[agent].queues;
  std::erase_if(served, [&](QueueIndex queue) { return !is_skilled(agent, queue); });
  return served;
}

std::optional<AgentIndex> Directory::find_agent(std::string_view id) const {
  return index_of(agents, [&](const Agent& it) { return it.id == id && !it.is_gone; });
}

std::optional<QueueIndex> Directory::find_queue_by_number(std::string_view number) const {
  return index_of(queues, [&](const Queue& queue) {
    return std::find(queue.numbers.begin(), queue.numbers.end(), number) != queue.numbers.end();
  });
}

Duration Directory::ring_max(const std::optional<QueueIndex>& queue) const {
  return queue ? queues[*queue].ring_timeout : limits.colleague_ring_max;
}

std::optional<Destination> Directory::find_destination(std::string_view number) const {
  const bool is_extension = std::any_of(
      agents.begin(), agents.end(), [&](const Agent& agent) { return agent.extension == number; });
  if (is_extension) return Destination{.kind = Destination::Kind::colleague};
  if (const auto queue = find_queue_by_number(number)) {
    return Destination{.kind = Destination::Kind::queue, .queue = *queue};
  }
  const Route* route = find_route(routes, number);
  if (route == nullptr) return std::nullopt;
  return Destination{.kind = Destination::Kind::outside, .trunk = route->trunk};
}

std::optional<QueueIndex> Directory::find_queue(std::string_view name) const {
  return index_of(queues, [&](const Queue& it) { return it.name == name && !it.is_gone; });
}

namespace {

template <class T, class Matches>
std::uint32_t index_or_add(std::vector<T>& list, Matches matches, T gone) {
  if (const auto index = index_of(list, matches)) return *index;
  list.push_back(std::move(gone));
  return static_cast<std::uint32_t>(list.size() - 1);
}

}  // namespace

AgentIndex Directory::place_of_agent(const std::string& id) {
  Agent gone;
  gone.id = gone.name = id;
  gone.is_gone = true;
  return index_or_add(
      agents, [&](const Agent& it) { return it.id == id; }, std::move(gone));
}

QueueIndex Directory::place_of_queue(const std::string& name) {
  Queue gone;
  gone.name = name;
  gone.is_gone = true;
  return index_or_add(
      queues, [&](const Queue& it) { return it.name == name; }, std::move(gone));
}

}  // namespace cord::core
