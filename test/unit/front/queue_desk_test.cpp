// GET /v1/queues over real sockets, and what the board shows of queues in metrics.
#include "front/queue_desk.hpp"

#include "unit/front/front_fixture.hpp"
#include "unit/net/raw_socket.hpp"

namespace cord::front {
namespace {

constexpr const char* token = "only for wall boards";

core::Directory two_queues() {
  core::Directory directory;
  directory.agents.emplace_back().id = "alice";
  directory.queues.emplace_back().name = "support";
  directory.queues.emplace_back().name = "sales";
  return directory;
}

class QueueDeskTest : public FrontTest {
 protected:
  void start() {
    auto bound = Server::bind(config, {.io = io,
                                       .metrics = metrics,
                                       .log = log,
                                       .now = [this] { return Instant(Duration(now_us)); },
                                       .is_ready = {},
                                       .queues = &board});
    ASSERT_TRUE(bound) << bound.error().detail;
    server = std::move(*bound);
    server->start(engine);
  }

  void happen(const core::Event& event) {
    board.note(state, event, Instant(Duration(now_us)));
    core::apply(state, event, Instant(Duration(now_us)));
    board.publish(state);
  }

  std::string get(const std::string& authorization, const std::string& method = "GET") {
    net::test::RawSocket socket(server->local());
    socket.send(method + " /v1/queues HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                (authorization.empty() ? "" : "Authorization: Bearer " + authorization + "\r\n") +
                "\r\n");
    const std::string text = socket.receive_all();
    return text.substr(9, 4) + text.substr(std::min(text.size(), text.find("\r\n\r\n") + 4));
  }

  core::Directory directory = two_queues();
  core::State state{directory};
  runtime::QueueBoard board{metrics, directory};
};

// Proves: GET /v1/queues
TEST_F(QueueDeskTest, TellsHowTheQueuesAre) {
  config.queues.token = token;
  start();
  happen(core::CallQueued{.call = {1}, .leg = {7}, .queue = 0});
  happen(core::TaskQueued{.call = {2}, .type = core::MediaType::email, .queue = 0});
  now_us += 2'500'000;
  const std::string all = get(token);
  EXPECT_TRUE(all.starts_with("200 ")) << all;
  const std::string calls =
      R"({"name":"support","Telephony":{"waiting":1,"longestWaitMs":2500,)"
      R"("agents":{"ready":0,"busy":0,"notReady":0},"entered":1,"offers":0,"answered":0,)"
      R"("abandoned":0,"overflowed":0,"unserved":0,)"
      R"("serviceLevel":{"withinMs":20000,"answered":0,"of":0}},)"
      R"("Chat":{"waiting":0,"longestWaitMs":0,)";
  EXPECT_TRUE(has(all, calls)) << all;
  EXPECT_TRUE(has(all, R"("Email":{"waiting":1,"longestWaitMs":2500,)")) << all;
  EXPECT_TRUE(has(all, R"({"name":"sales","Telephony":{"waiting":0,)")) << all;
  happen(core::CallGone{{1}, core::Cause::remote});
  EXPECT_TRUE(has(get(token), R"("Telephony":{"waiting":0,"longestWaitMs":0,)"));
  EXPECT_TRUE(has(get(token), R"("abandoned":1)"));
}

TEST_F(QueueDeskTest, NeedsTheToken) {
  config.queues.token = token;
  start();
  EXPECT_TRUE(get("").starts_with("401 "));
  EXPECT_TRUE(get("another one, as long").starts_with("401 "));
}

TEST_F(QueueDeskTest, WithoutATokenNobodyMayLook) {
  start();
  EXPECT_TRUE(get(token).starts_with("404 "));
}

TEST_F(QueueDeskTest, AShortTokenIsRefusedAtStart) {
  config.queues.token = "short";
  EXPECT_FALSE(config.validate());
}

TEST_F(QueueDeskTest, OtherMethodsAreNotItsOwn) {
  config.queues.token = token;
  start();
  EXPECT_FALSE(get(token, "POST").starts_with("200 "));
}

TEST_F(QueueDeskTest, MetricsGrowWithTime) {
  start();
  happen(core::CallQueued{.call = {1}, .leg = {7}, .queue = 1});
  now_us += 61'000'000;
  const auto page = net::http_get(server->local(), "/metrics");
  ASSERT_TRUE(page);
  EXPECT_TRUE(has(page->body, R"(cord_queue_longest_wait_seconds{kind="sales"} 61)"));
  EXPECT_TRUE(has(page->body, R"(cord_queue_waiting{kind="sales"} 1)"));
  EXPECT_TRUE(has(page->body, R"(cord_queue_entered_total{kind="sales"} 1)"));
  EXPECT_TRUE(has(page->body, R"(cord_queue_waiting{kind="support"} 0)"));
}

}  // namespace
}  // namespace cord::front
