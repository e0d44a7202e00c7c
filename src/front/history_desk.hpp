// GET /v1/interactions: what has happened, for other systems (docs/protocol.md, section 10). Reads
// the history file on a thread of its own, so that nobody else waits for the disk.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "base/bounded_queue.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "history/reader.hpp"
#include "net/web_server.hpp"

namespace cord::front {

struct HistoryDeskConfig {
  std::filesystem::path file = {};               ///< empty: there is no history
  std::string token = {};                        ///< of those who may read it; empty: nobody may
  std::size_t waiting_max = 32;                  ///< requests; beyond it 503
  Duration query_max = std::chrono::seconds(2);  ///< one that takes longer is given up
};

class HistoryDesk {
 public:
  HistoryDesk(HistoryDeskConfig config, Log& log, Metrics& metrics);
  /// As stop().
  ~HistoryDesk();
  HistoryDesk(const HistoryDesk&) = delete;
  HistoryDesk& operator=(const HistoryDesk&) = delete;

  /// True if the request is of this desk: it is then answered through `respond`, now or later. From
  /// many threads.
  [[nodiscard]] bool take(const net::HttpRequest& request, const net::HttpResponder& respond);

  /// Ends the thread after the request it is at. Idempotent.
  void stop();

 private:
  struct Asked {
    history::Filter filter;
    net::HttpResponder respond;
  };

  Result<void> submit(const net::HttpRequest& request, const net::HttpResponder& respond);
  void run();
  [[nodiscard]] Result<history::Page> read(const history::Filter& filter);

  const HistoryDeskConfig config_;
  Log& log_;
  BoundedQueue<Asked> queue_;
  std::atomic<bool> stopping_{false};
  std::optional<history::Reader> reader_;  // Of the thread: opened when it is first asked.
  Gauge& waiting_used_;
  Counter& answered_;
  Counter& unauthorized_;
  Counter& refused_;
  Counter& failed_;
  std::thread thread_;
};

}  // namespace cord::front
