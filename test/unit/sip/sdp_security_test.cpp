#include "sip/sdp_security.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sip/sdp.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view key_text = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

MediaSecurity security_of(const std::string& lines, const std::string& session_lines = {}) {
  const auto sdp =
      parse_sdp("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n" +
                session_lines + "m=audio 4000 RTP/SAVP 0\r\n" + lines);
  EXPECT_TRUE(sdp);
  return sdp->media.at(0).security;
}

std::string crypto(std::string_view rest) {
  return "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(rest) + "\r\n";
}

// RFC 4568 §6.1, with the key of its examples.
TEST(SdpCrypto, ReadsTheExampleOfTheRfc) {
  const auto line = parse_crypto("1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(key_text) +
                                 "|2^20 -EXTRA WSH=64");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->tag, 1u);
  EXPECT_EQ(line->suite, CryptoSuite::aes_cm_128_hmac_sha1_80);
  EXPECT_EQ(std::string(line->key.begin(), line->key.end()), "wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#");
}

TEST(SdpCrypto, PrintsWhatItReads) {
  const std::string text = crypto(key_text);
  EXPECT_EQ(print(security_of(text)), text);
  const std::string gcm =
      "a=crypto:7 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n";
  EXPECT_EQ(print(security_of(gcm)), gcm);
}

TEST(SdpCrypto, DropsLinesItCannotKeepTo) {
  const std::string key(key_text);
  for (const std::string& rest :
       {key + "|2^20|1:4", key + "|1:4", key + ";inline:" + key, key + " UNENCRYPTED_SRTP",
        key + " UNENCRYPTED_SRTCP", key + " UNAUTHENTICATED_SRTP", key + " KDR=1", key + "A",
        key.substr(1), std::string("!") + key.substr(1), std::string{}}) {
    EXPECT_TRUE(security_of(crypto(rest)).crypto.empty()) << rest;
  }
  EXPECT_FALSE(parse_crypto("x AES_CM_128_HMAC_SHA1_80 inline:" + key));
  EXPECT_FALSE(parse_crypto("1 F8_128_HMAC_SHA1_80 inline:" + key));
  EXPECT_FALSE(parse_crypto("1 AES_CM_128_HMAC_SHA1_80 " + key));
  EXPECT_FALSE(parse_crypto("1"));
}

TEST(SdpCrypto, LinesAreBounded) {
  std::string lines;
  for (std::size_t i = 0; i < 2 * sdp_crypto_lines_max; ++i) lines += crypto(key_text);
  EXPECT_EQ(security_of(lines).crypto.size(), sdp_crypto_lines_max);
}

TEST(SdpCrypto, BelongsToAMediaOnly) {
  EXPECT_TRUE(security_of("", crypto(key_text)).crypto.empty());
}

const std::string fingerprint_text =
    "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3F:82:18:3B:54:02:12:DF:3E:5D:49:"
    "6B";

TEST(SdpDtls, ReadsFingerprintAndRole) {
  const auto it =
      security_of("a=fingerprint:SHA-256 " + fingerprint_text + "\r\na=setup:actpass\r\n");
  ASSERT_TRUE(it.fingerprint);
  EXPECT_EQ(it.fingerprint->front(), 0x4a);
  EXPECT_EQ(it.fingerprint->back(), 0x6b);
  EXPECT_EQ(it.setup, Setup::actpass);
  EXPECT_EQ(print(it), "a=fingerprint:sha-256 " + fingerprint_text + "\r\na=setup:actpass\r\n");
}

TEST(SdpDtls, TheMediasLineGoesBeforeTheSessions) {
  const std::string other = "00" + fingerprint_text.substr(2);
  const auto it =
      security_of("a=fingerprint:sha-256 " + other + "\r\n",
                  "a=fingerprint:sha-256 " + fingerprint_text + "\r\na=setup:active\r\n");
  ASSERT_TRUE(it.fingerprint);
  EXPECT_EQ(it.fingerprint->front(), 0);
  EXPECT_EQ(it.setup, Setup::active);
}

TEST(SdpDtls, DropsOtherHashesAndWhatIsMalformed) {
  for (const std::string& value :
       {"sha-1 " + fingerprint_text.substr(0, 59), "sha-256 " + fingerprint_text.substr(0, 92),
        "sha-256 G" + fingerprint_text.substr(1), "sha-256" + fingerprint_text,
        std::string("sha-256")}) {
    EXPECT_FALSE(security_of("a=fingerprint:" + value + "\r\n").fingerprint) << value;
  }
  EXPECT_FALSE(security_of("a=setup:perhaps\r\n").setup);
}

TEST(SdpIce, ReadsCredentialsAndMux) {
  const std::string lines =
      "a=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n";
  const auto it = security_of(lines);
  EXPECT_EQ(it.ice_ufrag, "8hhY");
  EXPECT_EQ(it.ice_pwd, "asd88fgpdd777uzjYhagZg");
  EXPECT_TRUE(it.rtcp_mux);
  EXPECT_EQ(it.mid, "0");
  EXPECT_EQ(print(it), lines);
}

TEST(SdpIce, DropsWhatIsTooShortOrNotInItsAlphabet) {
  EXPECT_TRUE(security_of("a=ice-ufrag:8hh\r\n").ice_ufrag.empty());
  EXPECT_TRUE(security_of("a=ice-ufrag:8h:Y\r\n").ice_ufrag.empty());
  EXPECT_TRUE(security_of("a=ice-pwd:asd88fgpdd777uzjYhagZ\r\n").ice_pwd.empty());
  EXPECT_TRUE(security_of("a=ice-pwd:" + std::string(257, 'a') + "\r\n").ice_pwd.empty());
}

}  // namespace
}  // namespace cord::sip
