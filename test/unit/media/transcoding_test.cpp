// Two phones that may speak different codecs: what each hears, what is recorded, what goes on.
#include <cmath>
#include <deque>
#include <utility>

#include "coded_tone.hpp"
#include "media/goertzel.hpp"
#include "media/telephone_event.hpp"
#include "plane_support.hpp"

namespace cord::media::test {
namespace {

constexpr std::array<double, 2> hz{440, 1'000};
constexpr std::uint8_t opus_type = 96, noise_type = 13, key_type = 101;
constexpr RecorderId recorder{7};

std::uint8_t type_of(Codec codec) {
  return codec == Codec::opus ? opus_type : static_cast<std::uint8_t>(codec);
}

double loudness(std::span<const std::int16_t> samples) {
  double sum = 0;
  for (const std::int16_t it : samples) sum += static_cast<double>(it) * it;
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, samples.size())));
}

class Phone {
 public:
  Phone(Codec of, double with_hz) : codec(of), tone_(of, with_hz), ear_(of) {}

  // The next 20 ms of its time, with a packet of its tone.
  std::vector<std::uint8_t> say() { return next(type_of(codec), tone_.next()); }
  std::vector<std::uint8_t> next(std::uint8_t type, std::span<const std::uint8_t> payload) {
    pass();
    return packet(
        {.payload_type = type, .sequence = ++sequence_, .timestamp = timestamp_, .ssrc = 1},
        payload);
  }
  void pass() { timestamp_ += 160 * clock_factor(codec); }

  void hear(std::span<const std::uint8_t> datagram) {
    const auto it = parse_rtp(datagram);
    headers.push_back(it->header);
    if (it->header.payload_type == key_type) {
      keys.push_back(*parse_telephone_event(it->payload));
    } else if (it->header.payload_type == noise_type) {
      ++noises;
    } else {
      EXPECT_EQ(it->header.payload_type, type_of(codec));
      const auto sound = ear_.hear(it->payload);
      heard.insert(heard.end(), sound.begin(), sound.end());
    }
  }

  Codec codec;
  std::vector<std::int16_t> heard;
  std::vector<RtpHeader> headers;
  std::vector<TelephoneEvent> keys;
  std::size_t noises = 0;

 private:
  CodedTone tone_;
  CodedEar ear_;
  std::uint16_t sequence_ = 65'500;  // soon to come round
  std::uint32_t timestamp_ = 0xfffff000;
};

class Transcoding : public ::testing::Test {
 protected:
  void connect(Codec customer, Codec agent, bool passes_noise = false) {
    phones_.emplace_back(customer, hz[0]);
    phones_.emplace_back(agent, hz[1]);
    for (std::size_t i = 0; i < 2; ++i) {
      plane_.execute(OpenStream{0, stream(i)}, now_);
      plane_.execute(ConfigureStream{.token = 0,
                                     .stream = stream(i),
                                     .remote = remote(i),
                                     .codec = phones_[i].codec,
                                     .opus_payload_type = opus_type,
                                     .takes_g722 = true,
                                     .dtmf_payload_type = key_type,
                                     .passes_noise = passes_noise},
                     now_);
    }
    hear_each_other();
  }
  void hear_each_other() {
    order(0, Source::peer);
    order(1, Source::peer);
  }
  void order(std::size_t phone, Source source) {
    plane_.execute(SetSource{0, stream(phone), source, stream(1 - phone)}, now_);
  }
  void mute(std::size_t phone, bool muted) {
    plane_.execute(SetMuted{0, stream(phone), muted}, now_);
  }

  static StreamId stream(std::size_t phone) { return {phone + 1}; }
  static Endpoint remote(std::size_t phone) {
    return {0x0a000001, static_cast<std::uint16_t>(4'000 + 2 * phone)};
  }

  void receive(std::size_t phone, const std::vector<std::uint8_t>& datagram) {
    plane_.receive_rtp(static_cast<Slot>(phone), remote(phone), datagram, now_);
  }
  void advance() {
    plane_.advance(now_);
    for (const auto& it : network_.take_rtp()) phones_[it.slot].hear(it.bytes);
    now_ += 20ms;
  }

  // Both speak for that long; what they hear replaces what they heard before.
  void talk(Duration span) {
    for (Phone& it : phones_) it.heard.clear();
    for (const Instant end = now_ + span; now_ < end;) {
      for (std::size_t i = 0; i < 2; ++i) receive(i, phones_[i].say());
      advance();
    }
  }

  void expect_tone(std::span<const std::int16_t> sound, double tone_hz) {
    EXPECT_GT(tone_share(sound, tone_hz), 0.95) << tone_hz;
    EXPECT_NEAR(loudness(sound), 6'000 / std::sqrt(2), 900) << tone_hz;
  }
  void expect_both_heard() {
    for (std::size_t i = 0; i < 2; ++i) {
      SCOPED_TRACE(i);
      ASSERT_GE(phones_[i].heard.size(), 4'000u);
      expect_tone(std::span(phones_[i].heard).last(4'000), hz[1 - i]);
    }
  }

  // SSRC and sequence numbers go on, and the time stamps by what passed, in the clock of the codec.
  void expect_continuous(std::size_t phone, bool is_timed = true) {
    const auto& all = phones_[phone].headers;
    const std::uint32_t factor = clock_factor(phones_[phone].codec);
    for (std::size_t i = 1; i < all.size(); ++i) {
      ASSERT_EQ(all[i].ssrc, all[0].ssrc);
      ASSERT_EQ(all[i].sequence, static_cast<std::uint16_t>(all[i - 1].sequence + 1)) << i;
      ASSERT_GE(distance(all[i - 1].timestamp, all[i].timestamp), 0) << i;
    }
    if (!is_timed) return;
    const auto seconds = static_cast<double>(all.size()) / 50;
    EXPECT_NEAR(distance(all.front().timestamp, all.back().timestamp), seconds * 8'000 * factor,
                800.0 * factor);
  }

  [[nodiscard]] double metric(std::string_view name) const {
    for (const auto& it : metrics_.collect()) {
      if (it.name == name) return it.value;
    }
    return -1;
  }

  void record() {
    plane_.execute(StartRecorder{1, recorder, stream(0), stream(1), "call", {}, "alice"}, now_);
  }
  void control(ControlRecorder::Action action) {
    plane_.execute(ControlRecorder{0, recorder, action, "alice"}, now_);
  }
  Wav stop() {
    plane_.advance(now_);
    control(ControlRecorder::Action::stop);
    return sink_.wav();
  }

  Instant now_ = at(0s);
  Metrics metrics_;
  FakeNetwork network_;
  FakeSink sink_;
  std::vector<Report> reports_;
  Plane plane_{
      {}, network_, sink_, metrics_, [this](Report&& it) { reports_.push_back(std::move(it)); }};
  std::deque<Phone> phones_;
};

using Pair = std::pair<Codec, Codec>;
class EveryPair : public Transcoding, public ::testing::WithParamInterface<Pair> {};

TEST_P(EveryPair, HearsEachOther) {
  const auto [customer, agent] = GetParam();
  connect(customer, agent);
  talk(2s);
  expect_both_heard();
  expect_continuous(0);
  expect_continuous(1);
  const bool is_relay = customer == agent || (!has_memory(customer) && !has_memory(agent));
  EXPECT_EQ(metric("cord_media_transcoded_streams"), is_relay ? 0 : 2);
  EXPECT_EQ(metric("cord_media_mixes"), is_relay ? 0 : 2);
}

TEST_P(EveryPair, GoesOnThroughMuteAndHold) {
  const auto [customer, agent] = GetParam();
  connect(customer, agent);
  talk(1s);
  mute(1, true);
  talk(1s);
  EXPECT_LT(loudness(std::span(phones_[0].heard).last(4'000)), 10) << "muted";
  expect_tone(std::span(phones_[1].heard).last(4'000), hz[0]);
  mute(1, false);
  order(0, Source::music);
  order(1, Source::silence);
  talk(1s);
  EXPECT_GT(loudness(std::span(phones_[0].heard).last(4'000)), 100) << "music";
  EXPECT_LT(tone_share(std::span(phones_[0].heard).last(4'000), hz[1]), 0.05);
  EXPECT_LT(loudness(std::span(phones_[1].heard).last(4'000)), 10) << "silence";
  hear_each_other();
  talk(2s);
  expect_both_heard();
  expect_continuous(0);
  expect_continuous(1);
}

TEST_P(EveryPair, IsRecordedInItsChannels) {
  const auto [customer, agent] = GetParam();
  connect(customer, agent);
  talk(400ms);
  record();
  talk(2s);
  control(ControlRecorder::Action::pause);
  talk(2s);
  control(ControlRecorder::Action::resume);
  talk(2s);
  const Wav wav = stop();
  ASSERT_GE(wav.left.size(), 47'000u);
  for (const std::size_t begin : {6'000u, 40'000u}) {
    expect_tone(part(wav.left, begin, begin + 6'000), hz[0]);
    expect_tone(part(wav.right, begin, begin + 6'000), hz[1]);
  }
  EXPECT_TRUE(all_zero(part(wav.left, 16'000, 32'000)));
  EXPECT_TRUE(all_zero(part(wav.right, 16'000, 32'000)));
}

INSTANTIATE_TEST_SUITE_P(
    All, EveryPair,
    ::testing::Values(Pair{Codec::pcmu, Codec::pcma}, Pair{Codec::pcma, Codec::g722},
                      Pair{Codec::opus, Codec::pcmu}, Pair{Codec::g722, Codec::opus},
                      Pair{Codec::g722, Codec::g722}, Pair{Codec::opus, Codec::opus}));

TEST_F(Transcoding, TheSameOrderAgainChangesNothing) {
  connect(Codec::opus, Codec::pcmu);
  talk(1s);
  hear_each_other();
  talk(20ms);
  EXPECT_EQ(phones_[0].heard.size(), frame_samples);
  EXPECT_EQ(phones_[1].heard.size(), frame_samples);
  EXPECT_GT(loudness(phones_[1].heard), 3'000) << "without a gap";
}

TEST_F(Transcoding, EndsWithThePeer) {
  connect(Codec::opus, Codec::pcmu);
  talk(1s);
  plane_.execute(CloseStream{0, stream(1)}, now_);
  EXPECT_EQ(metric("cord_media_transcoded_streams"), 0);
  EXPECT_EQ(metric("cord_media_mixes"), 0);
  order(0, Source::silence);
  phones_[0].heard.clear();
  for (int i = 0; i < 10; ++i) advance();
  EXPECT_EQ(phones_[0].heard.size(), 10 * frame_samples) << "it hears what it was ordered to";
}

TEST_F(Transcoding, AFarEndMayChangeItsCodecInTheMiddle) {
  connect(Codec::pcmu, Codec::pcma);
  talk(1s);
  Phone later(Codec::opus, hz[0]);
  phones_[1].heard.clear();
  for (int i = 0; i < 100; ++i) {
    receive(0, later.say());
    advance();
  }
  expect_tone(std::span(phones_[1].heard).last(4'000), hz[0]);
  EXPECT_EQ(metric("cord_media_transcoded_streams"), 1);
  talk(2s);
  expect_both_heard();
  EXPECT_EQ(metric("cord_media_transcoded_streams"), 0) << "a relay again";
  expect_continuous(1);
}

// An event of 100 ms as RFC 4733 has it: one time stamp, growing durations, the last one thrice.
TEST_F(Transcoding, KeysArePassedOnBetweenTheAudio) {
  connect(Codec::opus, Codec::pcmu);
  talk(1s);
  const std::size_t before = phones_[0].headers.size();
  Phone& agent = phones_[1];
  const RtpHeader first = parse_rtp(agent.say())->header;
  for (std::uint16_t i = 0; i < 7; ++i) {
    const auto payload =
        build_telephone_event({.event = 5,
                               .end = i >= 4,
                               .duration = static_cast<std::uint16_t>(
                                   std::min(i + 1, 5) * static_cast<int>(frame_samples))});
    receive(1, packet({.payload_type = key_type,
                       .sequence = static_cast<std::uint16_t>(first.sequence + i),
                       .timestamp = first.timestamp,
                       .ssrc = 1,
                       .marker = i == 0},
                      payload));
    advance();
  }
  ASSERT_EQ(phones_[0].keys.size(), 7u);
  EXPECT_EQ(phones_[0].keys[0].event, 5);
  EXPECT_EQ(phones_[0].keys[6].duration, 800);
  EXPECT_TRUE(phones_[0].keys[6].end);
  ASSERT_EQ(phones_[0].headers.size(), before + 7) << "no audio between them";
  for (std::size_t i = before; i < before + 7; ++i) {
    EXPECT_EQ(phones_[0].headers[i].timestamp, phones_[0].headers[before].timestamp);
  }
  talk(400ms);
  expect_continuous(0);
}

TEST_F(Transcoding, KeysHaveTheClockOfTheFarEnd) {
  connect(Codec::opus, Codec::pcmu);
  plane_.execute(ConfigureStream{.token = 0,
                                 .stream = stream(0),
                                 .remote = remote(0),
                                 .codec = Codec::opus,
                                 .opus_payload_type = opus_type,
                                 .dtmf_payload_type = key_type,
                                 .dtmf_clock_khz = 48},
                 now_);
  talk(1s);
  receive(1, phones_[1].next(key_type, build_telephone_event({.event = 7, .duration = 160})));
  advance();
  plane_.execute(SendTones{9, stream(0), "1"}, now_);
  talk(400ms);
  ASSERT_GE(phones_[0].keys.size(), 2u);
  EXPECT_EQ(phones_[0].keys.front().duration, 960) << "a peer's";
  EXPECT_EQ(phones_[0].keys.back().duration, 4'800) << "ours";
}

TEST_F(Transcoding, KeysAreTonesForWhoTakesNoEvents) {
  connect(Codec::opus, Codec::pcmu);
  plane_.execute(ConfigureStream{.token = 0,
                                 .stream = stream(0),
                                 .remote = remote(0),
                                 .codec = Codec::opus,
                                 .opus_payload_type = opus_type},
                 now_);
  talk(400ms);
  plane_.execute(SendTones{9, stream(0), "5"}, now_);
  talk(160ms);
  const auto tone = part(phones_[0].heard, 320, 800);
  EXPECT_GT(tone_share(tone, 770) + tone_share(tone, 1'336), 0.8);
}

// --- Comfort noise (RFC 3389) -------------------------------------------------------------------

class ComfortNoises : public Transcoding {
 protected:
  // The customer says that nobody speaks, 40 dB below overload, and then nothing for that long.
  void be_quiet(Duration span) {
    phones_[1].heard.clear();
    const std::array<std::uint8_t, 1> level{40};
    receive(0, phones_[0].next(noise_type, level));
    receive(1, phones_[1].say());
    advance();
    for (const Instant end = now_ + span; now_ < end;) {
      phones_[0].pass();
      receive(1, phones_[1].say());
      advance();
    }
  }
  static constexpr double told = 327.67;
};

TEST_F(ComfortNoises, AreHeardAtTheirLevelWhereTheyAreTranscoded) {
  connect(Codec::pcmu, Codec::opus);
  talk(1s);
  be_quiet(1s);
  EXPECT_NEAR(loudness(std::span(phones_[1].heard).last(4'000)), told, 0.4 * told);
  talk(1s);
  expect_both_heard();
  expect_continuous(1);
}

TEST_F(ComfortNoises, AreRecordedAtTheirLevel) {
  connect(Codec::pcmu, Codec::pcmu);
  record();
  talk(1s);
  be_quiet(2s);
  control(ControlRecorder::Action::pause);
  be_quiet(1s);
  control(ControlRecorder::Action::resume);
  talk(1s);
  const Wav wav = stop();
  expect_tone(part(wav.left, 2'000, 7'000), hz[0]);
  EXPECT_NEAR(loudness(part(wav.left, 10'000, 22'000)), told, 0.1 * told);
  EXPECT_TRUE(all_zero(part(wav.left, 24'160, 32'160))) << "paused";
  expect_tone(part(wav.left, 36'000, 39'000), hz[0]);
  expect_tone(part(wav.right, 10'000, 22'000), hz[1]);
}

TEST_F(ComfortNoises, ArePassedOnToWhoTakesThem) {
  connect(Codec::pcmu, Codec::pcma, true);
  talk(1s);
  be_quiet(200ms);
  EXPECT_EQ(phones_[1].noises, 1u);
  EXPECT_TRUE(phones_[1].heard.empty()) << "a relay sends what it gets";
  talk(1s);
  expect_continuous(1, false);
}

TEST_F(ComfortNoises, AreLeftOutForWhoDoesNot) {
  connect(Codec::pcmu, Codec::pcma);
  talk(1s);
  be_quiet(200ms);
  EXPECT_EQ(phones_[1].noises, 0u);
  talk(1s);
  expect_continuous(1, false);
}

}  // namespace
}  // namespace cord::media::test
