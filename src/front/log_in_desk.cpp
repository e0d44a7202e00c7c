#include "front/log_in_desk.hpp"

#include <utility>

#include <pthread.h>

namespace cord::front {
namespace {

constexpr std::string_view metric_name = "cord_front_log_ins_total";
constexpr std::string_view metric_help = "Passwords presented, by outcome";

}  // namespace

LogInDesk::LogInDesk(const FrontConfig& config, std::function<Instant()> now, Metrics& metrics,
                     Log& log)
    : book_(config.agents),
      now_(std::move(now)),
      log_(log),
      accepted_(metrics.counter(metric_name, metric_help, "accepted")),
      wrong_(metrics.counter(metric_name, metric_help, "wrong")),
      throttled_(metrics.counter(metric_name, metric_help, "throttled")),
      throttle_(config.throttle),
      attempts_max_(config.log_in_queue_max) {
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
    lock.unlock();
    attempt.done(check(attempt));
    lock.lock();
  }
}

Result<core::AgentIndex> LogInDesk::check(const LogInAttempt& attempt) {
  {
    const std::lock_guard lock(throttle_mutex_);
    if (throttle_.is_throttled(attempt.agent, attempt.ip, now_())) {
      throttled_.add();
      return refuse(Errc::authentication_throttled, "front.log_in");
    }
  }
  if (const auto agent = book_.verify(attempt.agent, attempt.password)) {
    accepted_.add();
    return *agent;
  }
  wrong_.add();
  log_.warn("log_in.refused", {{"ip", net::ip_to_string(attempt.ip)}});
  const std::lock_guard lock(throttle_mutex_);
  throttle_.add_failure(attempt.agent, attempt.ip, now_());
  return refuse(Errc::authentication_failed, "front.log_in");
}

}  // namespace cord::front
