#include "media/telephone_event.hpp"

#include "media/big_endian.hpp"

namespace cord::media {

Result<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload) {
  if (payload.size() < telephone_event_bytes) return refuse(Errc::too_short, "telephone_event");
  return TelephoneEvent{.event = payload[0],
                        .end = (payload[1] & 0x80) != 0,
                        .volume = static_cast<std::uint8_t>(payload[1] & 0x3f),
                        .duration = load_be16(payload, 2)};
}

std::array<std::uint8_t, telephone_event_bytes> build_telephone_event(const TelephoneEvent& event) {
  std::array<std::uint8_t, telephone_event_bytes> out{
      event.event, static_cast<std::uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3f))};
  store_be16(out, 2, event.duration);
  return out;
}

}  // namespace cord::media
