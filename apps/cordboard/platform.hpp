// The telephony below the engine, as `[platform]` names it: its driver and all that the driver
// needs, made before the engine's thread starts and ended before that thread ends.
#pragma once

#include <memory>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "config.hpp"
#include "drivers/driver.hpp"
#include "net/io_threads.hpp"
#include "runtime/clock.hpp"
#include "runtime/engine_thread.hpp"
#include "sip/flow.hpp"

namespace cord::app {

class Platform {
 public:
  virtual ~Platform() = default;
  [[nodiscard]] virtual drivers::TelephonyDriver& driver() = 0;
  /// Where it can be called; none if nothing listens.
  [[nodiscard]] virtual const std::vector<sip::Listener>& listeners() const = 0;
  /// Calls may come from now on. The engine's thread runs.
  virtual void start() = 0;
  /// Reads certificates again. Errors: io_failed; then the old ones stay in use.
  [[nodiscard]] virtual Result<void> reload() = 0;
  /// None comes any more, and every thread but the engine's is done with it. Idempotent.
  virtual void stop() = 0;
};

/// What a platform works with; all of it must outlive the platform.
struct PlatformSurroundings {
  net::IoThreads& io;
  runtime::EngineThread& engine;
  const runtime::Clock& clock;
  Log& log;
  Metrics& metrics;
};

/// Binds the ports and starts the threads of the platform that the configuration asks for. Errors:
/// whatever a room says, naming the port or the directory that it cannot have.
[[nodiscard]] Result<std::unique_ptr<Platform>> make_platform(
    const Config& config, const PlatformSurroundings& surroundings);

}  // namespace cord::app
