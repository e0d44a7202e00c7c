// Tells the engine of connections that are gone, however full its queue is: an agent without a
// desktop would otherwise be offered calls for ever.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "core/ids.hpp"
#include "runtime/engine_port.hpp"

namespace cord::front {

class LostConnections {
 public:
  /// `engine` must outlive this or stop().
  explicit LostConnections(runtime::EnginePort& engine);
  /// As stop().
  ~LostConnections();
  LostConnections(const LostConnections&) = delete;
  LostConnections& operator=(const LostConnections&) = delete;

  /// Submits ConnectionLost, now or as soon as the engine takes it; exactly once. From any thread.
  /// To be called only for connections the engine has heard of, which bounds what waits here.
  void add(core::ConnectionId connection);

  /// Tries once more what still waits, and gives it up. Idempotent.
  void stop();

 private:
  void run();
  void try_all();

  runtime::EnginePort& engine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<core::ConnectionId> waiting_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace cord::front
