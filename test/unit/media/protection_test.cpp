// Two protections against each other: handshakes, keys, and what an attacker may try between them.
#include "media/protection.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "plane_support.hpp"
#include "support.hpp"

namespace cord::media {
namespace {

using namespace std::chrono_literals;
using namespace test;

using Bytes = std::vector<std::uint8_t>;
using Kind = Protection::Opened::Kind;
constexpr Endpoint here{0x7f000001, 20000}, there{0x0a000001, 4000};
constexpr Endpoint here_rtcp{0x7f000001, 20001}, there_rtcp{0x0a000001, 4001};
constexpr Endpoint stranger{0x0a000009, 9};
constexpr Protection::Usual to_ours{here, here_rtcp}, to_theirs{there, there_rtcp};

Endpoint their(Channel channel) {
  return channel == Channel::rtp ? there : there_rtcp;
}

std::shared_ptr<const DtlsIdentity> identity() {
  static const auto it = DtlsIdentity::make().value();
  return it;
}
std::shared_ptr<const DtlsIdentity> another_identity() {
  static const auto it = DtlsIdentity::make().value();
  return it;
}

// Ours waits, theirs begins, as a browser's does.
struct Pair {
  HandshakeBudget budget{10};
  Protection ours, theirs;
  Protection::Usual sdp = to_theirs;  // Where ours expects theirs.

  explicit Pair(ProtectionTerms our_terms = waits(), ProtectionTerms their_terms = begins())
      : ours({identity().get(), &budget}, std::move(our_terms)),
        theirs({another_identity().get(), &budget}, std::move(their_terms)) {}

  static ProtectionTerms waits() {
    return {.dtls = DtlsTerms{another_identity()->fingerprint(), false}};
  }
  static ProtectionTerms begins() { return {.dtls = DtlsTerms{identity()->fingerprint(), true}}; }

  /// Carries datagrams to and fro until there are none.
  void talk() {
    theirs.advance(to_ours, at(0s));
    carry(theirs.take_output(to_ours, at(0s)));
  }

  void carry(std::vector<Protection::Own> sent) {
    while (!sent.empty()) {
      for (const auto& it : sent) {
        (void)ours.open({it.channel, their(it.channel), it.bytes}, sdp, at(0s));
      }
      for (const auto& it : ours.take_output(sdp, at(0s))) {
        EXPECT_EQ(it.to, their(it.channel));
        const Endpoint from = it.channel == Channel::rtp ? here : here_rtcp;
        (void)theirs.open({it.channel, from, it.bytes}, to_ours, at(0s));
      }
      sent = theirs.take_output(to_ours, at(0s));
    }
  }
};

// Whether one packet gets from one to the other as it was.
bool passes(Protection& from, Protection& to, std::uint16_t sequence, bool is_control = false) {
  Bytes clear = packet({.sequence = sequence, .ssrc = 7}, octets(0x55));
  if (is_control) clear = {0x80, 201, 0, 1, 0, 0, 0, 9};
  Bytes sent = clear;
  sent.resize(clear.size() + srtp_growth_bytes_max);
  const std::size_t bytes =
      is_control ? from.seal_rtcp(sent, clear.size()) : from.seal_rtp(sent, clear.size());
  if (bytes == 0) return false;
  const Channel channel = is_control ? Channel::rtcp : Channel::rtp;
  const auto opened = to.open({channel, their(channel), std::span(sent).first(bytes)}, {}, at(0s));
  return opened.kind == (is_control ? Kind::rtcp : Kind::rtp) &&
         std::equal(clear.begin(), clear.end(), opened.packet.begin(), opened.packet.end());
}

TEST(Protection, TellsDatagramsApartByTheirFirstByte) {
  for (int first = 0; first < 256; ++first) {
    const Bytes datagram{static_cast<std::uint8_t>(first), 0};
    DatagramKind expected = DatagramKind::unknown;
    if (first <= 3) expected = DatagramKind::stun;
    if (first >= 20 && first <= 63) expected = DatagramKind::dtls;
    if (first >= 128 && first <= 191) expected = DatagramKind::media;
    EXPECT_EQ(kind_of(datagram), expected) << first;
  }
  EXPECT_EQ(kind_of({}), DatagramKind::unknown);
}

TEST(Protection, AHandshakeGivesBothSidesKeys) {
  Pair pair;
  EXPECT_FALSE(passes(pair.ours, pair.theirs, 1));
  pair.talk();
  EXPECT_FALSE(pair.ours.take_failure());
  EXPECT_TRUE(passes(pair.ours, pair.theirs, 1));
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
  EXPECT_TRUE(passes(pair.ours, pair.theirs, 0, true));
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 0, true));
}

// Found with a phone under load: its second ClientHello ended what its first had begun.
TEST(Protection, TheHandshakesOfBothPortsDoNotMeet) {
  for (const bool rtcp_comes_first : {false, true}) {
    Pair pair;
    pair.theirs.advance(to_ours, at(0s));
    auto hellos = pair.theirs.take_output(to_ours, at(0s));
    ASSERT_EQ(hellos.size(), 2u);
    if (rtcp_comes_first) std::swap(hellos[0], hellos[1]);
    pair.carry(std::move(hellos));
    EXPECT_FALSE(pair.ours.take_failure());
    EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
    EXPECT_TRUE(passes(pair.ours, pair.theirs, 1));
    EXPECT_TRUE(passes(pair.theirs, pair.ours, 0, true));
    EXPECT_TRUE(passes(pair.ours, pair.theirs, 0, true));
  }
}

TEST(Protection, RtcpWithItsOwnHandshakeHasItsOwnKeys) {
  Pair pair;
  pair.talk();
  Bytes sent = packet({.sequence = 1, .ssrc = 7}, octets(0x55));
  const std::size_t clear_bytes = sent.size();
  sent.resize(clear_bytes + srtp_growth_bytes_max);
  sent.resize(pair.theirs.seal_rtp(sent, clear_bytes));
  EXPECT_EQ(pair.ours.open({Channel::rtcp, there_rtcp, sent}, to_theirs, at(0s)).kind,
            Kind::refused);
  EXPECT_EQ(pair.ours.open({Channel::rtp, there, sent}, to_theirs, at(0s)).kind, Kind::rtp);
}

TEST(Protection, OneHandshakeIsForBothWhereReportsComeThroughTheRtpPort) {
  auto waits = Pair::waits(), begins = Pair::begins();
  waits.rtcp_mux = begins.rtcp_mux = true;
  Pair pair(waits, begins);
  pair.theirs.advance(to_ours, at(0s));
  auto hellos = pair.theirs.take_output(to_ours, at(0s));
  ASSERT_EQ(hellos.size(), 1u);
  EXPECT_EQ(pair.ours.open({Channel::rtcp, there_rtcp, hellos[0].bytes}, to_theirs, at(0s)).kind,
            Kind::refused);
  pair.carry(std::move(hellos));
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 0, true));
  EXPECT_EQ(pair.budget.used(), 2u);  // One at each side.
}

// A handshake of somebody else: from where nobody is expected.
struct Stranger {
  HandshakeBudget budget{10};
  std::shared_ptr<const DtlsIdentity> own = DtlsIdentity::make().value();
  Kind last = Kind::own;  // What became of its last datagram.
  Protection protection{{own.get(), &budget}, Pair::begins()};

  void begin(Protection& with) {
    protection.advance(to_ours, at(0s));
    send(with);
  }
  void send(Protection& to) {
    for (const auto& it : protection.take_output(to_ours, at(0s))) {
      if (it.channel != Channel::rtp) continue;
      last = to.open({it.channel, stranger, it.bytes}, to_theirs, at(0s)).kind;
    }
  }
  /// What is sent to it is answered.
  void go_on(Protection& with) {
    for (int flights = 0; flights < 4; ++flights) {
      for (const auto& it : with.take_output(to_theirs, at(0s))) {
        EXPECT_EQ(it.to, stranger);
        (void)protection.open({it.channel, here, it.bytes}, to_ours, at(0s));
      }
      send(with);
    }
  }
};

TEST(Protection, AStrangerWhoBeginsAHandshakeGivesWayToTheFarEnd) {
  Pair pair;
  Stranger somebody;
  somebody.begin(pair.ours);
  (void)pair.ours.take_output(to_theirs, at(0s));
  pair.talk();
  EXPECT_FALSE(pair.ours.take_failure());
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
}

TEST(Protection, AStrangerWhoEndsAHandshakeLeavesTheFarEndToBeginAnother) {
  Pair pair;
  Stranger somebody;
  somebody.begin(pair.ours);
  somebody.go_on(pair.ours);
  EXPECT_EQ(somebody.last, Kind::refused);
  EXPECT_FALSE(pair.ours.take_success());
  EXPECT_FALSE(pair.ours.take_failure());
  pair.talk();
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
}

TEST(Protection, AStrangerIsNoPartOfTheFarEndsHandshake) {
  Pair pair;
  Stranger somebody;
  pair.theirs.advance(to_ours, at(0s));
  auto hellos = pair.theirs.take_output(to_ours, at(0s));
  (void)pair.ours.open({Channel::rtp, there, hellos[0].bytes}, to_theirs, at(0s));
  somebody.begin(pair.ours);
  const Bytes alert{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};  // handshake_failure
  EXPECT_EQ(pair.ours.open({Channel::rtp, stranger, alert}, to_theirs, at(0s)).kind, Kind::refused);
  pair.carry(std::move(hellos));
  EXPECT_FALSE(pair.ours.take_failure());
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
}

TEST(Protection, AFarEndBehindANatShakesHandsFromElsewhere) {
  Pair pair;
  pair.sdp = {{0xc0a80001, 4000}, {0xc0a80001, 4001}};
  pair.talk();
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
  EXPECT_TRUE(passes(pair.ours, pair.theirs, 1));
}

TEST(Protection, AnotherCertificateThanInTheSdpGetsNoKeysAndIsToldOnce) {
  auto terms = Pair::waits();
  terms.dtls->remote[5] ^= 1;
  Pair pair(terms);
  pair.talk();
  EXPECT_EQ(pair.ours.take_failure(), "another certificate than in the SDP");
  EXPECT_FALSE(pair.ours.take_failure());
  EXPECT_FALSE(passes(pair.ours, pair.theirs, 1));
  EXPECT_FALSE(passes(pair.theirs, pair.ours, 1));
}

TEST(Protection, WhoBeginsComparesTheCertificateToo) {
  auto terms = Pair::begins();
  terms.dtls->remote[0] ^= 1;
  Pair pair(Pair::waits(), terms);
  pair.talk();
  EXPECT_TRUE(pair.theirs.take_failure());
  EXPECT_FALSE(passes(pair.theirs, pair.ours, 1));
}

TEST(Protection, PlainPacketsAreRefused) {
  Pair pair;
  const Bytes plain = packet({.sequence = 1, .ssrc = 7}, octets(0x55));
  EXPECT_EQ(pair.ours.open({Channel::rtp, there, plain}, to_theirs, at(0s)).kind, Kind::refused);
  pair.talk();
  EXPECT_EQ(pair.ours.open({Channel::rtp, there, plain}, to_theirs, at(0s)).kind, Kind::refused);
}

TEST(Protection, TheSameTermsAgainGoOnWithTheSameKeys) {
  Pair pair;
  pair.talk();
  ASSERT_TRUE(passes(pair.theirs, pair.ours, 1));
  pair.ours.change(Pair::waits());
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 2));
  EXPECT_FALSE(passes(pair.theirs, pair.ours, 1));  // The replay window stays as well.
}

TEST(Protection, HandshakesOfASecondAreBounded) {
  Pair pair;
  pair.theirs.advance(to_ours, at(0s));
  const auto hello = pair.theirs.take_output(to_ours, at(0s));
  ASSERT_FALSE(hello.empty());
  HandshakeBudget none{0};
  Protection busy({identity().get(), &none}, Pair::waits());
  EXPECT_EQ(busy.open({Channel::rtp, there, hello[0].bytes}, to_theirs, at(0s)).kind,
            Kind::postponed);
  HandshakeBudget two{2};
  EXPECT_TRUE(two.take(at(0s)));
  EXPECT_TRUE(two.take(at(999ms)));
  EXPECT_FALSE(two.take(at(999ms)));
  EXPECT_TRUE(two.take(at(1s)));
}

TEST(Protection, OnlyAClientHelloBeginsAHandshake) {
  Pair pair;
  const Bytes noise{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0};
  EXPECT_EQ(pair.ours.open({Channel::rtp, there, noise}, to_theirs, at(0s)).kind, Kind::refused);
  EXPECT_EQ(pair.budget.used(), 0u);
}

TEST(Protection, KeysOfTheSdpNeedNoHandshake) {
  const SrtpKey a{.key = {1}, .salt = {2}}, b{.key = {3}, .salt = {4}};
  Pair pair({.keys = SrtpKeys{a, b}}, {.keys = SrtpKeys{b, a}});
  EXPECT_TRUE(passes(pair.ours, pair.theirs, 1));
  EXPECT_TRUE(passes(pair.theirs, pair.ours, 1));
  pair.ours.change({.keys = SrtpKeys{a, a}});
  EXPECT_FALSE(passes(pair.theirs, pair.ours, 2));
  EXPECT_TRUE(passes(pair.ours, pair.theirs, 2));
}

TEST(Protection, ReportsComeThroughTheRtpPortWhereThatWasAgreed) {
  const SrtpKey key{.key = {1}, .salt = {2}};
  Pair pair({.keys = SrtpKeys{key, key}, .rtcp_mux = true}, {.keys = SrtpKeys{key, key}});
  Bytes report{0x80, 201, 0, 1, 0, 0, 0, 9};
  report.resize(report.size() + srtp_growth_bytes_max);
  const std::size_t bytes = pair.theirs.seal_rtcp(report, 8);
  EXPECT_EQ(
      pair.ours.open({Channel::rtp, there, std::span(report).first(bytes)}, to_theirs, at(0s)).kind,
      Kind::rtcp);
}

// The plane: a protected stream on one side, a plain one on the other.
class ProtectedPlane : public testing::Test {
 protected:
  PlaneFixture it;
  const SrtpKey ours{.key = {1}, .salt = {2}}, theirs{.key = {3}, .salt = {4}};
  SrtpSender phone_sender{theirs};
  SrtpReceiver phone_receiver{ours};

  void SetUp() override {
    it.open_both(at(0s));
    it.bridge(at(0s));
    protect({.keys = SrtpKeys{ours, theirs}});
  }
  void protect(ProtectionTerms terms) {
    it.plane.execute(SetProtection{9, PlaneFixture::customer, std::move(terms)}, at(0s));
  }
  Bytes sealed(std::uint16_t number) {
    Bytes sent = packet({.sequence = number, .timestamp = number * 160U, .ssrc = 1}, octets(0x33));
    const std::size_t bytes = sent.size();
    sent.resize(bytes + srtp_growth_bytes_max);
    sent.resize(phone_sender.protect_rtp(sent, bytes).value());
    return sent;
  }
};

TEST_F(ProtectedPlane, IsReadByTheOneAndSentToTheOtherInTheClear) {
  it.network.sent.clear();
  it.plane.receive_rtp(0, PlaneFixture::customer_phone, sealed(1), at(20ms));
  const auto sent = it.network.take_rtp();
  ASSERT_EQ(sent.size(), 1u);
  const auto read = parse_rtp(sent[0].bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->payload.front(), 0x33);
}

TEST_F(ProtectedPlane, SendsNothingInTheClear) {
  it.network.sent.clear();
  it.receive(1, 1, at(20ms), 0x44);
  const auto sent = it.network.take_rtp();
  ASSERT_EQ(sent.size(), 1u);
  Bytes got = sent[0].bytes;
  EXPECT_EQ(std::count(got.begin() + 12, got.end(), 0x44) > 20, false);
  const auto bytes = phone_receiver.unprotect_rtp(got);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(got[12], 0x44);
}

TEST_F(ProtectedPlane, WhoHasNoKeyIsNotHeardAndDoesNotTakeTheStream) {
  it.network.sent.clear();
  it.receive(0, 1, at(20ms));  // Plain.
  EXPECT_TRUE(it.network.take_rtp().empty());
  EXPECT_EQ(it.metric("cord_media_unauthentic_packets_total"), 1);
  it.plane.receive_rtp(0, {0x0a000009, 9}, sealed(2), at(40ms));  // The phone, behind a NAT.
  EXPECT_EQ(it.network.take_rtp().size(), 1u);
}

TEST_F(ProtectedPlane, WithoutKeysItIsSilent) {
  it.plane.execute(CloseStream{1, PlaneFixture::customer}, at(0s));
  it.plane.execute(OpenStream{2, PlaneFixture::customer}, at(0s));
  protect({.dtls = DtlsTerms{}});
  it.plane.execute(ConfigureStream{.token = 3,
                                   .stream = PlaneFixture::customer,
                                   .remote = PlaneFixture::customer_phone,
                                   .codec = Codec::pcmu},
                   at(0s));
  it.plane.execute(SetSource{4, PlaneFixture::customer, Source::music}, at(0s));
  it.network.sent.clear();
  it.plane.advance(at(20s));
  // The other stream, which is plain, reports by itself.
  for (const auto& sent : it.network.sent) EXPECT_NE(sent.slot, 0U);
  EXPECT_GT(it.metric("cord_media_unprotected_packets_total"), 0);
}

}  // namespace
}  // namespace cord::media
