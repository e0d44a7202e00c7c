// What must be true of queues: who is listed where, who rings, and that nobody waits in vain.
#pragma once

#include <string>
#include <vector>

#include "core/state.hpp"

namespace cord::test {

/// What is wrong, in words; empty is good. Part of broken_invariants().
[[nodiscard]] std::vector<std::string> broken_queues(const core::State& state);

/// As above, of a state in which all offers have been made that can be: nobody waits while somebody
/// is free who serves the queue and does not rest after a refusal at `now`. Looks at every
/// pair: it knows nothing of how routing finds them.
[[nodiscard]] std::vector<std::string> starving_calls(const core::State& state, Instant now);

}  // namespace cord::test
