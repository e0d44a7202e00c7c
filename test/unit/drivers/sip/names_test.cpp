// Trunks whose servers have names: calls there and from there, and registrations.
#include <gtest/gtest.h>

#include "driver_world.hpp"
#include "drivers/sip/name_book.hpp"

namespace cord::drivers::test {
namespace {

using core::LegId;

// A domain name system that answers when it is told to.
struct Dns final : DnsPort {
  std::vector<DnsQuestion> asked;
  bool ask(DnsQuestion question) override {
    asked.push_back(std::move(question));
    return true;
  }
};

class SipNames : public DriverWorld {
 protected:
  SipNames() {
    dns = &dns_;
    with({});
  }

  void with(Trunk trunk) {
    trunk.name = "carrier";
    if (trunk.peers.empty()) trunk.peers = {"sip.carrier.test;transport=udp"};
    SipConfig config;
    config.trunks = {std::move(trunk)};
    restart(config);
  }

  /// Answers all that is asked: the name's servers are those on loopback.
  void look_up(const std::vector<SrvRecord>& servers) {
    driver->on_timer(now);
    while (!dns_.asked.empty()) {
      for (const DnsQuestion& it : std::exchange(dns_.asked, {})) {
        DnsRecords records;
        if (it.kind == DnsKind::srv) records.srv = servers;
        if (it.kind == DnsKind::address) records.addresses = {loopback};
        driver->on_input(DnsAnswered{it, records}, now);
      }
    }
    settle();
  }
  void fail_look_up() {
    driver->on_timer(now);
    for (const DnsQuestion& it : std::exchange(dns_.asked, {})) {
      driver->on_input(DnsAnswered{it, refuse(Errc::io_failed, "test")}, now);
    }
  }

  static SrvRecord server(std::uint16_t priority, std::uint16_t port) {
    return {priority, 0, port, "edge.carrier.test"};
  }

  static core::DialLeg dial(LegId leg = {1}) {
    return {.leg = leg,
            .trunk = "carrier",
            .number = "9030123",
            .caller = "1001",
            .caller_name = "Alice",
            .ring_max = 20s};
  }

  void let_the_carrier_answer() { carrier->on_call = phone->on_call; }

  Dns dns_;
};

TEST_F(SipNames, AreCalledWhereTheyAre) {
  look_up({server(10, carrier_port)});
  let_the_carrier_answer();
  order(dial());
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
  const sip::CallOffered offered = carrier->all<sip::CallOffered>().back();
  EXPECT_EQ(sip::print(offered.target), "sip:9030123@sip.carrier.test");
}

TEST_F(SipNames, AreNotCalledBeforeTheyAreKnown) {
  order(dial());
  EXPECT_EQ(last<core::LegReleased>().cause, core::Cause::unreachable);
  EXPECT_NE(last<core::LegReleased>().detail.find("no address is known of trunk carrier"),
            std::string::npos);
}

TEST_F(SipNames, FailOverToTheServerOfTheNextPriority) {
  // Nobody listens at the first.
  look_up({server(20, carrier_port), server(10, 5099)});
  let_the_carrier_answer();
  order(dial());
  EXPECT_TRUE(carrier->all<sip::CallOffered>().empty());
  pass(5s);
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
  // The next call spares itself the silence.
  order(dial({2}));
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{2});
}

TEST_F(SipNames, MayCallOnceTheyAreKnown) {
  call("18005550100");
  EXPECT_TRUE(all<core::CallArrived>().empty());
  EXPECT_EQ(messages.back().status, 403);
  look_up({server(10, 5099)});
  EXPECT_EQ(transport->known, (std::vector<KnownServer>{{loopback, "sip.carrier.test", true}}));
  // From another port than they listen on.
  call("18005550100");
  EXPECT_EQ(all<core::CallArrived>().size(), 1U);
}

TEST_F(SipNames, MayNotCallWithoutTlsIfItIsWritten) {
  SipConfig config;
  config.listen = {"udp:127.0.0.1:5060", "tls:127.0.0.1:5061"};
  config.tls = {.certificate = "us.pem", .key = "us.key"};
  config.trunks = {{.name = "carrier", .peers = {"127.0.0.1;transport=tls"}}};
  restart(config);
  call("18005550100");
  EXPECT_TRUE(all<core::CallArrived>().empty());
  EXPECT_EQ(messages.back().status, 403);
}

TEST_F(SipNames, StayWhereTheyWereWhileTheNameSystemIsDown) {
  look_up({server(10, carrier_port)});
  let_the_carrier_answer();
  now += name_refresh;
  fail_look_up();
  order(dial());
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
}

TEST_F(SipNames, MoveWithWhatTheNameSystemSays) {
  look_up({server(10, 5099)});
  let_the_carrier_answer();
  now += name_refresh;
  look_up({server(10, carrier_port)});
  order(dial());
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
}

TEST_F(SipNames, AreRegisteredAtOnceTheyAreKnown) {
  with({.account = {.user = "4930", .password = "secret", .realm = {}}, .registers = true});
  driver->on_timer(now);
  settle();
  EXPECT_TRUE(messages.empty());
  look_up({server(10, 5099), server(20, carrier_port)});
  driver->on_timer(now);
  EXPECT_EQ(transport->sent.back().first.remote, (sip::Endpoint{loopback, 5099}));
  settle();
  EXPECT_EQ(messages.back().method, "REGISTER");
  EXPECT_EQ(sip::print(messages.back().uri), "sip:sip.carrier.test");
  // Nobody is there: timer F, then the next one.
  std::optional<sip::Endpoint> next;
  for (int i = 0; i < 500 && !next; ++i) {
    now += 100ms;
    driver->on_timer(now);
    for (const auto& [flow, bytes] : transport->sent) {
      if (flow.remote.port == carrier_port) next = flow.remote;
    }
    settle();
  }
  EXPECT_TRUE(next.has_value());
}

}  // namespace
}  // namespace cord::drivers::test
