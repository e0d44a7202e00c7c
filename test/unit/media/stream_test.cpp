#include "media/stream.hpp"

#include "media/goertzel.hpp"
#include "media/rtcp.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

constexpr Endpoint phone{0x7f000001, 4000};
constexpr Endpoint elsewhere{0x7f000001, 5000};
constexpr StreamId id{1};

const GeneratedAudio& generated() {
  static const GeneratedAudio audio;
  return audio;
}

ConfigureStream configuration() {
  return {
      .token = 1, .stream = id, .remote = phone, .codec = Codec::pcmu, .dtmf_payload_type = 101};
}

struct Sent {
  RtpHeader header;
  std::vector<std::uint8_t> payload;
};

// A stream, and what it sends, read back.
struct Fixture {
  Stream stream{7, generated()};
  std::array<std::uint8_t, datagram_bytes_max> out{};

  explicit Fixture(ConfigureStream order = configuration()) { stream.configure(order, at(0s)); }

  std::optional<Sent> read(std::size_t bytes) const {
    if (bytes == 0) return std::nullopt;
    const auto packet = parse_rtp(std::span(out).first(bytes));
    EXPECT_TRUE(packet);
    return Sent{packet->header, {packet->payload.begin(), packet->payload.end()}};
  }
  std::optional<Sent> relay(const Media& media, Instant now) {
    return read(stream.relay(media, now, out));
  }
  std::optional<Sent> generate(Instant now) { return read(stream.generate(now, out)); }
};

const std::vector<std::uint8_t> voice = octets(0x42);

Media media(std::uint16_t sequence, std::uint32_t timestamp) {
  return {.codec = Codec::pcmu,
          .sequence = sequence,
          .timestamp = timestamp,
          .rtp_timestamp = timestamp,
          .run = 1,
          .payload = voice};
}

Drop receive(Stream& stream, Endpoint from, const PacketSpec& spec, Instant now = at(0s)) {
  return stream.receive(from, packet(spec, voice), now).drop;
}

TEST(StreamReceive, LatchesTheFirstSourceAndCountsStrangers) {
  Fixture it;
  EXPECT_EQ(receive(it.stream, elsewhere, {.sequence = 1}), Drop::none);
  EXPECT_EQ(it.stream.rtp_remote(), elsewhere);
  EXPECT_EQ(receive(it.stream, phone, {.sequence = 2}), Drop::stranger) << "even the SDP's address";
  EXPECT_EQ(receive(it.stream, {1, 1}, {.sequence = 3}), Drop::stranger);
  EXPECT_EQ(it.stream.statistics().strangers_dropped, 2u);
  EXPECT_EQ(it.stream.statistics().packets_received, 1u);
}

TEST(StreamReceive, OnlyAValidPacketLatches) {
  Fixture it;
  EXPECT_EQ(it.stream.receive(elsewhere, octets(0), at(0s)).drop, Drop::malformed);
  EXPECT_EQ(receive(it.stream, elsewhere, {.payload_type = 18}), Drop::payload_type);
  EXPECT_EQ(it.stream.receive(elsewhere, packet({}, {}), at(0s)).drop, Drop::malformed);
  EXPECT_EQ(receive(it.stream, phone, {}), Drop::none);
  EXPECT_EQ(it.stream.rtp_remote(), phone);
}

TEST(StreamReceive, TheSameRemoteAgainKeepsTheLatch) {
  Fixture it;
  receive(it.stream, elsewhere, {.sequence = 1});
  it.stream.configure(configuration(), at(1s));
  EXPECT_EQ(receive(it.stream, phone, {.sequence = 2}), Drop::stranger);
  EXPECT_EQ(receive(it.stream, elsewhere, {.sequence = 2}), Drop::none);
}

TEST(StreamReceive, AnotherRemoteLatchesAfreshButNotTheOldSourceAtOnce) {
  Fixture it;
  receive(it.stream, phone, {.sequence = 1});
  auto order = configuration();
  order.remote = elsewhere;
  it.stream.configure(order, at(1s));
  EXPECT_EQ(it.stream.rtp_remote(), elsewhere);
  EXPECT_EQ(receive(it.stream, phone, {.sequence = 2}, at(1s)), Drop::stranger);
  EXPECT_EQ(receive(it.stream, elsewhere, {.sequence = 2}, at(1s)), Drop::none);
  EXPECT_EQ(receive(it.stream, phone, {.sequence = 3}, at(9s)), Drop::stranger);
}

TEST(StreamReceive, AnOldSourceBehindNatComesBackAfterTheGuard) {
  Fixture it;
  receive(it.stream, phone, {.sequence = 1});
  auto order = configuration();
  order.remote = elsewhere;
  it.stream.configure(order, at(1s));
  EXPECT_EQ(receive(it.stream, phone, {.sequence = 2}, at(1s) + old_source_guard), Drop::none);
}

TEST(StreamReceive, TakesNothingBeforeItIsConfiguredOrWhenItMayNot) {
  Stream stream(7, generated());
  EXPECT_EQ(receive(stream, phone, {}), Drop::not_receiving);
  auto order = configuration();
  order.may_receive = false;
  stream.configure(order, at(0s));
  EXPECT_EQ(receive(stream, phone, {}), Drop::not_receiving);
}

TEST(StreamReceive, TakesEitherLawWhateverItSends) {
  Fixture it;
  const auto received = it.stream.receive(phone, packet({.payload_type = 8}, voice), at(0s));
  EXPECT_EQ(received.drop, Drop::none);
  EXPECT_EQ(received.media.codec, Codec::pcma);
}

TEST(StreamReceive, APayloadThatIsNotTakenIsASignOfLifeOnceLatched) {
  Fixture it;
  const PacketSpec unknown{.payload_type = 18, .sequence = 2};
  EXPECT_EQ(receive(it.stream, phone, unknown, at(1s)), Drop::payload_type);
  EXPECT_EQ(it.stream.last_received(), at(0s)) << "from anybody";
  receive(it.stream, phone, {.sequence = 1}, at(2s));
  EXPECT_EQ(receive(it.stream, phone, unknown, at(3s)), Drop::payload_type);
  EXPECT_EQ(it.stream.last_received(), at(3s));
  EXPECT_EQ(receive(it.stream, elsewhere, unknown, at(4s)), Drop::stranger);
  EXPECT_EQ(it.stream.last_received(), at(3s));
}

TEST(StreamReceive, ANewSsrcOrAJumpStartsANewRun) {
  Fixture it;
  const auto run = [&](const PacketSpec& spec, Instant now) {
    return it.stream.receive(phone, packet(spec, voice), now).media.run;
  };
  const auto first = run({.sequence = 1, .timestamp = 0}, at(0s));
  EXPECT_EQ(run({.sequence = 2, .timestamp = 160}, at(20ms)), first);
  const auto second = run({.sequence = 9, .timestamp = 9, .ssrc = 99}, at(40ms));
  EXPECT_NE(second, first);
  EXPECT_NE(run({.sequence = 10, .timestamp = 900'000, .ssrc = 99}, at(60ms)), second)
      << "its clock was set anew";
}

TEST(StreamReceive, AGapThatTookItsTimeIsNoNewRun) {
  Fixture it;
  const auto before =
      it.stream.receive(phone, packet({.sequence = 1, .timestamp = 0}, voice), at(0s));
  const auto after =
      it.stream.receive(phone, packet({.sequence = 2, .timestamp = 10 * 8000}, voice), at(10s));
  EXPECT_EQ(before.media.run, after.media.run);
}

TEST(StreamReceive, EachKeyIsToldOnce) {
  Fixture it;
  const std::vector<std::uint8_t> event{5, 10, 0, 160};
  const auto key = [&](std::uint16_t sequence, std::uint32_t timestamp) {
    return it.stream
        .receive(phone,
                 packet({.payload_type = 101, .sequence = sequence, .timestamp = timestamp}, event),
                 at(0s))
        .key;
  };
  EXPECT_EQ(key(1, 1000), std::uint8_t{5});
  EXPECT_EQ(key(2, 1000), std::nullopt);
  EXPECT_EQ(key(3, 1000), std::nullopt);
  EXPECT_EQ(key(4, 3000), std::uint8_t{5});
}

TEST(StreamReceive, TakesAnyPayloadTypeFromTheSdpWithoutHarm) {
  auto order = configuration();
  order.dtmf_payload_type = 200;
  Fixture it(order);
  it.stream.set_source(Source::peer, at(0s));
  auto event = media(1, 0);
  event.is_event = true;
  EXPECT_FALSE(it.relay(event, at(0s)));
}

TEST(StreamRelay, RewritesTheHeaderAndKeepsGapsAndOrder) {
  Fixture it;
  it.stream.set_source(Source::peer, at(0s));
  const auto a = it.relay(media(10, 1'000), at(0s));
  const auto b = it.relay(media(12, 1'320), at(40ms));
  const auto c = it.relay(media(11, 1'160), at(41ms));
  ASSERT_TRUE(a && b && c);
  EXPECT_TRUE(a->header.marker);
  EXPECT_FALSE(b->header.marker);
  EXPECT_EQ(a->header.ssrc, it.stream.ssrc());
  EXPECT_EQ(static_cast<std::uint16_t>(b->header.sequence - a->header.sequence), 2);
  EXPECT_EQ(b->header.timestamp - a->header.timestamp, 320u);
  EXPECT_EQ(static_cast<std::uint16_t>(c->header.sequence - a->header.sequence), 1);
  EXPECT_EQ(c->header.timestamp - a->header.timestamp, 160u);
  EXPECT_EQ(a->payload, voice);
}

TEST(StreamRelay, DropsWhatIsOlderThanTheRun) {
  Fixture it;
  it.stream.set_source(Source::peer, at(0s));
  ASSERT_TRUE(it.relay(media(10, 1'000), at(0s)));
  EXPECT_FALSE(it.relay(media(9, 840), at(1ms)));
}

TEST(StreamRelay, GoesOnThroughManyWrapsOfTheSequence) {
  Fixture it;
  it.stream.set_source(Source::peer, at(0s));
  std::optional<Sent> last;
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const auto sent = it.relay(media(static_cast<std::uint16_t>(i), i * 160), at(i * 20ms));
    ASSERT_TRUE(sent) << i;
    if (last) {
      ASSERT_EQ(static_cast<std::uint16_t>(last->header.sequence + 1), sent->header.sequence);
    }
    last = sent;
  }
}

TEST(StreamRelay, TranscodesBetweenTheLaws) {
  auto order = configuration();
  order.codec = Codec::pcma;
  Fixture it(order);
  it.stream.set_source(Source::peer, at(0s));
  const auto sent = it.relay(media(1, 0), at(0s));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->header.payload_type, 8);
  EXPECT_EQ(sent->payload, octets(transcode_table(Codec::pcmu)[0x42]));
}

TEST(StreamRelay, MutedAudioIsSilenceOfTheReceiversLaw) {
  for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
    auto order = configuration();
    order.codec = codec;
    Fixture it(order);
    it.stream.set_source(Source::peer, at(0s));
    const auto before = it.relay(media(1, 0), at(0s));
    auto muted = media(2, 160);
    muted.muted = true;
    const auto sent = it.relay(muted, at(20ms));
    ASSERT_TRUE(before && sent);
    EXPECT_EQ(sent->payload, octets(silence_octet(codec)));
    EXPECT_EQ(static_cast<std::uint16_t>(sent->header.sequence - before->header.sequence), 1);
    EXPECT_EQ(sent->header.timestamp - before->header.timestamp, 160u);
    EXPECT_FALSE(sent->header.marker);
  }
}

TEST(StreamRelay, MapsTelephoneEventsToTheNegotiatedType) {
  auto order = configuration();
  order.dtmf_payload_type = 96;
  Fixture it(order);
  it.stream.set_source(Source::peer, at(0s));
  const std::vector<std::uint8_t> event{5, 10, 0, 160};
  auto packet = media(1, 0);
  packet.is_event = true;
  packet.payload = event;
  const auto sent = it.relay(packet, at(0s));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->header.payload_type, 96);
  EXPECT_EQ(sent->payload, event);
}

TEST(StreamRelay, LeavesOutEventsWithoutAHoleWhereNoneWereNegotiatedOrMuted) {
  for (const bool muted : {false, true}) {
    auto order = configuration();
    if (!muted) order.dtmf_payload_type = 0;
    Fixture it(order);
    it.stream.set_source(Source::peer, at(0s));
    const auto before = it.relay(media(1, 0), at(0s));
    auto event = media(2, 160);
    event.is_event = true;
    event.muted = muted;
    EXPECT_FALSE(it.relay(event, at(20ms)));
    const auto after = it.relay(media(3, 320), at(40ms));
    ASSERT_TRUE(before && after);
    EXPECT_EQ(static_cast<std::uint16_t>(after->header.sequence - before->header.sequence), 1);
    EXPECT_EQ(after->header.timestamp - before->header.timestamp, 320u);
  }
}

TEST(StreamContinuity, HoldsFromPeerToMusicToAnotherPeer) {
  Fixture it;
  it.stream.set_source(Source::peer, at(0s));
  const auto a = it.relay(media(10, 1'000), at(0s));
  it.stream.set_source(Source::music, at(10ms));
  EXPECT_FALSE(it.generate(at(19ms))) << "not before the last packet has been played";
  const auto b = it.generate(at(20ms));
  const auto c = it.generate(at(40ms));
  it.stream.set_source(Source::peer, at(1s));
  EXPECT_FALSE(it.stream.frame_due());
  auto other = media(777, 0xfffffff0);
  other.run = 5;
  const auto d = it.relay(other, at(1s));
  ASSERT_TRUE(a && b && c && d);
  const auto step = [](const Sent& from, const Sent& to) {
    EXPECT_EQ(static_cast<std::uint16_t>(to.header.sequence - from.header.sequence), 1);
    EXPECT_EQ(to.header.ssrc, from.header.ssrc);
    return to.header.timestamp - from.header.timestamp;
  };
  EXPECT_EQ(step(*a, *b), 160u);
  EXPECT_TRUE(b->header.marker);
  EXPECT_EQ(step(*b, *c), 160u);
  EXPECT_FALSE(c->header.marker);
  EXPECT_EQ(step(*c, *d), 960u * 8u);
  EXPECT_TRUE(d->header.marker);
}

TEST(StreamContinuity, SurvivesACodecChange) {
  Fixture it;
  it.stream.set_source(Source::silence, at(0s));
  const auto a = it.generate(at(0s));
  auto order = configuration();
  order.codec = Codec::pcma;
  it.stream.configure(order, at(1ms));
  const auto b = it.generate(at(20ms));
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->payload, octets(0xff));
  EXPECT_EQ(b->payload, octets(0xd5));
  EXPECT_EQ(b->header.payload_type, 8);
  EXPECT_EQ(b->header.timestamp - a->header.timestamp, 160u);
  EXPECT_EQ(static_cast<std::uint16_t>(b->header.sequence - a->header.sequence), 1);
}

TEST(StreamGenerate, CatchesUpAfterAShortStallAndSkipsALongOne) {
  Fixture it;
  it.stream.set_source(Source::ringback, at(0s));
  ASSERT_TRUE(it.generate(at(0s)));
  int frames = 0;
  while (it.generate(at(60ms))) ++frames;
  EXPECT_EQ(frames, 3);
  frames = 0;
  std::optional<Sent> last;
  while (const auto sent = it.generate(at(2s))) {
    last = sent;
    ++frames;
  }
  EXPECT_EQ(frames, 1);
  EXPECT_TRUE(last->header.marker);
}

TEST(StreamGenerate, SendsNothingThatItMayNot) {
  auto order = configuration();
  order.may_send = false;
  Fixture it(order);
  it.stream.set_source(Source::music, at(0s));
  EXPECT_FALSE(it.stream.frame_due());
  it.stream.set_source(Source::peer, at(0s));
  EXPECT_FALSE(it.relay(media(1, 0), at(0s)));
  it.stream.set_source(Source::music, at(0s));
  it.stream.configure(configuration(), at(1s));
  EXPECT_EQ(it.stream.frame_due(), at(1s));
}

TEST(StreamGenerate, RingbackIsHeard) {
  Fixture it;
  it.stream.set_source(Source::ringback, at(0s));
  std::vector<std::int16_t> heard;
  for (int i = 0; i < 250; ++i) {
    const auto sent = it.generate(at(i * 20ms));
    ASSERT_TRUE(sent);
    const auto samples = decode(Codec::pcmu, sent->payload);
    heard.insert(heard.end(), samples.begin(), samples.end());
  }
  EXPECT_GT(tone_share(part(heard, 0, 8'000), 425), 0.98);
  EXPECT_TRUE(all_zero(part(heard, 8'000, 40'000)));
}

TEST(StreamRtcp, SendsReceiverReportsUntilItSends) {
  Fixture it;
  const auto report = [&](Instant now) { return *parse_rtcp(it.stream.make_rtcp(now, false)); };
  EXPECT_FALSE(report(at(1s)).reports[0].sender);
  EXPECT_TRUE(report(at(1s)).reports[0].blocks.empty());
  it.stream.set_source(Source::silence, at(2s));
  ASSERT_TRUE(it.generate(at(2s)));
  const auto sent = report(at(3s));
  ASSERT_TRUE(sent.reports[0].sender);
  EXPECT_EQ(sent.reports[0].sender->packets, 1u);
  EXPECT_EQ(sent.reports[0].sender->octets, 160u);
  EXPECT_EQ(sent.reports[0].ssrc, it.stream.ssrc());
  ASSERT_EQ(sent.cnames.size(), 1u);
  EXPECT_EQ(sent.cnames[0].cname.size(), 24u);
  EXPECT_TRUE(report(at(8s)).reports[0].sender) << "sent since the report before last";
  EXPECT_FALSE(report(at(13s)).reports[0].sender);
}

TEST(StreamRtcp, ReportsTheSourceAndTheTimeOfItsReport) {
  Fixture it;
  receive(it.stream, phone, {.sequence = 1, .ssrc = 55});
  receive(it.stream, phone, {.sequence = 3, .timestamp = 5'320, .ssrc = 55}, at(40ms));
  const auto sr = build_rtcp(
      {.reports = {{.ssrc = 55, .sender = SenderInfo{.ntp = 0x0000111122223333}, .blocks = {}}},
       .cnames = {},
       .byes = {}});
  EXPECT_FALSE(it.stream.receive_rtcp({0x7f000002, 4001}, sr, at(1s))) << "another host";
  EXPECT_FALSE(it.stream.receive_rtcp({phone.address, 4001}, octets(0), at(1s)));
  EXPECT_TRUE(it.stream.receive_rtcp({phone.address, 4001}, sr, at(1s)));
  const auto report = *parse_rtcp(it.stream.make_rtcp(at(2s), true));
  ASSERT_EQ(report.reports[0].blocks.size(), 1u);
  const auto& block = report.reports[0].blocks[0];
  EXPECT_EQ(block.ssrc, 55u);
  EXPECT_EQ(block.cumulative_lost, 1);
  EXPECT_EQ(block.fraction_lost, 256 / 3);
  EXPECT_EQ(block.highest_sequence, 3u);
  EXPECT_EQ(block.last_sr, 0x11112222u);
  EXPECT_EQ(block.delay_since_last_sr, 65'536u);
  EXPECT_EQ(report.byes, std::vector{it.stream.ssrc()});
}

TEST(StreamRtcp, ReportsOnlyWhatCameSinceTheReportBefore) {
  Fixture it;
  receive(it.stream, phone, {.sequence = 1});
  EXPECT_EQ(parse_rtcp(it.stream.make_rtcp(at(5s), false))->reports[0].blocks.size(), 1u);
  EXPECT_TRUE(parse_rtcp(it.stream.make_rtcp(at(10s), false))->reports[0].blocks.empty());
  receive(it.stream, phone, {.sequence = 2}, at(11s));
  EXPECT_EQ(parse_rtcp(it.stream.make_rtcp(at(15s), false))->reports[0].blocks.size(), 1u);
}

// RFC 3550 §6.4.1, the round trip of figure 2: A = 0xb710:8000, DLSR = 5.250 s, LSR = 0xb705:2000.
TEST(StreamRtcp, KeepsWhatTheFarEndReportsAboutUs) {
  Fixture it;
  receive(it.stream, phone, {});
  const Instant now(std::chrono::seconds(0xea00'b710 - 2'208'988'800) + 500ms);
  ASSERT_EQ(compact_ntp(to_ntp(now)), 0xb710'8000u);
  ReportBlock block{.ssrc = it.stream.ssrc(),
                    .fraction_lost = 0,
                    .cumulative_lost = 12,
                    .highest_sequence = 0,
                    .jitter = 16,
                    .last_sr = 0xb705'2000,
                    .delay_since_last_sr = 0x0005'4000};
  const auto take = [&](ReportBlock about) {
    const auto rr = build_rtcp(
        {.reports = {{.ssrc = 55, .sender = {}, .blocks = {about}}}, .cnames = {}, .byes = {}});
    EXPECT_TRUE(it.stream.receive_rtcp({phone.address, 4001}, rr, now));
    return it.stream.statistics();
  };
  EXPECT_EQ(take(block).far_packets_lost, 12u);
  EXPECT_EQ(take(block).far_jitter_us, 2'000u);
  EXPECT_EQ(take(block).round_trip_us, 6'125'000u);
  ReportBlock other = block;
  other.ssrc = 1;
  other.cumulative_lost = 99;
  EXPECT_EQ(take(other).far_packets_lost, 12u) << "about somebody else";
  block.cumulative_lost = -3;
  block.delay_since_last_sr = 0x7fff'ffff;
  EXPECT_EQ(take(block).far_packets_lost, 0u) << "some were doubled";
  EXPECT_EQ(take(block).round_trip_us, 0u) << "less than nothing";
  block.last_sr = 0;
  block.delay_since_last_sr = 0;
  EXPECT_EQ(take(block).round_trip_us, 0u) << "it has no report of ours";
}

}  // namespace
}  // namespace cord::media::test
