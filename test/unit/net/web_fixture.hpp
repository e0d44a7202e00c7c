// A WebServer that echoes and records what it told, for the web tests.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "net/web_client.hpp"
#include "net/web_server.hpp"
#include "raw_socket.hpp"
#include "support.hpp"

namespace cord::net::test {

struct WebOpened {
  ConnectionId id;
  Address peer;
};

struct WebClosed {
  ConnectionId id;
  std::uint16_t code;
  std::string reason;
};

struct WebTest : testing::Test {
  WebServerOptions options{.listen = loopback(), .websocket_path = "/ws", .subprotocol = "test.v1"};

  void TearDown() override {
    if (!server) return;
    server->stop();
    EXPECT_EQ(opened.total(), closed.total()) << "one on_close for each on_open";
    EXPECT_EQ(metric(metrics, "cord_net_web_connections"), 0);
  }

  /// Starts with `options`; `on_message` is there to change what happens instead of an echo.
  void start() {
    auto bound = WebServer::bind(io, options, metrics);
    ASSERT_TRUE(bound.has_value()) << bound.error().detail;
    server = std::move(*bound);
    server->start({.handle = handle,
                   .take = take,
                   .on_open =
                       [this](ConnectionId id, Address peer) {
                         opened.put({id, peer});
                       },
                   .on_message = [this](ConnectionId id,
                                        std::string text) { on_message(id, std::move(text)); },
                   .on_close =
                       [this](ConnectionId id, std::uint16_t code, const std::string& reason) {
                         closed.put({id, code, reason});
                       }});
  }

  WebClient connect(WebClientOptions with = {}) {
    auto client = WebClient::connect(server->local(), "/ws", std::move(with));
    EXPECT_TRUE(client.has_value()) << client.error().detail;
    return std::move(*client);
  }

  /// A connection without a protocol of its own, upgraded; the server calls it `id`.
  std::unique_ptr<RawSocket> connect_raw(ConnectionId& id, int receive_buffer_bytes = 0) {
    auto socket = std::make_unique<RawSocket>(server->local(), receive_buffer_bytes);
    socket->send(upgrade_request("/ws"));
    EXPECT_EQ(socket->receive_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 101");
    id = opened.take().value_or(WebOpened{}).id;
    return socket;
  }

  IoThreads io{2};
  Metrics metrics;
  Inbox<WebOpened> opened;
  Inbox<WebClosed> closed;
  std::function<HttpResponse(const HttpRequest&)> handle;
  std::function<bool(const HttpRequest&, const HttpResponder&)> take;
  std::function<void(ConnectionId, std::string)> on_message =
      [this](ConnectionId id, std::string text) { server->send(id, std::move(text)); };
  std::unique_ptr<WebServer> server;
};

}  // namespace cord::net::test
