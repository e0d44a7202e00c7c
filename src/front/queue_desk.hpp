// GET /v1/queues: how the queues are now, for wall boards (docs/protocol.md, section 10).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "core/queue_figures.hpp"
#include "net/web_server.hpp"

namespace cord::front {

/// `[wallboard]`.
struct QueueDeskConfig {
  std::string token = {};  ///< of those who may look; empty: nobody may
};

class QueueDesk {
 public:
  struct Surroundings {
    std::function<Instant()> now;
    std::function<std::vector<core::QueueRow>()> rows;  ///< absent: there are no queues
    Metrics& metrics;
  };

  QueueDesk(QueueDeskConfig config, Surroundings given);

  /// True if the request is of this desk: it has then been answered. From many threads.
  [[nodiscard]] bool take(const net::HttpRequest& request, const net::HttpResponder& respond);

 private:
  const QueueDeskConfig config_;
  const Surroundings given_;
  Counter& answered_;
  Counter& unauthorized_;
};

}  // namespace cord::front
