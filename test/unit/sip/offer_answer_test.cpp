#include "sip/offer_answer.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

LocalMedia local_media() {
  LocalMedia local;
  local.address = {0x7f000001, 20000};
  local.ssrc = 4711;
  local.cname = "cord";
  return local;
}

SessionDescription offer_of(std::string_view media, std::string_view address = "192.0.2.1") {
  const auto sdp = parse_sdp("v=0\r\no=x 5 5 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 " +
                             std::string(address) + "\r\nt=0 0\r\n" + std::string(media));
  EXPECT_TRUE(sdp);
  return *sdp;
}

TEST(MakeOffer, SaysAllWeCan) {
  LocalSession session{77};
  const SessionDescription offer = make_offer(session, local_media());
  const std::string text = print(offer);
  EXPECT_EQ(text,
            "v=0\r\no=- 77 77 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 20000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
            "a=ssrc:4711 cname:cord\r\n");
}

TEST(MakeOffer, CountsTheVersionOnlyWhenSomethingChanged) {
  LocalSession session{77};
  LocalMedia local = local_media();
  (void)make_offer(session, local);
  EXPECT_EQ(make_offer(session, local).origin.version, 77u);
  local.direction = Direction::sendonly;
  EXPECT_EQ(make_offer(session, local).origin.version, 78u);
  EXPECT_EQ(make_offer(session, local).origin.version, 78u);
}

TEST(MakeAnswer, TakesTheOffersFirstCodecOfOurs) {
  LocalSession session{1};
  const auto answer =
      make_answer(session,
                  offer_of("m=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"
                           "a=ssrc:8 cname:them\r\n"),
                  local_media());
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->media, (Negotiated{{0xc0000201, 4000}, Codec::pcma, 96, true, true, 8}));
  ASSERT_EQ(answer->sdp.media.size(), 1u);
  EXPECT_EQ(answer->sdp.media[0].formats, (std::vector<std::string>{"8", "96"}));
  EXPECT_EQ(answer->sdp.media[0].ssrc, 4711u);
  EXPECT_EQ(answer->sdp.media[0].port, 20000);
}

TEST(MakeAnswer, KeepsTheOrderOfMediaAndRefusesTheOthers) {
  LocalSession session{1};
  const auto answer = make_answer(session,
                                  offer_of("m=video 4002 RTP/AVP 31\r\nm=audio 4004 RTP/SAVP 0\r\n"
                                           "m=audio 4000 RTP/AVP 0\r\nm=audio 4006 RTP/AVP 0\r\n"),
                                  local_media());
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->sdp.media.size(), 4u);
  const std::uint16_t ports[] = {0, 0, 20000, 0};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(answer->sdp.media[i].port, ports[i]) << i;
  EXPECT_EQ(answer->sdp.media[0].media, "video");
  EXPECT_EQ(answer->sdp.media[1].protocol, "RTP/SAVP");
  EXPECT_EQ(answer->media.remote.port, 4000);

  // An offer of ours in that session has to keep all four (RFC 3264 §8).
  const SessionDescription again = make_offer(session, local_media());
  ASSERT_EQ(again.media.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(again.media[i].port, ports[i]) << i;
}

TEST(MakeAnswer, RefusesWhatHasNothingForUs) {
  LocalSession session{1};
  for (const std::string_view media :
       {"", "m=video 4000 RTP/AVP 31\r\n", "m=audio 0 RTP/AVP 0\r\n", "m=audio 4000 RTP/SAVP 0\r\n",
        "m=audio 4000 RTP/AVP 18\r\n", "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 OTHER/8000\r\n",
        "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/16000\r\n"}) {
    const auto answer = make_answer(session, offer_of(media), local_media());
    ASSERT_FALSE(answer) << media;
    EXPECT_EQ(answer.error().code, Errc::unsupported);
  }
  EXPECT_FALSE(session.last);
  LocalMedia only_a = local_media();
  only_a.codecs = {Codec::pcma};
  EXPECT_FALSE(make_answer(session, offer_of("m=audio 4000 RTP/AVP 0\r\n"), only_a));
}

TEST(MakeAnswer, AnswersEachDirection) {
  using D = Direction;
  const struct {
    D offered, ours, answered;
    bool may_send, may_receive;
  } cases[] = {
      {D::sendrecv, D::sendrecv, D::sendrecv, true, true},
      {D::sendonly, D::sendrecv, D::recvonly, false, true},
      {D::recvonly, D::sendrecv, D::sendonly, true, false},
      {D::inactive, D::sendrecv, D::inactive, false, false},
      {D::sendrecv, D::sendonly, D::sendonly, true, false},
      {D::sendonly, D::sendonly, D::inactive, false, false},
      {D::recvonly, D::sendonly, D::sendonly, true, false},
      {D::sendrecv, D::inactive, D::inactive, false, false},
      {D::sendrecv, D::recvonly, D::recvonly, false, true},
  };
  for (const auto& c : cases) {
    LocalSession session{1};
    LocalMedia local = local_media();
    local.direction = c.ours;
    const auto answer = make_answer(
        session,
        offer_of("m=audio 4000 RTP/AVP 0\r\na=" + std::string(to_text(c.offered)) + "\r\n"), local);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->sdp.media[0].direction, c.answered) << to_text(c.offered);
    EXPECT_EQ(answer->media.may_send, c.may_send) << to_text(c.offered);
    EXPECT_EQ(answer->media.may_receive, c.may_receive) << to_text(c.offered);
  }
}

TEST(MakeAnswer, TakesAZeroAddressAsHold) {
  LocalSession session{1};
  const auto answer =
      make_answer(session, offer_of("m=audio 4000 RTP/AVP 0\r\n", "0.0.0.0"), local_media());
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->media.may_send);
  EXPECT_EQ(answer->sdp.media[0].direction, Direction::sendrecv);
}

TEST(AcceptAnswer, GivesWhatWasAgreed) {
  LocalSession session{1};
  const LocalMedia local = local_media();
  const SessionDescription offer = make_offer(session, local);
  const auto agreed = accept_answer(offer,
                                    offer_of("m=audio 4000 RTP/AVP 8 101\r\nc=IN IP4 192.0.2.9\r\n"
                                             "a=rtpmap:101 telephone-event/8000\r\na=recvonly\r\n"),
                                    local);
  ASSERT_TRUE(agreed) << agreed.error().detail;
  EXPECT_EQ(*agreed, (Negotiated{{0xc0000209, 4000}, Codec::pcma, 101, true, false, std::nullopt}));
}

TEST(AcceptAnswer, RefusesWhatDoesNotFit) {
  LocalSession session{1};
  const LocalMedia local = local_media();
  const SessionDescription offer = make_offer(session, local);
  const auto code = [&](std::string_view media) {
    const auto agreed = accept_answer(offer, offer_of(media), local);
    EXPECT_FALSE(agreed) << media;
    return agreed.error().code;
  };
  EXPECT_EQ(code(""), Errc::malformed);
  EXPECT_EQ(code("m=audio 1 RTP/AVP 0\r\nm=audio 1 RTP/AVP 0\r\n"), Errc::malformed);
  EXPECT_EQ(code("m=video 1 RTP/AVP 0\r\n"), Errc::malformed);
  EXPECT_EQ(code("m=audio 0 RTP/AVP 0\r\n"), Errc::unsupported);
  EXPECT_EQ(code("m=audio 1 RTP/AVP 9\r\n"), Errc::unsupported);
}

TEST(AcceptAnswer, FindsOurStreamAmongRefusedOnes) {
  LocalSession session{1};
  const LocalMedia local = local_media();
  ASSERT_TRUE(make_answer(
      session, offer_of("m=video 4002 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\n"), local));
  const SessionDescription offer = make_offer(session, local);
  const auto agreed =
      accept_answer(offer, offer_of("m=video 0 RTP/AVP 31\r\nm=audio 4010 RTP/AVP 0\r\n"), local);
  ASSERT_TRUE(agreed) << agreed.error().detail;
  EXPECT_EQ(agreed->remote.port, 4010);
}

}  // namespace
}  // namespace cord::sip
