// What is true of every State, whatever happened: no waiting state without an owner and a running
// deadline, no two things with one leg, one call, one agent. Used after each step of the property
// tests and the simulations.
#pragma once

#include <string>
#include <vector>

#include "core/state.hpp"

namespace cord::test {

/// What is broken in `state`, one sentence each. Every deadline taken must have been decided.
[[nodiscard]] std::vector<std::string> broken_invariants(const core::State& state);

/// What is broken in `state` when a restart has been decided at `now`: beyond the above, whatever
/// needs what died with the process. A new kind of state that waits for the platform, or holds
/// something of it, is caught here until core::steps_after_restart ends it.
[[nodiscard]] std::vector<std::string> broken_after_restart(const core::State& state, Instant now);

}  // namespace cord::test
