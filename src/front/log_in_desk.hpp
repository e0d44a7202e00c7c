// Where passwords are checked: on a few threads of its own, because one check takes a tenth of a
// second.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "core/ids.hpp"
#include "front/config.hpp"
#include "front/passwords.hpp"
#include "front/throttle.hpp"

namespace cord::front {

struct LogInAttempt {
  std::string agent;
  std::string password;
  std::uint32_t ip = 0;  ///< IPv4 address of the client
  /// Called once, on one of the desk's threads, unless stop() comes first. Errors:
  /// authentication_failed, authentication_throttled.
  std::function<void(Result<core::AgentIndex>)> done;
};

class LogInDesk {
 public:
  /// `now` is called on the desk's threads.
  LogInDesk(const FrontConfig& config, std::function<Instant()> now, Metrics& metrics, Log& log);
  /// As stop().
  ~LogInDesk();
  LogInDesk(const LogInDesk&) = delete;
  LogInDesk& operator=(const LogInDesk&) = delete;

  /// Queues an attempt, from any thread. False, and the attempt untouched, if too many wait.
  [[nodiscard]] bool submit(LogInAttempt&& attempt);

  /// Ends the threads after the attempt each is at. Idempotent.
  void stop();

 private:
  void run();
  Result<core::AgentIndex> check(const LogInAttempt& attempt);

  PasswordBook book_;
  std::function<Instant()> now_;
  Log& log_;
  Counter& accepted_;
  Counter& wrong_;
  Counter& throttled_;
  std::mutex throttle_mutex_;
  LogInThrottle throttle_;
  std::size_t attempts_max_;
  std::mutex queue_mutex_;
  std::condition_variable ready_;
  std::deque<LogInAttempt> queue_;
  bool is_stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cord::front
