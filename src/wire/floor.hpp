// How agents and queues are, for supervisors and wall boards: floor.updated and GET /v1/queues
// (docs/protocol.md, sections 4, 7 and 10).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "core/floor.hpp"

namespace cord::wire {

inline constexpr std::string_view floor_event_name = "floor.updated";

/// The body of GET /v1/queues. How long somebody waits is as of `now`, here and below.
[[nodiscard]] std::string print_queues(const std::vector<core::QueueRow>& rows, Instant now);

/// The `data` of floor.updated.
[[nodiscard]] std::string print_floor(const core::FloorUpdate& update, Instant now);

/// The event around `data`, to the session of that name. It has no seq.
[[nodiscard]] std::string print_floor_event(std::string_view session_name, std::string_view data,
                                            Instant now);

}  // namespace cord::wire
