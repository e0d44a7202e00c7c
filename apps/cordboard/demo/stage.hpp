// `cordboard demo`: a server on this machine whose desktop a person opens in a browser, with
// customers who keep calling. Nothing of it is there for anybody but this machine.
#pragma once

namespace cord::app {

/// Runs until SIGINT or SIGTERM; a browser is opened if there is a screen. Returns the exit status:
/// 0, or 2 if it could not start.
[[nodiscard]] int run_stage();

}  // namespace cord::app
