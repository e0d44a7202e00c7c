// The log: one line per fact on stderr, as text or as JSON, written by a thread of its own so that
// a slow terminal never holds up a call.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "config.hpp"

namespace cord::app {

struct LogLimits {
  std::size_t lines_per_event_max = 100;      ///< in one period; errors too
  Duration period = std::chrono::seconds(1);  ///< what was left out is told when it is over
  std::size_t events_max = 1'024;             ///< kinds of event; later ones share one allowance
  std::size_t queued_lines_max = 8'192;       ///< not written yet; beyond it the oldest is lost
};

/// Lines look like
///   2026-11-22T15:04:05.678Z warn  request.timed_out request=7 waited_ms=10000
///   {"time":"...","level":"warn","event":"request.timed_out","request":7,"waited_ms":10000}
/// An event that came too often has the field `suppressed` on its next line: how many were left
/// out.
class StderrLog final : public Log {
 public:
  /// `metrics` must outlive it.
  StderrLog(const LogConfig& config, Metrics& metrics, LogLimits limits = {});
  /// Everything accepted is written when it returns.
  ~StderrLog() override;

  void write(LogLevel level, std::string_view event, LogFields fields) override;

  /// What is below it is not written, from now on. From any thread.
  void set_level(LogLevel level);
  [[nodiscard]] LogLevel level() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::app
