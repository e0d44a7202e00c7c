#include "core/directory.hpp"

#include <algorithm>

namespace cord::core {

namespace {

template <class T, class Matches>
std::optional<std::uint32_t> index_of(const std::vector<T>& list, Matches matches) {
  const auto it = std::find_if(list.begin(), list.end(), matches);
  if (it == list.end()) return std::nullopt;
  return static_cast<std::uint32_t>(it - list.begin());
}

}  // namespace

std::vector<std::string> Capabilities::names() const {
  std::vector<std::string> all;
  if (hold) all.emplace_back("hold");
  if (mute) all.emplace_back("mute");
  if (recording) all.emplace_back("recording");
  if (recording_pause) all.emplace_back("recording.pause");
  return all;
}

std::optional<AgentIndex> Directory::find_agent(std::string_view id) const {
  return index_of(agents, [&](const Agent& agent) { return agent.id == id; });
}

std::optional<QueueIndex> Directory::find_queue_by_number(std::string_view number) const {
  return index_of(queues, [&](const Queue& queue) {
    return std::find(queue.numbers.begin(), queue.numbers.end(), number) != queue.numbers.end();
  });
}

std::optional<QueueIndex> Directory::find_queue(std::string_view name) const {
  return index_of(queues, [&](const Queue& queue) { return queue.name == name; });
}

}  // namespace cord::core
