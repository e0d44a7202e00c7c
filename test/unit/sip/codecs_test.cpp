// Which codec is agreed on, under which number, and with which events.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "sip/offer_answer.hpp"

namespace cord::sip {
namespace {

LocalMedia local_media(std::vector<Codec> codecs) {
  LocalMedia local;
  local.address = {0x7f000001, 20000};
  local.codecs = std::move(codecs);
  return local;
}

SessionDescription theirs(std::string_view media) {
  const auto sdp =
      parse_sdp("v=0\r\no=x 5 5 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
                std::string(media));
  EXPECT_TRUE(sdp);
  return *sdp;
}

constexpr std::string_view opus = "a=rtpmap:111 opus/48000/2\r\n";
constexpr std::string_view events = "a=rtpmap:101 telephone-event/8000\r\n";
constexpr std::string_view fast_events = "a=rtpmap:110 telephone-event/48000\r\n";

std::string line(std::string_view formats, std::initializer_list<std::string_view> attributes) {
  std::string out = "m=audio 4000 RTP/AVP " + std::string(formats) + "\r\n";
  for (const std::string_view it : attributes) out += it;
  return out;
}

TEST(Codecs, AreOfferedInOurOrder) {
  LocalSession session{1};
  const std::string offer =
      print(make_offer(session, local_media({Codec::opus, Codec::g722, Codec::pcma})));
  EXPECT_NE(offer.find("m=audio 20000 RTP/AVP 96 9 8 101 102\r\n"), std::string::npos) << offer;
  for (const std::string_view it :
       {"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1;stereo=0\r\n",
        "a=rtpmap:9 G722/8000\r\n", "a=rtpmap:101 telephone-event/8000\r\n",
        "a=rtpmap:102 telephone-event/48000\r\n"}) {
    EXPECT_NE(offer.find(it), std::string::npos) << it << offer;
  }
}

// A far end that has its events there left no number for Opus: both were said as 96.
TEST(Codecs, NoNumberMeansTwoThings) {
  LocalMedia local = local_media({Codec::pcmu, Codec::opus});
  for (const std::uint8_t events_at : {96, 102}) {
    LocalSession session{1};
    local.dtmf_payload_type = events_at;
    const auto formats = make_offer(session, local).media[0].formats;
    EXPECT_EQ(std::set(formats.begin(), formats.end()).size(), 4U) << int{events_at};
  }
}

struct AnswerCase {
  std::string media;
  std::vector<Codec> ours;
  Codec codec;
  std::vector<std::string> formats;  // of the answer
  std::uint8_t opus, dtmf, dtmf_clock_khz;
  bool noise = false;
};

TEST(Codecs, AreAnswered) {
  const std::vector<Codec> laws{Codec::pcmu, Codec::pcma};
  const AnswerCase cases[] = {
      {line("111 9 0 110 101", {opus, fast_events, events}),
       all_codecs(),
       Codec::opus,
       {"111", "110"},
       111,
       110,
       48},
      {line("111 101", {opus, events}), all_codecs(), Codec::opus, {"111", "101"}, 111, 101, 8},
      {line("111 9 0 110 101", {opus, fast_events, events}),
       laws,
       Codec::pcmu,
       {"0", "101"},
       0,
       101,
       8},
      {line("111 9 0 110", {opus, fast_events}), laws, Codec::pcmu, {"0"}, 0, 0, 8},
      {line("9 8 13 101", {events}),
       {Codec::g722},
       Codec::g722,
       {"9", "13", "101"},
       0,
       101,
       8,
       true},
      {line("9 8 13 101", {events}), laws, Codec::pcma, {"8", "13", "101"}, 0, 101, 8, true},
      {line("111 13", {opus}), all_codecs(), Codec::opus, {"111"}, 111, 0, 8},
      {line("9", {"a=rtpmap:9 G722/8000\r\n"}), all_codecs(), Codec::g722, {"9"}, 0, 0, 8},
  };
  for (const AnswerCase& it : cases) {
    SCOPED_TRACE(it.media);
    LocalSession session{1};
    const auto answer = make_answer(session, theirs(it.media), local_media(it.ours));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->media.codec, it.codec);
    EXPECT_EQ(answer->sdp.media[0].formats, it.formats);
    EXPECT_EQ(answer->media.opus_payload_type, it.opus);
    EXPECT_EQ(answer->media.has_g722, it.codec == Codec::g722);
    EXPECT_EQ(answer->media.dtmf_payload_type, it.dtmf);
    EXPECT_EQ(answer->media.dtmf_clock_khz, it.dtmf_clock_khz);
    EXPECT_EQ(answer->media.has_noise, it.noise);
  }
}

TEST(Codecs, AreNotAnsweredIfTheyAreSomethingElse) {
  for (const std::string& media :
       {line("111", {}), line("111", {"a=rtpmap:111 opus/48000\r\n"}),
        line("111", {"a=rtpmap:111 opus/16000/2\r\n"}), line("9", {"a=rtpmap:9 G722/16000\r\n"}),
        line("96", {"a=rtpmap:96 G722/8000\r\n"}), line("13", {}), line("101", {events})}) {
    LocalSession session{1};
    EXPECT_FALSE(make_answer(session, theirs(media), local_media(all_codecs()))) << media;
  }
}

TEST(Codecs, AllThatTheyAnswerMayCome) {
  LocalSession session{1};
  const LocalMedia local = local_media(all_codecs());
  const SessionDescription offer = make_offer(session, local);
  const auto agreed =
      accept_answer(offer,
                    theirs(line("0 9 96 101 102", {"a=rtpmap:96 opus/48000/2\r\n", events,
                                                   "a=rtpmap:102 telephone-event/48000\r\n"})),
                    local);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->codec, Codec::pcmu);
  EXPECT_EQ(agreed->opus_payload_type, 96);
  EXPECT_TRUE(agreed->has_g722);
  EXPECT_EQ(agreed->dtmf_payload_type, 101) << "in the clock of what we send";
  const auto only = accept_answer(offer, theirs(line("8", {})), local);
  ASSERT_TRUE(only);
  EXPECT_EQ(only->opus_payload_type, 0);
  EXPECT_FALSE(only->has_g722);
}

// RFC 3264 §8.3.2.
TEST(Codecs, KeepTheirNumberInTheSession) {
  LocalSession session{1};
  const LocalMedia local = local_media({Codec::opus});
  ASSERT_TRUE(make_answer(session, theirs(line("111", {opus})), local));
  EXPECT_EQ(make_offer(session, local).media[0].formats,
            (std::vector<std::string>{"111", "101", "102"}));
}

}  // namespace
}  // namespace cord::sip
