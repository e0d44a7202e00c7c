// What has happened: GET /v1/interactions for other systems (docs/protocol.md, section 10), and
// session.request.history for the agent who did it (section 4).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "front/history_thread.hpp"
#include "net/web_server.hpp"
#include "wire/request.hpp"

namespace cord::front {

struct HistoryDeskConfig {
  std::filesystem::path file = {};               ///< empty: there is no history
  std::string token = {};                        ///< of those who may read it; empty: nobody may
  std::size_t waiting_max = 32;                  ///< requests; beyond it 503
  Duration query_max = std::chrono::seconds(2);  ///< one that takes longer is given up
  std::size_t agents_waiting_max = 1'000;        ///< requests of agents; beyond it not.accepting
  Duration agents_patience = std::chrono::seconds(8);  ///< one that waits longer: timeout
};

class HistoryDesk {
 public:
  HistoryDesk(HistoryDeskConfig config, Log& log, Metrics& metrics);

  /// True if the request is of this desk: it is then answered through `respond`, now or later. From
  /// many threads.
  [[nodiscard]] bool take(const net::HttpRequest& request, const net::HttpResponder& respond);

  /// Ends the thread after the request it is at. Idempotent.
  void stop();

 private:
  Result<void> submit(const net::HttpRequest& request, const net::HttpResponder& respond);

  const HistoryDeskConfig config_;
  Counter& answered_;
  Counter& unauthorized_;
  Counter& refused_;
  Counter& failed_;
  HistoryThread thread_;
};

/// For agents: what they did themselves. Another thread, so that neither waits for the other's
/// pages.
class OwnHistoryDesk {
 public:
  /// The members that the success adds, as a JSON object.
  using Answer = std::function<void(Result<std::string>)>;

  OwnHistoryDesk(const HistoryDeskConfig& config, Log& log, Metrics& metrics);

  /// Answered once, at once or on the desk's thread, unless stop() comes first. From many threads.
  /// Errors: invalid_request, not_accepting, timeout.
  void read(const std::string& agent, const wire::ReadHistory& which, const Answer& answer);

  /// Ends the thread after the request it is at. Idempotent.
  void stop();

 private:
  const Duration patience_;
  Counter& answered_;
  Counter& refused_;
  Counter& failed_;
  HistoryThread thread_;
};

}  // namespace cord::front
