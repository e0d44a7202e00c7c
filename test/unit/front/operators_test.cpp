// The operators' listener, and what is read again while the server runs.
#include <fstream>

#include "support/temporary_directory.hpp"
#include "support/token_maker.hpp"
#include "unit/front/front_fixture.hpp"
#include "unit/net/raw_socket.hpp"

namespace cord::front {
namespace {

constexpr const char* operator_token = "0123456789abcdef";

class Operators : public FrontTest {
 protected:
  Operators() {
    config.operators.emplace();
    config.operators->web.listen = net::loopback();
  }

  void start() {
    auto bound = Server::bind(config, {.io = io,
                                       .metrics = metrics,
                                       .log = log,
                                       .now = [this] { return Instant(Duration(now_us)); },
                                       .is_ready = {},
                                       .log_level = [this] { return level.load(); },
                                       .set_log_level = [this](LogLevel to) { level = to; }});
    ASSERT_TRUE(bound) << bound.error().detail;
    server = std::move(*bound);
    server->start(engine);
  }

  /// The status, then the body.
  std::string ask(const std::string& request, const std::string& authorization = {},
                  const std::string& body = {}) {
    net::test::RawSocket socket(server->operators().value());
    socket.send(request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                std::to_string(body.size()) +
                (authorization.empty() ? "" : "\r\nAuthorization: " + authorization) + "\r\n\r\n" +
                body);
    const std::string text = socket.receive_all();
    return text.substr(9, 4) + text.substr(std::min(text.size(), text.find("\r\n\r\n") + 4));
  }

  std::atomic<LogLevel> level{LogLevel::info};
};

// Proves: GET /healthz, GET /readyz, GET /metrics
TEST_F(Operators, HaveTheirPagesAndAgentsHaveThemNoMore) {
  start();
  for (const char* page : {"/healthz", "/readyz", "/metrics", "/log-level"}) {
    EXPECT_TRUE(ask("GET " + std::string(page)).starts_with("200 ")) << page;
    EXPECT_EQ(net::http_get(server->local(), page)->status, 404u) << page;
  }
  EXPECT_TRUE(has(ask("GET /metrics"), "cord_net_admin_sockets 1"));
  EXPECT_TRUE(ask("GET /v1/agent").starts_with("404 "));
  auto agent = connect();
  prepare(agent);
  server->drain();
  EXPECT_EQ(ask("GET /readyz"), "503 draining\n");
}

TEST_F(Operators, ChangeTheLogLevel) {
  start();
  EXPECT_EQ(ask("GET /log-level"), "200 info\n");
  EXPECT_EQ(ask("PUT /log-level", {}, "debug\n"), "200 debug\n");
  EXPECT_EQ(level.load(), LogLevel::debug);
  for (const char* wrong : {"", "loud", "DEBUG", "debug info"}) {
    EXPECT_EQ(ask("PUT /log-level", {}, wrong), "400 allowed: debug, info, warn, error\n");
  }
  EXPECT_TRUE(ask("PUT /log-level", {}, std::string(65, 'x')).starts_with("413 "));
  EXPECT_TRUE(ask("POST /log-level", {}, "debug").starts_with("405 "));
  EXPECT_TRUE(ask("PUT /metrics", {}, "x").starts_with("405 "));
  EXPECT_EQ(level.load(), LogLevel::debug);
}

TEST_F(Operators, ShowATokenIfThereIsOne) {
  config.operators->token = operator_token;
  start();
  const std::string right = "Bearer " + std::string(operator_token);
  for (const std::string& wrong :
       {std::string(), std::string("Bearer "), right + "0", right.substr(0, right.size() - 1),
        "Basic " + std::string(operator_token), std::string(operator_token)}) {
    EXPECT_EQ(ask("GET /metrics", wrong), "401 a token is needed\n") << wrong;
    EXPECT_EQ(ask("PUT /log-level", wrong, "debug"), "401 a token is needed\n") << wrong;
    EXPECT_TRUE(ask("GET /nope", wrong).starts_with("401 ")) << wrong;
  }
  EXPECT_EQ(level.load(), LogLevel::info);
  EXPECT_TRUE(ask("GET /metrics", right).starts_with("200 "));
  EXPECT_EQ(ask("PUT /log-level", "bearer " + std::string(operator_token), "warn"), "200 warn\n");
  EXPECT_EQ(ask("GET /healthz"), "200 ok\n");
  EXPECT_EQ(ask("GET /readyz"), "200 ready\n");
}

TEST_F(Operators, NeedATokenBeyondLoopback) {
  config.operators->web.listen = {0, 0};
  EXPECT_TRUE(has(config.validate().error().detail, "plain text"));
  config.operators->insecure = true;
  EXPECT_TRUE(has(config.validate().error().detail, "needs a token"));
  config.operators->token = "short";
  EXPECT_TRUE(has(config.validate().error().detail, "at least 16"));
  config.operators->token = operator_token;
  EXPECT_TRUE(config.validate());
}

TEST_F(FrontTest, OperatorsOfTheAgentsListenerChangeNothing) {
  start();
  EXPECT_EQ(server->operators(), std::nullopt);
  EXPECT_EQ(net::http_get(server->local(), "/log-level")->status, 404u);
}

TEST_F(Operators, ReplaceTheKeysOfTokensWhileTheServerRuns) {
  const test::TemporaryDirectory directory;
  const auto write = [&](const std::string& secret) {
    std::ofstream(directory / "secret", std::ios::trunc) << secret;
  };
  const std::string old_secret(32, 'o');
  const std::string new_secret(32, 'n');
  write(old_secret);
  config.token = {
      .keys = {TokenKeySource::Kind::secret, directory / "secret"}, .issuer = "i", .audience = "a"};
  start();
  auto client = connect();
  const auto log_in = [&](const std::string& secret) {
    const std::string token = test::token(
        secret, R"({"alg":"HS256"})", R"({"iss":"i","aud":"a","sub":"alice","exp":1700000060})");
    EXPECT_TRUE(client.send(R"({"command":"prepareSession","data":{"agent":{"token":")" + token +
                            R"("}}})"));
  };
  const auto lets_in = [&](const std::string& secret) {
    log_in(secret);
    return engine.next<core::PrepareSession>().has_value();
  };
  EXPECT_TRUE(lets_in(old_secret));
  write("short");
  server->reload();
  EXPECT_TRUE(lets_in(old_secret)) << "a bad file changes nothing";
  EXPECT_EQ(metrics.counter("cord_front_reloads_total", "", "failed").value(), 1u);
  write(new_secret);
  server->reload();
  EXPECT_EQ(metrics.counter("cord_front_reloads_total", "", "done").value(), 1u);
  log_in(old_secret);
  EXPECT_TRUE(has(told(client), "authentication.failed"));
  EXPECT_TRUE(lets_in(new_secret));
}

}  // namespace
}  // namespace cord::front
