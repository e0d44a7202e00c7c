#include "net/stream_sockets.hpp"

#include <gtest/gtest.h>

#include "raw_socket.hpp"
#include "stream_side.hpp"

namespace cord::net {
namespace {

using namespace test;

struct StreamSocketsTest : testing::Test {
  IoThreads io{2};
};

TEST_F(StreamSocketsTest, CarryBytesBothWays) {
  Side server(io);
  Side client(io);
  const Address at = *server.sockets.listen(loopback());
  EXPECT_NE(at.port, 0);
  const ConnectionId out = client.sockets.connect(at);
  EXPECT_TRUE(client.sockets.send(out, "before it is open "));
  const auto opened = client.opened.take();
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->id, out);
  EXPECT_EQ(opened->peer, at);
  EXPECT_FALSE(opened->is_inbound);
  EXPECT_TRUE(client.sockets.send(out, "after"));
  const auto in = server.opened.take();
  ASSERT_TRUE(in.has_value());
  EXPECT_TRUE(in->is_inbound);
  EXPECT_TRUE(in->peer.is_loopback());
  ASSERT_TRUE(server.wait_for_bytes(23));
  EXPECT_EQ(server.received, "before it is open after");
  EXPECT_TRUE(server.sockets.send(in->id, "answer"));
  ASSERT_TRUE(client.wait_for_bytes(6));
  EXPECT_EQ(client.received, "answer");
}

TEST_F(StreamSocketsTest, KeepTheOrderOfManySends) {
  Side server(io);
  Side client(io, {.outbound_bytes_max = 8 * 1024 * 1024});
  const ConnectionId out = client.sockets.connect(*server.sockets.listen(loopback()));
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string line = std::to_string(i) + "\n";
    expected += line;
    ASSERT_TRUE(client.sockets.send(out, line));
  }
  ASSERT_TRUE(server.wait_for_bytes(expected.size()));
  EXPECT_EQ(server.received, expected);
}

TEST_F(StreamSocketsTest, SendWhatIsQueuedBeforeTheyClose) {
  Side server(io);
  Side client(io);
  const ConnectionId out = client.sockets.connect(*server.sockets.listen(loopback()));
  ASSERT_TRUE(client.opened.take().has_value());
  const std::string big(900'000, 'x');
  EXPECT_TRUE(client.sockets.send(out, big));
  client.sockets.close(out);
  EXPECT_FALSE(client.sockets.send(out, "late"));
  EXPECT_EQ(server.closed.take()->end, StreamEnd::peer_closed);
  EXPECT_EQ(server.received.size(), big.size());
  const auto closed = client.closed.take();
  EXPECT_EQ(closed->id, out);
  EXPECT_EQ(closed->end, StreamEnd::asked);
  EXPECT_EQ(client.sockets.connections(), 0u);
  EXPECT_EQ(client.closed.total(), 1u);
}

TEST_F(StreamSocketsTest, CloseAPeerThatKeepsItsSideOpen) {
  Side server(io, {.close_timeout = 50ms});
  RawSocket peer(*server.sockets.listen(loopback()));
  const auto opened = server.opened.take();
  server.sockets.close(opened->id);
  EXPECT_EQ(server.closed.take()->end, StreamEnd::asked);
}

TEST_F(StreamSocketsTest, CloseAPeerThatDoesNotRead) {
  Side server(io);
  RawSocket peer(*server.sockets.listen(loopback()), 4096);
  const auto opened = server.opened.take();
  const std::string chunk(64 * 1024, 'x');
  int chunks = 0;
  while (server.sockets.send(opened->id, chunk)) ASSERT_LT(++chunks, 1'000);
  EXPECT_EQ(server.closed.take()->end, StreamEnd::overflow);
  EXPECT_FALSE(server.sockets.send(opened->id, "late"));
  EXPECT_EQ(metric(server.metrics, "cord_net_tcp_ended_total", "overflow"), 1);
}

TEST_F(StreamSocketsTest, BoundWhatWaitsToTheByte) {
  Side client(io, {.outbound_bytes_max = 10});
  Side server(io);
  const Address at = *server.sockets.listen(loopback());
  const ConnectionId fits = client.sockets.connect(at);
  EXPECT_TRUE(client.sockets.send(fits, "0123456789"));
  EXPECT_TRUE(server.wait_for_bytes(10));
  const ConnectionId over = client.sockets.connect(at);
  EXPECT_FALSE(client.sockets.send(over, "0123456789a"));
  EXPECT_EQ(client.closed.take()->end, StreamEnd::overflow);
}

TEST_F(StreamSocketsTest, CloseAnIdleConnection) {
  Side server(io, {.idle_timeout = 30ms});
  RawSocket peer(*server.sockets.listen(loopback()));
  EXPECT_EQ(server.closed.take()->end, StreamEnd::idle);
  EXPECT_EQ(peer.receive(), "");
}

TEST_F(StreamSocketsTest, BoundTheConnections) {
  Side server(io, {.connections_max = 1});
  const Address at = *server.sockets.listen(loopback());
  RawSocket first(at);
  ASSERT_TRUE(server.opened.take().has_value());
  RawSocket second(at);
  EXPECT_EQ(second.receive(), "");
  EXPECT_TRUE(
      eventually([&] { return metric(server.metrics, "cord_net_tcp_ended_total", "limit") == 1; }));
  const ConnectionId out = server.sockets.connect(at);
  const auto closed = server.closed.take();
  EXPECT_EQ(closed->id, out);
  EXPECT_EQ(closed->end, StreamEnd::limit);
  EXPECT_EQ(server.sockets.connections(), 1u);
}

TEST_F(StreamSocketsTest, TellWhenNobodyListens) {
  Side client(io);
  Address at;
  {
    Side server(io);
    at = *server.sockets.listen(loopback());
  }
  const ConnectionId out = client.sockets.connect(at);
  const auto closed = client.closed.take();
  EXPECT_EQ(closed->id, out);
  EXPECT_EQ(closed->end, StreamEnd::connect_failed);
  EXPECT_EQ(closed->detail, "tcp " + to_string(at) + ": connection refused");
}

TEST_F(StreamSocketsTest, GiveUpConnecting) {
  // A listener whose queue is full does not answer, like a host that drops packets.
  const int full = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in raw{};
  raw.sin_family = AF_INET;
  raw.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(full, reinterpret_cast<sockaddr*>(&raw), sizeof raw), 0);
  ASSERT_EQ(::listen(full, 0), 0);
  socklen_t length = sizeof raw;
  ::getsockname(full, reinterpret_cast<sockaddr*>(&raw), &length);
  Side client(io, {.connect_timeout = 50ms});
  for (int i = 0; i < 3; ++i) client.sockets.connect(loopback(ntohs(raw.sin_port)));
  EXPECT_EQ(client.closed.take()->end, StreamEnd::connect_timeout);
  ::close(full);
}

TEST_F(StreamSocketsTest, SayWhichPortIsInUse) {
  Side server(io);
  const Address at = *server.sockets.listen(loopback());
  const auto second = server.sockets.listen(at);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().detail, "tcp " + to_string(at) + ": address already in use");
}

TEST_F(StreamSocketsTest, TellEachConnectionThatTheyStop) {
  Side server(io);
  Side client(io);
  const Address at = *server.sockets.listen(loopback());
  for (int i = 0; i < 5; ++i) client.sockets.connect(at);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(server.opened.take().has_value());
  server.sockets.stop();
  EXPECT_EQ(server.closed.total(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server.closed.take()->end, StreamEnd::stopped);
  EXPECT_EQ(server.sockets.connections(), 0u);
  EXPECT_EQ(metric(server.metrics, "cord_net_tcp_connections"), 0);
}

TEST_F(StreamSocketsTest, MayBeDestroyedAfterTheThreadsHaveEnded) {
  Side server(io);
  RawSocket peer(*server.sockets.listen(loopback()));
  ASSERT_TRUE(server.opened.take().has_value());
  io.stop();
}

TEST(StreamEnd, HasANameForEachCause) {
  for (int i = 0; i <= static_cast<int>(StreamEnd::stopped); ++i) {
    EXPECT_NE(name_of(static_cast<StreamEnd>(i)), "unknown");
  }
}

}  // namespace
}  // namespace cord::net
