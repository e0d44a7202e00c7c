// The sockets below the driver with TLS: whom a connection leads to, and who may ask for one.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "drivers/sip/sip_sockets.hpp"
#include "net/stream_sockets.hpp"
#include "support/certificate_maker.hpp"
#include "support/temporary_directory.hpp"

namespace cord::drivers::test {
namespace {

using namespace std::chrono_literals;
using cord::test::Authority;

constexpr std::uint32_t loopback = 0x7f000001;

/// Sockets with a TLS listener, and what they read.
class TlsSide {
 public:
  TlsSide(net::IoThreads& io, const SipTlsFiles& files, std::uint32_t stranger_rate = 1'000) {
    SipConfig config;
    config.listen = {"tls:127.0.0.1:0"};
    config.tls = files;
    config.stranger_rate = stranger_rate;
    sockets = SipSockets::open(
                  io, config, metrics, [this](SipInput it) { return take(std::move(it)); }, 1)
                  .value();
    sockets->start();
  }
  ~TlsSide() { sockets->stop(); }

  [[nodiscard]] sip::Flow flow_to(const TlsSide& other) const {
    return {sip::Transport::tls, 0, other.sockets->listeners().front().address, 0};
  }

  bool reads(const std::string& all) {
    return waits_until([&] { return bytes == all; });
  }
  /// Why a connection has ended.
  std::optional<std::string> closed() {
    if (!waits_until([&] { return !ends.empty(); })) return std::nullopt;
    const std::lock_guard lock(mutex);
    std::string end = ends.front();
    ends.pop_front();
    return end;
  }

  Metrics metrics;
  std::unique_ptr<SipSockets> sockets;
  std::mutex mutex;
  std::condition_variable changed;
  std::string bytes;
  std::deque<std::string> ends;

 private:
  bool take(const SipInput& input) {
    const std::lock_guard lock(mutex);
    if (const auto* it = std::get_if<StreamBytes>(&input)) bytes += it->bytes;
    if (const auto* it = std::get_if<StreamClosed>(&input)) ends.push_back(it->detail);
    changed.notify_all();
    return true;
  }

  template <class Condition>
  bool waits_until(Condition holds) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, holds);
  }
};

class SipTlsSockets : public testing::Test {
 protected:
  SipTlsFiles files(const std::string& name) const {
    const std::string path = directory_.path() + "/" + name;
    authority_.issue(name, "DNS:" + name).write(path + ".pem", path + ".key");
    authority_.write(directory_.path() + "/ca.pem");
    return {
        .certificate = path + ".pem", .key = path + ".key", .ca = directory_.path() + "/ca.pem"};
  }

  const cord::test::TemporaryDirectory directory_;
  const Authority authority_{"Authority of the test"};
  net::IoThreads io_{1};
};

TEST_F(SipTlsSockets, UseOneConnectionForAllThatIsSentThere) {
  TlsSide carrier(io_, files("carrier.test")), us(io_, files("us.test"));
  us.sockets->know({{loopback, "carrier.test", true}});
  for (const char* text : {"one ", "two ", "three"}) us.sockets->send(us.flow_to(carrier), text);
  EXPECT_TRUE(carrier.reads("one two three"));
  us.sockets->send(us.flow_to(carrier), ", four");
  EXPECT_TRUE(carrier.reads("one two three, four"));
  EXPECT_EQ(us.metrics.counter("cord_net_tls_handshakes_total", "", "done").value(), 1U);
}

TEST_F(SipTlsSockets, SendNothingToWhoIsNotExpectedThere) {
  TlsSide carrier(io_, files("carrier.test")), us(io_, files("us.test"));
  const auto expect_refused = [&] {
    us.sockets->send(us.flow_to(carrier), "INVITE");
    const auto why = us.closed();
    ASSERT_TRUE(why.has_value());
    EXPECT_NE(why->find("for another one"), std::string::npos) << *why;
  };
  us.sockets->know({{loopback, "other.test", true}});
  expect_refused();
  // Of an address that nobody named, the certificate has to be for the address.
  us.sockets->know({});
  expect_refused();
  EXPECT_EQ(carrier.bytes, "");
}

TEST_F(SipTlsSockets, ConnectAnewWhenSomebodyElseIsExpected) {
  TlsSide carrier(io_, files("carrier.test")), us(io_, files("us.test"));
  us.sockets->know({{loopback, "carrier.test", true}});
  us.sockets->send(us.flow_to(carrier), "one");
  EXPECT_TRUE(carrier.reads("one"));
  us.sockets->know({{loopback, "other.test", true}});
  us.sockets->send(us.flow_to(carrier), "two");
  EXPECT_TRUE(us.closed().has_value());
  EXPECT_TRUE(carrier.reads("one"));
}

TEST_F(SipTlsSockets, TakeTheStricterOfTwoTrunksAtOneAddress) {
  TlsSide carrier(io_, files("carrier.test")), us(io_, files("us.test"));
  us.sockets->know({{loopback, "other.test", false}});
  us.sockets->send(us.flow_to(carrier), "one");
  EXPECT_TRUE(carrier.reads("one"));
  us.sockets->know({{loopback, "other.test", false}, {loopback, "another.test", true}});
  us.sockets->send(us.flow_to(carrier), "two");
  EXPECT_TRUE(us.closed().has_value());
  EXPECT_TRUE(carrier.reads("one"));
}

// Of ten that come at once, four may begin a handshake.
TEST_F(SipTlsSockets, LetStrangersBeginAFewHandshakesOnly) {
  TlsSide us(io_, files("us.test"), 1);
  net::StreamSockets strangers(io_, {}, us.metrics);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t closed = 0;
  strangers.start({.opened = {},
                   .bytes = {},
                   .closed = [&](net::ConnectionId, net::StreamEnd, const std::string&) {
                     const std::lock_guard lock(mutex);
                     ++closed;
                     changed.notify_all();
                   }});
  const auto at = us.sockets->listeners().front().address;
  for (int i = 0; i < 10; ++i) (void)strangers.connect({at.address, at.port});
  {
    std::unique_lock lock(mutex);
    // The clock may let one or two more in meanwhile.
    EXPECT_TRUE(changed.wait_for(lock, 4s, [&] { return closed >= 4; }));
  }
  EXPECT_GE(us.metrics.counter("cord_sip_strangers_limited_total", "", "stream").value(), 4U);
  strangers.stop();
}

}  // namespace
}  // namespace cord::drivers::test
