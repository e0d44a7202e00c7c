// Trunks with several peers, limits and rules for numbers.
#include "drivers/sip/trunks.hpp"

#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::Cause;
using core::LegId;

class SipTrunks : public DriverWorld {
 protected:
  /// Two peers: what is the carrier elsewhere, and what is the phone.
  void with(Trunk trunk) {
    trunk.name = "carrier";
    if (trunk.peers.empty()) trunk.peers = {"127.0.0.1:5080", "127.0.0.1:5071"};
    SipConfig config;
    config.trunks = {std::move(trunk)};
    restart(config);
  }

  static core::DialLeg dial(LegId leg = {1}, const std::string& number = "9030123") {
    return {.leg = leg,
            .trunk = "carrier",
            .number = number,
            .caller = "1001",
            .caller_name = "Alice",
            .ring_max = 20s};
  }

  static auto refusing(std::uint16_t status) {
    return [status](Peer& it, sip::CallHandle call, Instant at) {
      it.agent.hang_up(call, at, status);
    };
  }

  std::uint16_t call_status() { return call_status(*carrier); }
  /// It calls; 0 if the driver took it, else what it answered. Who is refused with Retry-After
  /// keeps to it: the next call is another one's.
  std::uint16_t call_status(Peer& from) {
    const std::size_t before = all<core::CallArrived>().size();
    const std::size_t sent = messages.size();
    call("030123", from);
    if (all<core::CallArrived>().size() > before) return 0;
    for (std::size_t i = sent; i < messages.size(); ++i) {
      if (messages[i].status >= 300) return messages[i].status;
    }
    return 1;
  }
};

TEST_F(SipTrunks, TryTheNextPeerOn503) {
  with({});
  carrier->on_call = refusing(503);
  order(dial());
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
  EXPECT_EQ(all<core::LegDialed>().size(), 1U);
  // The next call spares itself the way round.
  order(dial({2}));
  EXPECT_EQ(carrier->all<sip::CallOffered>().size(), 1U);
  pass(31s);
  order(dial({3}));
  EXPECT_EQ(carrier->all<sip::CallOffered>().size(), 2U);
  finish({{1}, {2}, {3}});
}

// A peer that is tried last has its wish respected all the same.
TEST_F(SipTrunks, LeaveAPeerAloneThatAsksForIt) {
  with({});
  carrier->on_call = refusing(503);
  phone->on_call = refusing(503);
  order(dial());
  order(dial({2}));
  EXPECT_EQ(last<core::LegReleased>().leg, LegId{2});
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  EXPECT_EQ(carrier->all<sip::CallOffered>().size(), 1U);
  EXPECT_EQ(phone->all<sip::CallOffered>().size(), 1U);
  pass(6s);
  phone->on_call = pick_up;
  order(dial({3}));
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{3});
  finish({{1}, {2}, {3}});
}

TEST_F(SipTrunks, TryTheNextPeerIfNobodyAnswers) {
  with({});
  drops = [](const sip::Message& it) { return it.uri.port == carrier_port; };
  order(dial());
  EXPECT_TRUE(all<core::LegAnswered>().empty());
  pass(4100ms);
  EXPECT_EQ(all<core::LegAnswered>().size(), 1U);
  EXPECT_TRUE(all<core::LegReleased>().empty());
  finish({{1}});
}

TEST_F(SipTrunks, TakeAnAnswerForAnAnswer) {
  with({});
  for (const std::uint16_t status : {404, 480, 486, 403, 500}) {
    carrier->on_call = refusing(status);
    order(dial({status}));
    EXPECT_EQ(last<core::LegReleased>().leg.value, status);
  }
  EXPECT_TRUE(phone->all<sip::CallOffered>().empty());
}

TEST_F(SipTrunks, GiveUpWhenNoPeerIsLeft) {
  with({});
  carrier->on_call = refusing(503);
  phone->on_call = refusing(503);
  order(dial());
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  finish({{1}});
}

TEST_F(SipTrunks, StayWithAPeerThatRings) {
  with({});
  carrier->on_call = [](Peer& it, sip::CallHandle call, Instant at) { it.agent.ring(call, at); };
  order(dial());
  carrier->agent.hang_up(carrier->call, now, 503);
  settle();
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  EXPECT_TRUE(phone->all<sip::CallOffered>().empty());
}

TEST_F(SipTrunks, HaveOnlySoManyCalls) {
  with({.calls = 2});
  EXPECT_EQ(call_status(), 0);
  const LegId first = last<core::CallArrived>().leg;
  order(dial());
  EXPECT_EQ(all<core::LegAnswered>().size() + all<core::LegDialed>().size(), 1U);
  EXPECT_EQ(call_status(), 503);
  EXPECT_TRUE(messages.back().has(sip::header::retry_after));
  order(dial({2}));
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::failed);
  EXPECT_EQ(last<core::LegReleased>().detail, "too many calls on trunk carrier");
  order(core::ReleaseLeg{first, Cause::request});
  EXPECT_EQ(call_status(*phone), 0) << "there is room again";
  finish({first, {1}, last<core::CallArrived>().leg});
}

TEST_F(SipTrunks, HaveOnlySoManyCallsASecond) {
  with({.calls_per_second = 2});
  EXPECT_EQ(call_status(), 0);
  EXPECT_EQ(call_status(), 0);
  EXPECT_EQ(call_status(), 503);
  now += 500ms;
  EXPECT_EQ(call_status(*phone), 0);
  EXPECT_EQ(call_status(*phone), 503);
}

TEST_F(SipTrunks, RewriteNumbersBothWays) {
  with({.rewrite_called = {{"0", "+49"}}, .rewrite_dialled = {{"90", "+49"}, {"9", ""}}});
  EXPECT_EQ(call_status(), 0);
  EXPECT_EQ(last<core::CallArrived>().called, "+4930123");
  order(dial());
  EXPECT_EQ(carrier->all<sip::CallOffered>().back().target.user_text(), "+4930123");
}

TEST_F(SipTrunks, CallFromTheirDomain) {
  with({.domain = "pbx.carrier.test"});
  order(dial());
  EXPECT_EQ(carrier->all<sip::CallOffered>().back().from.uri.host, "pbx.carrier.test");
}

// A peer with a port is more than one with any port.
TEST(Trunks, AreKnownByTheirPeers) {
  SilentLog log;
  Metrics metrics;
  const std::vector<Trunk> all{{.name = "any", .peers = {"127.0.0.1"}},
                               {.name = "one", .peers = {"127.0.0.1:5080"}}};
  NameBook names({}, nullptr, log, metrics, 1);
  const Trunks trunks(all, names, metrics);
  const auto of = [&](std::uint16_t port) {
    return trunks.of({sip::Transport::udp, 0, {loopback, port}, 0});
  };
  EXPECT_EQ(of(5080), 1U);
  EXPECT_EQ(of(5081), 0U);
  EXPECT_FALSE(trunks.of({sip::Transport::udp, 0, {1, 5080}, 0}).has_value());
  EXPECT_EQ(trunks.find("one"), 1U);
  EXPECT_FALSE(trunks.find("two").has_value());
}

TEST(Trunks, OfOnePortDoNotAnswerForAnother) {
  SilentLog log;
  Metrics metrics;
  const std::vector<Trunk> all{{.name = "one", .peers = {"127.0.0.1:5080"}},
                               {.name = "any", .peers = {"127.0.0.1"}}};
  NameBook names({}, nullptr, log, metrics, 1);
  const Trunks trunks(all, names, metrics);
  EXPECT_EQ(trunks.of({sip::Transport::udp, 0, {loopback, 5081}, 0}), 1U);
  EXPECT_EQ(trunks.of({sip::Transport::tcp, 0, {loopback, 5081}, 7}), 0U) << "from any port";
}

TEST(Trunks, ThatAreWrittenWithTlsCallOverTlsOnly) {
  SilentLog log;
  Metrics metrics;
  const std::vector<Trunk> all{{.name = "one", .peers = {"127.0.0.1;transport=tls"}}};
  NameBook names({}, nullptr, log, metrics, 1);
  const Trunks trunks(all, names, metrics);
  EXPECT_FALSE(trunks.of({sip::Transport::udp, 0, {loopback, 5061}, 0}).has_value());
  EXPECT_FALSE(trunks.of({sip::Transport::tcp, 0, {loopback, 5061}, 7}).has_value());
  EXPECT_EQ(trunks.of({sip::Transport::tls, 0, {loopback, 5099}, 7}), 0U);
}

}  // namespace
}  // namespace cord::drivers::test
