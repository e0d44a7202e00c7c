// What an operator can set about client connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "front/desktop_files.hpp"
#include "front/history_desk.hpp"
#include "front/passwords.hpp"
#include "front/queue_desk.hpp"
#include "front/task_desk.hpp"
#include "front/throttle.hpp"
#include "front/token.hpp"
#include "net/web_server.hpp"

namespace cord::front {

/// The listener's options with the path and the subprotocol of docs/protocol.md, section 1.
[[nodiscard]] net::WebServerOptions agent_endpoint();

/// The operators' listener: plain or TLS, no WebSocket, requests with a short body.
[[nodiscard]] net::WebServerOptions operator_endpoint();

/// `[admin]`.
struct OperatorConfig {
  net::WebServerOptions web = operator_endpoint();
  bool insecure = false;   ///< plain text although `web.listen` is not loopback
  std::string token = {};  ///< needed beyond loopback; empty: none is asked for
};

struct FrontConfig {
  net::WebServerOptions web = agent_endpoint();
  bool insecure = false;           ///< plain text although `web.listen` is not loopback
  std::vector<Credential> agents;  ///< in the order of core::Directory::agents

  std::uint32_t requests_per_second = 50;  ///< of one connection; beyond it rate.limited
  std::uint32_t requests_burst = 200;
  std::size_t pending_max = 256;  ///< unanswered requests of one connection; beyond it rate.limited
  std::size_t malformed_max = 20;  ///< messages that are no JSON object; one more: close 1008
  Duration malformed_window = std::chrono::seconds(10);
  std::size_t unsent_max = 4'000;  ///< of one connection, engine to wire; beyond it close 4008

  std::size_t watchers_max = 64;  ///< connections that watch the floor; beyond it invalid.state
  Duration floor_interval = std::chrono::milliseconds(100);  ///< from one update to the next

  TokenConfig token;
  TaskDeskConfig tasks;
  HistoryDeskConfig history;
  QueueDeskConfig queues;
  DesktopConfig desktop;

  /// Given: the pages of operators are here, and no more on the agents' listener.
  std::optional<OperatorConfig> operators;
  ThrottleLimits throttle;
  std::size_t log_in_threads = 2;      ///< each needs 64 MiB while it checks a password
  std::size_t log_in_queue_max = 256;  ///< waiting for them; beyond it not.accepting

  /// Errors: malformed, naming the first bad field and what is allowed.
  [[nodiscard]] Result<void> validate() const;
};

}  // namespace cord::front
