// HTTP on the web server: routing, refusals, limits.
#include <algorithm>
#include <deque>

#include <sys/resource.h>

#include "web_fixture.hpp"

namespace cord::net {
namespace {

using namespace test;

struct WebHttp : WebTest {
  WebHttp() {
    handle = [this](const HttpRequest& request) -> HttpResponse {
      asked.put(request);
      if (request.path != "/hello") return {.status = 404, .body = "no such page\n"};
      return {.body = "hi", .headers = {{"Cache-Control", "no-store"}}};
    };
  }

  std::string answer_to(std::string_view request) {
    RawSocket socket(server->local());
    EXPECT_TRUE(socket.is_connected());
    socket.send(request);
    return socket.receive_all();
  }

  Inbox<HttpRequest> asked;
};

TEST_F(WebHttp, RoutesToTheHandler) {
  start();
  const auto response = http_get(server->local(), "/hello?name=x&y=%20");
  ASSERT_TRUE(response.has_value()) << response.error().detail;
  EXPECT_EQ(response->status, 200u);
  EXPECT_EQ(response->body, "hi");
  EXPECT_EQ(response->content_type, "text/plain; charset=utf-8");
  const std::pair<std::string, std::string> header{"Cache-Control", "no-store"};
  EXPECT_NE(std::find(response->headers.begin(), response->headers.end(), header),
            response->headers.end());
  const auto request = asked.take();
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->path, "/hello");
  EXPECT_EQ(request->query, "name=x&y=%20");
  EXPECT_TRUE(request->peer.is_loopback());
  EXPECT_EQ(http_get(server->local(), "/other")->status, 404u);
}

TEST_F(WebHttp, CarriesALargeBody) {
  handle = [](const HttpRequest&) { return HttpResponse{.body = std::string(5'000'000, 'x')}; };
  start();
  EXPECT_EQ(http_get(server->local(), "/")->body.size(), 5'000'000u);
}

TEST_F(WebHttp, AnswersNotFoundWithoutAHandler) {
  handle = nullptr;
  start();
  EXPECT_EQ(http_get(server->local(), "/hello")->status, 404u);
}

TEST_F(WebHttp, KeepsTheConnectionForMoreRequests) {
  start();
  RawSocket socket(server->local());
  for (int i = 0; i < 3; ++i) {
    socket.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(socket.receive_until("\r\n\r\nhi").find("200 OK"), std::string::npos);
  }
}

TEST_F(WebHttp, AnswersPipelinedRequestsInOrder) {
  start();
  const std::string answers = answer_to(
      "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_LT(answers.find("200 OK"), answers.find("404 Not Found"));
}

TEST_F(WebHttp, AnswersHeadWithoutABody) {
  start();
  const std::string answer = answer_to("HEAD /hello HTTP/1.0\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(WebHttp, RefusesOtherMethods) {
  start();
  const std::string answer = answer_to("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(answer.find("405 Method Not Allowed"), std::string::npos);
  EXPECT_NE(answer.find("Allow: GET, HEAD"), std::string::npos);
  EXPECT_EQ(asked.total(), 0u);
}

TEST_F(WebHttp, RefusesABody) {
  start();
  const std::string answer =
      answer_to("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_NE(answer.find("413 "), std::string::npos) << answer;
}

TEST_F(WebHttp, ReadsABodyUpToItsBound) {
  options.http_methods = {"POST"};
  options.http_body_bytes_max = 5;
  start();
  const std::string head = "POST /hello HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer y\r\n";
  EXPECT_NE(answer_to(head + "Connection: close\r\nContent-Length: 5\r\n\r\nhello").find("200 OK"),
            std::string::npos);
  const auto request = asked.take();
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->body, "hello");
  EXPECT_EQ(request->authorization, "Bearer y");
  EXPECT_EQ(metric(metrics, "cord_bound_used", "web.http_body_bytes_max"), 5);
  EXPECT_NE(answer_to(head + "Content-Length: 6\r\n\r\nhello!").find("413 "), std::string::npos);
  const std::string other = answer_to("PUT /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(other.find("Allow: GET, HEAD, POST\r\n"), std::string::npos) << other;
}

// --- Requests that are answered later ------------------------------------------------------------

struct WebHttpLater : WebHttp {
  WebHttpLater() {
    take = [this](const HttpRequest& request, const HttpResponder& respond) {
      if (request.path != "/later") return false;
      responders.put(respond);
      return true;
    };
  }
  static constexpr std::string_view get_later = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";
  Inbox<HttpResponder> responders;
};

TEST_F(WebHttpLater, AreAnsweredFromAnyThreadOnceAndOneAfterTheOther) {
  start();
  RawSocket socket(server->local());
  for (const std::string body : {"first", "second"}) {
    socket.send(get_later);
    const auto respond = responders.take();
    ASSERT_TRUE(respond.has_value());
    (*respond)({.status = 202, .body = body});
    (*respond)({.status = 500, .body = "once is enough"});
    const std::string answer = socket.receive_until(body);
    EXPECT_NE(answer.find("202 Accepted"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("500"), std::string::npos) << answer;
  }
  EXPECT_EQ(asked.total(), 0u);
}

TEST_F(WebHttpLater, WhatIsNotTakenGoesToTheHandler) {
  start();
  EXPECT_EQ(http_get(server->local(), "/hello")->body, "hi");
  EXPECT_EQ(responders.total(), 0u);
}

TEST_F(WebHttpLater, AreNotWaitedForForEver) {
  options.answer_timeout = 50ms;
  start();
  RawSocket socket(server->local());
  socket.send(get_later);
  const std::string late = socket.receive_until("in time\n");
  EXPECT_NE(late.find("503 Service Unavailable"), std::string::npos) << late;
  // The answer that comes after all is not the next request's.
  socket.send(get_later);
  const auto first = responders.take();
  const auto second = responders.take();
  ASSERT_TRUE(first && second);
  (*first)({.body = "too late"});
  (*second)({.body = "this one"});
  const std::string answer = socket.receive();
  EXPECT_FALSE(answer.empty());
  EXPECT_EQ(answer.find("too late"), std::string::npos) << answer;
}

TEST_F(WebHttpLater, OfAPeerThatIsGoneMeetNobody) {
  start();
  {
    RawSocket socket(server->local());
    socket.send(get_later);
  }
  const auto respond = responders.take();
  ASSERT_TRUE(respond.has_value());
  (*respond)({.body = "nobody"});
  EXPECT_EQ(http_get(server->local(), "/hello")->status, 200u);
}

TEST_F(WebHttpLater, StoppingEndsThem) {
  start();
  RawSocket socket(server->local());
  socket.send(get_later);
  const auto respond = responders.take();
  ASSERT_TRUE(respond.has_value());
  server->stop();
  EXPECT_EQ(socket.receive(), "");
  (*respond)({.body = "nobody"});
}

TEST_F(WebHttp, RefusesWhatIsNotHttp) {
  start();
  EXPECT_NE(answer_to("EHLO there\r\n\r\n").find("400 Bad Request"), std::string::npos);
  EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "malformed"), 1);
}

TEST_F(WebHttp, BoundsTheHead) {
  options.http_header_bytes_max = 1024;
  start();
  const std::string start_of_head = "GET /hello HTTP/1.1\r\nX: ";
  const std::string end_of_head = "\r\nConnection: close\r\n\r\n";
  const std::size_t request_line_bytes = start_of_head.find("X: ");
  const std::size_t room = 1024 - (start_of_head.size() - request_line_bytes) - end_of_head.size();
  const std::string fits = answer_to(start_of_head + std::string(room, 'x') + end_of_head);
  EXPECT_NE(fits.find("200 OK"), std::string::npos) << fits;
  EXPECT_GT(metric(metrics, "cord_bound_used", "web.http_header_bytes_max"), 950);
  const std::string over = answer_to(start_of_head + std::string(room + 1, 'x') + end_of_head);
  EXPECT_NE(over.find("431 "), std::string::npos) << over;
  const std::string long_line =
      answer_to("GET /" + std::string(1024, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(long_line.find("431 "), std::string::npos) << long_line;
  const std::string far_over = answer_to(start_of_head + std::string(1'000'000, 'x') + end_of_head);
  EXPECT_NE(far_over.find("431 "), std::string::npos);
  EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "header_bytes"), 3);
}

TEST_F(WebHttp, BoundsTheTimeForAHead) {
  options.handshake_timeout = 150ms;
  start();
  RawSocket slow(server->local());
  // A byte now and then is no progress that counts: the deadline stays where it was.
  const std::string head = "GET /hello HTTP/1.1\r\nX: " + std::string(500, 'x');
  pollfd readable{slow.descriptor(), POLLIN, 0};
  std::size_t sent = 0;
  while (sent < head.size() && ::poll(&readable, 1, 20) == 0) slow.send(head.substr(sent++, 1));
  EXPECT_LT(sent, head.size());
  EXPECT_EQ(slow.receive(), "");
  EXPECT_TRUE(
      eventually([&] { return metric(metrics, "cord_net_web_refused_total", "timeout") == 1; }));
}

TEST_F(WebHttp, BoundsTheTimeBetweenRequests) {
  options.http_idle_timeout = 50ms;
  start();
  RawSocket socket(server->local());
  socket.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.receive_until("\r\n\r\nhi");
  EXPECT_EQ(socket.receive(), "");
}

TEST_F(WebHttp, BoundsTheConnectionsOfOneAddress) {
  options.connections_per_address_max = 2;
  start();
  {
    const RawSocket silent(server->local());
    WebClient client = connect();
    EXPECT_TRUE(eventually([&] { return metric(metrics, "cord_net_web_sockets") == 2; }));
    EXPECT_EQ(http_get(server->local(), "/hello")->status, 503u);
    EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "address"), 1);
    EXPECT_EQ(metric(metrics, "cord_bound_max", "web.connections_per_address_max"), 2);
    EXPECT_GE(metric(metrics, "cord_bound_used", "web.connections_per_address_max"), 2);
    EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "full"), 0);
  }
  EXPECT_TRUE(eventually([&] { return metric(metrics, "cord_net_web_sockets") == 0; }));
  EXPECT_EQ(http_get(server->local(), "/hello")->status, 200u);
}

/// As many as the system lets one process have both ends of, and 10,000 at most.
std::size_t idle_connections() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  return std::min<std::size_t>(10'000, files.rlim_cur / 2 - 500);
}

TEST_F(WebHttp, ThousandsWhoSayNothingAreBoundedAndEnded) {
  const std::size_t count = idle_connections();
  options.connections_max = count + 1;
  options.connections_per_address_max = count + 1;
  options.handshake_timeout = 1s;
  start();
  WebClient agent = connect();
  std::deque<RawSocket> idle;
  while (idle.size() < count) ASSERT_TRUE(idle.emplace_back(server->local()).is_connected());
  EXPECT_TRUE(agent.send("still there")) << "an agent is not disturbed";
  EXPECT_EQ(agent.receive(patience), "still there");
  // The first ones may have been ended already, the last one has not been read a byte of.
  EXPECT_LE(metric(metrics, "cord_net_web_sockets"), static_cast<double>(count + 1));
  EXPECT_TRUE(eventually([&] { return metric(metrics, "cord_net_web_sockets") == 1; }));
  EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "timeout"), static_cast<double>(count));
}

TEST_F(WebHttp, BoundsTheConnections) {
  options.connections_max = 1;
  start();
  {
    WebClient first = connect();
    EXPECT_EQ(http_get(server->local(), "/hello")->status, 503u);
    const auto second = WebClient::connect(server->local(), "/ws");
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::not_accepting);
    EXPECT_EQ(second.error().detail, "503 Service Unavailable");
    EXPECT_EQ(metric(metrics, "cord_net_web_refused_total", "full"), 2);
    EXPECT_TRUE(first.send("still served"));
    EXPECT_EQ(first.receive(patience), "still served");
    EXPECT_TRUE(first.close());
  }
  ASSERT_TRUE(closed.take().has_value());
}

TEST_F(WebHttp, BoundsEvenTheRefusals) {
  options.connections_max = 1;
  start();
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 1 + 64; ++i) {
    silent.push_back(std::make_unique<RawSocket>(server->local()));
  }
  RawSocket one_more(server->local());
  EXPECT_EQ(one_more.receive(), "");
  EXPECT_TRUE(
      eventually([&] { return metric(metrics, "cord_net_web_refused_total", "full") == 64 + 1; }));
  EXPECT_EQ(metric(metrics, "cord_net_web_sockets"), 1 + 64);
}

TEST_F(WebHttp, SaysWhichPortIsInUse) {
  start();
  options.listen = server->local();
  const auto second = WebServer::bind(io, options, metrics);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().detail,
            "tcp " + to_string(server->local()) + ": address already in use");
}

TEST_F(WebHttp, StopsAcceptingAndKeepsTheOthers) {
  start();
  WebClient client = connect();
  server->stop_accepting();
  EXPECT_TRUE(eventually([&] { return !RawSocket(server->local()).is_connected(); }));
  EXPECT_TRUE(client.send("still here"));
  EXPECT_EQ(client.receive(patience), "still here");
}

TEST_F(WebHttp, StopsWithSilentConnectionsOpen) {
  start();
  RawSocket silent(server->local());
  EXPECT_EQ(http_get(server->local(), "/hello")->status, 200u);
  server->stop();
  EXPECT_EQ(silent.receive(), "");
  EXPECT_FALSE(RawSocket(server->local()).is_connected());
}

TEST(WebServerOptions, NameTheFirstBadField) {
  const auto what = [](WebServerOptions options) {
    const auto valid = options.validate();
    return valid ? std::string() : valid.error().detail;
  };
  EXPECT_EQ(what({}), "");
  EXPECT_NE(what({.tls_key_file = "x"}).find("give both or none"), std::string::npos);
  EXPECT_NE(what({.websocket_path = "ws"}).find("websocket_path"), std::string::npos);
  EXPECT_NE(what({.connections_max = 0}).find("connections_max"), std::string::npos);
  EXPECT_NE(what({.http_header_bytes_max = 1}).find("http_header"), std::string::npos);
  EXPECT_NE(what({.answer_timeout = 0s}).find("answer_timeout"), std::string::npos);
  EXPECT_NE(what({.message_bytes_max = 0}).find("message_bytes_max"), std::string::npos);
  EXPECT_NE(what({.queued_messages_max = 0}).find("queued_messages_max"), std::string::npos);
  EXPECT_NE(what({.queued_bytes_max = 0}).find("queued_bytes_max"), std::string::npos);
  EXPECT_NE(what({.pong_timeout = 21s}).find("pong_timeout"), std::string::npos);
  EXPECT_NE(what({.close_timeout = 0s}).find("close_timeout"), std::string::npos);
}

}  // namespace
}  // namespace cord::net
