// The telephone-event payload, RFC 4733 §2.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.hpp"

namespace cord::media {

/// The highest event that is a key: 0-9, *, #, A-D.
inline constexpr std::uint8_t dtmf_event_max = 15;

inline constexpr std::size_t telephone_event_bytes = 4;

struct TelephoneEvent {
  std::uint8_t event = 0;  ///< RFC 4733 §3.2
  bool end = false;
  std::uint8_t volume = 0;     ///< -dBm0, 0-63
  std::uint16_t duration = 0;  ///< in samples since the event's time stamp
  friend bool operator==(const TelephoneEvent&, const TelephoneEvent&) = default;
};

/// Reads the first event of a payload. Error: too_short.
[[nodiscard]] Result<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload);

[[nodiscard]] std::array<std::uint8_t, telephone_event_bytes> build_telephone_event(
    const TelephoneEvent& event);

}  // namespace cord::media
