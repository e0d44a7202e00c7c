// Who gets the next call: within a queue the callers in the order in which they came, to the agent
// whom the queue's strategy chooses; of several queues the one with the highest priority first.
// docs/queues.md. Pure.
#pragma once

#include <optional>

#include "base/instant.hpp"
#include "core/decide.hpp"
#include "core/state.hpp"

namespace cord::routing {

/// The next offer to make, or none. Of the queues of the highest priority that have one to make,
/// that of the call that came first: the oldest call in its queue for which there is a ready
/// channel whose agent has not refused it within Limits::refusal_rest, and at whom it does not
/// ring. To be asked again after each decision made of its answer, until none: a call of a ring-all
/// queue is then at everybody. Cost: logarithmic in calls and agents; linear in calls that rest
/// after a refusal or ring, and in the refusals and offers of one call.
[[nodiscard]] std::optional<core::OfferCall> next_offer(const core::State& state, Instant now);

}  // namespace cord::routing
