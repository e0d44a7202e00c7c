#include "net/datagram_socket.hpp"

#include <atomic>

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "support.hpp"

namespace cord::net {
namespace {

using namespace test;

struct DatagramSocketTest : testing::Test {
  std::unique_ptr<DatagramSocket> open(DatagramOptions options = {}) {
    auto socket = DatagramSocket::bind(io, loopback(), metrics, options);
    EXPECT_TRUE(socket.has_value()) << socket.error().detail;
    return std::move(*socket);
  }

  DatagramSocket::OnBatch into_inbox() {
    return [this](std::vector<Datagram> batch) {
      largest_batch = std::max<std::size_t>(largest_batch, batch.size());
      for (Datagram& it : batch) inbox.put(std::move(it));
    };
  }

  Metrics metrics;
  Inbox<Datagram> inbox;
  std::atomic<std::size_t> largest_batch{0};
  IoThreads io{2};
};

TEST_F(DatagramSocketTest, TellsWhoSent) {
  const auto a = open();
  const auto b = open();
  EXPECT_NE(a->local().port, 0);
  b->start(into_inbox());
  EXPECT_TRUE(a->send(b->local(), "hello"));
  const auto datagram = inbox.take();
  ASSERT_TRUE(datagram.has_value());
  EXPECT_EQ(datagram->from, a->local());
  EXPECT_EQ(datagram->bytes, "hello");
  EXPECT_TRUE(a->send(b->local(), ""));
  EXPECT_EQ(inbox.take()->bytes, "");
}

TEST_F(DatagramSocketTest, CarriesTenThousandRandomDatagrams) {
  const auto a = open();
  const auto b = open();
  b->start(into_inbox());
  Prng prng(7);
  constexpr std::size_t in_flight_max = 50;  // Less than the smallest receive buffer holds.
  for (std::size_t i = 0; i < 10'000; ++i) {
    std::string bytes(prng.below(1'400), '\0');
    for (char& it : bytes) it = static_cast<char>(prng.next());
    ASSERT_TRUE(a->send(b->local(), bytes));
    if (i % in_flight_max == in_flight_max - 1) {
      ASSERT_TRUE(inbox.wait_for_total(i + 1));
    }
  }
  Prng again(7);
  for (std::size_t i = 0; i < 10'000; ++i) {
    std::string expected(again.below(1'400), '\0');
    for (char& it : expected) it = static_cast<char>(again.next());
    ASSERT_EQ(inbox.take()->bytes, expected);
  }
  EXPECT_EQ(metric(metrics, "cord_net_udp_received_datagrams_total"), 10'000);
  EXPECT_EQ(metric(metrics, "cord_net_udp_sent_datagrams_total"), 10'000);
}

TEST_F(DatagramSocketTest, ReadsABatchAtATime) {
  const auto a = open();
  const auto b = open({.batch_datagrams_max = 4});
  for (int i = 0; i < 10; ++i) a->send(b->local(), std::to_string(i));
  b->start(into_inbox());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(inbox.take()->bytes, std::to_string(i));
  EXPECT_EQ(largest_batch, 4u);
}

TEST_F(DatagramSocketTest, CarriesTheLongestDatagram) {
  const auto a = open();
  const auto b = open();
  b->start(into_inbox());
  const std::string longest(65'507, 'x');
  EXPECT_TRUE(a->send(b->local(), longest));
  EXPECT_EQ(inbox.take()->bytes, longest);
  EXPECT_FALSE(a->send(b->local(), longest + "x"));
  EXPECT_EQ(metric(metrics, "cord_net_udp_refused_datagrams_total"), 1);
}

TEST_F(DatagramSocketTest, SaysWhichPortIsInUse) {
  const auto a = open();
  const auto b = DatagramSocket::bind(io, a->local(), metrics);
  ASSERT_FALSE(b.has_value());
  EXPECT_EQ(b.error().code, Errc::io_failed);
  EXPECT_EQ(b.error().detail, "udp " + to_string(a->local()) + ": address already in use");
}

TEST_F(DatagramSocketTest, BoundsTheBatch) {
  EXPECT_FALSE(DatagramSocket::bind(io, loopback(), metrics, {.batch_datagrams_max = 0}));
  EXPECT_FALSE(DatagramSocket::bind(io, loopback(), metrics, {.batch_datagrams_max = 1'025}));
  EXPECT_TRUE(DatagramSocket::bind(io, loopback(), metrics, {.batch_datagrams_max = 1'024}));
}

TEST_F(DatagramSocketTest, FreesItsPortAndFallsSilentWhenStopped) {
  const auto a = open();
  auto b = open();
  b->start([](std::vector<Datagram>) { FAIL() << "a callback after stop()"; });
  b->stop();
  b->stop();
  EXPECT_FALSE(b->send(a->local(), "late"));
  a->send(b->local(), "nobody home");
  EXPECT_TRUE(DatagramSocket::bind(io, b->local(), metrics).has_value());
}

TEST_F(DatagramSocketTest, MayBeDestroyedAfterTheThreadsHaveEnded) {
  const auto a = open();
  a->start(into_inbox());
  io.stop();
}

}  // namespace
}  // namespace cord::net
