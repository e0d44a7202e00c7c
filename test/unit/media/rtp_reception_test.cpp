#include "media/rtp_reception.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

using Verdict = RtpReception::Verdict;

TEST(RtpReception, CountsCyclesAndLoss) {
  RtpReception reception;
  EXPECT_EQ(reception.take_sequence(65'534), Verdict::restarted);
  EXPECT_EQ(reception.take_sequence(65'535), Verdict::in_order);
  EXPECT_EQ(reception.take_sequence(2), Verdict::in_order);  // 0 and 1 are missing
  EXPECT_EQ(reception.highest_sequence(), 65'538u);
  EXPECT_EQ(reception.lost(), 2);
  EXPECT_EQ(reception.take_sequence(0), Verdict::late);
  EXPECT_EQ(reception.lost(), 1);
}

TEST(RtpReception, FractionLostIsOfTheIntervalOnly) {
  RtpReception reception;
  for (const std::uint16_t sequence : {1, 2, 3, 5}) reception.take_sequence(sequence);
  EXPECT_EQ(reception.take_fraction_lost(), 256 / 5);
  for (const std::uint16_t sequence : {6, 7}) reception.take_sequence(sequence);
  EXPECT_EQ(reception.take_fraction_lost(), 0);
}

TEST(RtpReception, FractionLostIsZeroWhenPacketsAreDoubled) {
  RtpReception reception;
  for (const std::uint16_t sequence : {1, 1, 1}) reception.take_sequence(sequence);
  EXPECT_EQ(reception.lost(), -2);
  EXPECT_EQ(reception.take_fraction_lost(), 0);
}

TEST(RtpReception, AJumpNeedsTwoPacketsInARow) {
  RtpReception reception;
  reception.take_sequence(10);
  EXPECT_EQ(reception.take_sequence(30'000), Verdict::jumped);
  EXPECT_EQ(reception.take_sequence(11), Verdict::in_order);
  EXPECT_EQ(reception.take_sequence(30'001), Verdict::jumped);
  EXPECT_EQ(reception.take_sequence(40'000), Verdict::jumped);
  EXPECT_EQ(reception.take_sequence(40'001), Verdict::restarted);
  EXPECT_EQ(reception.take_sequence(40'002), Verdict::in_order);
  EXPECT_EQ(reception.lost(), 0);
}

TEST(RtpReception, BoundsOfDropoutAndMisorderAreThoseOfTheRfc) {
  RtpReception reception;
  reception.take_sequence(1'000);
  EXPECT_EQ(reception.take_sequence(900), Verdict::late);
  EXPECT_EQ(reception.take_sequence(899), Verdict::jumped);
  EXPECT_EQ(reception.take_sequence(1'000 + 3'000), Verdict::jumped);
  EXPECT_EQ(reception.take_sequence(1'000 + 2'999), Verdict::in_order);
}

TEST(RtpReception, JitterOfAnEvenStreamIsZero) {
  RtpReception reception;
  for (std::uint32_t i = 0; i < 100; ++i) {
    reception.take_arrival(0xffffff00u + i * 160, at(i * 20ms));
  }
  EXPECT_EQ(reception.jitter_samples(), 0u);
}

TEST(RtpReception, JitterComesNearTheMeanDeviation) {
  RtpReception reception;
  // Every second packet is 10 ms late: each difference of transit times is 80 samples.
  for (std::uint32_t i = 0; i < 400; ++i) {
    reception.take_arrival(i * 160, at(i * 20ms + (i % 2) * 10ms));
  }
  EXPECT_NEAR(reception.jitter_samples(), 80, 2);
}

TEST(RtpReception, AClockSetAnewIsNotJitter) {
  RtpReception reception;
  reception.take_arrival(0, at(0s));
  reception.take_arrival(0x80000000u, at(20ms));
  EXPECT_EQ(reception.jitter_samples(), 0u);
}

TEST(ToSamples, HoldsForTimesSince1970) {
  EXPECT_EQ(to_samples(std::chrono::seconds(1'795'000'000)), 1'795'000'000LL * 8'000);
  EXPECT_EQ(to_samples(Duration(20'000)), 160);
  EXPECT_EQ(to_samples(Duration(249)), 1);
}

}  // namespace
}  // namespace cord::media::test
