// Decides everything of a flight recording again: docs/flight-recorder.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "runtime/flight_codec.hpp"

namespace cord::runtime {

struct FlightReport {
  Instant first{};
  Instant last{};
  std::uint64_t inputs = 0;
  std::uint64_t refusals = 0;  ///< of the inputs, those that were refused
  std::uint64_t events = 0;
  std::uint64_t checks = 0;  ///< states compared, byte for byte
  /// The first state that was another one: the first line of State::dump() that differs, recorded
  /// and replayed; empty: none was.
  std::string difference{};
  bool is_cut = false;  ///< the file ends within an entry, as when the process was killed
  core::Directory directory{};
  core::StateImage state{};  ///< at the end
};

/// `bytes`: the whole file. Errors: corrupt, naming the entry; malformed (no flight recording).
[[nodiscard]] Result<FlightReport> replay_flight(std::string_view bytes);

}  // namespace cord::runtime
