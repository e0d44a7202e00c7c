#include "front/log_in_desk.hpp"

#include <utility>

#include <pthread.h>

namespace cord::front {
namespace {

constexpr std::string_view metric_name = "cord_front_log_ins_total";
constexpr std::string_view metric_help = "Passwords and tokens presented, by outcome";

}  // namespace

LogInDesk::LogInDesk(const FrontConfig& config, std::function<Instant()> now, Metrics& metrics,
                     Log& log)
    : book_(config.agents),
      token_(config.token),
      now_(std::move(now)),
      log_(log),
      accepted_(metrics.counter(metric_name, metric_help, "accepted")),
      wrong_(metrics.counter(metric_name, metric_help, "wrong")),
      throttled_(metrics.counter(metric_name, metric_help, "throttled")),
      queue_used_(metrics.bound("front.log_in_queue_max", config.log_in_queue_max)),
      entries_used_(metrics.bound("front.entries_max", config.throttle.entries_max)),
      keys_(std::make_shared<const TokenKeys>()),
      throttle_(config.throttle),
      attempts_max_(config.log_in_queue_max) {
  for (std::size_t i = 0; i < token_faults_.size(); ++i) {
    token_faults_[i] = &metrics.counter("cord_front_tokens_refused_total",
                                        "Log-in tokens refused, by what was wrong with them",
                                        token_fault_names[i]);
  }
  threads_.reserve(config.log_in_threads);
  for (std::size_t i = 0; i < config.log_in_threads; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

LogInDesk::~LogInDesk() {
  stop();
}

bool LogInDesk::submit(LogInAttempt&& attempt) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (is_stopped_ || queue_.size() >= attempts_max_) return false;
    queue_.push_back(std::move(attempt));
    queue_used_.set(static_cast<std::int64_t>(queue_.size()));
  }
  ready_.notify_one();
  return true;
}

void LogInDesk::stop() {
  {
    const std::lock_guard lock(queue_mutex_);
    is_stopped_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  // What nobody looks at any more may hold what holds this.
  queue_.clear();
}

void LogInDesk::run() {
  pthread_setname_np(pthread_self(), "cord-log-in");
  std::unique_lock lock(queue_mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return is_stopped_ || !queue_.empty(); });
    if (is_stopped_) return;
    const LogInAttempt attempt = std::move(queue_.front());
    queue_.pop_front();
    queue_used_.set(static_cast<std::int64_t>(queue_.size()));
    lock.unlock();
    attempt.done(attempt.token ? check_token(attempt) : check_password(attempt));
    lock.lock();
  }
}

void LogInDesk::use_keys(TokenKeys&& keys) {
  auto fresh = std::make_shared<const TokenKeys>(std::move(keys));
  const std::lock_guard lock(keys_mutex_);
  keys_ = std::move(fresh);
}

std::shared_ptr<const TokenKeys> LogInDesk::keys() {
  const std::lock_guard lock(keys_mutex_);
  return keys_;
}

Result<core::AgentIndex> LogInDesk::refuse_throttled() {
  throttled_.add();
  return refuse(Errc::authentication_throttled, "front.log_in");
}

Result<core::AgentIndex> LogInDesk::check_password(const LogInAttempt& attempt) {
  {
    const std::lock_guard lock(throttle_mutex_);
    if (throttle_.is_throttled(attempt.agent, attempt.ip, now_())) return refuse_throttled();
  }
  if (const auto agent = book_.verify(attempt.agent, attempt.password)) {
    accepted_.add();
    return *agent;
  }
  wrong_.add();
  log_.warn("log_in.refused", {{"ip", net::ip_to_string(attempt.ip)}});
  const std::lock_guard lock(throttle_mutex_);
  throttle_.add_failure(attempt.agent, attempt.ip, now_());
  entries_used_.set(static_cast<std::int64_t>(throttle_.entries_count()));
  return refuse(Errc::authentication_failed, "front.log_in");
}

Result<core::AgentIndex> LogInDesk::check_token(const LogInAttempt& attempt) {
  {
    const std::lock_guard lock(throttle_mutex_);
    if (throttle_.is_throttled(attempt.ip, now_())) return refuse_throttled();
  }
  const auto agent = front::check_token(*attempt.token, *keys(), token_, now_());
  if (!agent) return refuse_token(agent.error(), attempt.ip);
  const auto place = book_.find(*agent);
  if (!place) return refuse_token({TokenFault::agent, *agent}, attempt.ip);
  const std::lock_guard lock(throttle_mutex_);
  if (throttle_.is_throttled(*agent, attempt.ip, now_())) return refuse_throttled();
  accepted_.add();
  return *place;
}

Result<core::AgentIndex> LogInDesk::refuse_token(const RefusedToken& refused, std::uint32_t ip) {
  const auto fault = static_cast<std::size_t>(refused.fault);
  wrong_.add();
  token_faults_[fault]->add();
  log_.warn("log_in.refused", {{"ip", net::ip_to_string(ip)}, {"token", token_fault_names[fault]}});
  const std::lock_guard lock(throttle_mutex_);
  if (refused.agent.empty()) {
    throttle_.add_failure(ip, now_());
  } else {
    throttle_.add_failure(refused.agent, ip, now_());
  }
  entries_used_.set(static_cast<std::int64_t>(throttle_.entries_count()));
  return refuse(Errc::authentication_failed, "front.log_in");
}

}  // namespace cord::front
