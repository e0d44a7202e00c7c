#include "front/server.hpp"

#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"
#include "support/token_maker.hpp"
#include "unit/front/front_fixture.hpp"

namespace cord::front {
namespace {

constexpr const char* hold = R"({"command":"conversation.hold","target":"S.ch-1.i-2.c-3"})";

std::string hold_with_id(int id, int extra = 0) {
  return R"({"command":"conversation.hold","target":"S.ch-1.i-2.c-3","data":{"x":)" +
         std::to_string(extra) + R"(},"id":)" + std::to_string(id) + "}";
}

// Proves: GET /healthz, GET /readyz, GET /metrics
TEST_F(FrontTest, ServesItsPages) {
  start();
  const auto get = [&](std::string_view path) {
    return net::http_get(server->local(), path).value();
  };
  EXPECT_EQ(get("/healthz").status, 200u);
  EXPECT_EQ(get("/readyz").status, 200u);
  EXPECT_EQ(get("/metrics").status, 200u);
  EXPECT_TRUE(has(get("/metrics").content_type, "version=0.0.4"));
  EXPECT_TRUE(has(get("/metrics").body, "cord_front_messages_total 0"));
  EXPECT_EQ(get("/").status, 404u);
  EXPECT_EQ(get("/healthz/x").status, 404u);
  is_ready = false;
  EXPECT_EQ(get("/readyz").status, 503u);
  is_ready = true;
  server->drain();
  EXPECT_EQ(get("/readyz").status, 503u);
  EXPECT_EQ(get("/healthz").status, 200u);
}

TEST_F(FrontTest, RefusesPlainTextBeyondLoopback) {
  config.web.listen = {0, 0};
  auto bound = Server::bind(config, {io, metrics, log, [] { return Instant{}; }, {}});
  ASSERT_FALSE(bound);
  EXPECT_TRUE(has(bound.error().detail, "insecure = true")) << bound.error().detail;
}

TEST_F(FrontTest, SelectsTheSubprotocol) {
  start();
  EXPECT_EQ(connect({.subprotocol = "cordboard.v1"}).subprotocol(), "cordboard.v1");
  EXPECT_EQ(connect().subprotocol(), "");
}

// Proves: prepareSession
TEST_F(FrontTest, LogsIn) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.send(R"({"command":"prepareSession","data":{"agent":{"id":"bob",)"
                          R"("password":"hidden"},"override":true},"id":1})"));
  const auto wish = engine.next<core::PrepareSession>();
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->agent, 1u);
  EXPECT_TRUE(wish->takes_over);
  EXPECT_EQ(wish->session_name.size(), 32u);
  EXPECT_EQ(wish->resume_token.size(), 32u);
  EXPECT_NE(wish->session_name, wish->resume_token);
  answer(*wish, core::Prepared{"NAME", "TOKEN"});
  EXPECT_EQ(told(client),
            R"({"command":"prepareSession","result":"success","data":{"agent":{"id":"bob",)"
            R"("password":"***"},"override":true,"session":{"id":"NAME"},"resumeToken":"TOKEN",)"
            R"("seq":0},"id":1,"seq":0})");
}

// Proves: prepareSession
TEST_F(FrontTest, AsksBeforeTakingOver) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.send(log_in("alice", "secret")));
  const auto wish = engine.next<core::PrepareSession>();
  ASSERT_TRUE(wish);
  EXPECT_FALSE(wish->takes_over);
  answer(*wish, core::Confirm{"Alice is logged in."});
  EXPECT_EQ(told(client),
            R"({"command":"prepareSession","result":"confirm","message":"Alice is logged in.",)"
            R"("original":{"command":"prepareSession","data":{"agent":{"id":"alice",)"
            R"("password":"***"}}}})");
}

// Proves: authentication.failed
TEST_F(FrontTest, AnUnknownAgentIsToldWhatAWrongPasswordIsTold) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.send(log_in("alice", "wrong")));
  std::string wrong = told(client);
  ASSERT_TRUE(client.send(log_in("nobod", "wrong")));
  const std::string unknown = told(client);
  EXPECT_TRUE(has(wrong, R"("code":"authentication.failed")")) << wrong;
  EXPECT_EQ(wrong.replace(wrong.find("alice"), 5, "nobod"), unknown);
  EXPECT_EQ(engine.submissions(), 0u);
}

// Proves: authentication.failed, authentication.throttled
TEST_F(FrontTest, ThrottlesAfterFiveWrongPasswords) {
  start();
  auto client = connect();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.send(log_in("alice", "wrong")));
    EXPECT_TRUE(has(told(client), "authentication.failed"));
  }
  ASSERT_TRUE(client.send(log_in("alice", "secret")));
  EXPECT_TRUE(has(told(client), "authentication.throttled"));
  EXPECT_EQ(engine.submissions(), 0u);
  now_us += Duration(std::chrono::minutes(5)).count();
  prepare(client);
}

std::string log_in_by_token(const std::string& token) {
  return R"({"command":"prepareSession","data":{"agent":{"token":")" + token + R"("}}})";
}

TEST_F(FrontTest, LogsInByToken) {
  const test::TemporaryDirectory directory;
  const std::string secret(32, 's');
  std::ofstream(directory / "secret") << secret;
  config.agents.push_back({"carol", "", ""});
  config.token = {
      .keys = {TokenKeySource::Kind::secret, directory / "secret"}, .issuer = "i", .audience = "a"};
  start();
  auto client = connect();
  const std::string token = test::token(secret, R"({"alg":"HS256"})",
                                        R"({"iss":"i","aud":"a","sub":"carol","exp":1700000060})");
  ASSERT_TRUE(client.send(log_in_by_token(token)));
  const auto wish = engine.next<core::PrepareSession>();
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->agent, 2u);
  answer(*wish, core::Prepared{"NAME", "TOKEN"});
  const std::string text = told(client);
  EXPECT_TRUE(has(text, R"("agent":{"token":"***"})")) << text;

  auto other = connect();
  ASSERT_TRUE(other.send(log_in_by_token(token + "x")));
  std::string failed = told(other);
  ASSERT_TRUE(other.send(log_in("alice", "wrong")));
  const std::string wrong = told(other);
  const auto head = [](const std::string& it) { return it.substr(0, it.find(",\"original\"")); };
  EXPECT_TRUE(has(failed, "authentication.failed")) << failed;
  EXPECT_EQ(head(failed), head(wrong));
  EXPECT_FALSE(has(failed, token)) << failed;
}

TEST_F(FrontTest, SaysThatTokensAreNotConfigured) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.send(log_in_by_token("a.b.c")));
  EXPECT_TRUE(has(told(client), R"("code":"unsupported")"));
}

TEST_F(FrontTest, DoesNotStartWithoutItsKeys) {
  config.token = {.keys = {TokenKeySource::Kind::pem, "/nope"}, .issuer = "i", .audience = "a"};
  const auto bound = Server::bind(config, {io, metrics, log, [] { return Instant{}; }, {}});
  ASSERT_FALSE(bound);
  EXPECT_TRUE(has(bound.error().detail, "/nope: cannot be read")) << bound.error().detail;
}

TEST_F(FrontTest, PassesCommandsOnAndPrintsTheOutcome) {
  start();
  auto client = connect();
  const auto connection = prepare(client);
  ASSERT_TRUE(client.send(
      R"({"command":" conversation.request.hold","target":"S.g-7.ch-1.i-2.c-3","id":"x"})"));
  const auto request = engine.next<core::ClientRequest>();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->connection, connection);
  EXPECT_EQ(request->target.session, "S");
  EXPECT_EQ(request->target.below.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<core::HoldConversation>(request->command));
  answer(*request, core::Success{}, 42);
  EXPECT_EQ(told(client), R"({"command":"conversation.request.hold","target":"S.g-7.ch-1.i-2.c-3",)"
                          R"("result":"success","data":{},"id":"x","seq":42})");
  ASSERT_TRUE(client.send(hold));
  answer(*engine.next<core::ClientRequest>(), refuse(Errc::target_not_found, "core.resolve"));
  EXPECT_TRUE(has(told(client),
                  R"("failure":{"code":"target.not.found","message":"There is no such object."})"));
}

TEST_F(FrontTest, RefusesWhatIsNoRequestAndGoesOn) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.send("hello"));
  EXPECT_TRUE(has(told(client), R"("code":"invalid.request")"));
  ASSERT_TRUE(client.send(R"({"command":"conversation.dance","target":"S"})"));
  EXPECT_TRUE(has(told(client), R"("code":"unknown.command")"));
  ASSERT_TRUE(client.send(R"({"command":"conversation.hold","target":7})"));
  EXPECT_TRUE(has(told(client), R"("code":"invalid.request")"));
  EXPECT_EQ(engine.submissions(), 0u);
  for (const std::string_view kind : {"malformed", "unknown_command", "invalid_request"}) {
    EXPECT_EQ(metrics.counter("cord_front_refused_total", "", kind).value(), 1u) << kind;
  }
  prepare(client);
}

// Proves: close 1008
TEST_F(FrontTest, ClosesAfterTooMuchNonsense) {
  start();
  auto client = connect();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.send("{"));
    EXPECT_TRUE(has(told(client), R"("original":"{")"));
  }
  ASSERT_TRUE(client.send("{"));
  EXPECT_EQ(closed(client), 1008);
}

TEST_F(FrontTest, NonsenseNowAndThenIsBorneForEver) {
  start();
  auto client = connect();
  for (int i = 0; i < 60; ++i) {
    now_us += 500'000;
    ASSERT_TRUE(client.send("{"));
    EXPECT_TRUE(has(told(client), R"("original":"{")"));
  }
}

// Proves: close 1009, close 1003, close 1007
TEST_F(FrontTest, ClosesWhatIsTooLargeOrNoText) {
  start();
  auto large = connect();
  ASSERT_TRUE(large.send(std::string(65'537, ' ')));
  EXPECT_EQ(closed(large), 1009);
  auto binary = connect();
  ASSERT_TRUE(binary.send_binary("{}"));
  EXPECT_EQ(closed(binary), 1003);
  auto latin = connect();
  ASSERT_TRUE(latin.send("{\"a\":\"\xe4\"}"));
  EXPECT_EQ(closed(latin), 1007);
}

TEST_F(FrontTest, TakesTheLargestMessage) {
  start();
  auto client = connect();
  const std::string head = R"({"command":"channel.dance","target":"S","x":")";
  ASSERT_TRUE(client.send(head + std::string(65'536 - head.size() - 2, 'x') + "\"}"));
  EXPECT_TRUE(has(told(client), "unknown.command"));
}

// Proves: rate.limited
TEST_F(FrontTest, LimitsTheRateOfRequests) {
  config.pending_max = 1'000;
  start();
  auto client = connect();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(client.send(hold));
  ASSERT_TRUE(client.send(hold_with_id(5)));
  const std::string text = told(client);
  EXPECT_TRUE(has(text, R"("code":"rate.limited")")) << text;
  EXPECT_TRUE(has(text, R"("id":5)")) << text;
  EXPECT_EQ(engine.count<core::ClientRequest>(), 200u);
  now_us += 20'000;
  ASSERT_TRUE(client.send(hold));
  ASSERT_TRUE(client.send(hold));
  EXPECT_TRUE(has(told(client), "rate.limited"));
  EXPECT_EQ(engine.count<core::ClientRequest>(), 201u);
}

TEST_F(FrontTest, LimitsWhatIsUnanswered) {
  config.pending_max = 3;
  start();
  auto client = connect();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(client.send(hold));
  EXPECT_TRUE(has(told(client), "rate.limited"));
  answer(*engine.next<core::ClientRequest>(), core::Success{});
  EXPECT_TRUE(has(told(client), "success"));
  ASSERT_TRUE(client.send(hold_with_id(1)));
  answer(*engine.next<core::ClientRequest>(), core::Success{});
  EXPECT_TRUE(has(told(client), "success"));
}

TEST_F(FrontTest, SaysSoWhenTheEngineIsFull) {
  start();
  auto client = connect();
  prepare(client);
  engine.set_full(true);
  ASSERT_TRUE(client.send(hold_with_id(1)));
  EXPECT_TRUE(has(told(client), R"("code":"not.accepting")"));
  engine.set_full(false);
  ASSERT_TRUE(client.send(hold_with_id(1)));
  answer(*engine.next<core::ClientRequest>(), core::Success{});
  EXPECT_TRUE(has(told(client), "success"));
}

TEST_F(FrontTest, SaysSoWhenTheEngineIsFullAtLogIn) {
  start();
  auto client = connect();
  engine.set_full(true);
  ASSERT_TRUE(client.send(log_in("alice", "secret")));
  EXPECT_TRUE(has(told(client), R"("code":"not.accepting")"));
  engine.set_full(false);
  prepare(client);
}

TEST_F(FrontTest, TheEngineIsToldWhatMakesARequestTheSame) {
  start();
  auto client = connect();
  prepare(client);
  ASSERT_TRUE(client.send(hold_with_id(1)));
  const auto first = engine.next<core::ClientRequest>();
  ASSERT_TRUE(client.send(hold_with_id(1)));
  const auto again = engine.next<core::ClientRequest>();
  ASSERT_TRUE(client.send(hold_with_id(1, 9)));
  const auto other = engine.next<core::ClientRequest>();
  ASSERT_TRUE(client.send(hold));
  const auto without = engine.next<core::ClientRequest>();
  ASSERT_TRUE(first && again && other && without);
  EXPECT_EQ(first->key.id, "1");
  EXPECT_EQ(first->key.digest, again->key.digest);
  EXPECT_NE(first->key.digest, other->key.digest);
  EXPECT_NE(first->request, again->request);
  EXPECT_TRUE(without->key.id.empty());
}

TEST_F(FrontTest, WithoutAnIdEveryRequestIsCarriedOut) {
  start();
  auto client = connect();
  prepare(client);
  ASSERT_TRUE(client.send(hold));
  ASSERT_TRUE(client.send(hold));
  ASSERT_TRUE(engine.next<core::ClientRequest>());
  ASSERT_TRUE(engine.next<core::ClientRequest>());
}

TEST_F(FrontTest, PrintsEventsAndClosesInOrder) {
  start();
  auto client = connect();
  const auto connection = prepare(client);
  std::vector<runtime::ToClient> batch;
  batch.push_back({connection, event(1, core::ChannelInitialized{})});
  batch.push_back({connection, event(2, core::SessionEnded{core::SessionEnd::replaced})});
  batch.push_back({connection, core::CloseConnection{connection, 4001}});
  server->deliver(std::move(batch));
  EXPECT_TRUE(has(told(client), R"("name":"channel.initialized","data":{},"seq":1)"));
  EXPECT_TRUE(has(told(client), R"("data":{"reason":"replaced"},"seq":2)"));
  EXPECT_EQ(closed(client), 4001);
}

// Proves: promise 2
TEST_F(FrontTest, NothingComesBetweenAReplyAndItsEvents) {
  config.requests_burst = 10'000;
  config.malformed_max = 10'000;
  start();
  auto client = connect();
  prepare(client);
  constexpr int rounds = 100;
  std::thread engine_side([&] {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      const auto request = engine.next<core::ClientRequest>();
      if (!request) return;
      std::vector<runtime::ToClient> batch;
      batch.push_back({request->connection, core::Reply{request->request, request->connection,
                                                        core::Success{}, 2 * i + 2}});
      batch.push_back({request->connection, event(2 * i + 1, core::ChannelInitialized{})});
      batch.push_back({request->connection, event(2 * i + 2, core::ChannelInitialized{})});
      server->deliver(std::move(batch));
    }
  });
  for (int i = 0; i < rounds; ++i) {
    ASSERT_TRUE(client.send(hold));
    ASSERT_TRUE(client.send("nonsense"));
    ASSERT_TRUE(client.send(R"({"command":"no.such"})"));
  }
  engine_side.join();
  int events_due = 0;
  for (int i = 0; i < 5 * rounds; ++i) {
    const std::string text = told(client);
    if (events_due > 0) {
      EXPECT_TRUE(has(text, "objectEvent")) << text;
      --events_due;
    } else if (has(text, R"("result":"success")")) {
      events_due = 2;
    } else {
      EXPECT_TRUE(has(text, R"("result":"failure")")) << text;
    }
  }
}

// Proves: close 4008
TEST_F(FrontTest, ASlowClientIsClosed) {
  config.web.queued_messages_max = 10;
  config.unsent_max = 100'000;
  start();
  auto client = connect();
  const auto connection = prepare(client);
  // More than the kernel's socket buffers hold.
  const core::CallData data{{"k", {false, std::string(30'000, 'x')}}};
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    deliver(connection, event(i, core::InteractionDataChanged{data}));
  }
  // It reads again, too late: what was sent before comes, then the close frame.
  EXPECT_EQ(closed(client), 4008);
  EXPECT_TRUE(engine.next<core::ConnectionLost>());
}

TEST_F(FrontTest, WhatIsNotYetPrintedIsBoundedToo) {
  config.unsent_max = 3;
  start();
  auto client = connect();
  const auto connection = prepare(client);
  std::vector<runtime::ToClient> batch;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    batch.push_back({connection, event(i, core::ChannelInitialized{})});
  }
  auto one_more = batch;
  one_more.push_back({connection, event(4, core::ChannelInitialized{})});
  server->deliver(std::move(batch));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(has(told(client), "channel.initialized"));
  server->deliver(std::move(one_more));
  EXPECT_EQ(closed(client), 4008);
}

TEST_F(FrontTest, TheEngineHearsOfALostConnectionOnce) {
  start();
  core::ConnectionId connection;
  {
    auto client = connect();
    connection = prepare(client);
    engine.set_full(true);
    client.close();
  }
  const auto before = engine.submissions();
  while (engine.submissions() < before + 3) std::this_thread::yield();
  engine.set_full(false);
  EXPECT_EQ(engine.next<core::ConnectionLost>()->connection, connection);
  server->stop();
  EXPECT_EQ(engine.count<core::ConnectionLost>(), 1u);
}

TEST_F(FrontTest, TheEngineHearsNothingOfAConnectionThatNeverAskedIt) {
  start();
  auto quiet = connect();
  ASSERT_TRUE(quiet.send("x"));
  told(quiet);
  quiet.close();
  auto other = connect();
  prepare(other);
  other.close();
  EXPECT_TRUE(engine.next<core::ConnectionLost>());
  server->stop();
  EXPECT_EQ(engine.count<core::ConnectionLost>(), 1u);
}

// Proves: close 1001
TEST_F(FrontTest, StoppingEndsTheConnections) {
  start();
  auto client = connect();
  prepare(client);
  std::thread stopper([&] { server->stop(); });
  EXPECT_EQ(closed(client), 1001);
  stopper.join();
  EXPECT_EQ(engine.count<core::ConnectionLost>(), 1u);
  server->stop();
}

TEST_F(FrontTest, ManyClientsAtOnceEachGetTheirOwn) {
  start();
  std::vector<net::WebClient> clients;
  std::set<core::ConnectionId> names;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connect());
    names.insert(prepare(clients.back()));
  }
  EXPECT_EQ(names.size(), 20u);
  std::vector<runtime::ToClient> batch;
  std::uint64_t seq = 0;
  for (const auto name : names) batch.push_back({name, event(++seq, core::ChannelInitialized{})});
  batch.push_back({core::ConnectionId{3}, event(1, core::ChannelInitialized{})});  // Unknown.
  server->deliver(std::move(batch));
  for (auto& client : clients) EXPECT_TRUE(has(told(client), "channel.initialized"));
}

}  // namespace
}  // namespace cord::front
