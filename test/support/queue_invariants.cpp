#include "support/queue_invariants.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace cord::test {
namespace {

class QueueInvariants {
 public:
  explicit QueueInvariants(const core::State& state) : state_(state) {}

  std::vector<std::string> check() {
    for (const auto& [id, it] : state_.calls()) check(it);
    for (const auto& [id, it] : state_.channels()) check(it);
    for (core::QueueIndex index = 0; index < state_.directory().queues.size(); ++index) {
      for (std::size_t type = 0; type < core::media_type_count; ++type) {
        check(core::QueueKey{index, static_cast<core::MediaType>(type)});
      }
    }
    const std::size_t calls = state_.calls().size() - tasks_;
    expect(tasks_ == state_.task_count(), "tasks", tasks_, "live, not those that are counted");
    expect(calls <= state_.directory().limits.calls_max, "calls", calls, "are too many");
    return std::move(broken_);
  }

 private:
  /// Of one queue, as the objects have it.
  struct Tally {
    std::size_t waiting = 0;
    std::size_t ready = 0;
    std::array<std::size_t, core::agent_state_count> staff{};
  };

  template <class Id>
  void expect(bool holds, std::string_view kind, Id id, std::string_view what) {
    if (!holds) broken_.push_back(fmt::format("{} {} {}", kind, id, what));
  }

  void check(const core::Call& it) {
    tasks_ += it.type != core::MediaType::telephony ? 1 : 0;
    const bool is_waiting = it.queue && !it.interaction && !it.partner;
    if (is_waiting) ++tallies_[{*it.queue, it.type}].waiting;
    std::set<core::AgentIndex> agents;
    for (const core::InteractionId id : it.ringing) {
      const core::Interaction* interaction = state_.find(id);
      const bool rings = interaction != nullptr && interaction->call == it.id &&
                         interaction->state == core::InteractionState::alerting;
      expect(is_waiting && rings, "call", it.id, "rings at several, and does not");
      if (rings) agents.insert(state_.at(interaction->channel).agent);
    }
    expect(agents.size() == it.ringing.size(), "call", it.id, "rings at an agent twice");
  }

  void check(const core::Channel& it) {
    const bool is_active = it.state == core::ChannelState::active;
    const bool is_ready = state_.takes_offers(it);
    for (const core::QueueIndex index : it.queues) {
      Tally& tally = tallies_[{index, it.type}];
      tally.ready += is_ready ? 1 : 0;
      if (is_active) ++tally.staff.at(static_cast<std::size_t>(it.agent_state));
      const core::QueueTable& queue = state_.queue({index, it.type});
      expect(!is_ready || queue.ready.contains(state_.ready_key(it, index)), "channel", it.id,
             "is ready and not listed");
      expect(state_.directory().is_skilled(it.agent, index), "channel", it.id,
             "serves a queue whose skills its agent lacks");
    }
  }

  void check(core::QueueKey key) {
    const core::QueueTable& queue = state_.queue(key);
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "queue", key.queue, what);
    };
    const bool matches = queue.waiting_count() > 0 && !queue.ready.empty();
    const std::size_t waiting_max = state_.directory().queues[key.queue].waiting_max;
    const Tally& tally = tallies_[key];
    e(matches == state_.matchable_queues().contains(key), "is mismatched");
    e(queue.waiting_count() <= waiting_max + offered_max(key.type), "is too long");
    e(queue.waiting_count() == tally.waiting, "lists others than those who wait");
    e(queue.ready.size() == tally.ready, "lists others than those who are ready");
    e(queue.staff == tally.staff, "counts others than its staff");
  }

  // A call that comes back from an offer is not turned away from a queue that filled meanwhile.
  [[nodiscard]] std::size_t offered_max(core::MediaType type) const {
    const core::Directory& directory = state_.directory();
    const bool has_one = type == core::MediaType::telephony;
    return directory.agents.size() * (has_one ? 1 : directory.limits.channels_max);
  }

  const core::State& state_;
  std::vector<std::string> broken_;
  std::map<core::QueueKey, Tally> tallies_;
  std::size_t tasks_ = 0;
};

}  // namespace

std::vector<std::string> broken_queues(const core::State& state) {
  return QueueInvariants(state).check();
}

std::vector<std::string> starving_calls(const core::State& state, Instant now) {
  std::vector<std::string> starving;
  for (const auto& [call_id, call] : state.calls()) {
    if (call.interaction || call.partner || !call.queue) continue;
    for (const auto& [channel_id, channel] : state.channels()) {
      const auto& queues = channel.queues;
      if (channel.type != call.type || !state.takes_offers(channel)) continue;
      if (std::find(queues.begin(), queues.end(), *call.queue) == queues.end()) continue;
      if (core::State::is_resting(call, channel.agent, now)) continue;
      if (state.rings_at(call, channel.agent)) continue;
      starving.push_back(fmt::format("call {} and channel {}", call_id, channel_id));
    }
  }
  return starving;
}

}  // namespace cord::test
