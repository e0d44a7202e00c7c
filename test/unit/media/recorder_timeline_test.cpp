#include "media/recorder_timeline.hpp"

#include "support.hpp"

namespace cord::media::test {
namespace {

const std::vector<std::uint8_t> loud = octets(0x80);  // decodes to 32124 in mu-law

// A phone that sends a packet every 20 ms, and the time line that hears it.
struct Fixture {
  RecorderTimeline timeline{at(0s)};
  std::uint32_t timestamp = 0xfffffe00;
  std::uint32_t run = 1;

  void packet(Instant now, std::uint32_t stamp, Side side = Side::left, bool audible = true) {
    EXPECT_TRUE(timeline.place(
        side, {.codec = Codec::pcmu, .timestamp = stamp, .run = run, .payload = loud}, now,
        audible));
  }
  // Packets that arrive at from, from + 20 ms, ... before `to`.
  void talk(Duration from, Duration to, Side side = Side::left, bool audible = true) {
    for (Duration t = from; t < to; t += 20ms) {
      packet(at(t), timestamp, side, audible);
      timestamp += 160;
    }
  }
  Wav end(Duration now) {
    const auto frames = timeline.frames_left(at(now));
    return decoded(timeline.take(frames), frames);
  }
};

TEST(RecorderTimeline, PlacesEachSideOnOneTimeLine) {
  Fixture it;
  it.talk(20ms, 520ms, Side::left);
  it.run = 2;
  it.talk(220ms, 520ms, Side::right);
  const auto wav = it.end(500ms);
  ASSERT_EQ(wav.left.size(), 4'000u);
  EXPECT_TRUE(none_zero(wav.left));
  EXPECT_TRUE(all_zero(part(wav.right, 0, 1'600)));
  EXPECT_TRUE(none_zero(part(wav.right, 1'600, 4'000)));
}

TEST(RecorderTimeline, LossIsSilenceAndJitterMovesNothing) {
  Fixture it;
  it.packet(at(20ms), 0);
  it.packet(at(75ms), 320);  // 160 is lost, this one 15 ms late
  it.packet(at(80ms), 480);
  const auto wav = it.end(80ms);
  EXPECT_TRUE(none_zero(part(wav.left, 0, 160)));
  EXPECT_TRUE(all_zero(part(wav.left, 160, 320)));
  EXPECT_TRUE(none_zero(part(wav.left, 320, 640)));
}

TEST(RecorderTimeline, LateAndReorderedPacketsFindTheirPlaceUpTo200Ms) {
  Fixture it;
  it.packet(at(20ms), 0);
  it.packet(at(60ms), 320);
  it.packet(at(240ms), 160);  // exactly 200 ms late
  it.packet(at(281ms), 480);  // 201 ms late
  const auto wav = it.end(300ms);
  EXPECT_TRUE(none_zero(part(wav.left, 0, 480)));
  EXPECT_TRUE(all_zero(part(wav.left, 480, 2'400)));
}

TEST(RecorderTimeline, WhatWasTakenCannotBeChanged) {
  Fixture it;
  it.packet(at(20ms), 0);
  EXPECT_EQ(it.timeline.frames_ready(at(200ms)), 0);
  EXPECT_EQ(it.timeline.frames_ready(at(220ms)), 160);
  static_cast<void>(it.timeline.take(320));
  it.packet(at(221ms), 160);
  EXPECT_TRUE(all_zero(it.end(240ms).left));
}

TEST(RecorderTimeline, PauseAndResumeAreExactToTheSample) {
  Fixture it;
  it.talk(20ms, 500ms);
  it.timeline.pause(at(500ms));
  it.talk(500ms, 800ms);
  it.timeline.resume(at(803ms));
  it.talk(820ms, 1200ms);  // the one at 800 ms was lost with the pause
  const auto wav = it.end(1180ms);
  EXPECT_TRUE(none_zero(part(wav.left, 0, 480 * 8)));
  EXPECT_TRUE(all_zero(part(wav.left, 500 * 8, 803 * 8)));
}

TEST(RecorderTimeline, AudioReceivedInAPauseNeverReachesTheFile) {
  Fixture it;
  it.packet(at(20ms), 0);
  it.timeline.pause(at(60ms));
  it.packet(at(61ms), 160);  // belongs before the pause, received in it
  it.timeline.resume(at(100ms));
  const auto wav = it.end(200ms);
  EXPECT_TRUE(none_zero(part(wav.left, 0, 160)));
  EXPECT_TRUE(all_zero(part(wav.left, 160, 1'600)));
}

TEST(RecorderTimeline, AudioThatBelongsIntoAPauseNeverReachesTheFile) {
  Fixture it;
  it.packet(at(20ms), 0);
  it.packet(at(30ms), 320);  // early: reaches to 60 ms
  it.timeline.pause(at(45ms));
  it.timeline.resume(at(55ms));
  it.packet(at(150ms), 480);  // late
  it.packet(at(151ms), 320);  // again, after the pause
  const auto wav = it.end(200ms);
  EXPECT_TRUE(none_zero(part(wav.left, 320, 45 * 8)));
  EXPECT_TRUE(all_zero(part(wav.left, 45 * 8, 55 * 8)));
  EXPECT_TRUE(none_zero(part(wav.left, 55 * 8, 640)));
}

TEST(RecorderTimeline, PausedIsZeroInBothLaws) {
  for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
    RecorderTimeline timeline(at(0s));
    timeline.pause(at(0s));
    const auto quiet = octets(silence_octet(codec));
    EXPECT_TRUE(timeline.place(Side::left, {.codec = codec, .payload = quiet}, at(20ms), true));
    EXPECT_TRUE(all_zero(decoded(timeline.take(800), 800).left));
  }
}

TEST(RecorderTimeline, ManyPausesInNoTimeFailClosed) {
  Fixture it;
  it.packet(at(20ms), 0);
  for (int i = 0; i < 50; ++i) {
    it.timeline.pause(at(30ms + i * 2ms));
    it.timeline.resume(at(31ms + i * 2ms));
  }
  it.timeline.pause(at(135ms));
  it.timeline.resume(at(140ms));
  for (std::uint32_t i = 1; i < 7; ++i) it.packet(at(145ms), i * 160);
  const auto wav = it.end(140ms);
  for (std::size_t ms = 30; ms < 130; ms += 2) {
    EXPECT_TRUE(all_zero(part(wav.left, ms * 8, ms * 8 + 8))) << ms;
  }
  EXPECT_TRUE(all_zero(part(wav.left, 135 * 8, 140 * 8)));
}

TEST(RecorderTimeline, InaudibleAudioIsSilenceAndKeepsThePlacement) {
  Fixture it;
  it.talk(20ms, 220ms, Side::left, false);
  it.talk(220ms, 420ms, Side::left, true);
  const auto wav = it.end(400ms);
  EXPECT_TRUE(all_zero(part(wav.left, 0, 1'600)));
  EXPECT_TRUE(none_zero(part(wav.left, 1'600, 3'200)));
}

TEST(RecorderTimeline, ANewRunIsPlacedByItsArrival) {
  Fixture it;
  it.packet(at(20ms), 0);
  it.run = 2;
  it.packet(at(120ms), 123'456);
  const auto wav = it.end(200ms);
  EXPECT_TRUE(all_zero(part(wav.left, 160, 800)));
  EXPECT_TRUE(none_zero(part(wav.left, 800, 960)));
  EXPECT_TRUE(all_zero(part(wav.left, 960, 1'600)));
}

TEST(RecorderTimeline, AJumpOfTheTimeStampIsPlacedByItsArrivalToo) {
  Fixture it;
  it.packet(at(20ms), 0);
  it.packet(at(40ms), 100'000);
  it.packet(at(60ms), 100'160);
  EXPECT_TRUE(none_zero(part(it.end(60ms).left, 0, 480)));
}

TEST(RecorderTimeline, ALongerWayIsFollowedAfterAFewPackets) {
  Fixture it;
  it.talk(20ms, 120ms);
  // From here on everything takes 300 ms longer.
  std::uint32_t stamp = it.timestamp;
  for (int i = 0; i < 20; ++i, stamp += 160) it.packet(at(420ms + i * 20ms), stamp);
  const auto wav = it.end(820ms);
  EXPECT_TRUE(none_zero(part(wav.left, 500 * 8, 800 * 8)));
}

TEST(RecorderTimeline, ClockDriftDoesNotAddUp) {
  Fixture it;
  // An hour of a phone whose clock is 0.02 % fast: 720 ms more audio than time. The taker keeps up.
  constexpr int packets = 3600 * 50;
  std::int64_t worst_error = 0;
  for (int i = 1; i <= packets; ++i) {
    const Instant now = at(std::int64_t{i} * Duration(19'996));
    it.packet(now, static_cast<std::uint32_t>(i) * 160);
    if (i % 50 == 0) {
      // Right after a packet, its audio must end within a packet and a correction of now.
      const auto late = it.timeline.frames_ready(now);
      static_cast<void>(it.timeline.take(late));
      const std::int64_t end = it.timeline.frames_left(now);
      const auto rest = decoded(it.timeline.take(end + 800), end + 800).left;
      std::int64_t last = 0;
      for (std::size_t frame = 0; frame < rest.size(); ++frame) {
        if (rest[frame] != 0) last = static_cast<std::int64_t>(frame);
      }
      worst_error = std::max(worst_error, std::abs(last - end));
    }
  }
  EXPECT_LT(worst_error, 200);
}

TEST(RecorderTimeline, AStallLongerThanItsReachIsSilence) {
  Fixture it;
  it.talk(20ms, 100ms);
  const auto wav = decoded(it.timeline.take(100'000), 100'000);
  EXPECT_NE(wav.left.front(), 0);
  EXPECT_EQ(wav.left.back(), 0);
}

TEST(RecorderTimeline, ASourceThatFloodsIsCutOffUntilTheNextStretch) {
  Fixture it;
  const auto place = [&](Duration now, std::uint32_t stamp) {
    return it.timeline.place(Side::left, {.timestamp = stamp, .payload = loud}, at(now), true);
  };
  std::size_t placed = 0;
  while (place(20ms, 0)) ++placed;  // the same audio again and again
  EXPECT_EQ(placed, RecordedAudio::octets_max / loud.size());
  static_cast<void>(it.timeline.take(160));
  EXPECT_TRUE(place(40ms, 160));
}

}  // namespace
}  // namespace cord::media::test
