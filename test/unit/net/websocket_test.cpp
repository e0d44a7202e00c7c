// WebSockets on the web server: upgrading, messages, closing.
#include <array>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "web_fixture.hpp"

namespace cord::net {
namespace {

using namespace test;

struct WebSocket : WebTest {
  std::string refusal(std::string_view path, WebClientOptions with = {}) {
    const auto client = WebClient::connect(server->local(), path, std::move(with));
    return client ? std::string("101") : client.error().detail;
  }
};

TEST_F(WebSocket, EchoesText) {
  start();
  WebClient client = connect();
  const auto it = opened.take();
  ASSERT_TRUE(it.has_value());
  EXPECT_TRUE(it->peer.is_loopback());
  EXPECT_EQ(server->connections(), 1u);
  for (const std::string text : {"hello", "", "h\u00e9llo \U0001f600"}) {
    EXPECT_TRUE(client.send(text));
    EXPECT_EQ(client.receive(patience), text);
  }
  EXPECT_TRUE(client.close(1000, "bye"));
  const auto end = closed.take();
  EXPECT_EQ(end->id, it->id);
  EXPECT_EQ(end->code, 1000);
  EXPECT_EQ(end->reason, "bye");
  EXPECT_EQ(metric(metrics, "cord_net_web_messages_total", "in"), 3);
  EXPECT_EQ(metric(metrics, "cord_net_web_messages_total", "out"), 3);
}

TEST_F(WebSocket, UpgradesOnItsPathOnly) {
  start();
  EXPECT_EQ(refusal("/"), "404 Not Found");
  EXPECT_EQ(refusal("/ws/"), "404 Not Found");
  EXPECT_EQ(refusal("/ws?token=1"), "101");
  EXPECT_EQ(http_get(server->local(), "/ws")->status, 426u);
}

TEST_F(WebSocket, SelectsTheSubprotocolIfItIsOffered) {
  start();
  EXPECT_EQ(connect().subprotocol(), "");
  EXPECT_EQ(connect({.subprotocol = "test.v1"}).subprotocol(), "test.v1");
  EXPECT_EQ(connect({.subprotocol = "other, test.v1"}).subprotocol(), "test.v1");
  EXPECT_EQ(connect({.subprotocol = "other"}).subprotocol(), "");
}

TEST_F(WebSocket, ChecksTheOrigin) {
  options.allowed_origins = {"https://desk.example"};
  start();
  EXPECT_EQ(refusal("/ws", {.origin = "https://desk.example"}), "101");
  EXPECT_EQ(refusal("/ws", {.origin = "https://Desk.Example"}), "101");
  EXPECT_EQ(refusal("/ws", {.origin = "https://desk.example.evil"}), "403 Forbidden");
  EXPECT_EQ(refusal("/ws", {.origin = "null"}), "403 Forbidden");
  EXPECT_EQ(refusal("/ws"), "101") << "no browser";
  EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "origin"), 2);
}

TEST_F(WebSocket, PassesEveryOriginIfNoneIsGiven) {
  start();
  EXPECT_EQ(refusal("/ws", {.origin = "https://anywhere.example"}), "101");
}

TEST_F(WebSocket, RefusesAnUpgradeThatIsNone) {
  start();
  RawSocket socket(server->local());
  std::string request = upgrade_request("/ws");
  request.replace(request.find("Version: 13"), 11, "Version: 7 ");
  socket.send(request);
  EXPECT_NE(socket.receive_until("\r\n\r\n").find("426 "), std::string::npos);
  RawSocket early(server->local());
  early.send(upgrade_request("/ws") + frame(0x81, "too early"));
  EXPECT_NE(early.receive_all().find("400 "), std::string::npos);
}

TEST_F(WebSocket, AnswersAsTheStandardSays) {
  start();
  RawSocket socket(server->local());
  socket.send(upgrade_request("/ws"));
  // The key and its answer are those of RFC 6455 §1.3.
  const std::string answer = socket.receive_until("\r\n\r\n");
  EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
}

TEST_F(WebSocket, SendsInTheOrderOfTheCalls) {
  on_message = [this](ConnectionId id, const std::string&) {
    for (int i = 0; i < 500; ++i) server->send(id, std::to_string(i));
    server->close(id, 4001, "replaced");
    EXPECT_FALSE(server->send(id, "late"));
  };
  start();
  WebClient client = connect();
  EXPECT_TRUE(client.send("go"));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.receive(patience), std::to_string(i));
  EXPECT_FALSE(client.receive(patience).has_value());
  EXPECT_EQ(client.close_code(), 4001);
  EXPECT_EQ(client.close_reason(), "replaced");
  const auto end = closed.take();
  EXPECT_EQ(end->code, 4001);
  EXPECT_EQ(end->reason, "replaced");
}

TEST_F(WebSocket, SendsFromAnyThread) {
  options.queued_messages_max = 10'000;
  start();
  WebClient client = connect();
  const ConnectionId id = opened.take()->id;
  constexpr int threads = 4;
  constexpr int each = 500;
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t) {
    senders.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        EXPECT_TRUE(server->send(id, std::to_string(t) + " " + std::to_string(i)));
      }
    });
  }
  std::array<int, threads> next{};
  for (int n = 0; n < threads * each; ++n) {
    const auto text = client.receive(patience);
    ASSERT_TRUE(text.has_value());
    const auto t = static_cast<std::size_t>((*text)[0] - '0');
    ASSERT_EQ(text->substr(2), std::to_string(next.at(t)++)) << "each thread's own order";
  }
  for (std::thread& it : senders) it.join();
}

TEST_F(WebSocket, DoesNotReadOnWhileAMessageIsHandled) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::atomic<int> handled{0};
  Inbox<int> begun;
  on_message = [&](ConnectionId, const std::string&) {
    begun.put(++handled);
    gone.wait();
  };
  start();
  {
    WebClient client = connect();
    EXPECT_TRUE(client.send("1"));
    EXPECT_TRUE(client.send("2"));
    EXPECT_EQ(begun.take(), 1);
    // The other io thread is free: only the rule keeps the second message back.
    WebClient other = connect();
    EXPECT_EQ(handled, 1);
    go.set_value();
    EXPECT_EQ(begun.take(), 2);
  }
  server->stop();  // The handler uses what ends with this scope.
}

TEST_F(WebSocket, KnowsNoStrangers) {
  start();
  EXPECT_FALSE(server->send(ConnectionId{}, "nobody"));
  EXPECT_FALSE(server->send(ConnectionId{77}, "nobody"));
  server->close(ConnectionId{77}, 1000, "nobody");
}

TEST_F(WebSocket, MayCloseInItsCallbacks) {
  on_message = [this](ConnectionId id, const std::string&) {
    server->close(id, 1000, std::string(200, 'r'));
    server->close(id, 1001, "twice");
  };
  start();
  WebClient client = connect();
  EXPECT_TRUE(client.send("close me"));
  EXPECT_FALSE(client.receive(patience).has_value());
  EXPECT_EQ(client.close_code(), 1000);
  EXPECT_EQ(client.close_reason(), std::string(123, 'r')) << "all there is room for";
}

TEST_F(WebSocket, ReportsACloseWithoutACodeAndAnEndWithoutAClose) {
  start();
  ConnectionId id;
  {
    const auto socket = connect_raw(id);
    socket->send(frame(0x88, ""));
    socket->receive_all();
    EXPECT_EQ(closed.take()->code, 1005);
  }
  { const auto socket = connect_raw(id); }
  EXPECT_EQ(closed.take()->code, 1006);
}

TEST_F(WebSocket, SendsGoingAwayWhenItStops) {
  start();
  WebClient client = connect();
  ASSERT_TRUE(opened.take().has_value());
  std::thread stopping([this] { server->stop(); });
  EXPECT_FALSE(client.receive(patience).has_value());
  stopping.join();
  EXPECT_EQ(client.close_code(), 1001);
  EXPECT_EQ(closed.take()->code, 1001);
}

}  // namespace
}  // namespace cord::net
