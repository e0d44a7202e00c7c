#include "runtime/command_queues.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace cord::runtime {

bool CommandQueues::push(core::InteractionId interaction, core::ClientRequest&& request,
                         Instant due) {
  Queue& queue = queues_[interaction];
  if (queue.size() >= commands_max_) return false;
  const TimerHandle deadline = deadlines_.start(due, Key{interaction, request.request});
  queue.push_back({std::move(request), deadline});
  longest_ = std::max(longest_, queue.size());
  return true;
}

const core::ClientRequest* CommandQueues::front(core::InteractionId interaction) const {
  const auto it = queues_.find(interaction);
  return it == queues_.end() ? nullptr : &it->second.front().request;
}

core::ClientRequest CommandQueues::pop(core::InteractionId interaction) {
  const auto it = queues_.find(interaction);
  CORD_ASSERT(it != queues_.end());
  Waiting first = std::move(it->second.front());
  it->second.pop_front();
  if (it->second.empty()) queues_.erase(it);
  deadlines_.cancel(first.deadline);
  return std::move(first.request);
}

std::optional<core::ClientRequest> CommandQueues::take_overdue(Instant now) {
  const auto key = deadlines_.advance(now);
  if (!key) return std::nullopt;
  const auto it = queues_.find(key->interaction);
  CORD_ASSERT(it != queues_.end());
  Queue& queue = it->second;
  const auto overdue = std::find_if(queue.begin(), queue.end(), [&](const Waiting& waiting) {
    return waiting.request.request == key->request;
  });
  CORD_ASSERT(overdue != queue.end());
  std::optional<core::ClientRequest> taken(std::move(overdue->request));
  queue.erase(overdue);
  if (queue.empty()) queues_.erase(it);
  return taken;
}

std::vector<core::ClientRequest> CommandQueues::take_all_of(core::ConnectionId connection) {
  std::vector<core::ClientRequest> taken;
  if (queues_.empty()) return taken;
  for (auto it = queues_.begin(); it != queues_.end();) {
    Queue& queue = it->second;
    std::erase_if(queue, [&](Waiting& waiting) {
      if (waiting.request.connection != connection) return false;
      deadlines_.cancel(waiting.deadline);
      taken.push_back(std::move(waiting.request));
      return true;
    });
    it = queue.empty() ? queues_.erase(it) : std::next(it);
  }
  // The table has an order of its own; requests are numbered in the order they came.
  std::sort(taken.begin(), taken.end(),
            [](const auto& a, const auto& b) { return a.request < b.request; });
  return taken;
}

}  // namespace cord::runtime
