// How near the engine and the state are to each of their bounds (docs/operations.md, "Bounds").
#pragma once

#include <cstddef>

#include "base/metrics.hpp"
#include "core/state.hpp"
#include "runtime/engine_options.hpp"
#include "runtime/request_memory.hpp"

namespace cord::runtime {

class BoundMetrics {
 public:
  BoundMetrics(Metrics& metrics, const core::Directory& directory, const EngineOptions& options);

  /// To be called after `event` was applied: what it has made longer.
  void note(const core::State& state, const core::Event& event) const;

  /// Lengths that the engine knows and the state does not.
  struct Lengths {
    std::size_t held_messages = 0;
    std::size_t waiting_commands = 0;  ///< the most for one interaction so far
    std::size_t session_events = 0;    ///< the most of one session so far
    RequestMemory::Peaks answers = {};
  };
  void publish(const core::State& state, const Lengths& lengths) const;

 private:
  void note_refusals(const core::Call* call) const;

  Gauge& sessions_;
  Gauge& channels_;
  Gauge& groups_;
  Gauge& calls_;
  Gauge& tasks_;
  Gauge& task_keys_;
  Gauge& monitors_;
  Gauge& media_offers_;
  Gauge& conference_legs_;
  Gauge& call_data_bytes_;
  Gauge& refusals_;
  Gauge& waiting_;
  Gauge& waiting_max_;
  Gauge& held_messages_;
  Gauge& waiting_commands_;
  Gauge& session_events_;
  Gauge& answers_;
  Gauge& answer_bytes_;
  Gauge& askers_;
};

}  // namespace cord::runtime
