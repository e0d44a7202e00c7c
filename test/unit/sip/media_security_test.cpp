// Who protects what: every policy against every kind of offer, and what comes of the answers.
#include "sip/media_security.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sip/offer_answer.hpp"

namespace cord::sip {
namespace {

const std::string their_key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
const std::string crypto_lines = "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:" + their_key +
                                 "\r\na=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:" + their_key +
                                 "\r\n";
const std::string dtls_lines =
    "a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
    "00:00:00:00:00:00:00:AB\r\n";

LocalMedia local_media(SrtpPolicy policy) {
  LocalMedia local;
  local.address = {0x7f000001, 20000};
  local.security.policy = policy;
  local.security.key.fill(7);
  local.security.fingerprint = Fingerprint{1, 2, 3};
  local.security.ice_ufrag = "ours";
  local.security.ice_pwd = "ourourourourourourouro";
  return local;
}

SessionDescription sdp_of(const std::string& media) {
  const auto sdp = parse_sdp(
      "v=0\r\no=x 5 5 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + media);
  EXPECT_TRUE(sdp);
  return *sdp;
}

const std::string plain = "m=audio 4000 RTP/AVP 0\r\n";
const std::string sdes = "m=audio 4000 RTP/SAVP 0\r\n" + crypto_lines;
const std::string opportunistic = plain + crypto_lines;
const std::string dtls = "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\na=setup:actpass\r\n" + dtls_lines;

Result<Answer> answer_to(const std::string& offer, SrtpPolicy policy) {
  LocalSession session{1};
  return make_answer(session, sdp_of(offer), local_media(policy));
}

TEST(MediaSecurity, EveryPolicyMeetsEveryOffer) {
  using P = SrtpPolicy;
  const struct {
    std::string_view name;
    std::string offer;
    P policy;
    char outcome;  // r: refused, p: plain, s: SDES, d: DTLS
  } table[] = {
      {"plain", plain, P::off, 'p'},
      {"plain", plain, P::optional, 'p'},
      {"plain", plain, P::required, 'r'},
      {"sdes", sdes, P::off, 'r'},
      {"sdes", sdes, P::optional, 's'},
      {"sdes", sdes, P::required, 's'},
      {"opportunistic", opportunistic, P::off, 'p'},
      {"opportunistic", opportunistic, P::optional, 's'},
      {"opportunistic", opportunistic, P::required, 's'},
      {"dtls", dtls, P::off, 'r'},
      {"dtls", dtls, P::optional, 'd'},
      {"dtls", dtls, P::required, 'd'},
      {"savp without keys", "m=audio 4000 RTP/SAVP 0\r\n", P::optional, 'r'},
      {"dtls without fingerprint", "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n", P::optional, 'r'},
      {"plain, then sdes", plain + sdes, P::optional, 's'},
      {"plain, then sdes", plain + sdes, P::off, 'p'},
  };
  for (const auto& row : table) {
    const auto answer = answer_to(row.offer, row.policy);
    char outcome = 'r';
    if (answer) outcome = 'p';
    if (answer && answer->media.security.sdes) outcome = 's';
    if (answer && answer->media.security.dtls) outcome = 'd';
    EXPECT_EQ(outcome, row.outcome) << row.name << ", policy " << static_cast<int>(row.policy);
  }
}

TEST(MediaSecurity, AnAnswerTakesTheFirstSuiteWithItsTagAndAKeyOfOurs) {
  const auto answer = answer_to(sdes, SrtpPolicy::required);
  ASSERT_TRUE(answer);
  const MediaDescription& media = answer->sdp.media.at(0);
  EXPECT_EQ(media.protocol, "RTP/SAVP");
  ASSERT_EQ(media.security.crypto.size(), 1u);
  EXPECT_EQ(media.security.crypto[0].tag, 4u);
  EXPECT_EQ(media.security.crypto[0].suite, CryptoSuite::aes_cm_128_hmac_sha1_32);
  KeyAndSalt ours{};
  ours.fill(7);
  EXPECT_EQ(answer->media.security.sdes->local, ours);
  EXPECT_NE(answer->media.security.sdes->remote, ours);
}

TEST(MediaSecurity, OffersFollowThePolicy) {
  const auto offer = [](SrtpPolicy policy) {
    LocalSession session{1};
    return make_offer(session, local_media(policy)).media.at(0);
  };
  EXPECT_EQ(offer(SrtpPolicy::off).protocol, "RTP/AVP");
  EXPECT_EQ(offer(SrtpPolicy::off).security, MediaSecurity{});
  EXPECT_EQ(offer(SrtpPolicy::optional).protocol, "RTP/AVP");
  EXPECT_EQ(offer(SrtpPolicy::optional).security.crypto.size(), 1u);
  EXPECT_EQ(offer(SrtpPolicy::required).protocol, "RTP/SAVP");
  EXPECT_EQ(offer(SrtpPolicy::required).security.crypto.size(), 1u);
}

Result<Negotiated> outcome_of(SrtpPolicy policy, const std::string& their_answer) {
  LocalSession session{1};
  const LocalMedia local = local_media(policy);
  const auto offer = make_offer(session, local);
  return accept_answer(offer, sdp_of(their_answer), local);
}

TEST(MediaSecurity, TheirAnswerMustKeepToOurOffer) {
  const std::string line = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + their_key + "\r\n";
  EXPECT_TRUE(
      outcome_of(SrtpPolicy::required, "m=audio 4000 RTP/SAVP 0\r\n" + line)->security.sdes);
  EXPECT_FALSE(outcome_of(SrtpPolicy::required, "m=audio 4000 RTP/SAVP 0\r\n"));
  EXPECT_FALSE(outcome_of(SrtpPolicy::required, plain + line));  // Another profile.
  EXPECT_FALSE(outcome_of(SrtpPolicy::required, "m=audio 4000 RTP/SAVP 0\r\n" + crypto_lines));
  EXPECT_TRUE(outcome_of(SrtpPolicy::optional, plain + line)->security.sdes);
  EXPECT_FALSE(outcome_of(SrtpPolicy::optional, plain)->security.is_protected());
}

TEST(MediaSecurity, ALaterOfferKeepsKeyAndTag) {
  LocalSession session{1};
  const LocalMedia local = local_media(SrtpPolicy::optional);
  const auto answer = make_answer(session, sdp_of(sdes), local);
  ASSERT_TRUE(answer);
  const SessionDescription again = make_offer(session, local);
  EXPECT_EQ(again.media.at(0).protocol, "RTP/SAVP");
  EXPECT_EQ(again.media.at(0).security, answer->sdp.media.at(0).security);
}

TEST(MediaSecurity, WeWaitForTheHandshakeUnlessTheyDo) {
  const auto role = [](const std::string& setup) {
    const auto answer = answer_to("m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n" + setup + dtls_lines,
                                  SrtpPolicy::optional);
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->media.security.dtls->is_client,
              answer->sdp.media.at(0).security.setup == Setup::active);
    return answer->sdp.media.at(0).security.setup;
  };
  EXPECT_EQ(role("a=setup:actpass\r\n"), Setup::passive);
  EXPECT_EQ(role("a=setup:active\r\n"), Setup::passive);
  EXPECT_EQ(role("a=setup:passive\r\n"), Setup::active);
  EXPECT_EQ(role(""), Setup::passive);
}

TEST(MediaSecurity, ABrowsersOfferIsAnsweredInAllItsParts) {
  LocalSession session{1};
  auto offer = sdp_of(dtls +
                      "a=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:them\r\n"
                      "a=ice-pwd:themthemthemthemthemth\r\n");
  offer.group = "BUNDLE 0";
  const auto answer = make_answer(session, offer, local_media(SrtpPolicy::optional));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->sdp.ice_lite);
  EXPECT_EQ(answer->sdp.group, "BUNDLE 0");
  const MediaSecurity& ours = answer->sdp.media.at(0).security;
  EXPECT_EQ(ours.mid, "0");
  EXPECT_TRUE(ours.rtcp_mux);
  EXPECT_EQ(ours.ice_ufrag, "ours");
  EXPECT_EQ(ours.candidates,
            (std::vector<std::string>{"1 1 UDP 2130706431 127.0.0.1 20000 typ host"}));
  EXPECT_EQ(answer->media.security.ice_remote_ufrag, "them");
  EXPECT_TRUE(answer->media.security.rtcp_mux);
  // A browser names no address until its checks do.
  LocalSession another{1};
  offer.address = 0;
  EXPECT_TRUE(make_answer(another, offer, local_media(SrtpPolicy::optional))->media.may_send);
}

TEST(MediaSecurity, AnOfferOfOursForABrowserIsAcceptedBack) {
  LocalMedia local = local_media(SrtpPolicy::required);
  local.security.offers_dtls = true;
  LocalSession session{1};
  const auto offer = make_offer(session, local);
  EXPECT_TRUE(offer.ice_lite);
  EXPECT_EQ(offer.media.at(0).security.setup, Setup::actpass);
  const auto agreed =
      accept_answer(offer,
                    sdp_of("m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\na=setup:active\r\na=rtcp-mux\r\n"
                           "a=ice-ufrag:them\r\na=ice-pwd:themthemthemthemthemth\r\n" +
                           dtls_lines),
                    local);
  ASSERT_TRUE(agreed);
  EXPECT_FALSE(agreed->security.dtls->is_client);
  EXPECT_EQ(agreed->security.dtls->remote.back(), 0xab);
  EXPECT_EQ(agreed->security.ice_remote_ufrag, "them");
}

TEST(MediaSecurity, TellsWhatAnOfferLeaves) {
  EXPECT_TRUE(offered_security(sdp_of(plain)).plain);
  EXPECT_FALSE(offered_security(sdp_of(plain)).srtp);
  EXPECT_FALSE(offered_security(sdp_of(sdes)).plain);
  EXPECT_TRUE(offered_security(sdp_of(sdes)).srtp);
  EXPECT_TRUE(offered_security(sdp_of(opportunistic)).srtp);
  EXPECT_TRUE(offered_security(sdp_of(dtls)).srtp);
}

}  // namespace
}  // namespace cord::sip
