// The limits of a WebSocket, each with the close code that goes over the wire.
#include "web_fixture.hpp"

namespace cord::net {
namespace {

using namespace test;

struct WebSocketLimits : WebTest {
  /// Sends frames and returns everything the server answered until the end of the stream.
  std::string answer_to(std::string_view frames) {
    ConnectionId id;
    const auto socket = connect_raw(id);
    socket->send(frames);
    return socket->receive_all();
  }
};

TEST_F(WebSocketLimits, AMessageAtTheLimitPasses) {
  start();
  WebClient client = connect();
  const std::string largest(64 * 1024, 'x');
  EXPECT_TRUE(client.send(largest));
  EXPECT_EQ(client.receive(patience), largest);
  EXPECT_EQ(metric(metrics, "cord_bound_used", "web.message_bytes_max"), 64 * 1024);
  EXPECT_TRUE(client.send(largest + "x"));
  EXPECT_FALSE(client.receive(patience).has_value());
  EXPECT_EQ(client.close_code(), 1009);
  EXPECT_EQ(closed.take()->code, 1009);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "too_big"), 1);
}

TEST_F(WebSocketLimits, TheCloseFrameArrivesThoughBytesAreLeftUnread) {
  start();
  for (const std::size_t bytes : {70'000u, 1'000'000u, 5'000'000u}) {
    const std::string answer = answer_to(frame(0x81, std::string(bytes, 'x')));
    EXPECT_EQ(close_code_at_end(answer, ""), 1009u) << bytes;
    EXPECT_EQ(closed.take()->code, 1009);
  }
}

TEST_F(WebSocketLimits, WhoWaitsForRoomNeverOverflows) {
  options.queued_messages_max = 4;
  int helpings = 0;
  std::function<void(ConnectionId)> serve_helping = [&](ConnectionId id) {
    EXPECT_TRUE(server->when_drained(id, [&, id] {
      for (int i = 0; i < 4; ++i) EXPECT_TRUE(server->send(id, std::string(20'000, 'x')));
      if (++helpings < 100) serve_helping(id);
    }));
  };
  on_message = [&](ConnectionId id, const std::string&) { serve_helping(id); };
  start();
  WebClient client = connect();
  EXPECT_TRUE(client.send("go"));
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(client.receive(patience).has_value()) << i;
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "too_slow"), 0);
}

TEST_F(WebSocketLimits, NobodyIsCalledForAConnectionThatEnds) {
  bool is_called = false;
  on_message = [&](ConnectionId id, const std::string&) {
    server->close(id, 4000, "");
    EXPECT_FALSE(server->when_drained(id, [&] { is_called = true; }));
  };
  start();
  WebClient client = connect();
  EXPECT_TRUE(client.send("go"));
  EXPECT_FALSE(client.receive(patience).has_value());
  closed.take();
  EXPECT_FALSE(server->when_drained(ConnectionId{999}, [&] { is_called = true; }));
  server->stop();
  EXPECT_FALSE(is_called);
}

TEST_F(WebSocketLimits, AMessageInManyFramesIsBoundedAsAWhole) {
  start();
  std::string frames =
      frame(0x01, std::string(40'000, 'x')) + frame(0x80, std::string(40'000, 'x'));
  EXPECT_EQ(close_code_at_end(answer_to(frames), ""), 1009u);
  EXPECT_EQ(closed.take()->code, 1009);
}

TEST_F(WebSocketLimits, BinaryIsRefused) {
  start();
  WebClient client = connect();
  EXPECT_TRUE(client.send_binary("\x01\x02"));
  EXPECT_FALSE(client.receive(patience).has_value());
  EXPECT_EQ(client.close_code(), 1003);
  EXPECT_EQ(closed.take()->code, 1003);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "not_text"), 1);
}

TEST_F(WebSocketLimits, WhatIsNotUtf8IsRefused) {
  start();
  // A lone continuation byte, an overlong "/", half a surrogate pair, a character cut short.
  for (const char* text : {"ab\x80", "\xc0\xaf", "\xed\xa0\x80", "ok \xf0\x9f\x98"}) {
    EXPECT_EQ(close_code_at_end(answer_to(frame(0x81, text)), ""), 1007u);
    EXPECT_EQ(closed.take()->code, 1007);
  }
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "not_utf8"), 4);
  EXPECT_EQ(metric(metrics, "cord_net_web_messages_total", "in"), 0);
}

TEST_F(WebSocketLimits, BrokenFramesAreRefused) {
  start();
  std::string unmasked = "\x81\x02hi";
  EXPECT_EQ(close_code_at_end(answer_to(unmasked), ""), 1002u);
  EXPECT_EQ(closed.take()->code, 1002);
  EXPECT_EQ(close_code_at_end(answer_to(frame(0x83, "reserved opcode")), ""), 1002u);
  EXPECT_EQ(closed.take()->code, 1002);
  EXPECT_EQ(close_code_at_end(answer_to(frame(0x89, std::string(126, 'x'))), ""), 1002u);
  EXPECT_EQ(closed.take()->code, 1002);
  EXPECT_EQ(close_code_at_end(answer_to(frame(0xc1, "compressed")), ""), 1002u);
  EXPECT_EQ(closed.take()->code, 1002);
}

TEST_F(WebSocketLimits, AClientThatDoesNotReadIsClosed) {
  options.queued_messages_max = 100;
  start();
  ConnectionId id;
  const auto socket = connect_raw(id, 4096);
  const std::string text(16 * 1024, 'x');
  int sent = 0;
  while (server->send(id, text)) ASSERT_LT(++sent, 10'000);
  EXPECT_GE(sent, 100);
  EXPECT_EQ(metric(metrics, "cord_bound_used", "web.queued_messages_max"), 100);
  EXPECT_GE(metric(metrics, "cord_bound_used", "web.queued_bytes_max"), 99 * 16 * 1024);
  EXPECT_FALSE(server->send(id, "late"));
  // Now it reads, and finds whole messages and then the close frame.
  const std::string all = socket->receive_until("too slow: the outbound queue is full");
  EXPECT_EQ(close_code_at_end(all, "too slow: the outbound queue is full"), 4008u);
  socket->send(frame(0x88, "\x0f\xa8"));
  const auto end = closed.take();
  EXPECT_EQ(end->code, 4008);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "too_slow"), 1);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "close_timeout"), 0);
}

TEST_F(WebSocketLimits, AClientThatNeverReadsIsDropped) {
  options.queued_bytes_max = 256 * 1024;
  options.close_timeout = 50ms;
  start();
  ConnectionId id;
  const auto socket = connect_raw(id, 4096);
  const std::string text(16 * 1024, 'x');
  int sent = 0;
  while (server->send(id, text)) ASSERT_LT(++sent, 10'000);
  EXPECT_EQ(closed.take()->code, 4008);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "close_timeout"), 1);
}

TEST_F(WebSocketLimits, ASlowClientDoesNotHurtTheOthers) {
  start();
  ConnectionId id;
  const auto slow = connect_raw(id, 4096);
  const std::string text(16 * 1024, 'x');
  WebClient other = connect();
  int sent = 0;
  while (server->send(id, text)) {
    ASSERT_LT(++sent, 10'000);
    if (sent % 10 != 0) continue;
    EXPECT_TRUE(other.send("ping"));
    ASSERT_EQ(other.receive(patience), "ping");
  }
}

TEST_F(WebSocketLimits, APeerThatDoesNotAnswerTheCloseIsDropped) {
  options.close_timeout = 50ms;
  start();
  ConnectionId id;
  const auto socket = connect_raw(id);
  server->close(id, 4001, "bye");
  const std::string answer = socket->receive_all();
  EXPECT_EQ(close_code_at_end(answer, "bye"), 4001u);
  EXPECT_EQ(closed.take()->code, 4001);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "close_timeout"), 1);
}

TEST_F(WebSocketLimits, APeerThatNeverEndsItsStreamIsForgotten) {
  options.close_timeout = 50ms;
  options.connections_max = 1;
  start();
  ConnectionId id;
  const auto socket = connect_raw(id);
  socket->send(frame(0x88, "\x03\xe8"));
  EXPECT_EQ(closed.take()->code, 1000);
  server->stop();
}

TEST_F(WebSocketLimits, PingsAndHearsThePong) {
  options.ping_interval = 400ms;
  options.pong_timeout = 400ms;
  start();
  WebClient client = connect();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (client.pings() < 3 && std::chrono::steady_clock::now() < deadline) {
    EXPECT_EQ(client.receive(5ms).error().code, Errc::timeout);
  }
  EXPECT_EQ(client.pings(), 3u) << "each but the first only after a pong";
  EXPECT_TRUE(client.send("alive"));
  EXPECT_EQ(client.receive(patience), "alive");
}

TEST_F(WebSocketLimits, WithoutAPongTheConnectionIsDropped) {
  options.ping_interval = 60ms;
  options.pong_timeout = 30ms;
  start();
  ConnectionId id;
  const auto begin = std::chrono::steady_clock::now();
  const auto socket = connect_raw(id);
  EXPECT_EQ(socket->receive_all(), std::string("\x89\0", 2)) << "one ping, then the end";
  const auto end = closed.take();
  EXPECT_EQ(end->code, 1006);
  EXPECT_EQ(end->reason, "no pong in time");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 90ms);
  EXPECT_EQ(metric(metrics, "cord_net_web_closed_total", "no_pong"), 1);
}

TEST_F(WebSocketLimits, APeerThatNeverReadsIsDroppedByThePingRule) {
  options.ping_interval = 60ms;
  options.pong_timeout = 60ms;
  start();
  ConnectionId id;
  const auto socket = connect_raw(id, 4096);
  // Fill what the kernel holds, so that not even the ping gets out; stay below our own bound.
  const std::string text(64 * 1024, 'x');
  for (int i = 0; i < 60; ++i) server->send(id, text);
  EXPECT_EQ(closed.take()->code, 1006);
}

TEST_F(WebSocketLimits, AnswersPings) {
  start();
  ConnectionId id;
  const auto socket = connect_raw(id);
  socket->send(frame(0x89, "are you there"));
  EXPECT_EQ(socket->receive_until("are you there"),
            "\x8a\x0d"
            "are you there");
}

}  // namespace
}  // namespace cord::net
