// POST /v1/interactions and DELETE /v1/interactions/ID: chats and e-mails from other systems
// (docs/protocol.md, section 10). A request is answered when the engine has journaled it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "core/client.hpp"
#include "front/rate_limit.hpp"
#include "net/web_server.hpp"
#include "runtime/engine_port.hpp"

namespace cord::front {

struct TaskDeskConfig {
  std::string token = {};                  ///< of those who submit; empty: nobody may
  std::uint32_t requests_per_second = 50;  ///< of all of them; beyond it 429
  std::uint32_t requests_burst = 200;
  std::size_t pending_max = 256;  ///< requests that the engine has not answered; beyond it 503
};

class TaskDesk {
 public:
  struct Surroundings {
    runtime::EnginePort& engine;
    std::atomic<std::uint64_t>& last_request;
    core::ConnectionId own;  ///< no client's: replies to it are this desk's
    std::function<Instant()> now;
    Metrics& metrics;
  };

  TaskDesk(TaskDeskConfig config, Surroundings given);

  /// True if the request is of this desk: it is then answered through `respond`, now or later. From
  /// many threads.
  [[nodiscard]] bool take(const net::HttpRequest& request, const net::HttpResponder& respond);

  /// The engine's answer. One call at a time.
  void deliver(const core::Reply& reply);

 private:
  struct Pending {
    net::HttpResponder respond;
    unsigned status;  ///< of a success
  };

  Result<void> admit();
  Result<void> submit(const net::HttpRequest& request, const net::HttpResponder& respond);
  Result<void> hand_over(core::RequestId id, core::Input&& input, Pending&& pending);

  const TaskDeskConfig config_;
  const Surroundings given_;
  std::mutex mutex_;
  TokenBucket bucket_;
  std::unordered_map<core::RequestId, Pending> pending_;
  Gauge& pending_used_;
  Counter& accepted_;
  Counter& unauthorized_;
  Counter& refused_;
};

}  // namespace cord::front
