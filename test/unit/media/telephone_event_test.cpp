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

}  // namespace
}  // namespace cord::media::test
