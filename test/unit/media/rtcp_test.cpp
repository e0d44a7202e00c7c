#include "media/rtcp.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

RtcpCompound example() {
  RtcpReport report{
      .ssrc = 1,
      .sender =
          SenderInfo{.ntp = 0x0123456789abcdef, .rtp_timestamp = 5, .packets = 6, .octets = 7},
      .blocks = {{.ssrc = 2,
                  .fraction_lost = 3,
                  .cumulative_lost = -4,
                  .highest_sequence = 65'537,
                  .jitter = 8,
                  .last_sr = 9,
                  .delay_since_last_sr = 10}}};
  return {.reports = {report}, .cnames = {{1, "abc"}, {2, "abcd"}}, .byes = {1}};
}

TEST(Rtcp, ReadsWhatItWrites) {
  const auto read = parse_rtcp(build_rtcp(example()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, example());
}

TEST(Rtcp, WritesTheLayoutOfTheRfc) {
  const auto bytes = build_rtcp({.reports = {{.ssrc = 0x01020304, .sender = {}, .blocks = {}}},
                                 .cnames = {{0x01020304, "ab"}},
                                 .byes = {}});
  const std::vector<std::uint8_t> expected{0x80, 201, 0, 1, 1, 2, 3, 4,                   // RR
                                           0x81, 202, 0, 3, 1, 2, 3, 4, 1, 2, 'a', 'b'};  // SDES
  EXPECT_EQ(std::vector<std::uint8_t>(bytes.begin(), bytes.begin() + 20), expected);
  // The chunk ends with a zero and goes on to a multiple of four.
  EXPECT_EQ(bytes.size(), 24u);
  EXPECT_EQ(bytes[11], 3) << "length in words less one";
}

TEST(Rtcp, ClampsTheCumulativeLossToItsBits) {
  auto compound = example();
  compound.reports[0].blocks[0].cumulative_lost = 0x7fffffff;
  EXPECT_EQ(parse_rtcp(build_rtcp(compound))->reports[0].blocks[0].cumulative_lost, 0x7fffff);
}

TEST(Rtcp, RefusesWhatIsCutShortAtEveryLength) {
  const auto bytes = build_rtcp(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = parse_rtcp(std::span(bytes).first(size));
    // A cut between two packets leaves a valid, shorter compound.
    if (read) {
      EXPECT_TRUE(size == 52 || size == 80) << size;
    }
  }
}

TEST(Rtcp, ChecksTheFirstPacketAsTheAppendixSays) {
  auto bytes = build_rtcp(example());
  bytes[0] |= 0x20;
  EXPECT_EQ(parse_rtcp(bytes).error().code, Errc::malformed) << "padding on the first";
  bytes = build_rtcp(example());
  bytes[1] = 203;
  EXPECT_EQ(parse_rtcp(bytes).error().code, Errc::malformed) << "a BYE first";
  bytes = build_rtcp(example());
  bytes[0] = 0x41;
  EXPECT_EQ(parse_rtcp(bytes).error().code, Errc::bad_version);
}

TEST(Rtcp, SkipsPacketsItDoesNotKnow) {
  auto bytes = build_rtcp(example());
  bytes.insert(bytes.end(), {0x80, 204, 0, 2, 0, 0, 0, 1, 'n', 'a', 'm', 'e'});
  EXPECT_EQ(*parse_rtcp(bytes), example());
}

TEST(Rtcp, NtpTimeCountsFrom1900) {
  EXPECT_EQ(to_ntp(Instant{}), 2'208'988'800ull << 32);
  EXPECT_EQ(to_ntp(Instant(500ms)), (2'208'988'800ull << 32) | 0x80000000u);
  EXPECT_EQ(compact_ntp(0x1111222233334444), 0x22223333u);
}

TEST(Rtcp, IntervalStaysWithinItsFactors) {
  EXPECT_EQ(rtcp_interval(0, false).count(), 2'052'073);
  EXPECT_NEAR(static_cast<double>(rtcp_interval(UINT64_MAX, false).count()), 6'156'220, 2);
  EXPECT_EQ(rtcp_interval(0, true).count(), 1'026'036);
}

}  // namespace
}  // namespace cord::media::test
