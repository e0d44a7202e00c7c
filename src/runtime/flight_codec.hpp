// What a flight recording consists of: docs/flight-recorder.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "core/decide.hpp"
#include "core/state_image.hpp"

namespace cord::runtime {

/// What a file begins with, before the entries.
inline constexpr std::string_view flight_magic = "CORDFLIGHT1\n";

/// What there was when the recording began.
struct FlightStart {
  Instant time{};
  core::Directory directory{};
  core::StateImage state{};
};

/// What the engine decided on next.
struct FlightInput {
  Instant time{};
  core::Input input{};
};

/// What the state then was.
struct FlightCheck {
  Instant time{};
  core::StateImage state{};
};

using FlightEntry = std::variant<FlightStart, FlightInput, FlightCheck>;

/// Equal images give equal bytes.
[[nodiscard]] std::string encode_image(const core::StateImage& image);

/// Appends `entry`, its length and its checksum.
void append_flight_entry(std::string& to, const FlightEntry& entry);

/// The first entry of `from`, which then begins behind it. Errors: too_short (the end of it is
/// missing), corrupt.
[[nodiscard]] Result<FlightEntry> take_flight_entry(std::string_view& from);

}  // namespace cord::runtime
