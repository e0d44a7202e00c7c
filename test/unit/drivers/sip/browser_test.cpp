// Agents whose browser is the phone: offers that come from the core and not by SIP.
#include <fmt/format.h>

#include "driver_world.hpp"

namespace cord::drivers {
namespace {

using test::DriverWorld;
using namespace std::chrono_literals;

std::string offer_of(std::string_view ufrag, int certificate = 1,
                     std::string_view formats = "111 0 8") {
  return fmt::format(
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF {}\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n"
      "a=ice-ufrag:{}\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\n"
      "a=fingerprint:sha-256 "
      "{:02X}:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
      "00:00:00\r\na=rtpmap:111 opus/48000/2\r\n",
      formats, ufrag, certificate);
}

class BrowserPhone : public DriverWorld {
 protected:
  BrowserPhone() {
    config.phones = {{"sip:1001@browser.invalid"}};
    fingerprint = sip::Fingerprint{3};
    restart(config);
  }

  core::AnswerOffer offer(std::string sdp, std::uint64_t leg = 1) {
    return {.leg = {leg},
            .channel = {7},
            .request = {++last_request},
            .phone = "sip:1001@browser.invalid",
            .offer = std::move(sdp)};
  }
  media::StreamId stream() { return media->all<media::OpenStream>().front().stream; }
  template <class Report>
  void says(Report report) {
    media->reports.push_back(report);
    settle();
  }
  void connect() {
    order(offer(offer_of("AAAA")));
    says(media::StreamProtected{stream()});
  }

  SipConfig config;
  std::uint64_t last_request = 0;
};

TEST_F(BrowserPhone, AnOfferIsAnsweredAndTheLegIsThereWhenItHasKeys) {
  order(offer(offer_of("AAAA")));
  const auto answered = last<core::OfferAnswered>();
  EXPECT_EQ(answered.leg, core::LegId{1});
  EXPECT_EQ(answered.channel, core::ChannelId{7});
  const auto sdp = sip::parse_sdp(answered.answer).value();
  EXPECT_TRUE(sdp.ice_lite);
  EXPECT_EQ(sdp.media.at(0).security.setup, sip::Setup::passive);
  const auto& terms = media->protection.at(stream());
  ASSERT_TRUE(terms.dtls && terms.ice && terms.rtcp_mux);
  EXPECT_EQ(terms.ice->remote_ufrag, "AAAA");
  EXPECT_EQ(terms.ice->local_ufrag, sdp.media.at(0).security.ice_ufrag);
  EXPECT_TRUE(all<core::LegMediaUp>().empty());
  EXPECT_EQ(media->configured.at(stream()).timeout, Duration{});

  says(media::StreamProtected{stream()});
  EXPECT_EQ(all<core::LegMediaUp>().size(), 1U);
  EXPECT_EQ(media->configured.at(stream()).timeout, config.browser_silence);
  EXPECT_TRUE(media->configured.at(stream()).hears_checks);
  EXPECT_TRUE(messages.empty());  // No SIP at all.
  finish({{1}});
}

TEST_F(BrowserPhone, ACallIsBridgedOntoItAndGoesOnOverAnotherWay) {
  connect();
  const core::LegId customer = call_in();
  order(core::AcceptLeg{customer, core::Waiting::ringing});
  order(core::BridgeLegs{customer, {1}});
  ASSERT_EQ(all<core::LegsBridged>().size(), 1U);
  const auto first = last<core::OfferAnswered>().answer;
  const auto sources = media->sources;

  order(offer(offer_of("BBBB", 2)));
  EXPECT_NE(last<core::OfferAnswered>().answer, first);
  EXPECT_EQ(media->all<media::OpenStream>().size(), 2U);
  EXPECT_EQ(media->protection.at(stream()).ice->remote_ufrag, "BBBB");
  EXPECT_EQ(media->protection.at(stream()).dtls->remote.front(), 2);
  for (const auto& [id, source] : sources) {
    EXPECT_EQ(media->sources.at(id).source, source.source);
    EXPECT_EQ(media->sources.at(id).peer, source.peer);
  }
  EXPECT_TRUE(released.empty());
  finish({customer, {1}});
}

TEST_F(BrowserPhone, NewCredentialsComeWithAnIceRestartOnly) {
  connect();
  const auto ours = [&] { return media->protection.at(stream()).ice->local_ufrag; };
  const std::string first = ours();
  order(offer(offer_of("AAAA")));
  EXPECT_EQ(ours(), first);
  order(offer(offer_of("BBBB")));
  EXPECT_NE(ours(), first);
  finish({{1}});
}

TEST_F(BrowserPhone, WhatCannotBeAnsweredIsRefusedWithWhatIsAllowedAndChangesNothing) {
  order(offer("hello"));
  EXPECT_EQ(last<core::OfferRefused>().cause, core::Cause::rejected);
  std::string bad = offer_of("AAAA");
  bad.erase(bad.find("a=rtcp-mux\r\n"), 12);
  order(offer(bad));
  EXPECT_EQ(last<core::OfferRefused>().detail, "the audio has no a=rtcp-mux");
  EXPECT_EQ(driver->legs(), 0U);
  EXPECT_EQ(media->submitted, 0U);

  connect();
  const auto before = media->submitted;
  order(offer(bad));
  EXPECT_EQ(all<core::OfferRefused>().size(), 3U);
  EXPECT_EQ(media->submitted, before);
  finish({{1}});
}

TEST_F(BrowserPhone, AnOfferThatIsTooLongIsRefused) {
  std::string longest = offer_of("AAAA");
  longest += "a=" + std::string(config.offer_bytes_max - longest.size() - 4, 'x') + "\r\n";
  order(offer(longest));
  EXPECT_EQ(all<core::OfferAnswered>().size(), 1U);
  EXPECT_EQ(metrics->bound("sip.offer_bytes_max", 1).value(), 16 * 1024);
  order(offer(longest + "\n"));
  EXPECT_EQ(last<core::OfferRefused>().cause, core::Cause::rejected);
  finish({{1}});
}

TEST_F(BrowserPhone, WithoutACertificateThereIsNone) {
  fingerprint.reset();
  restart(config);
  order(offer(offer_of("AAAA")));
  EXPECT_EQ(last<core::OfferRefused>().cause, core::Cause::failed);
}

TEST_F(BrowserPhone, OneTooManyIsRefused) {
  config.browser_legs_max = 1;
  restart(config);
  connect();
  order(offer(offer_of("AAAA"), 2));
  EXPECT_EQ(last<core::OfferRefused>().cause, core::Cause::busy);
  EXPECT_EQ(driver->legs(), 1U);
  EXPECT_EQ(metrics->bound("sip.browser_legs_max", 1).value(), 1);
  order(core::ReleaseLeg{{1}, core::Cause::request});
  order(offer(offer_of("AAAA"), 3));
  EXPECT_EQ(all<core::OfferAnswered>().size(), 2U);
  finish({{3}});
}

TEST_F(BrowserPhone, OpusIsTakenWhereItIsWantedMostAndCanBeAfforded) {
  config.phones[0].codecs = {sip::Codec::opus, sip::Codec::pcma};
  restart(config);
  connect();
  EXPECT_EQ(media->configured.at(stream()).codec, media::Codec::opus);
  finish({{1}});
  config.coded_legs_max = 1;
  restart(config);
  order(offer(offer_of("AAAA"), 1));
  order(offer(offer_of("BBBB"), 2));
  const auto streams = media->all<media::OpenStream>();
  EXPECT_EQ(media->configured.at(streams.at(0).stream).codec, media::Codec::opus);
  EXPECT_EQ(media->configured.at(streams.at(1).stream).codec, media::Codec::pcma);
  finish({{1}, {2}});
}

TEST_F(BrowserPhone, SilenceIsToldAndNotTheEnd) {
  connect();
  says(media::StreamTimedOut{stream()});
  EXPECT_EQ(all<core::LegMediaLost>().size(), 1U);
  says(media::StreamHeard{stream()});
  EXPECT_EQ(all<core::LegMediaUp>().size(), 2U);
  says(media::ProtectionFailed{stream(), "another certificate than in the SDP"});
  EXPECT_EQ(all<core::LegMediaLost>().size(), 2U);
  EXPECT_TRUE(released.empty());
  finish({{1}});
}

TEST_F(BrowserPhone, AHandshakeThatFailsAtFirstEndsTheLeg) {
  order(offer(offer_of("AAAA")));
  says(media::ProtectionFailed{stream(), "no answer"});
  EXPECT_EQ(last<core::LegReleased>().cause, core::Cause::failed);
  EXPECT_EQ(driver->legs(), 0U);
}

TEST_F(BrowserPhone, ALegWithoutAStreamRefusesItsOffer) {
  media->fail_nth = 1;
  order(offer(offer_of("AAAA")));
  EXPECT_EQ(last<core::OfferRefused>().cause, core::Cause::failed);
  EXPECT_EQ(driver->legs(), 0U);
}

TEST_F(BrowserPhone, AnOfferForALegThatHasEndedIsRefused) {
  connect();
  order(core::ReleaseLeg{{1}, core::Cause::request});
  order(offer(offer_of("BBBB")));
  EXPECT_EQ(last<core::OfferRefused>().detail, "the connection has ended");
  EXPECT_EQ(driver->legs(), 0U);
}

}  // namespace
}  // namespace cord::drivers
