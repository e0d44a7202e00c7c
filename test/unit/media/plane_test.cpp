#include "media/plane.hpp"

#include "media/rtcp.hpp"
#include "plane_support.hpp"

namespace cord::media::test {
namespace {

RtpHeader header_of(const FakeNetwork::Datagram& it) {
  return parse_rtp(it.bytes)->header;
}

TEST(Plane, AnswersEveryOrderWithItsToken) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.bridge(at(0s));
  it.plane.execute(SetMuted{7, it.agent, true}, at(0s));
  it.plane.execute(CloseStream{8, it.agent}, at(0s));
  ASSERT_EQ(it.reports.size(), 8u);
  const auto opened = it.all<StreamOpened>();
  ASSERT_EQ(opened.size(), 2u);
  EXPECT_EQ(opened[0].local.port, 20'000);
  EXPECT_NE(opened[0].ssrc, opened[1].ssrc);
  EXPECT_EQ(it.all<StreamClosed>()[0].token, 8u);
}

TEST(Plane, AnswersOrdersForStreamsItDoesNotKnow) {
  PlaneFixture it;
  const StreamId nobody{99};
  it.plane.execute(
      ConfigureStream{.token = 1, .stream = nobody, .remote = {}, .codec = Codec::pcmu}, at(0s));
  it.plane.execute(SetSource{2, nobody, Source::music}, at(0s));
  it.plane.execute(SetMuted{3, nobody, true}, at(0s));
  it.plane.execute(CloseStream{4, nobody}, at(0s));
  it.plane.execute(StartRecorder{5, RecorderId{1}, nobody, nobody, "x", {}, "a"}, at(0s));
  using Action = ControlRecorder::Action;
  it.plane.execute(ControlRecorder{6, RecorderId{1}, Action::pause, "a"}, at(0s));
  it.plane.execute(ControlRecorder{7, RecorderId{1}, Action::stop, "a"}, at(0s));
  it.plane.execute(ControlRecorder{8, RecorderId{1}, Action::resume, "a"}, at(0s));
  EXPECT_EQ(it.all<Done>().size(), 5u);
  EXPECT_EQ(it.all<StreamClosed>().size(), 1u);
  const auto failed = it.all<RecorderFailed>();
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[0].token, 5u);
  EXPECT_EQ(failed[1].token, 8u);
}

TEST(Plane, TokenZeroWantsNoReport) {
  PlaneFixture it;
  it.plane.execute(OpenStream{0, it.agent}, at(0s));
  it.plane.execute(SetMuted{0, it.agent, true}, at(0s));
  it.plane.execute(CloseStream{0, it.agent}, at(0s));
  EXPECT_TRUE(it.reports.empty());
}

TEST(Plane, OpensAsManyStreamsAsItMay) {
  PlaneFixture it({.streams_max = 2, .recorders = {}});
  it.open_both(at(0s));
  it.plane.execute(OpenStream{9, StreamId{3}}, at(0s));
  ASSERT_EQ(it.all<StreamFailed>().size(), 1u);
  EXPECT_NE(it.all<StreamFailed>()[0].reason.find("streams_max"), std::string::npos);
  EXPECT_EQ(it.metric("cord_media_streams"), 2);
  EXPECT_EQ(it.metric("cord_media_streams_refused_total"), 1);
  it.plane.execute(CloseStream{10, it.agent}, at(0s));
  it.plane.execute(OpenStream{11, StreamId{3}}, at(0s));
  EXPECT_EQ(it.all<StreamOpened>().size(), 3u);
}

TEST(Plane, ReportsAStreamThatCannotBeOpened) {
  PlaneFixture it;
  it.plane.execute(OpenStream{1, it.agent}, at(0s));
  it.plane.execute(OpenStream{2, it.agent}, at(0s));
  it.network.fails = true;
  it.plane.execute(OpenStream{3, it.customer}, at(0s));
  const auto failed = it.all<StreamFailed>();
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[0].reason, "a stream of this id is open");
  EXPECT_EQ(failed[1].reason, "test.ports: no port");
}

TEST(Plane, RelaysBothWaysWithOwnSsrcs) {
  PlaneFixture it;
  it.open_both(at(0s), Codec::pcmu);
  it.bridge(at(0s));
  it.talk(0s, 40ms);
  const auto sent = it.network.take_rtp();
  ASSERT_EQ(sent.size(), 4u);
  const auto opened = it.all<StreamOpened>();
  EXPECT_EQ(sent[0].slot, 1u) << "what the customer said goes to the agent";
  EXPECT_EQ(sent[0].to, it.agent_phone);
  EXPECT_EQ(header_of(sent[0]).ssrc, opened[1].ssrc);
  EXPECT_EQ(header_of(sent[1]).ssrc, opened[0].ssrc);
  EXPECT_EQ(it.metric("cord_media_rtp_packets_total", "received"), 4);
  EXPECT_EQ(it.metric("cord_media_rtp_packets_total", "sent"), 4);
}

TEST(Plane, DropsStrangersAndCountsThem) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.bridge(at(0s));
  it.receive(0, 1, at(0s));
  it.plane.receive_rtp(0, {0x0b000001, 9}, packet({.sequence = 2}, octets(1)), at(0s));
  EXPECT_EQ(it.network.take_rtp().size(), 1u);
  EXPECT_EQ(it.metric("cord_media_rtp_dropped_packets_total", "stranger"), 1);
  it.plane.execute(CloseStream{50, it.customer}, at(1s));
  EXPECT_EQ(it.all<StreamClosed>()[0].statistics.strangers_dropped, 1u);
}

TEST(Plane, MusicGoesOnWhileThePeerTalksOn) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.bridge(at(0s));
  it.talk(0s, 100ms);
  const auto before = it.network.take_rtp();
  it.plane.execute(SetSource{9, it.customer, Source::music}, at(100ms));
  it.plane.execute(SetSource{10, it.agent, Source::nothing}, at(100ms));
  it.talk(100ms, 500ms);
  const auto held = it.network.take_rtp();
  ASSERT_EQ(held.size(), 20u);
  std::uint16_t sequence = header_of(before.back()).sequence;
  std::uint32_t timestamp = header_of(before.back()).timestamp;
  for (const auto& datagram : held) {
    EXPECT_EQ(datagram.slot, 0u);
    EXPECT_EQ(header_of(datagram).sequence, ++sequence);
    EXPECT_EQ(header_of(datagram).timestamp, timestamp += 160);
  }
  EXPECT_TRUE(header_of(held[0]).marker);
}

TEST(Plane, PacesGeneratedAudioByItsTimer) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.plane.execute(SetSource{9, it.customer, Source::ringback}, at(0s));
  int steps = 0;
  for (Instant now = at(0s); now < at(1s); ++steps) {
    it.plane.advance(now);
    now = std::max(now + 1ms, *it.plane.next_due());
  }
  EXPECT_EQ(it.network.take_rtp().size(), 50u);
  EXPECT_LT(steps, 60);
}

TEST(Plane, AClosedPeerIsForgotten) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.bridge(at(0s));
  it.plane.execute(CloseStream{9, it.agent}, at(0s));
  it.network.sent.clear();
  it.plane.execute(OpenStream{10, StreamId{3}}, at(0s));  // takes the slot of the agent
  it.receive(0, 1, at(20ms));
  EXPECT_TRUE(it.network.take_rtp().empty());
}

TEST(Plane, BridgesAnotherPeerInTheMiddle) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.bridge(at(0s));
  it.receive(1, 1, at(20ms));
  const StreamId other{3};
  it.plane.execute(OpenStream{10, other}, at(20ms));
  it.plane.execute(
      ConfigureStream{.token = 11, .stream = other, .remote = it.agent_phone, .codec = Codec::pcmu},
      at(20ms));
  it.plane.execute(SetSource{12, it.customer, Source::peer, other}, at(30ms));
  it.receive(1, 2, at(40ms));
  it.plane.receive_rtp(2, it.agent_phone, packet({.sequence = 7, .timestamp = 7}, octets(1)),
                       at(60ms));
  const auto sent = it.network.take_rtp();
  ASSERT_EQ(sent.size(), 2u) << "the agent is not heard any more";
  EXPECT_EQ(header_of(sent[1]).sequence,
            static_cast<std::uint16_t>(header_of(sent[0]).sequence + 1));
  EXPECT_EQ(header_of(sent[1]).timestamp - header_of(sent[0]).timestamp, 320u);
  EXPECT_TRUE(header_of(sent[1]).marker);
}

TEST(Plane, TimesOutOncePerSilence) {
  PlaneFixture it;
  it.plane.execute(OpenStream{1, it.customer}, at(0s));
  ConfigureStream order{.token = 2,
                        .stream = it.customer,
                        .remote = it.customer_phone,
                        .codec = Codec::pcmu,
                        .timeout = 10s};
  it.plane.execute(order, at(0s));
  const auto count_at = [&](Duration t) {
    it.plane.advance(at(t));
    return it.all<StreamTimedOut>().size();
  };
  EXPECT_EQ(count_at(9'999ms), 0u);
  it.receive(0, 1, at(9'999ms));
  EXPECT_EQ(count_at(19'998ms), 0u);
  EXPECT_EQ(count_at(20s), 1u);
  EXPECT_EQ(count_at(90s), 1u);
  it.receive(0, 2, at(90s));
  EXPECT_EQ(count_at(99s), 1u);
  EXPECT_EQ(count_at(101s), 2u);
  // The same order again, as a session refresh gives it, is no new silence.
  it.plane.execute(order, at(101s));
  EXPECT_EQ(count_at(130s), 2u);
  order.may_receive = false;
  it.plane.execute(order, at(130s));
  EXPECT_EQ(count_at(200s), 2u);
  order.may_receive = true;
  it.plane.execute(order, at(200s));
  EXPECT_EQ(count_at(211s), 3u);
}

TEST(Plane, ReportsKeys) {
  PlaneFixture it;
  it.open_both(at(0s));
  const std::vector<std::uint8_t> event{11, 10, 0, 160};
  for (std::uint16_t i = 0; i < 3; ++i) {
    it.plane.receive_rtp(0, it.customer_phone,
                         packet({.payload_type = 101, .sequence = i, .timestamp = 1'000}, event),
                         at(0s));
  }
  ASSERT_EQ(it.all<DtmfReceived>().size(), 1u);
  EXPECT_EQ(it.all<DtmfReceived>()[0].stream, it.customer);
  EXPECT_EQ(it.all<DtmfReceived>()[0].event, 11);
}

TEST(Plane, SendsRtcpNowAndThenAndAGoodbye) {
  PlaneFixture it;
  it.open_both(at(0s));
  for (Duration t = 0s; t <= 60s; t += 100ms) it.plane.advance(at(t));
  std::map<Slot, int> reports;
  for (const auto& datagram : it.network.sent) {
    ASSERT_EQ(datagram.channel, Channel::rtcp);
    EXPECT_EQ(datagram.to.port, 4001);
    ASSERT_TRUE(parse_rtcp(datagram.bytes));
    ++reports[datagram.slot];
  }
  for (const Slot slot : {0u, 1u}) {
    EXPECT_GE(reports[slot], 9);
    EXPECT_LE(reports[slot], 29);
  }
  it.network.sent.clear();
  it.plane.execute(CloseStream{9, it.customer}, at(61s));
  ASSERT_EQ(it.network.sent.size(), 1u);
  EXPECT_EQ(parse_rtcp(it.network.sent[0].bytes)->byes.size(), 1u);
}

// RFC 3550 §6.3.7: who never sent a packet must not send a BYE.
TEST(Plane, SaysNoGoodbyeWhenItNeverSpoke) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.plane.execute(CloseStream{9, it.customer}, at(0s));
  EXPECT_TRUE(it.network.sent.empty());
}

TEST(Plane, CountsRtcpItCannotUse) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.plane.receive_rtcp(0, it.customer_phone, octets(0), at(0s));
  EXPECT_EQ(it.metric("cord_media_rtcp_dropped_packets_total"), 1);
}

TEST(Plane, ShutsDownEverythingProperly) {
  PlaneFixture it;
  it.open_both(at(0s));
  it.bridge(at(0s));
  it.plane.execute(StartRecorder{9, RecorderId{1}, it.customer, it.agent, "x", {}, "alice"},
                   at(0s));
  it.talk(0s, 100ms);
  it.network.sent.clear();
  it.plane.shut_down(at(100ms));
  EXPECT_EQ(it.network.open_count, 0);
  EXPECT_EQ(it.network.sent.size(), 2u) << "a goodbye each";
  const auto finished = it.sink.all<FinishRecording>();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0]->story.actions.back().by, "shutdown");
  EXPECT_EQ(it.sink.wav().left.size(), 800u);
}

}  // namespace
}  // namespace cord::media::test
