// Many WebSocket clients on io threads: how they open, speak and end.
#include "net/web_clients.hpp"

#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>

#include "raw_socket.hpp"
#include "support.hpp"
#include "web_fixture.hpp"

namespace cord::net::test {
namespace {

/// A port on which connections succeed and nobody ever answers.
class RawListener {
 public:
  RawListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }
  ~RawListener() { ::close(socket_); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  [[nodiscard]] Address local() const { return loopback(port_); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

struct Message {
  ConnectionId id;
  std::string text;
};

struct Ended {
  ConnectionId id;
  WebEnd end;
};

struct WebClientsTest : WebTest {
  void make(WebClientsOptions with = {}) {
    auto made = WebClients::make(io, std::move(with),
                                 {.on_open = [this](ConnectionId id) { client_opened.put(id); },
                                  .on_message =
                                      [this](ConnectionId id, std::string text) {
                                        messages.put({id, std::move(text)});
                                      },
                                  .on_end =
                                      [this](ConnectionId id, const WebEnd& end) {
                                        ended.put({id, end});
                                      }});
    ASSERT_TRUE(made.has_value()) << made.error().detail;
    clients = std::move(*made);
  }

  void TearDown() override {
    if (clients) clients->stop();
    WebTest::TearDown();
  }

  /// One connection to the echo, open.
  ConnectionId open() {
    const auto id = clients->connect(server->local(), "/ws");
    EXPECT_TRUE(id.has_value());
    EXPECT_EQ(client_opened.take(), *id);
    return *id;
  }

  Inbox<ConnectionId> client_opened;
  Inbox<Message> messages;
  Inbox<Ended> ended;
  std::unique_ptr<WebClients> clients;
};

TEST_F(WebClientsTest, SpeakAndCloseWithACode) {
  start();
  make();
  const ConnectionId id = open();
  EXPECT_TRUE(clients->send(id, "hello"));
  EXPECT_EQ(messages.take().value_or(Message{}).text, "hello");
  clients->close(id, 4000, "enough");
  const auto end = ended.take();
  ASSERT_TRUE(end.has_value());
  EXPECT_TRUE(end->end.was_open);
  EXPECT_EQ(end->end.code, 4000);
  EXPECT_EQ(closed.take().value_or(WebClosed{}).code, 4000);
  EXPECT_FALSE(clients->send(id, "too late"));
}

TEST_F(WebClientsTest, AreManyAtOneTimeAndKeepTheirOrder) {
  constexpr int count = 200, each = 20;
  start();
  make();
  std::vector<ConnectionId> ids;
  for (int i = 0; i < count; ++i) ids.push_back(clients->connect(server->local(), "/ws").value());
  ASSERT_TRUE(client_opened.wait_for_total(count));
  EXPECT_EQ(clients->connections(), std::size_t{count});
  for (int n = 0; n < each; ++n) {
    for (const ConnectionId id : ids) EXPECT_TRUE(clients->send(id, std::to_string(n)));
  }
  ASSERT_TRUE(messages.wait_for_total(count * each));
  std::unordered_map<ConnectionId, int> next;
  while (const auto message = messages.take(0ms)) {
    EXPECT_EQ(message->text, std::to_string(next[message->id]++));
  }
  for (const ConnectionId id : ids) EXPECT_EQ(next[id], each);
}

TEST_F(WebClientsTest, HearWhenTheServerCloses) {
  start();
  make();
  const ConnectionId id = open();
  server->close(opened.take()->id, 4001, "another one");
  const auto end = ended.take();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->id, id);
  EXPECT_TRUE(end->end.was_open);
  EXPECT_EQ(end->end.code, 4001);
  EXPECT_EQ(end->end.reason, "another one");
}

TEST_F(WebClientsTest, DropWithoutACloseFrame) {
  start();
  make();
  clients->drop(open());
  EXPECT_EQ(closed.take().value_or(WebClosed{}).code, close_code::abnormal);
  EXPECT_EQ(ended.take().value_or(Ended{}).end.code, close_code::abnormal);
}

TEST_F(WebClientsTest, AreToldThatNobodyListens) {
  const Address nobody = [] {
    const RawListener listener;
    return listener.local();
  }();
  make();
  ASSERT_TRUE(clients->connect(nobody, "/ws").has_value());
  const auto end = ended.take();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->end.was_open);
  EXPECT_EQ(end->end.reason,
            fmt::format("connecting to {}: connection refused", to_string(nobody)));
}

TEST_F(WebClientsTest, AreToldWhyTheServerDoesNotUpgrade) {
  start();
  make();
  ASSERT_TRUE(clients->connect(server->local(), "/elsewhere").has_value());
  const auto end = ended.take();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->end.was_open);
  EXPECT_EQ(end->end.reason, "upgrading: 404 Not Found");
}

TEST_F(WebClientsTest, GiveUpOnAServerThatDoesNotAnswerTheUpgrade) {
  const RawListener listener;
  make({.each = {.timeout = 50ms}});
  ASSERT_TRUE(clients->connect(listener.local(), "/ws").has_value());
  const auto end = ended.take();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->end.was_open);
}

TEST_F(WebClientsTest, AreBounded) {
  start();
  make({.connections_max = 1});
  const ConnectionId first = open();
  const auto second = clients->connect(server->local(), "/ws");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::full);
  clients->drop(first);
  ASSERT_TRUE(ended.take().has_value());
  EXPECT_TRUE(eventually([&] { return clients->connect(server->local(), "/ws").has_value(); }));
}

TEST_F(WebClientsTest, StopEndsThoseThatAreStillConnecting) {
  const RawListener listener;
  make();
  ASSERT_TRUE(clients->connect(listener.local(), "/ws").has_value());
  clients->stop();
  EXPECT_EQ(ended.total(), 1u);
  EXPECT_FALSE(clients->connect(listener.local(), "/ws").has_value());
}

}  // namespace
}  // namespace cord::net::test
