// Who gets the next call: first come, first served, to the agent who has been idle longest. Pure.
#pragma once

#include <optional>

#include "base/instant.hpp"
#include "core/decide.hpp"
#include "core/state.hpp"

namespace cord::routing {

/// The next offer to make, or none. The oldest waiting call for which its queue has a ready channel
/// whose agent has not refused it within Limits::refusal_rest, on the channel that has been ready
/// longest; equal times by the lower channel id. To be asked again after each decision made of its
/// answer, until none. Cost: logarithmic in calls and agents; linear in calls that rest after a
/// refusal only.
[[nodiscard]] std::optional<core::OfferCall> next_offer(const core::State& state, Instant now);

}  // namespace cord::routing
