// session.resume as the front sees it: wrong tokens, long backlogs, lost and replaced connections.
#include "unit/front/front_fixture.hpp"

namespace cord::front {
namespace {

std::string resume(std::string_view session, std::string_view token, int after = 0) {
  return R"({"command":"session.resume","target":")" + std::string(session) +
         R"(","data":{"resumeToken":")" + std::string(token) + R"(","after":)" +
         std::to_string(after) + "}}";
}

constexpr const char* hold = R"({"command":"conversation.hold","target":"S.ch-1.i-2.c-3"})";

/// The last `count` events of a long life, some of them large.
runtime::Backlog long_backlog(std::uint64_t count, std::size_t data_bytes) {
  runtime::EventLog log(count);
  const core::CallData data{{"k", {false, std::string(data_bytes, 'x')}}};
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    log.append({{1}, {"", {}, {1}, {}, {}}, core::InteractionDataChanged{data}, seq, Instant{}});
  }
  runtime::Backlog backlog = log.after(0);
  backlog.session_name = "S";
  return backlog;
}

TEST_F(FrontTest, ResumeReachesTheEngineWhole) {
  start();
  auto client = connect();
  ASSERT_TRUE(client.send(resume("S", "token", 41)));
  const auto wish = engine.next<core::ResumeSession>();
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->session_name, "S");
  EXPECT_EQ(wish->resume_token, "token");
  EXPECT_EQ(wish->after, 41u);
  answer(*wish, core::Resumed{{}, 42, 41}, 41);
  const std::string text = told(client);
  EXPECT_TRUE(has(text, R"("from":42,"to":41)")) << text;
  EXPECT_FALSE(has(text, "token\":\"token")) << text;
  client.close();
  EXPECT_TRUE(engine.next<core::ConnectionLost>());
}

TEST_F(FrontTest, TheFifthWrongTokenThrottlesTheSessionAndNoOther) {
  start();
  auto client = connect();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.send(resume("S", "wrong")));
    answer(*engine.next<core::ResumeSession>(), refuse(Errc::authentication_failed, "core"));
    EXPECT_TRUE(has(told(client), R"("code":"authentication.failed")"));
  }
  auto other = connect();
  ASSERT_TRUE(other.send(resume("S", "right")));
  EXPECT_TRUE(has(told(other), R"("code":"authentication.throttled")"));
  ASSERT_TRUE(other.send(resume("T", "right")));
  EXPECT_TRUE(engine.next<core::ResumeSession>());
  now_us += 300'000'000;
  ASSERT_TRUE(client.send(resume("S", "right")));
  EXPECT_TRUE(engine.next<core::ResumeSession>());
  // Log-ins from there are as welcome as before.
  auto third = connect();
  prepare(third);
}

TEST_F(FrontTest, ALongBacklogIsSentAsFastAsItIsRead) {
  config.web.queued_messages_max = 50;
  config.unsent_max = 100;
  start();
  auto client = connect();
  const auto connection = prepare(client);
  constexpr std::uint64_t count = 3'000;
  deliver(connection, long_backlog(count, 3'000));
  for (std::uint64_t seq = count + 1; seq <= count + 90; ++seq) {
    deliver(connection, event(seq, core::ChannelInitialized{}));
  }
  for (std::uint64_t seq = 1; seq <= count + 90; ++seq) {
    const std::string text = told(client);
    ASSERT_TRUE(has(text, "\"seq\":" + std::to_string(seq) + ",")) << text.substr(0, 300);
    ASSERT_TRUE(has(text, R"("target":"S.ch-1")")) << text.substr(0, 300);
  }
}

TEST_F(FrontTest, ABacklogOfLargeEventsStaysWithinTheQueue) {
  config.web.queued_bytes_max = 200'000;
  start();
  auto client = connect();
  const auto connection = prepare(client);
  deliver(connection, long_backlog(300, 30'000));
  for (int seq = 1; seq <= 300; ++seq) {
    ASSERT_TRUE(has(told(client), "\"seq\":" + std::to_string(seq) + ","));
  }
}

TEST_F(FrontTest, WhatComesBehindAnUnreadBacklogIsBounded) {
  config.unsent_max = 10;
  start();
  auto client = connect();
  const auto connection = prepare(client);
  deliver(connection, long_backlog(2'000, 30'000));
  for (std::uint64_t seq = 1; seq <= 1'000; ++seq) {
    deliver(connection, event(seq, core::ChannelInitialized{}));
  }
  EXPECT_EQ(closed(client), 4008);
  EXPECT_TRUE(engine.next<core::ConnectionLost>());
}

TEST_F(FrontTest, AClientThatGoesDuringItsBacklogIsForgotten) {
  start();
  {
    auto client = connect();
    const auto connection = prepare(client);
    deliver(connection, long_backlog(2'000, 30'000));
    told(client);
  }
  EXPECT_TRUE(engine.next<core::ConnectionLost>());
}

TEST_F(FrontTest, WhoIsReplacedHearsTheEndOfItsRequests) {
  start();
  auto client = connect();
  const auto connection = prepare(client);
  ASSERT_TRUE(client.send(hold));
  ASSERT_TRUE(client.send(hold));
  const auto first = engine.next<core::ClientRequest>();
  ASSERT_TRUE(engine.next<core::ClientRequest>());
  deliver(connection, core::CloseConnection{connection, 4002});
  EXPECT_TRUE(has(told(client), R"("code":"target.not.found")"));
  EXPECT_TRUE(has(told(client), R"("code":"target.not.found")"));
  answer(*first, core::Success{});
  EXPECT_EQ(closed(client), 4002);
}

}  // namespace
}  // namespace cord::front
