// `cordboard replay`: what a flight recording leads to (docs/flight-recorder.md).
#pragma once

#include <string>

namespace cord::app {

/// Decides all of FILE again and prints what came of it, with `prints_state` the state at its end
/// too. Exit status: 0 if every recorded state was reached; 1 if one was not, or the file is
/// damaged; 2 if it cannot be read.
int run_replay(const std::string& file, bool prints_state);

}  // namespace cord::app
