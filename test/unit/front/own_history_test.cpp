// session.request.history over real sockets, on a history file of the test's own.
#include <future>

#include "core/events.hpp"
#include "front/history_desk.hpp"
#include "front_fixture.hpp"
#include "history/history_writer.hpp"
#include "runtime/event_codec.hpp"
#include "support/temporary_directory.hpp"

namespace cord::front {
namespace {

using namespace std::chrono_literals;

class OwnHistoryTest : public FrontTest {
 protected:
  OwnHistoryTest() { config.history.file = directory_ / "history.db"; }

  /// Calls that alice and bob have not taken yet: i-1 of alice, i-2 of bob, i-3 of alice, a second
  /// apart.
  void write_history() {
    core::Directory names;
    for (const char* id : {"alice", "bob"}) names.agents.emplace_back().id = id;
    names.queues.emplace_back().name = "support";
    std::vector<journal::Record> records;
    const auto add = [&](runtime::RecordContent content) {
      const std::uint64_t number = records.size() + 1;
      records.push_back({number, Instant(std::chrono::seconds(number)),
                         runtime::encode_record(std::move(content), names)});
    };
    for (std::uint32_t agent : {0U, 1U}) {
      const std::uint64_t number = agent + 1;
      runtime::RecordContent content;
      content.events = {
          core::SessionPrepared{.session = {number}, .agent = agent},
          core::ChannelOpened{
              .channel = {number}, .session = {number}, .endpoint = agent == 0 ? "1001" : "1002"}};
      add(std::move(content));
    }
    for (const std::uint64_t call : {1U, 2U, 3U}) {
      runtime::RecordContent content;
      content.events = {
          core::CallQueued{.call = {call}, .leg = {call}, .queue = 0, .caller = "555"},
          core::OfferMade{.call = {call}, .channel = {call == 2 ? 2U : 1U}, .interaction = {call}}};
      add(std::move(content));
    }
    auto writer = history::HistoryWriter::open({.file = config.history.file, .fold = {}},
                                               {[] { return Instant(); }, log, metrics});
    ASSERT_TRUE(writer) << writer.error().detail;
    (*writer)->start();
    (*writer)->take(std::move(records));
  }

  /// Asks, and answers for the engine: it is alice's session. What the client is told.
  std::string ask(net::WebClient& client, std::string_view data = "{}") {
    send(client, data);
    answer_for_alice();
    return told(client);
  }
  void send(net::WebClient& client, std::string_view data = "{}") {
    EXPECT_TRUE(client.send(R"({"command":"session.request.history","target":"S","data":)" +
                            std::string(data) + R"(,"id":1})"));
  }
  void answer_for_alice() {
    const auto request = engine.next<core::ClientRequest>();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->target.session, "S");
    EXPECT_TRUE(std::holds_alternative<core::SnapshotSession>(request->command));
    core::SessionView view;
    view.name = "S";
    view.state = core::SessionState::logged_in;
    view.profile.agent_id = "alice";
    answer(*request, view, 42);
  }

 private:
  test::TemporaryDirectory directory_;
};

// Proves: session.history
TEST_F(OwnHistoryTest, IsOfTheAgentOfTheSession) {
  write_history();
  start();
  auto client = connect();
  const std::string all = ask(client);
  EXPECT_TRUE(has(all, R"("result":"success","data":{"interactions":[{"id":"i-3","type":)")) << all;
  EXPECT_TRUE(has(all, R"({"id":"i-1","type":"Telephony","direction":"INBOUND","endpoint":"1001",)"
                       R"("queue":"support","from":"555","queued":"1970-01-01T00:00:03.000Z",)"))
      << all;
  EXPECT_TRUE(has(all, R"(]},"id":1,"seq":42})")) << all;
  EXPECT_FALSE(has(all, "i-2")) << all;
  EXPECT_FALSE(has(all, "session\":{")) << all;
}

TEST_F(OwnHistoryTest, BeginsAndEndsWhereItIsTold) {
  write_history();
  start();
  auto client = connect();
  const std::string late = ask(client, R"({"from":"1970-01-01T00:00:05.000Z"})");
  EXPECT_TRUE(has(late, R"("id":"i-3")")) << late;
  EXPECT_FALSE(has(late, R"("id":"i-1")")) << late;
  const std::string first = ask(client, R"({"limit":1})");
  EXPECT_TRUE(has(first, R"("id":"i-3")")) << first;
  EXPECT_TRUE(has(first, R"("next":"5000000-3")")) << first;
  const std::string next = ask(client, R"({"limit":1,"after":"5000000-3"})");
  EXPECT_TRUE(has(next, R"("id":"i-1")")) << next;
  const std::string wrong = ask(client, R"({"after":"elsewhere"})");
  EXPECT_TRUE(has(wrong, R"("code":"invalid.request")")) << wrong;
}

TEST_F(OwnHistoryTest, WhatTheEngineRefusesIsRefused) {
  write_history();
  start();
  auto client = connect();
  send(client);
  const auto request = engine.next<core::ClientRequest>();
  ASSERT_TRUE(request);
  answer(*request, refuse(Errc::target_not_found, "test"));
  EXPECT_TRUE(has(told(client), R"("code":"target.not.found")"));
  EXPECT_TRUE(has(ask(client), R"("result":"success")"));
}

TEST_F(OwnHistoryTest, OneAtATime) {
  write_history();
  start();
  auto client = connect();
  send(client);
  send(client);
  const std::string second = told(client);
  EXPECT_TRUE(has(second, R"("code":"rate.limited")")) << second;
  EXPECT_TRUE(has(second, "one session.request.history at a time")) << second;
  answer_for_alice();
  EXPECT_TRUE(has(told(client), R"("result":"success")"));
  EXPECT_TRUE(has(ask(client), R"("result":"success")"));
}

TEST_F(OwnHistoryTest, WithoutAHistoryItIsUnsupported) {
  config.history.file.clear();
  start();
  auto client = connect();
  const std::string answer = ask(client);
  EXPECT_TRUE(has(answer, R"("code":"unsupported")")) << answer;
  EXPECT_TRUE(has(answer, "This server keeps no history.")) << answer;
}

TEST_F(OwnHistoryTest, AFileThatCannotBeReadIsSaidSo) {
  start();
  auto client = connect();
  const std::string answer = ask(client);
  EXPECT_TRUE(has(answer, R"("code":"not.accepting")")) << answer;
  write_history();
  EXPECT_TRUE(has(ask(client), R"("result":"success")"));
}

TEST_F(OwnHistoryTest, WhatWaitsTooLongTimesOut) {
  config.history.agents_patience = -1s;
  write_history();
  start();
  auto client = connect();
  const std::string answer = ask(client);
  EXPECT_TRUE(has(answer, R"("code":"timeout")")) << answer;
}

TEST_F(OwnHistoryTest, NothingIsAnsweredTwiceWhenTheSessionGoesOnElsewhere) {
  write_history();
  start();
  auto client = connect();
  send(client);
  const auto request = engine.next<core::ClientRequest>();
  ASSERT_TRUE(request);
  core::SessionView view;
  view.profile.agent_id = "alice";
  std::vector<runtime::ToClient> batch;
  batch.push_back({request->connection, core::CloseConnection{request->connection, 4002}});
  batch.push_back({request->connection, core::Reply{request->request, request->connection, view}});
  server->deliver(std::move(batch));
  const std::string answer = told(client);
  EXPECT_TRUE(has(answer, R"("code":"target.not.found")")) << answer;
  EXPECT_EQ(closed(client), 4002);
}

TEST(OwnHistoryDesk, LimitsWhatWaits) {
  SilentLog log;
  Metrics metrics;
  // The desk's thread waits for these: they outlive it.
  std::promise<void> is_busy;
  std::promise<void> may_go_on;
  OwnHistoryDesk desk({.file = "/nonexistent/history.db", .agents_waiting_max = 1}, log, metrics);
  desk.read("alice", {}, [&](const Result<std::string>&) {
    is_busy.set_value();
    may_go_on.get_future().wait();
  });
  is_busy.get_future().wait();
  desk.read("alice", {}, [](const Result<std::string>&) {});
  Errc code{};
  desk.read("alice", {}, [&](const Result<std::string>& it) { code = it.error().code; });
  EXPECT_EQ(code, Errc::not_accepting);
  may_go_on.set_value();
}

}  // namespace
}  // namespace cord::front
