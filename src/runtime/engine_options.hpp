// What an engine is made with.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/request_memory.hpp"

namespace cord::runtime {

struct EngineOptions {
  std::size_t waiting_commands_max = 32;    ///< per interaction; one more is rate_limited
  std::size_t held_messages_max = 100'000;  ///< beyond it requests are answered not_accepting
  std::size_t session_events_max = 10'000;  ///< kept of each session for clients that come back
  /// Records from one snapshot to the next, at least. There is also the time for which a client may
  /// be away between them.
  std::uint64_t snapshot_records = 20'000;
  RequestMemoryLimits answers = {};
};

}  // namespace cord::runtime
