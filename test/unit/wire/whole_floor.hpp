// An update of the floor in which nothing is left out.
#pragma once

#include <chrono>

#include "core/floor.hpp"

namespace cord::wire {

/// 2026-11-22T15:00:00Z.
inline constexpr Instant three_o_clock{std::chrono::seconds(1'795'359'600)};

inline core::FloorUpdate whole_floor() {
  using namespace core;
  using std::chrono::seconds;
  FloorAgent alice{"alice", "Alice", "1001", FloorSession::detached, three_o_clock + seconds(7)};
  alice.queues = {"support", "sales"};
  alice.channel = FloorChannel{ChannelState::active, AgentState::busy, "lunch", "Lunch break",
                               AgentState::not_ready};
  alice.monitored_by = {"bob"};
  alice.work = {{MediaType::telephony, Direction::inbound, InteractionState::started,
                 three_o_clock + seconds(3), "555", "support", true, true}};
  FloorQueue support{{"support", seconds(20), {}}};
  QueueFigures& calls = support.row.media[0];
  calls = {2, three_o_clock, 1, 3, 4, {10, 12, 5, 2, 1, 0}, {4, 6}};
  support.quarters[0] = {{three_o_clock, 10, 5, 2}};
  for (std::size_t type = 1; type < media_type_count; ++type) {
    support.row.media[type].oldest = three_o_clock;
    support.quarters[type] = {{three_o_clock}};
  }
  return {true, {alice}, {support}};
}

}  // namespace cord::wire
