// A stream to a browser: what counts as being heard of, and what is told of it.
#include <gtest/gtest.h>

#include "media/stun.hpp"
#include "plane_support.hpp"

namespace cord::media {
namespace {

using namespace std::chrono_literals;
using namespace test;

using Bytes = std::vector<std::uint8_t>;
constexpr Endpoint browser{0x0a000005, 50'000};
constexpr Duration silence = 5s;

std::shared_ptr<const DtlsIdentity> new_identity() {
  return DtlsIdentity::make().value();
}

class BrowserStream : public testing::Test {
 protected:
  BrowserStream() {
    it.plane.execute(OpenStream{1, id}, at(0s));
    protect("first", theirs->fingerprint(), at(0s));
    it.plane.execute(ConfigureStream{.token = 2,
                                     .stream = id,
                                     .remote = {0, 9},
                                     .codec = Codec::pcmu,
                                     .timeout = silence,
                                     .hears_checks = true},
                     at(0s));
    it.plane.execute(SetSource{3, id, Source::silence}, at(0s));
  }

  void protect(const std::string& ufrag, const CertificateDigest& theirs_is, Instant now) {
    ProtectionTerms terms{.dtls = DtlsTerms{theirs_is, false},
                          .ice = IceTerms{"ours", "our-password", ufrag},
                          .rtcp_mux = true};
    it.plane.execute(SetProtection{4, id, std::move(terms)}, now);
  }

  void check(const std::string& ufrag, Instant now) {
    const std::string user = "ours:" + ufrag;
    const Bytes request =
        stun_request({.username = user, .password = "our-password", .use_candidate = true});
    it.plane.receive_rtp(0, browser, request, now);
  }

  /// The browser's side of a handshake, to its end.
  void shake_hands(Protection& far, Instant now) {
    far.advance({.rtp = {1, 1}}, now);
    for (bool moved = true; moved;) {
      moved = false;
      for (const auto& own : far.take_output({.rtp = {1, 1}}, now)) {
        moved = true;
        it.plane.receive_rtp(0, browser, own.bytes, now);
      }
      for (const auto& sent : std::exchange(it.network.sent, {})) {
        if (kind_of(sent.bytes) != DatagramKind::dtls) continue;
        moved = true;
        EXPECT_EQ(sent.to, browser);
        (void)far.open({Channel::rtp, {1, 1}, sent.bytes}, {.rtp = {1, 1}}, now);
      }
    }
  }

  template <class T>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(it.reports.begin(), it.reports.end(),
                      [](const Report& report) { return std::holds_alternative<T>(report); }));
  }

  static constexpr StreamId id{5};
  std::shared_ptr<const DtlsIdentity> ours = new_identity(), theirs = new_identity();
  PlaneFixture it{{.identity = ours}};
  HandshakeBudget budget{10};
};

TEST_F(BrowserStream, ChecksKeepItAliveWithoutAudio) {
  for (int second = 0; second < 30; second += 2) {
    check("first", at(std::chrono::seconds(second)));
    it.plane.advance(at(std::chrono::seconds(second)));
  }
  EXPECT_EQ(count<StreamTimedOut>(), 0U);
  it.plane.advance(at(28s + silence));
  EXPECT_EQ(count<StreamTimedOut>(), 1U);
}

TEST_F(BrowserStream, StrangersDoNotKeepItAlive) {
  for (int second = 0; second < 5; ++second) {
    check("stranger", at(std::chrono::seconds(second)));
    it.plane.receive_rtp(0, browser, Bytes(40, 0x80), at(std::chrono::seconds(second)));
  }
  it.plane.advance(at(silence));
  EXPECT_EQ(count<StreamTimedOut>(), 1U);
}

TEST_F(BrowserStream, WhoWasLostIsHeardOnceAgain) {
  check("first", at(0s));
  it.plane.advance(at(silence));
  ASSERT_EQ(count<StreamTimedOut>(), 1U);
  check("first", at(6s));
  check("first", at(7s));
  EXPECT_EQ(count<StreamHeard>(), 1U);
  it.plane.advance(at(7s + silence));
  EXPECT_EQ(count<StreamTimedOut>(), 2U);
}

TEST_F(BrowserStream, AHandshakeIsToldAndAnotherPageHasAnother) {
  check("first", at(0s));
  Protection first({theirs.get(), &budget}, {.dtls = DtlsTerms{ours->fingerprint(), true}});
  shake_hands(first, at(0s));
  EXPECT_EQ(count<StreamProtected>(), 1U);

  const auto reloaded = new_identity();
  protect("second", reloaded->fingerprint(), at(1s));
  check("second", at(1s));
  Protection second({reloaded.get(), &budget}, {.dtls = DtlsTerms{ours->fingerprint(), true}});
  shake_hands(second, at(1s));
  EXPECT_EQ(count<StreamProtected>(), 2U);
  EXPECT_EQ(count<ProtectionFailed>(), 0U);
}

TEST_F(BrowserStream, AnIceRestartGoesOnWithTheKeys) {
  check("first", at(0s));
  Protection far({theirs.get(), &budget}, {.dtls = DtlsTerms{ours->fingerprint(), true}});
  shake_hands(far, at(0s));
  protect("second", theirs->fingerprint(), at(1s));
  check("second", at(1s));
  it.network.sent.clear();
  it.plane.advance(at(2s));
  ASSERT_FALSE(it.network.sent.empty());
  const auto opened = far.open({Channel::rtp, {1, 1}, it.network.sent.front().bytes}, {}, at(2s));
  EXPECT_EQ(opened.kind, Protection::Opened::Kind::rtp);
  EXPECT_EQ(count<StreamProtected>(), 1U);
}

}  // namespace
}  // namespace cord::media
