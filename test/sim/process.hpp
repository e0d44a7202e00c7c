// The server's process: what dies together, and is made anew by a restart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "drivers/sim/sim_driver.hpp"
#include "runtime/engine.hpp"
#include "sim/disk.hpp"
#include "sim/ledger.hpp"
#include "sim/options.hpp"

namespace cord::sim {

/// Remembers what must not be said: the engine logs an error only where it has a fault.
class ErrorLog final : public Log {
 public:
  void write(LogLevel level, std::string_view event, LogFields fields) override;
  [[nodiscard]] const std::string& first_error() const { return first_error_; }

 private:
  std::string first_error_;
};

/// The platform, and a note of what it was ordered.
class WatchedDriver final : public drivers::TelephonyDriver {
 public:
  using Observer = std::function<void(const core::Effect&)>;

  WatchedDriver(drivers::sim::SimDriver& platform, Observer observer)
      : platform_(platform), observer_(std::move(observer)) {}

  [[nodiscard]] core::Capabilities capabilities() const override {
    return platform_.capabilities();
  }
  void execute(const core::Effect& order, Instant now) override {
    observer_(order);
    platform_.execute(order, now);
  }
  void on_timer(Instant now) override { platform_.on_timer(now); }
  [[nodiscard]] std::optional<Instant> next_due() const override { return platform_.next_due(); }
  void drain(Instant now) override { platform_.drain(now); }
  [[nodiscard]] bool is_quiet() const override { return platform_.is_quiet(); }

 private:
  drivers::sim::SimDriver& platform_;
  const Observer observer_;
};

struct Process {
  struct Outside {
    const WorldOptions& options;
    const core::Directory& directory;
    Disk& disk;
    runtime::ClientSink& clients;
    WatchedDriver::Observer on_order;
    Instant now;
  };

  /// Goes on with what the disk has. `number` counts the starts: each has a platform of its own.
  Process(const Outside& outside, std::uint64_t number);

  ErrorLog log;
  Metrics metrics;
  runtime::ReportQueue reports;
  drivers::sim::SimDriver platform;
  WatchedDriver driver;
  Ledger ledger;
  SimJournal journal;
  runtime::Engine engine;

 private:
  void go_on(const Outside& outside);
};

}  // namespace cord::sim
