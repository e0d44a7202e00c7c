#include "media/telephone_event.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

TEST(TelephoneEvent, IsRead) {
  const std::vector<std::uint8_t> payload{11, 0x80 | 0x40 | 10, 0x03, 0x20};
  const TelephoneEvent expected{.event = 11, .end = true, .volume = 10, .duration = 800};
  EXPECT_EQ(*parse_telephone_event(payload), expected);
}

TEST(TelephoneEvent, RefusesWhatIsTooShort) {
  const std::vector<std::uint8_t> payload{11, 0, 0};
  EXPECT_EQ(parse_telephone_event(payload).error().code, Errc::too_short);
}

TEST(TelephoneEvent, ReadsWhatItWrites) {
  const TelephoneEvent event{.event = 11, .end = true, .volume = 63, .duration = 0x1234};
  const auto bytes = build_telephone_event(event);
  EXPECT_EQ(bytes, (decltype(bytes){11, 0xbf, 0x12, 0x34}));
  EXPECT_EQ(*parse_telephone_event(bytes), event);
}

}  // namespace
}  // namespace cord::media::test
