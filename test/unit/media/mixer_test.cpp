// Mixes through the whole plane: who hears whom, as streams that mix and relay at the same time.
#include "media/mixer.hpp"

#include <algorithm>

#include "parties.hpp"

namespace cord::media::test {
namespace {

TEST_F(Mixes, EachHearsTheTwoOthers) {
  mix_all();
  talk(2s);
  expect_heard(0, {1, 2});
  expect_heard(1, {0, 2});
  expect_heard(2, {0, 1});
  EXPECT_TRUE(parties_[3].heard.empty());
  EXPECT_EQ(metric("cord_media_mixes"), 3);
  EXPECT_EQ(metric("cord_bound_used", "media.mixed_voices_max"), 2);
}

TEST_F(Mixes, ASupervisorHearsTwoWhoAreRelayed) {
  plane_.execute(SetSource{0, stream(0), Source::peer, stream(1)}, now_);
  plane_.execute(SetSource{0, stream(1), Source::peer, stream(0)}, now_);
  mix(3, {0, 1});
  talk(2s);
  expect_heard(0, {1});
  expect_heard(1, {0});
  expect_heard(3, {0, 1});
}

TEST_F(Mixes, WhoIsMutedIsHeardByNobody) {
  mix_all();
  talk(1s);
  plane_.execute(SetMuted{0, stream(1), true}, now_);
  talk(20ms);
  talk(2s);
  expect_heard(0, {2});
  expect_heard(1, {0, 2});
  expect_heard(2, {0});
  plane_.execute(SetMuted{0, stream(1), false}, now_);
  talk(2s);
  expect_heard(0, {1, 2});
}

// Not even what waits in the buffer.
TEST_F(Mixes, MuteTakesEffectWithTheNextFrame) {
  mix(0, {1, 2});
  for (int i = 0; i < 50; ++i) {
    say(1);
    plane_.advance(now_);
    take_sent();
    now_ += 20ms;
  }
  plane_.execute(SetMuted{0, stream(1), true}, now_);
  parties_[0].heard.clear();
  plane_.advance(now_);
  take_sent();
  EXPECT_EQ(parties_[0].heard.size(), frame_samples);
  EXPECT_TRUE(all_zero(parties_[0].heard));
}

TEST_F(Mixes, OneStreamGoesOnThroughRelayAndMixAndMusic) {
  plane_.execute(SetSource{0, stream(0), Source::peer, stream(1)}, now_);
  talk(500ms);
  mix(0, {1, 2});
  talk(1s);
  expect_heard(0, {1, 2});
  mix(0, {1, 2, 3});
  talk(1s);
  expect_heard(0, {1, 2, 3});
  plane_.execute(SetSource{0, stream(0), Source::music}, now_);
  talk(500ms);
  plane_.execute(SetSource{0, stream(0), Source::peer, stream(1)}, now_);
  talk(1s);
  expect_heard(0, {1});
  EXPECT_EQ(discontinuities(0), 0u);
  EXPECT_EQ(metric("cord_media_mixes"), 0);
}

TEST_F(Mixes, NothingTicksWhenNobodyHearsAMix) {
  const auto wakes_of_a_second = [this] {
    int wakes = 0;
    const Instant end = now_ + 1s;
    while (*plane_.next_due() < end) {
      now_ = std::max(now_, *plane_.next_due());
      plane_.advance(now_);
      ++wakes;
    }
    now_ = end;
    return wakes;
  };
  EXPECT_LT(wakes_of_a_second(), 20) << "RTCP";
  mix_all();
  EXPECT_GE(wakes_of_a_second(), 49);
  for (const std::size_t i : {0u, 1u, 2u}) {
    plane_.execute(SetSource{0, stream(i), Source::nothing}, now_);
  }
  EXPECT_LT(wakes_of_a_second(), 20);
}

TEST_F(Mixes, WhoIsClosedIsHeardNoMore) {
  mix_all();
  talk(1s);
  plane_.execute(CloseStream{0, stream(1)}, now_);
  for (int i = 0; i < 100; ++i, now_ += 20ms) {
    say(0);
    say(2);
    plane_.advance(now_);
    take_sent();
  }
  expect_heard(0, {2});
  expect_heard(2, {0});
  plane_.execute(CloseStream{0, stream(0)}, now_);
  plane_.execute(CloseStream{0, stream(2)}, now_);
  EXPECT_EQ(metric("cord_media_mixes"), 0);
}

TEST_F(Mixes, KeysOfAPartyAreLeftOut) {
  mix_all();
  talk(1s);
  const auto event = build_telephone_event({.event = 5, .duration = 160});
  plane_.receive_rtp(
      1, remote(1),
      packet({.payload_type = 101, .sequence = parties_[1].sequence++, .timestamp = 77, .ssrc = 1},
             event),
      now_);
  talk(1s);
  for (const auto& header : parties_[0].headers) EXPECT_EQ(header.payload_type, 0);
}

TEST_F(Mixes, ALateThreadCatchesUpAndALateThreadDoesNotFlood) {
  mix_all();
  talk(1s);
  const std::size_t before = parties_[0].headers.size();
  now_ += 60ms;
  plane_.advance(now_);
  take_sent();
  EXPECT_EQ(parties_[0].headers.size(), before + 4);
  now_ += 10s;
  plane_.advance(now_);
  take_sent();
  EXPECT_EQ(parties_[0].headers.size(), before + 5);
}

TEST_F(Mixes, ALoudSumIsClipped) {
  const auto loud = encode(Codec::pcmu, std::vector<std::int16_t>(frame_samples, 30'000));
  mix(0, {1, 2});
  for (std::uint16_t i = 0; i < 50; ++i, now_ += 20ms) {
    for (const Slot slot : {1u, 2u}) {
      plane_.receive_rtp(slot, remote(slot),
                         packet({.sequence = i, .timestamp = i * 160u, .ssrc = slot}, loud), now_);
    }
    plane_.advance(now_);
    take_sent();
  }
  EXPECT_GT(parties_[0].heard.back(), 30'000);
}

class FewVoices : public Mixes {
 protected:
  FewVoices() : Mixes(2) {}
};

TEST_F(FewVoices, MoreThanMayBeHeardAreLeftOut) {
  mix(0, {1, 2, 3});
  talk(2s);
  expect_heard(0, {1, 2});
  EXPECT_EQ(metric("cord_bound_used", "media.mixed_voices_max"), 3);
  EXPECT_EQ(metric("cord_bound_max", "media.mixed_voices_max"), 2);
}

}  // namespace
}  // namespace cord::media::test
