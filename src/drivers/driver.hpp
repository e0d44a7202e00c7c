// The interface of every telephony platform below the core. Orders return at once; facts come back
// later as core::Report values through the sink given at construction. Everything happens on the
// engine's thread.
#pragma once

#include <functional>
#include <optional>

#include "base/instant.hpp"
#include "core/directory.hpp"
#include "core/effects.hpp"
#include "core/reports.hpp"

namespace cord::drivers {

/// Takes a report. Must not call back into the driver: the engine queues it.
using ReportSink = std::function<void(core::Report)>;

class TelephonyDriver {
 public:
  virtual ~TelephonyDriver() = default;

  [[nodiscard]] virtual core::Capabilities capabilities() const = 0;

  /// Carries out one order. Each has exactly one terminal report, named in core/effects.hpp; an
  /// order for an unknown leg or recording is a no-op, except that ReleaseLeg still reports.
  virtual void execute(const core::Effect& order, Instant now) = 0;

  /// Runs what is due. To be called no later than next_due() says.
  virtual void on_timer(Instant now) = 0;
  [[nodiscard]] virtual std::optional<Instant> next_due() const = 0;

  /// No new calls from now on; living ones may end by themselves.
  virtual void drain(Instant now) = 0;

  /// True if the process may end without anybody noticing: every leg is released, and every far end
  /// has confirmed it.
  [[nodiscard]] virtual bool is_quiet() const = 0;
};

}  // namespace cord::drivers
