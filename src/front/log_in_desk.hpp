// Where passwords and log-in tokens are checked: on a few threads of its own, because a password
// takes a tenth of a second.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
#include "front/token.hpp"

namespace cord::front {

struct LogInAttempt {
  std::string agent;
  std::string password;
  std::uint32_t ip = 0;  ///< IPv4 address of the client
  /// Called once, on one of the desk's threads, unless stop() comes first. Errors:
  /// authentication_failed, authentication_throttled.
  std::function<void(Result<core::AgentIndex>)> done;
  std::optional<std::string> token = {};  ///< instead of agent and password
};

class LogInDesk {
 public:
  /// `now` is called on the desk's threads.
  LogInDesk(const FrontConfig& config, std::function<Instant()> now, Metrics& metrics, Log& log);
  /// As stop().
  ~LogInDesk();
  LogInDesk(const LogInDesk&) = delete;
  LogInDesk& operator=(const LogInDesk&) = delete;

  /// Tokens are checked with these keys from now on. From any thread. Without keys every token is
  /// refused.
  void use_keys(TokenKeys&& keys);

  /// Queues an attempt, from any thread. False, and the attempt untouched, if too many wait.
  [[nodiscard]] bool submit(LogInAttempt&& attempt);

  /// Ends the threads after the attempt each is at. Idempotent.
  void stop();

 private:
  void run();
  Result<core::AgentIndex> check_password(const LogInAttempt& attempt);
  Result<core::AgentIndex> check_token(const LogInAttempt& attempt);
  Result<core::AgentIndex> refuse_token(const RefusedToken& refused, std::uint32_t ip);
  Result<core::AgentIndex> refuse_throttled();
  std::shared_ptr<const TokenKeys> keys();

  PasswordBook book_;
  TokenConfig token_;
  std::function<Instant()> now_;
  Log& log_;
  Counter& accepted_;
  Counter& wrong_;
  Counter& throttled_;
  Gauge& queue_used_;
  Gauge& entries_used_;
  std::array<Counter*, token_fault_names.size()> token_faults_{};
  std::mutex keys_mutex_;
  std::shared_ptr<const TokenKeys> keys_;
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
