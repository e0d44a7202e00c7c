// What the engine counts. Names and labels: docs/operations.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/metrics.hpp"
#include "core/decide.hpp"

namespace cord::runtime {

class EngineMetrics {
 public:
  explicit EngineMetrics(Metrics& metrics);

  void count_decision(const core::Input& input);
  void count_reply(const core::Reply& reply);
  void count_repeated() { repeated_.add(); }
  void count_snapshot(std::size_t bytes);

  /// Lengths that the engine knows and the state does not.
  struct Lengths {
    std::size_t held_messages = 0;
    std::size_t kept_events = 0;
    std::size_t kept_event_bytes = 0;
    std::size_t kept_answers = 0;
    std::size_t waiting_commands = 0;
    std::uint64_t journal_lag_records = 0;
  };
  void publish(const core::State& state, const Lengths& lengths) const;

 private:
  void count_deadline(core::DeadlineKind kind);

  static constexpr std::size_t inputs_count = std::variant_size_v<core::Input>;
  static constexpr std::size_t outcomes_count = static_cast<std::size_t>(Errc::internal_error) + 1;

  Metrics& metrics_;
  std::array<Counter*, inputs_count> inputs_{};
  std::array<Counter*, outcomes_count> replies_{};
  Gauge& sessions_;
  Gauge& interactions_;
  Gauge& calls_;
  Gauge& calls_waiting_;
  Gauge& tasks_;
  Gauge& tasks_waiting_;
  Counter& repeated_;
  Gauge& held_messages_;
  Gauge& kept_events_;
  Gauge& kept_event_bytes_;
  Gauge& kept_answers_;
  Gauge& waiting_commands_;
  Gauge& journal_lag_;
  Counter& snapshots_;
  Gauge& snapshot_bytes_;
};

}  // namespace cord::runtime
