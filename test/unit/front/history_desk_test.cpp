// GET /v1/interactions over real sockets, on a history file of the test's own.
#include "front/history_desk.hpp"

#include <future>

#include "core/events.hpp"
#include "front_fixture.hpp"
#include "history/history_writer.hpp"
#include "runtime/event_codec.hpp"
#include "support/temporary_directory.hpp"
#include "unit/net/raw_socket.hpp"

namespace cord::front {
namespace {

constexpr std::string_view token = "only for wall boards";

class HistoryDeskTest : public FrontTest {
 protected:
  HistoryDeskTest() {
    config.history.file = directory_ / "history.db";
    config.history.token = token;
  }

  /// A history of one call that alice has not taken yet.
  void write_history() {
    core::Directory names;
    names.agents.emplace_back().id = "alice";
    names.queues.emplace_back().name = "support";
    runtime::RecordContent content;
    content.events = {core::SessionPrepared{.session = {1}, .agent = 0},
                      core::ChannelOpened{.channel = {1}, .session = {1}, .endpoint = "1001"},
                      core::CallQueued{.call = {1}, .leg = {1}, .queue = 0, .caller = "555"},
                      core::OfferMade{.call = {1}, .channel = {1}, .interaction = {1}}};
    auto writer = history::HistoryWriter::open({.file = config.history.file, .fold = {}},
                                               {[] { return Instant(); }, log, metrics});
    ASSERT_TRUE(writer) << writer.error().detail;
    (*writer)->start();
    (*writer)->take({{1, Instant(Duration(1)), runtime::encode_record(std::move(content), names)}});
  }

  std::string get(std::string_view query, std::string_view authorization = token,
                  std::string_view method = "GET") {
    net::test::RawSocket socket(server->local());
    socket.send(
        fmt::format("{} /v1/interactions{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    "Authorization: Bearer {}\r\n\r\n",
                    method, query, authorization));
    return socket.receive_all();
  }

 private:
  test::TemporaryDirectory directory_;
};

// Proves: GET /v1/interactions
TEST_F(HistoryDeskTest, TellsWhatHasHappened) {
  write_history();
  start();
  const std::string all = get("");
  EXPECT_TRUE(has(all, "200 OK")) << all;
  EXPECT_TRUE(has(all, "application/json")) << all;
  EXPECT_TRUE(has(all, R"("id":"i-1","type":"Telephony","direction":"INBOUND","agent":"alice")"))
      << all;
  EXPECT_TRUE(has(get("?agent=bob&limit=5"), R"({"interactions":[]})"));
}

TEST_F(HistoryDeskTest, NeedsTheToken) {
  write_history();
  start();
  for (const std::string_view given : {"", "wrong", "only for wall board"}) {
    const std::string answer = get("", given);
    EXPECT_TRUE(has(answer, "401 Unauthorized")) << answer;
    EXPECT_FALSE(has(answer, "alice")) << answer;
  }
}

TEST_F(HistoryDeskTest, TheTokenOfThoseWhoOfferChatsIsNotEnough) {
  config.tasks.token = "correct horse battery";
  start();
  EXPECT_TRUE(has(get("", "correct horse battery"), "401 Unauthorized"));
}

TEST_F(HistoryDeskTest, WithoutATokenNobodyMay) {
  config.history.token.clear();
  start();
  EXPECT_TRUE(has(get("", ""), "404 Not Found"));
}

TEST_F(HistoryDeskTest, NamesWhatIsWrongWithAQuery) {
  write_history();
  start();
  const std::string limit = get("?limit=2000");
  EXPECT_TRUE(has(limit, "400 Bad Request")) << limit;
  EXPECT_TRUE(has(limit, "limit must be a number from 1 to 1000")) << limit;
  EXPECT_TRUE(has(get("?after=elsewhere"), "400 Bad Request"));
}

TEST_F(HistoryDeskTest, AFileThatCannotBeReadIsSaidSo) {
  start();
  const std::string answer = get("");
  EXPECT_TRUE(has(answer, "503 Service Unavailable")) << answer;
  write_history();
  EXPECT_TRUE(has(get(""), "200 OK"));
}

TEST(HistoryDesk, LimitsWhatWaits) {
  SilentLog log;
  Metrics metrics;
  // The desk's thread waits for these: they outlive it.
  std::promise<void> is_busy;
  std::promise<void> may_go_on;
  HistoryDesk desk(
      {.file = "/nonexistent/history.db", .token = std::string(token), .waiting_max = 1}, log,
      metrics);
  net::HttpRequest request{.method = "GET",
                           .path = "/v1/interactions",
                           .query = {},
                           .authorization = fmt::format("Bearer {}", token),
                           .peer = {}};
  EXPECT_TRUE(desk.take(request, [&](const net::HttpResponse&) {
    is_busy.set_value();
    may_go_on.get_future().wait();
  }));
  is_busy.get_future().wait();
  EXPECT_TRUE(desk.take(request, [](const net::HttpResponse&) {}));
  unsigned status = 0;
  EXPECT_TRUE(desk.take(request, [&](const net::HttpResponse& it) { status = it.status; }));
  EXPECT_EQ(status, 503U);
  may_go_on.set_value();
}

}  // namespace
}  // namespace cord::front
