// `cordboard demo --check`: a server, a caller and an agent's phone that speak real SIP and RTP
// over loopback sockets, and a desktop on a real WebSocket, go through one whole call; what each of
// them says and hears is shown and checked.
#pragma once

namespace cord::app {

/// Returns the exit status: 0 only if everything the transcript claims was checked and held.
/// Recordings are kept in a temporary directory, whose path is printed.
[[nodiscard]] int run_demo();

}  // namespace cord::app
