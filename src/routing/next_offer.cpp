#include "routing/next_offer.hpp"

#include <limits>

namespace cord::routing {

namespace {

using core::Call;
using core::CallId;
using core::ChannelId;
using core::OfferCall;
using core::QueueTable;
using core::ReadyKey;
using core::State;

using Ready = std::set<ReadyKey>;

bool suits(const State& state, const Call& call, ChannelId channel, Instant now) {
  const core::AgentIndex agent = state.at(channel).agent;
  return !State::is_resting(call, agent, now) && !state.rings_at(call, agent);
}

// Whom the queue's strategy has come first. In a round that is whoever is behind the last one.
Ready::const_iterator first_of(const QueueTable& queue, core::Strategy strategy) {
  if (strategy != core::Strategy::round_robin || !queue.last_offered) return queue.ready.begin();
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  return queue.ready.upper_bound(ReadyKey{.rank = queue.last_offered->value, .unskilled = last});
}

// Looks at no more channels than the call has refusals and offers, and one.
std::optional<OfferCall> offer_for(const State& state, const QueueTable& queue,
                                   Ready::const_iterator next, const Call& call, Instant now) {
  for (std::size_t left = queue.ready.size(); left > 0; --left) {
    if (next == queue.ready.end()) next = queue.ready.begin();
    if (suits(state, call, next->channel, now)) return OfferCall{call.id, next->channel};
    ++next;
  }
  return std::nullopt;
}

std::optional<OfferCall> offer_in(const State& state, core::QueueKey key, Instant now) {
  const QueueTable& queue = state.queue(key);
  const auto first = first_of(queue, state.directory().queues[key.queue].strategy);
  auto fresh = queue.fresh.begin();
  auto refused = queue.refused.begin();
  while (fresh != queue.fresh.end() || refused != queue.refused.end()) {
    const bool is_fresh =
        refused == queue.refused.end() || (fresh != queue.fresh.end() && *fresh < *refused);
    const CallId id = is_fresh ? *fresh++ : *refused++;
    if (const auto offer = offer_for(state, queue, first, state.at(id), now)) return offer;
  }
  return std::nullopt;
}

}  // namespace

std::optional<OfferCall> next_offer(const State& state, Instant now) {
  std::optional<OfferCall> best;
  std::uint32_t best_priority = 0;
  for (const core::QueueKey key : state.matchable_queues()) {
    const std::uint32_t priority = state.directory().queues[key.queue].priority;
    if (best && priority < best_priority) continue;
    const auto offer = offer_in(state, key, now);
    if (!offer) continue;
    if (best && priority == best_priority && best->call < offer->call) continue;
    best = offer;
    best_priority = priority;
  }
  return best;
}

}  // namespace cord::routing
