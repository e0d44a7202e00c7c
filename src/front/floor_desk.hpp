// Tells supervisors' connections how the floor is: docs/protocol.md, section 4, "The floor".
// Private to this room.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "core/ids.hpp"
#include "runtime/floor_board.hpp"
#include "runtime/queue_board.hpp"

namespace cord::front {

/// Whoever watches. From any thread.
class FloorWatcher {
 public:
  virtual ~FloorWatcher() = default;
  /// The update before has not gone out yet: what has changed meanwhile is put into the next.
  [[nodiscard]] virtual bool is_behind() const = 0;
  /// `watch` is the number that add() was given.
  virtual void show(std::uint64_t watch, std::string text) = 0;
};

class FloorDesk {
 public:
  struct Surroundings {
    runtime::FloorBoard& floor;
    const runtime::QueueBoard& queues;
    std::function<Instant()> now;
    Metrics& metrics;
  };

  /// At most `watchers_max` may watch, and each is told at most once every `interval`.
  FloorDesk(std::size_t watchers_max, Duration interval, const Surroundings& given);
  /// As stop().
  ~FloorDesk();
  FloorDesk(const FloorDesk&) = delete;
  FloorDesk& operator=(const FloorDesk&) = delete;

  /// Begins with everything, also if the connection watches already. False: too many do.
  [[nodiscard]] bool add(core::ConnectionId connection, std::shared_ptr<FloorWatcher> watcher,
                         std::string session_name, std::uint64_t watch);
  /// It may be told of what was being put together. A no-op for who does not watch.
  void remove(core::ConnectionId connection);

  /// Nobody is told any more. Idempotent.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// What a watcher knows; zero: nothing.
  struct Known {
    std::uint64_t floor = 0;
    std::uint64_t queues = 0;
    friend bool operator==(const Known&, const Known&) = default;
  };
  struct Watch {
    std::shared_ptr<FloorWatcher> watcher;
    std::string session_name;
    std::uint64_t number = 0;
    Known known{};
    Time due{};
  };
  /// What one who knows `from` is to be told; `data` is empty if that is nothing.
  struct News {
    Known from;
    Known to;
    std::string data;
  };

  void run();
  [[nodiscard]] Time next_due() const;
  void tell_all(Time now);
  void tell(Watch& watch, std::vector<News>& made);
  [[nodiscard]] const News* news_for(const Known& from, std::vector<News>& made) const;

  const std::size_t watchers_max_;
  const std::chrono::steady_clock::duration interval_;
  const Surroundings given_;
  Gauge& used_;
  Counter& updates_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<core::ConnectionId, Watch> watches_;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace cord::front
