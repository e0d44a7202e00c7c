// The resolver against a real name server: dnsmasq.
#include "net/resolver.hpp"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include <gtest/gtest.h>

#include "net/datagram_socket.hpp"
#include "scenario/support/name_server.hpp"

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;
constexpr Duration patience = 20s;

const std::vector<std::string> example{
    "--local-ttl=77",
    "--naptr-record=example.test,100,50,s,SIP+D2U,,_sip._udp.example.test",
    "--srv-host=_sip._udp.example.test,edge.example.test,5080,10,20",
    "--srv-host=_sip._udp.example.test,spare.example.test,5090,30,40",
    "--host-record=edge.example.test,192.0.2.1",
    "--host-record=edge.example.test,192.0.2.2"};

struct ResolverTest : testing::Test {
  Metrics metrics;

  std::unique_ptr<net::Resolver> resolver(std::uint16_t port, Duration timeout = 2s) {
    net::ResolverOptions options;
    options.servers = {net::loopback(port)};
    options.timeout = timeout;
    options.questions_max = 4;
    auto started = net::Resolver::start(options, metrics);
    EXPECT_TRUE(started) << started.error().detail;
    return std::move(*started);
  }

  Result<DnsRecords> ask(net::Resolver& it, DnsKind kind, std::string name) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<DnsRecords>> answer;
    const bool is_asked =
        it.ask({kind, std::move(name)}, [&](const DnsQuestion&, Result<DnsRecords> records) {
          const std::lock_guard lock(mutex);
          answer = std::move(records);
          changed.notify_all();
        });
    if (!is_asked) return refuse(Errc::full, "test");
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, patience, [&] { return answer.has_value(); })) std::abort();
    return *answer;
  }
};

TEST_F(ResolverTest, ReadsWhatANameServerSays) {
  const NameServer server("example.test", example);
  const auto dns = resolver(server.port);
  // The server may still be starting: a question to a closed port fails at once.
  ASSERT_TRUE(
      eventually([&] { return ask(*dns, DnsKind::naptr, "example.test").has_value(); }, patience))
      << server.process.output();

  const auto naptr = ask(*dns, DnsKind::naptr, "example.test");
  ASSERT_TRUE(naptr);
  EXPECT_EQ(naptr->naptr,
            (std::vector<NaptrRecord>{{100, 50, "s", "SIP+D2U", "_sip._udp.example.test"}}));

  auto srv = ask(*dns, DnsKind::srv, "_sip._udp.example.test");
  ASSERT_TRUE(srv);
  ASSERT_EQ(srv->srv.size(), 2U);
  if (srv->srv.front().priority != 10) std::swap(srv->srv.front(), srv->srv.back());
  EXPECT_EQ(srv->srv, (std::vector<SrvRecord>{{10, 20, 5080, "edge.example.test"},
                                              {30, 40, 5090, "spare.example.test"}}));

  auto address = ask(*dns, DnsKind::address, "edge.example.test");
  ASSERT_TRUE(address);
  std::sort(address->addresses.begin(), address->addresses.end());
  EXPECT_EQ(address->addresses, (std::vector<std::uint32_t>{0xc0000201, 0xc0000202}));
  EXPECT_EQ(address->ttl, 77s);

  for (const DnsKind kind : {DnsKind::naptr, DnsKind::srv, DnsKind::address}) {
    const auto nothing = ask(*dns, kind, "nowhere.example.test");
    ASSERT_TRUE(nothing);
    EXPECT_EQ(*nothing, DnsRecords{});
  }
}

TEST_F(ResolverTest, SaysSoIfNoServerIsThere) {
  const auto dns = resolver(free_port(), 100ms);
  const auto records = ask(*dns, DnsKind::srv, "_sip._udp.example.test");
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().code, Errc::io_failed);
}

TEST_F(ResolverTest, RefusesANameThatIsNone) {
  const auto dns = resolver(free_port(), 100ms);
  const auto records = ask(*dns, DnsKind::address, std::string(300, 'x'));
  EXPECT_FALSE(records);
}

// Bound a socket that never answers: the questions stay under way.
TEST_F(ResolverTest, BoundsTheQuestionsUnderWayAndForgetsThemAtTheEnd) {
  net::IoThreads io(1);
  const auto silent = net::DatagramSocket::bind(io, net::loopback(), metrics);
  ASSERT_TRUE(silent);
  const auto dns = resolver((*silent)->local().port, 30s);
  const auto never = [](const DnsQuestion&, const Result<DnsRecords>&) { ADD_FAILURE(); };
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(dns->ask({DnsKind::srv, std::to_string(i) + ".example.test"}, never));
  }
  EXPECT_FALSE(dns->ask({DnsKind::srv, "5.example.test"}, never));
  dns->stop();
  EXPECT_FALSE(dns->ask({DnsKind::srv, "6.example.test"}, never));
}

}  // namespace
}  // namespace cord::scenario
