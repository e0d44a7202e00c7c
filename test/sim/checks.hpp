// What must be true of a world after each step, and when it has ended.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "core/effects.hpp"
#include "sim/desktop.hpp"
#include "sim/network.hpp"
#include "sim/process.hpp"

namespace cord::sim {

class Checks {
 public:
  Checks(const WorldOptions& options, const core::Directory& directory)
      : options_(options), directory_(directory) {}

  using Desktops = std::span<const std::unique_ptr<Desktop>>;

  // Each throws Violation.

  /// Cheap: after each step.
  void after_step(const Process& process, const Network& network, Instant now);
  /// Looks at everything.
  void thoroughly(const Process& process, const Network& network, Desktops desktops, Instant now);
  /// Nobody is there any more, and nothing is left of anybody.
  void at_end(Process& process, const Network& network, Desktops desktops);
  /// A process has gone on with what another left.
  void after_restart(const Process& process, Instant now) const;
  /// The server has shut down.
  static void after_shut_down(const Process& process);
  /// What the next process finds on the disk must be a state that can be.
  void after_death(const Disk& disk);

  void note_order(const core::Effect& order);
  void process_started();
  /// Until then replies may be late, because the disk was.
  void excuse_delays_until(Instant until) { delays_excused_until_ = until; }

 private:
  void check_recorders(const Process& process) const;
  void check_legs(const Process& process) const;
  void check_listeners(const Process& process) const;
  void check_offers(const Process& process, Instant now) const;
  void check_delays(const Network& network, Instant now) const;
  void check_models(const Process& process, const Network& network, Desktops desktops) const;

  const WorldOptions& options_;
  const core::Directory& directory_;
  Instant delays_excused_until_{};
  std::set<core::RecordingId> stop_ordered_;
  std::set<core::LegId> release_ordered_;
};

}  // namespace cord::sim
