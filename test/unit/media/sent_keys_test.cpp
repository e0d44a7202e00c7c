// Keys that are sent to a far end: RFC 4733, and tones for those who do not take that.
#include <map>

#include "parties.hpp"

namespace cord::media::test {
namespace {

class SentKeys : public Mixes {
 protected:
  SentKeys() {
    plane_.execute(SetSource{0, stream(0), Source::peer, stream(1)}, now_);
    talk(200ms);
  }

  [[nodiscard]] std::size_t done(Token token) const {
    std::size_t count = 0;
    for (const auto& it : reports_) {
      const auto* done = std::get_if<Done>(&it);
      count += done != nullptr && done->token == token ? 1 : 0;
    }
    return count;
  }
  [[nodiscard]] std::vector<StreamFailed> failures() const {
    std::vector<StreamFailed> found;
    for (const auto& it : reports_) {
      if (const auto* failed = std::get_if<StreamFailed>(&it)) found.push_back(*failed);
    }
    return found;
  }

  // What the customer got, event packets by their time stamp.
  void talk_and_collect(Duration span) {
    for (const Instant end = now_ + span; now_ < end; now_ += 20ms) {
      for (std::size_t i = 0; i < parties; ++i) say(i);
      plane_.advance(now_);
      for (const auto& it : network_.take_rtp()) {
        if (it.slot != 0) continue;
        const auto packet = parse_rtp(it.bytes);
        headers_.push_back(packet->header);
        if (packet->header.payload_type == 101) {
          events_[packet->header.timestamp].push_back(*parse_telephone_event(packet->payload));
        } else {
          const auto sound = decode(Codec::pcmu, packet->payload);
          sound_.insert(sound_.end(), sound.begin(), sound.end());
        }
      }
    }
  }

  std::vector<RtpHeader> headers_;
  std::map<std::uint32_t, std::vector<TelephoneEvent>> events_;
  std::vector<std::int16_t> sound_;
};

TEST_F(SentKeys, AreEventsAsRfc4733Says) {
  plane_.execute(SendTones{9, stream(0), "5#"}, now_);
  talk_and_collect(300ms);
  EXPECT_EQ(done(9), 0u) << "not before the last has been sent";
  talk_and_collect(100ms);
  EXPECT_EQ(done(9), 1u);
  talk_and_collect(300ms);
  ASSERT_EQ(events_.size(), 2u);
  const auto& five = events_.begin()->second;
  ASSERT_EQ(five.size(), 7u);
  for (std::size_t i = 0; i < five.size(); ++i) {
    EXPECT_EQ(five[i].event, 5);
    EXPECT_EQ(five[i].end, i >= 4) << "the last packet three times";
    EXPECT_EQ(five[i].duration, std::min<std::size_t>(800, 160 * (i + 1)));
  }
  EXPECT_EQ(std::next(events_.begin())->second.front().event, 11);
  EXPECT_EQ(std::next(events_.begin())->first - events_.begin()->first, 8u * 160);
  EXPECT_EQ(headers_.front().payload_type, 101);
  std::size_t marked = headers_.front().marker ? 1 : 0;
  for (std::size_t i = 1; i < headers_.size(); ++i) {
    EXPECT_EQ(headers_[i].sequence, static_cast<std::uint16_t>(headers_[i - 1].sequence + 1));
    const bool is_first = headers_[i].timestamp != headers_[i - 1].timestamp;
    if (headers_[i].payload_type == 101) {
      EXPECT_EQ(headers_[i].marker, is_first);
      marked += headers_[i].marker ? 1 : 0;
    }
  }
  EXPECT_EQ(marked, 2u);
  EXPECT_EQ(headers_.back().payload_type, 0);
  EXPECT_GT(tone_share(std::span(sound_).last(1'600), tones_hz[1]), 0.95)
      << "the agent is heard again";
}

TEST_F(SentKeys, AreTonesWhereEventsAreNotTaken) {
  plane_.execute(
      ConfigureStream{.token = 0, .stream = stream(0), .remote = remote(0), .codec = Codec::pcmu},
      now_);
  plane_.execute(SendTones{9, stream(0), "1,0"}, now_);
  talk_and_collect(840ms);
  EXPECT_EQ(done(9), 1u);
  EXPECT_TRUE(events_.empty());
  const auto one = std::span(sound_).subspan(0, 800);
  EXPECT_GT(tone_share(one, 697) + tone_share(one, 1209), 0.95);
  EXPECT_TRUE(all_zero(std::span(sound_).subspan(800, 3 * 160 + 25 * 160)));
  const auto zero = std::span(sound_).subspan(8 * 160 + 25 * 160, 800);
  EXPECT_GT(tone_share(zero, 941) + tone_share(zero, 1336), 0.95);
}

TEST_F(SentKeys, InterruptMusicAndMixesToo) {
  mix(0, {1, 2});
  talk(500ms);
  plane_.execute(SendTones{9, stream(0), "1"}, now_);
  talk_and_collect(140ms);
  EXPECT_EQ(headers_.size(), 7u) << "nothing else meanwhile";
  plane_.execute(SetSource{0, stream(0), Source::music}, now_);
  talk_and_collect(200ms);
  EXPECT_EQ(done(9), 1u);
  EXPECT_EQ(events_.size(), 1u);
  EXPECT_EQ(headers_.size(), 17u);
  for (std::size_t i = 1; i < headers_.size(); ++i) {
    EXPECT_EQ(headers_[i].sequence, static_cast<std::uint16_t>(headers_[i - 1].sequence + 1));
  }
}

TEST_F(SentKeys, FailWhereTheyCannotBeSent) {
  plane_.execute(SendTones{1, StreamId{99}, "1"}, now_);
  plane_.execute(SendTones{2, stream(0), "111"}, now_);
  plane_.execute(SendTones{3, stream(0), "2"}, now_);
  plane_.execute(SendTones{4, stream(1), "3"}, now_);
  talk_and_collect(40ms);
  plane_.execute(ConfigureStream{.token = 0,
                                 .stream = stream(0),
                                 .remote = remote(0),
                                 .codec = Codec::pcmu,
                                 .may_send = false},
                 now_);
  plane_.execute(CloseStream{0, stream(1)}, now_);
  std::vector<Token> tokens;
  for (const auto& it : failures()) tokens.push_back(it.token);
  EXPECT_EQ(tokens, (std::vector<Token>{1, 3, 2, 4}));
  EXPECT_EQ(done(2) + done(4), 0u);
}

TEST_F(SentKeys, NoneAreSentAtOnce) {
  plane_.execute(SendTones{9, stream(0), ""}, now_);
  talk_and_collect(20ms);
  EXPECT_EQ(done(9), 1u);
}

}  // namespace
}  // namespace cord::media::test
