#include "routing/longest_idle.hpp"

namespace cord::routing {

namespace {

using core::Call;
using core::CallId;
using core::ChannelId;
using core::OfferCall;
using core::QueueTable;
using core::State;

// The longest idle channel that has not just refused the call. Looks at no more channels than the
// call has refusals, and one.
std::optional<OfferCall> offer_for(const State& state, const QueueTable& queue, CallId id,
                                   Instant now) {
  const Call& call = state.at(id);
  for (const core::ReadyKey& ready : queue.ready) {
    if (!State::is_resting(call, state.at(ready.channel).agent, now)) {
      return OfferCall{id, ready.channel};
    }
  }
  return std::nullopt;
}

std::optional<OfferCall> offer_in(const State& state, const QueueTable& queue, Instant now) {
  const bool has_fresh = !queue.fresh.empty();
  for (const CallId id : queue.refused) {
    if (has_fresh && *queue.fresh.begin() < id) break;
    if (const auto offer = offer_for(state, queue, id, now)) return offer;
  }
  if (!has_fresh) return std::nullopt;
  return OfferCall{*queue.fresh.begin(), queue.ready.begin()->channel};
}

}  // namespace

std::optional<OfferCall> next_offer(const State& state, Instant now) {
  std::optional<OfferCall> best;
  for (const core::QueueKey key : state.matchable_queues()) {
    const auto offer = offer_in(state, state.queue(key), now);
    if (offer && (!best || offer->call < best->call)) best = offer;
  }
  return best;
}

}  // namespace cord::routing
