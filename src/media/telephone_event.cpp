#include "media/telephone_event.hpp"

#include "media/big_endian.hpp"

namespace cord::media {

Result<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload) {
  constexpr std::size_t event_bytes = 4;
  if (payload.size() < event_bytes) return refuse(Errc::too_short, "telephone_event");
  return TelephoneEvent{.event = payload[0],
                        .end = (payload[1] & 0x80) != 0,
                        .volume = static_cast<std::uint8_t>(payload[1] & 0x3f),
                        .duration = load_be16(payload, 2)};
}

}  // namespace cord::media
