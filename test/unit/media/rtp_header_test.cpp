#include "media/rtp_header.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

TEST(RtpHeader, IsReadWithItsPayload) {
  const std::vector<std::uint8_t> bytes{0x80, 0x88, 0x12, 0x34, 0, 0, 1, 0,
                                        0xde, 0xad, 0xbe, 0xef, 1, 2, 3};
  const auto packet = parse_rtp(bytes);
  ASSERT_TRUE(packet);
  const RtpHeader expected{
      .marker = true, .payload_type = 8, .sequence = 0x1234, .timestamp = 256, .ssrc = 0xdeadbeef};
  EXPECT_EQ(packet->header, expected);
  EXPECT_EQ(packet->payload.size(), 3u);
}

TEST(RtpHeader, SkipsCsrcsAndExtensionAndPadding) {
  std::vector<std::uint8_t> bytes{0xb2, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3};
  bytes.insert(bytes.end(), 8, 0x11);                         // two CSRCs
  bytes.insert(bytes.end(), {0xbe, 0xde, 0, 1, 9, 9, 9, 9});  // one word of extension
  bytes.insert(bytes.end(), {42, 43, 0, 0, 3});               // payload, padding of three
  const auto packet = parse_rtp(bytes);
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->payload.size(), 2u);
  EXPECT_EQ(packet->payload[0], 42);
}

TEST(RtpHeader, RefusesWhatIsCutShortAtEveryLength) {
  std::vector<std::uint8_t> bytes{0x91, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
                                  1,    1, 1, 1, 0, 0, 0, 1, 9, 9, 9, 9};
  ASSERT_TRUE(parse_rtp(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto packet = parse_rtp(std::span(bytes).first(size));
    ASSERT_FALSE(packet) << size;
    EXPECT_EQ(packet.error().code, Errc::too_short);
  }
}

TEST(RtpHeader, RefusesOtherVersionsAndImpossiblePadding) {
  auto bytes = packet({}, octets(1, 4));
  bytes[0] = 0x40;
  EXPECT_EQ(parse_rtp(bytes).error().code, Errc::bad_version);
  bytes[0] = 0xa0;
  for (const std::uint8_t padding : {0, 5, 255}) {
    bytes.back() = padding;
    EXPECT_EQ(parse_rtp(bytes).error().code, Errc::malformed) << int{padding};
  }
}

}  // namespace
}  // namespace cord::media::test
