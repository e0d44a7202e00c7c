// STUN against the vectors of RFC 5769 §2.1 and §2.2, and the lite side of ICE.
#include "media/stun.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/ice_agent.hpp"
#include "support.hpp"

namespace cord::media {
namespace {

using namespace std::chrono_literals;
using namespace test;

using Bytes = std::vector<std::uint8_t>;
constexpr std::string_view password = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr Endpoint peer{0x0a000001, 4000}, other{0x0a000002, 5000};

const Bytes sample_request = from_hex(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001"
    "ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3"
    "f249c1b571a280280004e57a3bcf");
const Bytes sample_response = from_hex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a6"
    "43000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96");

TEST(Stun, ReadsTheSampleRequest) {
  const auto it = parse_stun(sample_request);
  ASSERT_TRUE(it) << it.error().where;
  EXPECT_EQ(it->kind, StunKind::request);
  EXPECT_EQ(it->username, "evtj:h6vY");
  EXPECT_TRUE(it->is_controlled);
  EXPECT_FALSE(it->use_candidate);
  EXPECT_FALSE(it->has_unknown);
  EXPECT_TRUE(is_authentic(sample_request, *it, password));
  EXPECT_FALSE(is_authentic(sample_request, *it, "VOkJxbRl1RmTxUk/WvJxBu"));
}

TEST(Stun, ReadsTheSampleResponse) {
  const auto it = parse_stun(sample_response);
  ASSERT_TRUE(it);
  EXPECT_EQ(it->kind, StunKind::success);
  EXPECT_EQ(it->mapped, (Endpoint{0xc0000201, 32853}));
  EXPECT_TRUE(is_authentic(sample_response, *it, password));
}

TEST(Stun, ReadsWhatItWrites) {
  const StunTransaction transaction{1, 2, 3};
  const Bytes success = stun_success(transaction, peer, password);
  const auto it = parse_stun(success);
  ASSERT_TRUE(it);
  EXPECT_EQ(it->mapped, peer);
  EXPECT_EQ(it->transaction, transaction);
  EXPECT_TRUE(is_authentic(success, *it, password));
  const Bytes refusal = stun_error(transaction, 420, password, 0x7fff);
  const auto refused = parse_stun(refusal);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, StunKind::error);
  EXPECT_TRUE(is_authentic(refusal, *refused, password));
}

TEST(Stun, AnyChangedBitIsNoStunAnyMore) {
  for (std::size_t bit = 0; bit < sample_request.size() * 8; ++bit) {
    Bytes changed = sample_request;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(parse_stun(changed)) << bit;
  }
}

TEST(Stun, NothingShortIsReadPast) {
  for (std::size_t size = 0; size < sample_request.size(); ++size) {
    EXPECT_FALSE(parse_stun(std::span(sample_request).first(size)));
  }
}

class Ice : public testing::Test {
 protected:
  IceAgent agent{
      {.local_ufrag = "ours", .local_pwd = std::string(password), .remote_ufrag = "them"}};

  StunKind check(Endpoint from, StunCheck it, Instant now) {
    if (it.username.empty()) it.username = "ours:them";
    if (it.password.empty()) it.password = password;
    const Bytes response = agent.receive(from, stun_request(it), now);
    const auto read = parse_stun(response);
    EXPECT_TRUE(read);
    return read ? read->kind : StunKind::indication;
  }
};

TEST_F(Ice, AnswersChecksAndSendsWhereTheFarEndNominates) {
  EXPECT_EQ(check(peer, {}, at(0s)), StunKind::success);
  EXPECT_FALSE(agent.remote(at(0s)));
  EXPECT_EQ(check(peer, {.use_candidate = true}, at(1s)), StunKind::success);
  EXPECT_EQ(agent.remote(at(1s)), peer);
}

TEST_F(Ice, TheFarEndMayNominateAgain) {
  (void)check(peer, {.use_candidate = true}, at(0s));
  (void)check(other, {}, at(1s));
  EXPECT_EQ(agent.remote(at(1s)), peer);
  (void)check(other, {.use_candidate = true}, at(2s));
  EXPECT_EQ(agent.remote(at(2s)), other);
}

TEST_F(Ice, WithoutChecksTheConsentEnds) {
  (void)check(peer, {.use_candidate = true}, at(0s));
  EXPECT_EQ(agent.remote(at(30s)), peer);
  EXPECT_FALSE(agent.remote(at(31s)));
  (void)check(peer, {}, at(32s));
  EXPECT_EQ(agent.remote(at(32s)), peer);
}

TEST_F(Ice, WhoDoesNotKnowThePasswordNominatesNothing) {
  EXPECT_EQ(check(peer, {.password = "wrongwrongwrongwrongwr", .use_candidate = true}, at(0s)),
            StunKind::error);
  EXPECT_EQ(check(peer, {.username = "ours:else", .use_candidate = true}, at(0s)), StunKind::error);
  EXPECT_FALSE(agent.remote(at(0s)));
}

TEST_F(Ice, WhoIsControlledTooIsTold) {
  EXPECT_EQ(check(peer, {.use_candidate = true, .is_controlled = true}, at(0s)), StunKind::error);
  EXPECT_FALSE(agent.remote(at(0s)));
}

TEST_F(Ice, IsSilentToWhatIsNoRequest) {
  EXPECT_TRUE(agent.receive(peer, sample_response, at(0s)).empty());
  EXPECT_TRUE(agent.receive(peer, Bytes{0, 1, 0, 0}, at(0s)).empty());
}

}  // namespace
}  // namespace cord::media
