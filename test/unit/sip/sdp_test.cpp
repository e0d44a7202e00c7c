#include "sip/sdp.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

constexpr std::string_view two_streams =
    "v=0\r\n"
    "o=alice 2890844526 2890844527 IN IP4 host.atlanta.example\r\n"
    "s=call\r\n"
    "c=IN IP4 192.0.2.1\r\n"
    "b=AS:64\r\n"
    "t=0 0\r\n"
    "a=sendonly\r\n"
    "m=audio 49170 RTP/AVP 0 8 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\n"
    "a=ssrc:314159 cname:alice@host\r\n"
    "a=ssrc:314159 label:x\r\n"
    "a=ssrc:99 cname:other\r\n"
    "m=video 51372/2 RTP/AVP 31\r\n"
    "c=IN IP6 ::1\r\n"
    "a=recvonly\r\n"
    "a=rtpmap:31 H261/90000/2\r\n";

TEST(Sdp, ReadsSessionAndMedia) {
  const auto sdp = parse_sdp(two_streams);
  ASSERT_TRUE(sdp) << sdp.error().detail;
  EXPECT_EQ(sdp->origin, (Origin{"alice", 2890844526, 2890844527, "host.atlanta.example"}));
  EXPECT_EQ(sdp->address, 0xc0000201u);
  ASSERT_EQ(sdp->media.size(), 2u);
  const MediaDescription& audio = sdp->media[0];
  EXPECT_EQ(audio.port, 49170);
  EXPECT_EQ(audio.formats, (std::vector<std::string>{"0", "8", "101"}));
  EXPECT_EQ(audio.direction, Direction::sendonly) << "the session's";
  ASSERT_EQ(audio.rtp_maps.size(), 2u);
  EXPECT_EQ(audio.rtp_maps[1].encoding, "telephone-event");
  EXPECT_EQ(audio.rtp_maps[1].fmtp, "0-15");
  EXPECT_EQ(audio.ptime_ms, 20u);
  EXPECT_EQ(audio.ssrc, 314159u);
  EXPECT_EQ(audio.cname, "alice@host");
  EXPECT_FALSE(audio.address);
  const MediaDescription& video = sdp->media[1];
  EXPECT_EQ(video.port, 51372);
  EXPECT_EQ(video.direction, Direction::recvonly);
  EXPECT_EQ(video.address, 0u) << "an address we cannot use hides the session's";
  EXPECT_EQ(video.rtp_maps[0].channels, 2);
}

TEST(Sdp, PrintsWhatItRead) {
  const auto sdp = parse_sdp(two_streams);
  const auto again = parse_sdp(print(*sdp));
  ASSERT_TRUE(again) << again.error().detail;
  // The o-line's address is copied as text, with the type IP4.
  EXPECT_EQ(*again, *sdp);
}

TEST(Sdp, TakesBareLineFeedsAndNoLastLineEnd) {
  EXPECT_TRUE(parse_sdp("v=0\no=- 1 1 IN IP4 h\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0"));
  EXPECT_TRUE(parse_sdp("v=0\no=- 9223372036854775807 1 IN IP4 h\ns=-\nt=0 0\n"));
}

TEST(Sdp, RefusesBrokenOnes) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";
  ASSERT_TRUE(parse_sdp(head));
  for (const std::string& text :
       {std::string(), std::string("s=-\r\nv=0\r\n"), std::string("v=0\r\ns=-\r\n"),
        std::string("v=0\r\no=- -1 1 IN IP4 h\r\n"), std::string("v=0\r\no=- 1 1 IN IP4\r\n"),
        std::string("v=0\r\no=- 99999999999999999999 1 IN IP4 h\r\n"), head + "nonsense\r\n",
        head + "m=audio\r\n", head + "m=audio 70000 RTP/AVP 0\r\n",
        head + "m=audio x RTP/AVP 0\r\n", head + "m=audio 1 RTP/AVP\r\n", head + "c=IN\r\n",
        head + "m=audio 1 RTP/AVP 0\r\na=rtpmap:0 /8000\r\n",
        head + "m=audio 1 RTP/AVP 0\r\na=rtpmap:128 X/1\r\n",
        head + "m=audio 1 RTP/AVP 0\r\na=rtpmap:0 PCMU/0\r\n"}) {
    EXPECT_FALSE(parse_sdp(text)) << text;
  }
  EXPECT_EQ(parse_sdp("v=1\r\n").error().code, Errc::bad_version);
}

TEST(Sdp, HoldsItsLimits) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";
  std::string media;
  for (std::size_t i = 0; i < sdp_media_max; ++i) media += "m=audio 0 RTP/AVP 0\r\n";
  EXPECT_TRUE(parse_sdp(head + media));
  EXPECT_EQ(parse_sdp(head + media + "m=audio 0 RTP/AVP 0\r\n").error().code, Errc::too_long);

  std::string formats = "m=audio 1 RTP/AVP";
  for (std::size_t i = 0; i < sdp_formats_max; ++i) formats += " 0";
  EXPECT_TRUE(parse_sdp(head + formats));
  EXPECT_EQ(parse_sdp(head + formats + " 0").error().code, Errc::too_long);

  std::string lines = head;
  for (std::size_t i = 3; i < sdp_lines_max; ++i) lines += "a=x\r\n";
  EXPECT_TRUE(parse_sdp(lines));
  EXPECT_EQ(parse_sdp(lines + "a=x\r\n").error().code, Errc::too_long);

  const std::string full = head + "i=" + std::string(sdp_bytes_max - head.size() - 2, 'x');
  EXPECT_TRUE(parse_sdp(full));
  EXPECT_EQ(parse_sdp(full + "x").error().code, Errc::too_long);
}

TEST(Direction, TurnsRound) {
  EXPECT_EQ(reversed(Direction::sendonly), Direction::recvonly);
  EXPECT_EQ(reversed(Direction::recvonly), Direction::sendonly);
  EXPECT_EQ(reversed(Direction::sendrecv), Direction::sendrecv);
  EXPECT_EQ(reversed(Direction::inactive), Direction::inactive);
}

}  // namespace
}  // namespace cord::sip
