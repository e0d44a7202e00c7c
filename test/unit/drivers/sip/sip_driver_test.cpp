#include "drivers/sip/sip_driver.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::Cause;
using core::LegId;
using core::Waiting;
using media::Source;
using FailedOrder = core::LegOrderFailed::Order;

class SipDriverTest : public DriverWorld {};

TEST_F(SipDriverTest, ReportsAnArrivedCall) {
  const LegId leg = call_in();
  EXPECT_NE(leg.value & core::inbound_leg_bit, 0U);
  const auto arrived = last<core::CallArrived>();
  EXPECT_EQ(arrived.called, "18005550100");
  EXPECT_EQ(arrived.caller, "+15551234");
  EXPECT_EQ(arrived.caller_name, "Carol");
  EXPECT_FALSE(arrived.call_id.empty());
  finish({leg});
}

TEST_F(SipDriverTest, LetsACallerHearTheCarriersRinging) {
  const LegId leg = call_in();
  order(core::AcceptLeg{leg, Waiting::ringing});
  EXPECT_EQ(carrier->all<sip::CallRinging>().size(), 1U);
  EXPECT_TRUE(media->orders.empty());
  finish({leg});
}

TEST_F(SipDriverTest, LetsACallerHearOurRinging) {
  const LegId leg = call_in();
  order(core::AcceptLeg{leg, Waiting::tone});
  // Sent reliably: the last message answers its PRACK.
  EXPECT_TRUE(std::any_of(messages.begin(), messages.end(),
                          [](const sip::Message& it) { return it.status == 183; }));
  EXPECT_EQ(messages.back().cseq().method, "PRACK");
  EXPECT_EQ(media->sources.at({1}).source, Source::ringback);
  EXPECT_EQ(media->configured.at({1}).remote.port, carrier_port + 10'000);
  EXPECT_EQ(media->configured.at({1}).timeout, Duration{});
  EXPECT_TRUE(carrier->all<sip::CallAnswered>().empty());
  finish({leg});
}

TEST_F(SipDriverTest, LetsACallerHearMusic) {
  const LegId leg = call_in();
  order(core::AcceptLeg{leg, Waiting::music});
  EXPECT_EQ(carrier->all<sip::CallAnswered>().size(), 1U);
  EXPECT_EQ(media->sources.at({1}).source, Source::music);
  EXPECT_EQ(media->configured.at({1}).timeout, 30s);
  finish({leg});
}

TEST_F(SipDriverTest, CallsAPhoneThatAnswersByItself) {
  order(to_phone());
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
  const sip::Message& invite = messages.front();
  EXPECT_EQ(invite.value(sip::header::call_info), "<sip:127.0.0.1>;answer-after=0");
  EXPECT_NE(invite.value(sip::header::alert_info).find("info=alert-autoanswer"), std::string::npos);
  EXPECT_EQ(invite.from().uri.user_text(), "+15551234");
  EXPECT_EQ(invite.from().display, "Carol");
  EXPECT_EQ(media->sources.at({1}).source, Source::silence);
  finish({{1}});
}

TEST_F(SipDriverTest, HidesACallerWithoutNumber) {
  core::OriginateLeg it = to_phone();
  it.caller.clear();
  it.auto_answer = false;
  order(it);
  EXPECT_EQ(messages.front().from().uri.host, "anonymous.invalid");
  EXPECT_FALSE(messages.front().has(sip::header::call_info));
  finish({{1}});
}

TEST_F(SipDriverTest, ReportsRingingOnce) {
  phone->on_call = [](Peer& it, sip::CallHandle call, Instant at) { it.agent.ring(call, at); };
  order(to_phone());
  EXPECT_EQ(all<core::LegRinging>().size(), 1U);
  EXPECT_TRUE(all<core::LegAnswered>().empty());
  pass(21s);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::timeout);
  EXPECT_EQ(phone->all<sip::CallEnded>().size(), 1U);
  finish({{1}});
}

class SipDriverBridges : public DriverWorld, public ::testing::WithParamInterface<Waiting> {};

TEST_P(SipDriverBridges, FromEveryKindOfWaiting) {
  const auto [customer, agent] = bridged(GetParam());
  EXPECT_EQ(carrier->all<sip::CallAnswered>().size(), 1U);
  const auto streams = media->all<media::OpenStream>();
  ASSERT_EQ(streams.size(), 2U);
  const auto& one = media->sources.at(streams[0].stream);
  const auto& other = media->sources.at(streams[1].stream);
  EXPECT_EQ(one.source, Source::peer);
  EXPECT_EQ(one.peer, streams[1].stream);
  EXPECT_EQ(other.peer, streams[0].stream);
  EXPECT_EQ(media->configured.at(streams[0].stream).timeout, 30s);
  finish({customer, agent});
  EXPECT_TRUE(media->open.empty());
}

INSTANTIATE_TEST_SUITE_P(All, SipDriverBridges,
                         ::testing::Values(Waiting::ringing, Waiting::tone, Waiting::music));

TEST_F(SipDriverTest, AnswersTheCallerInThePhonesCodec) {
  phone->codecs = {sip::Codec::pcma};
  bridged();
  EXPECT_EQ(media->configured.at({1}).codec, media::Codec::pcma);
  EXPECT_EQ(media->configured.at({2}).codec, media::Codec::pcma);
}

TEST_F(SipDriverTest, HoldsAndRetrieves) {
  const auto [customer, agent] = bridged();  // Stream 1 is the phone's, 2 the customer's.
  order(core::HoldLeg{customer, agent});
  EXPECT_EQ(last<core::LegHeld>().leg, agent);
  EXPECT_EQ(media->sources.at({2}).source, Source::music);
  EXPECT_EQ(media->sources.at({1}).source, Source::silence);
  order(core::RetrieveLeg{customer, agent});
  EXPECT_EQ(last<core::LegRetrieved>().leg, agent);
  EXPECT_EQ(media->sources.at({2}).source, Source::peer);
  EXPECT_EQ(media->sources.at({1}).source, Source::peer);
  finish({customer, agent});
}

TEST_F(SipDriverTest, MutesAcrossAHoldAndAReinvite) {
  const auto [customer, agent] = bridged();
  order(core::MuteLeg{agent});
  EXPECT_EQ(last<core::LegMuted>().leg, agent);
  order(core::HoldLeg{customer, agent});
  carrier->agent.reinvite(carrier->call, carrier->media(), now);
  settle();
  order(core::RetrieveLeg{customer, agent});
  EXPECT_TRUE(media->muted.at({1}));
  EXPECT_EQ(media->all<media::SetMuted>().size(), 1U);
  order(core::UnmuteLeg{agent});
  EXPECT_EQ(last<core::LegUnmuted>().leg, agent);
  EXPECT_FALSE(media->muted.at({1}));
  finish({customer, agent});
}

TEST_F(SipDriverTest, ParksAPersistentPhoneUnmuted) {
  const auto [customer, agent] = bridged();
  order(core::MuteLeg{agent});
  order(core::ReleaseLeg{customer, Cause::request});
  order(core::ParkLeg{agent});
  EXPECT_EQ(media->sources.at({1}).source, Source::silence);
  EXPECT_FALSE(media->muted.at({1}));
  EXPECT_EQ(driver->legs(), 1U);
  const LegId next = call_in();
  order(core::BridgeLegs{next, agent});
  EXPECT_EQ(all<core::LegsBridged>().size(), 2U);
  finish({customer, next, agent});
}

TEST_F(SipDriverTest, SeesThePhonesOwnHoldKey) {
  const auto [customer, agent] = bridged();
  phone->direction = sip::Direction::sendonly;
  phone->agent.reinvite(phone->call, phone->media(), now);
  settle();
  EXPECT_EQ(last<core::LegHeldByPhone>().leg, agent);
  EXPECT_FALSE(media->configured.at({1}).may_send);
  EXPECT_EQ(media->configured.at({1}).timeout, Duration{});
  phone->direction = sip::Direction::sendrecv;
  phone->agent.reinvite(phone->call, phone->media(), now);
  settle();
  EXPECT_EQ(last<core::LegRetrievedByPhone>().leg, agent);
  EXPECT_EQ(media->configured.at({1}).timeout, 30s);
  finish({customer, agent});
}

TEST_F(SipDriverTest, OnlyAnswersTheCustomersHold) {
  const auto [customer, agent] = bridged();
  carrier->direction = sip::Direction::inactive;
  carrier->agent.reinvite(carrier->call, carrier->media(), now);
  settle();
  EXPECT_TRUE(carrier->all<sip::ReinviteEnded>().back().ok);
  EXPECT_TRUE(all<core::LegHeldByPhone>().empty());
  EXPECT_FALSE(media->configured.at({2}).may_receive);
  finish({customer, agent});
}

TEST_F(SipDriverTest, RecordsPausesResumesAndStops) {
  const auto [customer, agent] = bridged();
  order(core::StartRecording{{7}, customer, agent, "i-1", {{"queue", "support"}}, "alice"});
  EXPECT_EQ(last<core::RecordingStarted>().file, "i-1.wav");
  const auto started = media->all<media::StartRecorder>().back();
  EXPECT_EQ(started.left, media::StreamId{2});
  EXPECT_EQ(started.right, media::StreamId{1});
  order(core::PauseRecording{{7}, "alice"});
  EXPECT_EQ(last<core::RecordingPaused>().recording.value, 7U);
  order(core::ResumeRecording{{7}, "alice"});
  EXPECT_EQ(last<core::RecordingResumed>().recording.value, 7U);
  order(core::StopRecording{{7}, "alice"});
  EXPECT_EQ(last<core::RecordingStopped>().recording.value, 7U);
  driver->on_media(media::RecorderFailed{0, {7}, "disk full"}, now);
  EXPECT_EQ(last<core::RecordingFailed>().detail, "disk full");
  finish({customer, agent});
}

TEST_F(SipDriverTest, CannotRecordLegsThatAreNotThere) {
  order(core::StartRecording{{7}, {8}, {9}, "i-1", {}, "alice"});
  EXPECT_EQ(all<core::RecordingFailed>().size(), 1U);
}

TEST_F(SipDriverTest, TellsTheCallerWhyItIsNotTaken) {
  const std::vector<std::pair<Cause, int>> table{
      {Cause::rejected, 404}, {Cause::busy, 486}, {Cause::timeout, 480}, {Cause::shutdown, 503}};
  for (const auto& [cause, status] : table) {
    const LegId leg = call_in();
    order(core::ReleaseLeg{leg, cause});
    EXPECT_EQ(carrier->all<sip::CallEnded>().back().status, status);
    EXPECT_EQ(last<core::LegReleased>().cause, cause);
  }
}

TEST_F(SipDriverTest, TellsWhyAPhoneDidNotAnswer) {
  const std::vector<std::pair<std::uint16_t, Cause>> table{
      {486, Cause::busy}, {603, Cause::rejected}, {404, Cause::unreachable}, {488, Cause::failed}};
  LegId leg{10};
  for (const auto& [status, cause] : table) {
    phone->on_call = [status = status](Peer& it, sip::CallHandle call, Instant at) {
      it.agent.hang_up(call, at, status);
    };
    order(to_phone({++leg.value}));
    EXPECT_EQ(last<core::LegReleased>().cause, cause);
    EXPECT_EQ(last<core::LegReleased>().detail.substr(0, 3), std::to_string(status));
    finish({leg});
  }
  EXPECT_TRUE(media->open.empty());
}

TEST_F(SipDriverTest, APhoneThatIsNotThereTimesOut) {
  drops = [](const sip::Message& it) { return it.method == "INVITE"; };
  order(to_phone());
  pass(21s);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::timeout);
  core::OriginateLeg patient = to_phone({2});
  patient.ring_max = 60s;
  order(patient);
  pass(33s);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  finish({{1}, {2}});
}

TEST_F(SipDriverTest, RefusesAddressesItCannotCall) {
  for (const std::string to : {"1001", "sip:1001@phone.test", "tel:+1555", ""}) {
    core::OriginateLeg it = to_phone({core::LegId{100 + to.size()}});
    it.to = to;
    order(it);
    EXPECT_EQ(last<core::LegReleased>().leg, it.leg);
    EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  }
  EXPECT_EQ(driver->legs(), 0U);
  EXPECT_TRUE(media->open.empty());
}

TEST_F(SipDriverTest, TheCallerHangsUpWhileThePhoneIsCalled) {
  phone->on_call = [](Peer& it, sip::CallHandle call, Instant at) { it.agent.ring(call, at); };
  const LegId customer = call_in();
  order(core::AcceptLeg{customer, Waiting::tone});
  order(to_phone());
  carrier->agent.hang_up(carrier->call, now);
  settle();
  EXPECT_EQ(last<core::LegReleased>().leg, customer);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::remote);
  order(core::ReleaseLeg{{1}, Cause::request});
  EXPECT_EQ(phone->all<sip::CallEnded>().back().cause, sip::EndCause::remote);
  finish({customer, {1}});
}

TEST_F(SipDriverTest, TheCallerHangsUpBeforeItsStreamIsOpen) {
  const LegId customer = call_in();
  driver->execute(core::AcceptLeg{customer, Waiting::tone}, now);
  carrier->agent.hang_up(carrier->call, now);
  settle();
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::remote);
  EXPECT_TRUE(media->open.empty());
  finish({customer});
}

TEST_F(SipDriverTest, ThePhoneIsReleasedBeforeItsStreamIsOpen) {
  driver->execute(to_phone(), now);
  driver->execute(core::ReleaseLeg{{1}, Cause::request}, now);
  settle();
  EXPECT_TRUE(media->open.empty());
  EXPECT_TRUE(messages.empty());
  finish({{1}});
}

TEST_F(SipDriverTest, ThePhoneHangsUpWhileItIsBridged) {
  const LegId customer = call_in();
  order(to_phone());
  driver->execute(core::BridgeLegs{customer, {1}}, now);
  phone->agent.hang_up(phone->call, now);
  const auto outputs = phone->agent.take_outputs();
  for (const auto& it : outputs) {
    if (const auto* bytes = std::get_if<sip::SendBytes>(&it)) {
      driver->on_input(DatagramsArrived{0, {{{loopback, phone_port}, bytes->bytes}}}, now);
    }
  }
  settle();
  EXPECT_EQ(last<core::LegReleased>().leg, LegId{1});
  EXPECT_EQ(last<core::LegOrderFailed>().order, FailedOrder::bridge);
  EXPECT_TRUE(all<core::LegsBridged>().empty());
  finish({customer, {1}});
}

TEST_F(SipDriverTest, ByesCross) {
  const auto [customer, agent] = bridged();
  carrier->agent.hang_up(carrier->call, now);
  driver->execute(core::ReleaseLeg{customer, Cause::request}, now);
  settle();
  EXPECT_EQ(released[customer], 1);
  finish({customer, agent});
}

TEST_F(SipDriverTest, TheOtherSideHearsMusicWhenThePhoneHasGone) {
  const auto [customer, agent] = bridged();
  phone->agent.hang_up(phone->call, now);
  settle();
  EXPECT_EQ(last<core::LegReleased>().leg, agent);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::remote);
  EXPECT_EQ(media->sources.at({2}).source, Source::music);
  order(core::HoldLeg{customer, agent});
  EXPECT_EQ(last<core::LegOrderFailed>().order, FailedOrder::hold);
  finish({customer, agent});
}

TEST_F(SipDriverTest, EndsALegWithoutRtp) {
  const auto [customer, agent] = bridged();
  driver->on_media(media::StreamTimedOut{{2}}, now);
  settle();
  EXPECT_EQ(last<core::LegReleased>().leg, customer);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::failed);
  EXPECT_EQ(carrier->all<sip::CallEnded>().back().cause, sip::EndCause::remote);
  finish({customer, agent});
}

TEST_F(SipDriverTest, CountsHowStreamsSounded) {
  const auto count = [this](const char* kind) {
    return metrics->counter("cord_sip_streams_by_quality_total", "", kind).value();
  };
  // Heard here without a loss; of ours a third was lost on the way.
  media->statistics = {.packets_received = 1'000,
                       .packets_sent = 1'000,
                       .far_packets_lost = 333,
                       .round_trip_us = 20'000};
  const auto [customer, agent] = bridged();
  finish({customer, agent});
  EXPECT_EQ(count("good"), 2U);
  EXPECT_EQ(count("bad"), 2U);
}

// Who sent nothing and reported nothing.
TEST_F(SipDriverTest, CountsNoStreamThatNobodyHeard) {
  media->statistics = {.packets_sent = 1'000};
  const auto [customer, agent] = bridged();
  finish({customer, agent});
  for (const char* kind : {"good", "fair", "poor", "bad"}) {
    EXPECT_EQ(metrics->counter("cord_sip_streams_by_quality_total", "", kind).value(), 0U) << kind;
  }
}

TEST_F(SipDriverTest, EndsALegWhoseAckNeverComes) {
  drops = [](const sip::Message& it) { return it.status == 200; };
  const LegId customer = call_in();
  order(core::AcceptLeg{customer, Waiting::music});
  pass(33s);
  EXPECT_EQ(last<core::LegReleased>().detail, "no ACK");
  drops = nullptr;
  carrier->agent.hang_up(carrier->call, now);
  finish({customer});
}

TEST_F(SipDriverTest, FailsOrdersForLegsItDoesNotKnow) {
  order(core::BridgeLegs{{1}, {2}});
  order(core::HoldLeg{{1}, {2}});
  order(core::RetrieveLeg{{1}, {2}});
  order(core::MuteLeg{{2}});
  order(core::UnmuteLeg{{2}});
  EXPECT_EQ(all<core::LegOrderFailed>().size(), 5U);
  order(core::AcceptLeg{{1}, Waiting::tone});
  order(core::ParkLeg{{1}});
  EXPECT_EQ(reports.size(), 5U);
  order(core::ReleaseLeg{{1}, Cause::recovery});
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::recovery);
}

TEST_F(SipDriverTest, ReportsAReleasedLegOnlyOnce) {
  const auto [customer, agent] = bridged();
  order(core::ReleaseLeg{customer, Cause::request});
  order(core::ReleaseLeg{customer, Cause::request});
  EXPECT_EQ(released[customer], 1);
  finish({customer, agent});
}

TEST_F(SipDriverTest, HasALimitOfLegs) {
  SipConfig config;
  config.legs_max = 2;
  restart(config);
  const LegId one = call_in();
  const LegId two = call_in();
  order(to_phone());
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::failed);
  carrier->agent
      .invite({.to = sip::parse_uri("sip:1@127.0.0.1:5060").value(),
               .from = sip::parse_name_addr("<sip:a@b.test>").value(),
               .headers = {},
               .media = carrier->media(),
               .ring_max = 20s},
              now)
      .value();
  settle();
  EXPECT_EQ(carrier->all<sip::CallEnded>().back().status, 503);
  finish({one, two});
}

TEST_F(SipDriverTest, IsQuietOnceTheFarEndHasConfirmedItsEnd) {
  EXPECT_TRUE(driver->is_quiet());
  const LegId one = call_in();
  EXPECT_FALSE(driver->is_quiet());
  order(core::ReleaseLeg{one, Cause::shutdown});
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::shutdown);
  EXPECT_TRUE(driver->is_quiet());
}

TEST_F(SipDriverTest, RefusesNewCallsWhileDraining) {
  const LegId one = call_in();
  driver->drain(now);
  carrier->agent
      .invite({.to = sip::parse_uri("sip:1@127.0.0.1:5060").value(),
               .from = sip::parse_name_addr("<sip:a@b.test>").value(),
               .headers = {},
               .media = carrier->media(),
               .ring_max = 20s},
              now)
      .value();
  settle();
  EXPECT_EQ(carrier->all<sip::CallEnded>().back().status, 503);
  EXPECT_EQ(all<core::CallArrived>().size(), 1U);
  finish({one});
}

TEST_F(SipDriverTest, TakesNoCallsFromStrangersAndCountsThem) {
  phone->agent
      .invite({.to = sip::parse_uri("sip:1@127.0.0.1:5060").value(),
               .from = sip::parse_name_addr("<sip:a@b.test>").value(),
               .headers = {},
               .media = phone->media(),
               .ring_max = 20s},
              now)
      .value();
  settle();
  EXPECT_EQ(phone->all<sip::CallEnded>().back().status, 403);
  EXPECT_TRUE(reports.empty());
  EXPECT_EQ(metrics->counter("cord_sip_requests_refused_total", "", "stranger").value(), 1U);
}

TEST_F(SipDriverTest, CountsWhatCannotBeRead) {
  driver->on_input(DatagramsArrived{0, {{{loopback, 9}, "GET / HTTP/1.1\r\n\r\n"}}}, now);
  EXPECT_TRUE(transport->sent.empty());
  EXPECT_EQ(metrics->counter("cord_sip_messages_malformed_total", "", "start_line").value(), 1U);
}

TEST_F(SipDriverTest, ReadsStreamsByteByByte) {
  const sip::Flow tcp{sip::Transport::tcp, 1, {loopback, 50000}, 3};
  const std::string options =
      "\r\n\r\nOPTIONS sip:us@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:50000;branch="
      "z9hG4bKa\r\nFrom: <sip:a@b.test>;tag=1\r\nTo: <sip:us@127.0.0.1>\r\nCall-ID: x\r\n"
      "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  for (const char c : options) driver->on_input(StreamBytes{tcp, std::string(1, c)}, now);
  ASSERT_EQ(transport->sent.size(), 2U);
  EXPECT_EQ(transport->sent[0].second, "\r\n");  // The pong.
  EXPECT_EQ(sip::parse_message(transport->sent[1].second).value().status, 200);
  EXPECT_EQ(transport->sent[1].first, tcp);
  driver->on_input(StreamBytes{tcp, std::string(70'000, 'x')}, now);
  ASSERT_EQ(transport->closed.size(), 1U);
  driver->on_input(StreamBytes{tcp, options}, now);  // On its way already: nobody reads it.
  EXPECT_EQ(transport->sent.size(), 2U);
  driver->on_input(StreamClosed{tcp, "asked"}, now);
}

TEST_F(SipDriverTest, HasALimitOfStreams) {
  SipConfig config;
  config.stream_connections_max = 2;  // Per listener, of which there are two.
  restart(config);
  for (std::uint64_t connection = 1; connection <= 5; ++connection) {
    driver->on_input(
        StreamBytes{{sip::Transport::tcp, 1, {loopback, 50000}, connection}, "OPTIONS"}, now);
  }
  ASSERT_EQ(transport->closed.size(), 1U);
  EXPECT_EQ(transport->closed[0].connection, 5U);
}

TEST_F(SipDriverTest, ACustomerBridgedToAnotherPhoneStaysWithIt) {
  const auto [customer, first] = bridged();
  order(to_phone({2}));
  order(core::BridgeLegs{customer, {2}});
  EXPECT_EQ(all<core::LegsBridged>().size(), 2U);
  order(core::ReleaseLeg{first, Cause::request});
  EXPECT_EQ(media->sources.at({2}).source, Source::peer);
  EXPECT_EQ(media->sources.at({2}).peer, media::StreamId{3});
  finish({customer, first, {2}});
}

}  // namespace
}  // namespace cord::drivers::test
