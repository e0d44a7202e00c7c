// The simulated platform as a product's driver, for training and load tests: SimDriver, and callers
// who come by themselves, talk for a while and hang up. Deterministic, as SimDriver is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "drivers/sim/sim_driver.hpp"

namespace cord::drivers::sim {

/// What callers do.
struct SimTraffic {
  std::vector<std::string> numbers = {};  ///< whom they call, each as often; none: nobody calls
  std::uint32_t calls_per_minute = 0;     ///< in the mean; 0: nobody calls; at most 60,000
  Span patience = {};                     ///< from calling until a caller who waits hangs up
  Span talk = {};  ///< from being connected for the first time until the far end hangs up
};

/// Where the driver is used, and since when.
struct SimSurroundings {
  ReportSink sink;
  Metrics& metrics;
  Instant now;  ///< the first call comes after it
};

class SimPlatform final : public TelephonyDriver {
 public:
  SimPlatform(const SimOptions& options, SimTraffic traffic, std::uint64_t seed,
              SimSurroundings surroundings);

  [[nodiscard]] core::Capabilities capabilities() const override;
  void execute(const core::Effect& order, Instant now) override;
  void on_timer(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_due() const override;
  /// Nobody calls any more.
  void drain(Instant now) override;
  [[nodiscard]] bool is_quiet() const override;

 private:
  void note(const core::Report& report);
  void call(Instant now);
  [[nodiscard]] Duration draw(const Span& span);
  [[nodiscard]] Duration next_gap();

  const SimTraffic traffic_;
  const ReportSink sink_;
  Counter& arrived_;
  Counter& refused_;
  Gauge& legs_used_;
  Gauge& recordings_used_;
  Prng prng_;
  Instant now_;  ///< of the call by the engine that is at work, for what it reports
  std::optional<Instant> next_call_;
  struct FarEnd {
    bool is_talking = false;
    TimerHandle hang_up = {};
  };
  TimerWheel<core::LegId> hang_ups_;
  std::unordered_map<core::LegId, FarEnd> far_ends_;  ///< at most SimOptions::legs_max
  SimDriver driver_;
};

}  // namespace cord::drivers::sim
