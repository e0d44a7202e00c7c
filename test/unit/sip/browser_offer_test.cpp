#include "sip/browser_offer.hpp"

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

// What Chromium 150 sends, without its video-only and header extension lines.
constexpr std::string_view chromium =
    "v=0\r\n"
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0\r\n"
    "a=extmap-allow-mixed\r\n"
    "a=msid-semantic: WMS stream\r\n"
    "m=audio 40000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"
    "c=IN IP4 192.0.2.7\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:1 1 udp 2113937151 5f1c6b1e-0000-0000-0000-000000000000.local 40000 typ host\r\n"
    "a=ice-ufrag:EsAw\r\n"
    "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:"
    "1F\r\n"
    "a=setup:actpass\r\n"
    "a=mid:0\r\n"
    "a=sendrecv\r\n"
    "a=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:13 CN/8000\r\n"
    "a=rtpmap:110 telephone-event/48000\r\n"
    "a=rtpmap:126 telephone-event/8000\r\n"
    "a=ssrc:123 cname:x\r\n";

std::string without(std::string_view line) {
  std::string text(chromium);
  const auto at = text.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  return text.erase(at, text.find('\n', at) + 1 - at);
}

std::string why(const std::string& text) {
  const auto fits = check_browser_offer(parse_sdp(text).value(), all_codecs());
  return fits ? std::string() : fits.error().detail;
}

LocalMedia ours() {
  LocalMedia it;
  it.address = {0x7f000001, 20'000};
  it.cname = "us";
  it.codecs = {Codec::pcmu};
  it.security = {.policy = SrtpPolicy::required,
                 .fingerprint = Fingerprint{7},
                 .ice_ufrag = "uuuu",
                 .ice_pwd = "pppppppppppppppppppppp"};
  return it;
}

TEST(BrowserOffer, ChromiumsFitsAndIsAnswered) {
  EXPECT_EQ(why(std::string(chromium)), "");
  LocalSession session{.session_id = 5};
  const auto answer = make_answer(session, parse_sdp(chromium).value(), ours());
  ASSERT_TRUE(answer);
  const std::string text = print(answer->sdp);
  for (const std::string_view line :
       {"a=group:BUNDLE 0\r\n", "a=ice-lite\r\n", "m=audio 20000 UDP/TLS/RTP/SAVPF 0 ",
        "a=mid:0\r\n", "a=rtcp-mux\r\n", "a=setup:passive\r\n", "a=ice-ufrag:uuuu\r\n",
        "a=candidate:1 1 UDP 2130706431 127.0.0.1 20000 typ host\r\n", "a=sendrecv\r\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  EXPECT_EQ(answer->media.codec, Codec::pcmu);
  EXPECT_EQ(answer->media.security.ice_remote_ufrag, "EsAw");
  EXPECT_FALSE(answer->media.security.dtls->is_client);
}

TEST(BrowserOffer, WhatIsMissingIsNamed) {
  EXPECT_NE(why(without("a=fingerprint")).find("a=fingerprint:sha-256"), std::string::npos);
  EXPECT_NE(why(without("a=ice-ufrag")).find("a=ice-ufrag"), std::string::npos);
  EXPECT_NE(why(without("a=ice-pwd")).find("a=ice-pwd"), std::string::npos);
  EXPECT_NE(why(without("a=rtcp-mux")).find("a=rtcp-mux"), std::string::npos);
  std::string video(chromium);
  video.replace(video.find("m=audio"), 7, "m=video");
  EXPECT_NE(why(video).find("m=audio"), std::string::npos);
  std::string plain(chromium);
  plain.replace(plain.find("UDP/TLS/RTP/SAVPF"), 17, "RTP/AVP");
  EXPECT_NE(why(plain).find("UDP/TLS/RTP/SAVPF"), std::string::npos);
}

TEST(BrowserOffer, ACodecOfTheAgentsIsNeeded) {
  const auto offer = parse_sdp(without("a=rtpmap:111"));
  EXPECT_TRUE(check_browser_offer(offer.value(), {Codec::pcma}));
  const auto fits = check_browser_offer(offer.value(), {Codec::opus});
  ASSERT_FALSE(fits);
  EXPECT_NE(fits.error().detail.find("codec"), std::string::npos);
}

TEST(BrowserOffer, ComfortNoiseIsLeftOut) {
  SessionDescription offer = parse_sdp(chromium).value();
  leave_out_noise(offer);
  LocalSession session{.session_id = 5};
  const auto answer = make_answer(session, offer, ours());
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->media.has_noise);
  EXPECT_EQ(print(answer->sdp).find("CN/8000"), std::string::npos);
}

TEST(BrowserOffer, TheUserNameOfIceTellsAWayFromAnother) {
  EXPECT_EQ(ice_ufrag_of(parse_sdp(chromium).value()), "EsAw");
  EXPECT_EQ(ice_ufrag_of(SessionDescription{}), "");
}

}  // namespace
}  // namespace cord::sip
