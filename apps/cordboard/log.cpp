#include "log.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/log_level_names.hpp"
#include "base/utc_text.hpp"
#include "base/utf8.hpp"

namespace cord::app {
namespace {

using Clock = std::chrono::steady_clock;

std::string timestamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return utc_text(Instant(std::chrono::duration_cast<Duration>(now)));
}

std::string json_string(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(valid_utf8(text)));
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

void append_field(std::string& out, const LogField& field, LogConfig::Format format) {
  const bool is_json = format == LogConfig::Format::json;
  if (is_json) {
    out += ',';
    out += json_string(field.key);
    out += ':';
  } else {
    out += ' ';
    out += field.key;
    out += '=';
  }
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*number);
    return;
  }
  const auto& text = std::get<std::string>(field.value);
  out += is_json || !is_plain(text) ? json_string(text) : text;
}

std::string head_of(LogLevel level, std::string_view event, LogConfig::Format format) {
  if (format == LogConfig::Format::text) {
    return fmt::format("{} {:<5} {}", timestamp(), name_of(level), event);
  }
  return fmt::format(R"({{"time":"{}","level":"{}","event":{})", timestamp(), name_of(level),
                     json_string(event));
}

/// How often each event was written of late.
class Allowances {
 public:
  Allowances(const LogLimits& limits, Metrics& metrics)
      : limits_(limits),
        lines_used_(metrics.bound("log.lines_per_event_max", limits.lines_per_event_max)),
        events_used_(metrics.bound("log.events_max", limits.events_max)) {}

  struct Verdict {
    bool is_allowed;
    std::uint64_t suppressed;  ///< before this one, not told yet
  };

  Verdict ask(std::string_view event, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    auto& it = of(event);
    if (now - it.since >= limits_.period) it = {now, 0, it.suppressed};
    if (it.written == limits_.lines_per_event_max) {
      ++it.suppressed;
      return {false, 0};
    }
    lines_used_.raise(static_cast<std::int64_t>(++it.written));
    return {true, std::exchange(it.suppressed, 0)};
  }

  /// What was left out and never told: event and number.
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> untold() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::uint64_t, std::less<>> found;
    for (const auto& [event, it] : events_) {
      if (it.suppressed != 0) found[event] = it.suppressed;
    }
    return found;
  }

 private:
  struct Allowance {
    Clock::time_point since{};
    std::size_t written = 0;
    std::uint64_t suppressed = 0;
  };

  Allowance& of(std::string_view event) {
    if (const auto found = events_.find(event); found != events_.end()) return found->second;
    const bool is_full = events_.size() >= limits_.events_max;
    Allowance& added = events_[is_full ? std::string("log.other") : std::string(event)];
    events_used_.set(static_cast<std::int64_t>(events_.size()));
    return added;
  }

  const LogLimits limits_;
  Gauge& lines_used_;
  Gauge& events_used_;
  mutable std::mutex mutex_;
  std::map<std::string, Allowance, std::less<>> events_;
};

}  // namespace

struct StderrLog::Impl {
  Impl(const LogConfig& from, Metrics& metrics, const LogLimits& limits)
      : config(from),
        level(from.level),
        queued_used(metrics.bound("log.queued_lines_max", limits.queued_lines_max)),
        allowances(limits, metrics),
        pool(std::make_shared<spdlog::details::thread_pool>(
            limits.queued_lines_max, 1, [] { pthread_setname_np(pthread_self(), "cord-log"); })),
        logger(std::make_shared<spdlog::async_logger>(
            "cordboard", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
            spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_pattern("%v");
  }

  void write(LogLevel of, std::string_view event, LogFields fields, std::uint64_t suppressed) {
    std::string line = head_of(of, event, config.format);
    for (const auto& field : fields) append_field(line, field, config.format);
    if (suppressed != 0) append_field(line, {"suppressed", suppressed}, config.format);
    if (config.format == LogConfig::Format::json) line += '}';
    logger->log(spdlog::level::critical, spdlog::string_view_t(line));
    queued_used.raise(static_cast<std::int64_t>(pool->queue_size()));
  }

  const LogConfig config;
  std::atomic<LogLevel> level;
  Gauge& queued_used;
  Allowances allowances;
  std::shared_ptr<spdlog::details::thread_pool> pool;  ///< outlives the logger's last line
  std::shared_ptr<spdlog::async_logger> logger;
};

StderrLog::StderrLog(const LogConfig& config, Metrics& metrics, LogLimits limits)
    : impl_(std::make_unique<Impl>(config, metrics, limits)) {}

StderrLog::~StderrLog() {
  for (const auto& [event, count] : impl_->allowances.untold()) {
    impl_->write(LogLevel::warn, "log.suppressed", {{"of", event}}, count);
  }
  if (const auto lost = impl_->pool->overrun_counter(); lost != 0) {
    impl_->write(LogLevel::warn, "log.overrun", {{"lost", lost}}, 0);
  }
}

void StderrLog::write(LogLevel level, std::string_view event, LogFields fields) {
  if (level < impl_->level.load(std::memory_order_relaxed)) return;
  const auto [is_allowed, suppressed] = impl_->allowances.ask(event, Clock::now());
  if (is_allowed) impl_->write(level, event, fields, suppressed);
}

void StderrLog::set_level(LogLevel level) {
  impl_->level.store(level, std::memory_order_relaxed);
}

LogLevel StderrLog::level() const {
  return impl_->level.load(std::memory_order_relaxed);
}

}  // namespace cord::app
