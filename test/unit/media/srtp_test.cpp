// SRTP against the vectors of RFC 3711 appendix B, whole packets of another implementation, and
// what an attacker can try.
#include "media/srtp.hpp"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "media/big_endian.hpp"
#include "support.hpp"

namespace cord::media {
namespace {

using test::from_hex;
using Bytes = std::vector<std::uint8_t>;

template <std::size_t size>
std::array<std::uint8_t, size> array_of(std::string_view text) {
  std::array<std::uint8_t, size> out{};
  const Bytes bytes = from_hex(text);
  std::copy_n(bytes.begin(), std::min(size, bytes.size()), out.begin());
  return out;
}

// RFC 3711 appendix B.3.
const SrtpKey example{.suite = SrtpSuite::aes_cm_128_hmac_sha1_80,
                      .key = array_of<16>("e1f97a0d3e018be0d64fa32c06de4139"),
                      .salt = array_of<14>("0ec675ad498afeebb6960b3aabe6")};
const SrtpKey example_gcm{.suite = SrtpSuite::aead_aes_128_gcm,
                          .key = array_of<16>("000102030405060708090a0b0c0d0e0f"),
                          .salt = array_of<14>("a0a1a2a3a4a5a6a7a8a9aaab")};
SrtpKey with(SrtpSuite suite) {
  if (suite == SrtpSuite::aead_aes_128_gcm) return example_gcm;
  SrtpKey key = example;
  key.suite = suite;
  return key;
}

// A packet of libsrtp's own tests.
const Bytes rtp_plain = from_hex("800f1234decafbadcafebabeabababababababababababababababab");
const Bytes rtcp_plain = from_hex("81c8000bcafebabeabababababababababababababababab");

Bytes protect(SrtpSender& sender, Bytes packet, bool is_rtcp = false) {
  const std::size_t bytes = packet.size();
  packet.resize(bytes + srtp_growth_bytes_max);
  const auto size =
      is_rtcp ? sender.protect_rtcp(packet, bytes) : sender.protect_rtp(packet, bytes);
  EXPECT_TRUE(size.has_value());
  packet.resize(size.value_or(0));
  return packet;
}

Result<Bytes> unprotect(SrtpReceiver& receiver, Bytes packet, bool is_rtcp = false) {
  const auto size = is_rtcp ? receiver.unprotect_rtcp(packet) : receiver.unprotect_rtp(packet);
  if (!size) return tl::make_unexpected(size.error());
  packet.resize(*size);
  return packet;
}

Bytes numbered(std::uint16_t sequence, std::uint32_t ssrc = 0xcafebabe) {
  Bytes packet = rtp_plain;
  store_be16(packet, 2, sequence);
  store_be32(packet, 8, ssrc);
  return packet;
}

TEST(SrtpCrypto, KeyStreamIsThatOfRfc3711B2) {
  AesCounter cipher(array_of<16>("2b7e151628aed2a6abf7158809cf4f3c"));
  Bytes stream(48);
  cipher.apply(array_of<16>("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), stream);
  EXPECT_EQ(stream, from_hex("e03ead0935c95e80e166b16dd92b4eb4"
                             "d23513162b02d0f72a43a2fe4a5f97ab"
                             "41e95b3bb0a2e8dd477901e4fca894c0"));
}

TEST(SrtpCrypto, DerivedKeysAreThoseOfRfc3711B3) {
  Bytes cipher(16), salt(14), auth(94);
  derive_srtp_key(example.key, example.salt, 0, cipher);
  derive_srtp_key(example.key, example.salt, 2, salt);
  derive_srtp_key(example.key, example.salt, 1, auth);
  EXPECT_EQ(cipher, from_hex("c61e7a93744f39ee10734afe3ff7a087"));
  EXPECT_EQ(salt, from_hex("30cbbc08863d8c85d49db34a9ae1"));
  EXPECT_EQ(auth, from_hex("cebe321f6ff7716b6fd4ab49af256a15"
                           "6d38baa48f0a0acf3c34e2359e6cdbce"
                           "e049646c43d9327ad175578ef7227098"
                           "6371c10c9a369ac2f94a8c5fbcdddc25"
                           "6d6e919a48b610ef17c2041e47403576"
                           "6b68642c59bbfc2f34db60dbdfb2"));
}

TEST(Srtp, MakesThePacketsOfAnotherImplementation) {
  SrtpSender sender(example);
  EXPECT_EQ(
      protect(sender, rtp_plain),
      from_hex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"));
  EXPECT_EQ(
      protect(sender, rtcp_plain, true),
      from_hex("81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"));
}

TEST(Srtp, MakesThePacketsOfAnotherImplementationWithGcm) {
  SrtpSender sender(example_gcm);
  EXPECT_EQ(protect(sender, rtp_plain),
            from_hex("800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06e"
                     "d2976826f796b201df3131a127e8a392"));
  EXPECT_EQ(protect(sender, rtcp_plain, true),
            from_hex("81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025"
                     "c52c6fbea2b3b446ea31123ba88ce61e80000001"));
}

class EverySuite : public testing::TestWithParam<SrtpSuite> {
 protected:
  SrtpSender sender{with(GetParam())};
  SrtpReceiver receiver{with(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(Srtp, EverySuite,
                         testing::Values(SrtpSuite::aes_cm_128_hmac_sha1_80,
                                         SrtpSuite::aes_cm_128_hmac_sha1_32,
                                         SrtpSuite::aead_aes_128_gcm));

TEST_P(EverySuite, AReceiverReadsWhatASenderMade) {
  EXPECT_EQ(unprotect(receiver, protect(sender, rtp_plain)).value(), rtp_plain);
  EXPECT_EQ(unprotect(receiver, protect(sender, rtcp_plain, true), true).value(), rtcp_plain);
}

TEST_P(EverySuite, CsrcsAndExtensionStayReadable) {
  Bytes packet = rtp_plain;
  packet[0] = 0x92;  // Two CSRCs and an extension of one word.
  packet.insert(packet.begin() + 12, {1, 2, 3, 4, 5, 6, 7, 8, 0xbe, 0xde, 0, 1, 9, 9, 9, 9});
  const Bytes sent = protect(sender, packet);
  EXPECT_TRUE(std::equal(packet.begin(), packet.begin() + 28, sent.begin()));
  EXPECT_FALSE(std::equal(packet.begin() + 28, packet.end(), sent.begin() + 28));
  EXPECT_EQ(unprotect(receiver, sent).value(), packet);
}

TEST_P(EverySuite, AnyChangedBitIsRefusedAndLeavesNoTrace) {
  const Bytes sent = protect(sender, rtp_plain);
  const Bytes report = protect(sender, rtcp_plain, true);
  for (std::size_t bit = 0; bit < sent.size() * 8; ++bit) {
    Bytes forged = sent;
    forged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(unprotect(receiver, forged)) << "RTP, bit " << bit;
  }
  for (std::size_t bit = 0; bit < report.size() * 8; ++bit) {
    Bytes forged = report;
    forged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(unprotect(receiver, forged, true)) << "RTCP, bit " << bit;
  }
  EXPECT_EQ(unprotect(receiver, sent).value(), rtp_plain);
  EXPECT_EQ(unprotect(receiver, report, true).value(), rtcp_plain);
}

TEST_P(EverySuite, WhatIsSentAgainIsRefused) {
  const Bytes first = protect(sender, numbered(1)), second = protect(sender, numbered(2));
  ASSERT_TRUE(unprotect(receiver, second));
  ASSERT_TRUE(unprotect(receiver, first));
  EXPECT_EQ(unprotect(receiver, first).error().code, Errc::invalid_state);
  EXPECT_EQ(unprotect(receiver, second).error().code, Errc::invalid_state);
  const Bytes report = protect(sender, rtcp_plain, true);
  ASSERT_TRUE(unprotect(receiver, report, true));
  EXPECT_EQ(unprotect(receiver, report, true).error().code, Errc::invalid_state);
}

TEST_P(EverySuite, WhatIsTooLateIsRefused) {
  const Bytes late = protect(sender, numbered(1)), just = protect(sender, numbered(2));
  ASSERT_TRUE(unprotect(receiver, protect(sender, numbered(1 + srtp_replay_window))));
  EXPECT_EQ(unprotect(receiver, late).error().code, Errc::invalid_state);
  EXPECT_TRUE(unprotect(receiver, just));
}

TEST_P(EverySuite, SequenceNumbersComeRound) {
  const Bytes late = protect(sender, numbered(0xfffe));
  ASSERT_TRUE(unprotect(receiver, protect(sender, numbered(0xffff))));
  ASSERT_TRUE(unprotect(receiver, protect(sender, numbered(0))));
  ASSERT_TRUE(unprotect(receiver, protect(sender, numbered(1))));
  EXPECT_TRUE(unprotect(receiver, late));  // From before the turn.
}

TEST_P(EverySuite, TheSameNumberAfterATurnIsAnotherPacket) {
  const Bytes first = protect(sender, numbered(7));
  ASSERT_TRUE(unprotect(receiver, first));
  for (std::uint32_t number : {0x4000U, 0x8000U, 0xc000U}) {
    ASSERT_TRUE(unprotect(receiver, protect(sender, numbered(static_cast<std::uint16_t>(number)))));
  }
  const Bytes again = protect(sender, numbered(7));
  EXPECT_NE(again, first);
  EXPECT_FALSE(unprotect(receiver, first));
  EXPECT_EQ(unprotect(receiver, again).value(), numbered(7));
}

TEST_P(EverySuite, AKeyStreamIsNotUsedTwice) {
  ASSERT_FALSE(protect(sender, numbered(5)).empty());
  Bytes again = numbered(5);
  again.resize(again.size() + srtp_growth_bytes_max);
  EXPECT_EQ(sender.protect_rtp(again, rtp_plain.size()).error().code, Errc::invalid_state);
}

TEST_P(EverySuite, SourcesAreBounded) {
  std::vector<Bytes> sent;
  for (std::uint32_t ssrc = 0; ssrc <= SrtpReceiver::sources_max; ++ssrc) {
    SrtpSender other(with(GetParam()));
    sent.push_back(protect(other, numbered(1, ssrc)));
  }
  for (std::size_t i = 0; i < SrtpReceiver::sources_max; ++i) {
    EXPECT_TRUE(unprotect(receiver, sent[i])) << i;
  }
  EXPECT_EQ(unprotect(receiver, sent.back()).error().code, Errc::full);
}

TEST_P(EverySuite, NoRoomIsAnError) {
  Bytes packet = rtp_plain;
  EXPECT_EQ(sender.protect_rtp(packet, packet.size()).error().code, Errc::full);
  packet = rtcp_plain;
  EXPECT_EQ(sender.protect_rtcp(packet, packet.size()).error().code, Errc::full);
}

TEST_P(EverySuite, NothingShortIsReadPast) {
  const Bytes sent = protect(sender, rtp_plain), report = protect(sender, rtcp_plain, true);
  for (std::size_t size = 0; size < sent.size(); ++size) {
    EXPECT_FALSE(unprotect(receiver, Bytes(sent.begin(), sent.begin() + static_cast<long>(size))));
  }
  for (std::size_t size = 0; size < report.size(); ++size) {
    EXPECT_FALSE(
        unprotect(receiver, Bytes(report.begin(), report.begin() + static_cast<long>(size)), true));
  }
}

}  // namespace
}  // namespace cord::media
