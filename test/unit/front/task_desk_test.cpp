// Chats and e-mails over real sockets, with an engine that the test plays.
#include "front_fixture.hpp"
#include "unit/net/raw_socket.hpp"

namespace cord::front {
namespace {

constexpr std::string_view token = "correct horse battery";
constexpr std::string_view body = R"({"type":"Chat","queue":"support","from":"ann@example"})";

class TaskDeskTest : public FrontTest {
 protected:
  TaskDeskTest() { config.tasks.token = token; }

  /// A request on its way.
  struct Asked {
    explicit Asked(const net::Address& to) : socket(to) {}
    /// The status line and all the rest, once it is answered.
    std::string answer() { return socket.receive_all(); }
    net::test::RawSocket socket;
  };

  std::unique_ptr<Asked> ask(std::string_view method, std::string_view path,
                             std::string_view content, std::string_view authorization = token) {
    auto asked = std::make_unique<Asked>(server->local());
    std::string head =
        fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", method, path);
    if (!authorization.empty()) head += fmt::format("Authorization: Bearer {}\r\n", authorization);
    asked->socket.send(
        fmt::format("{}Content-Length: {}\r\n\r\n{}", head, content.size(), content));
    return asked;
  }
  std::unique_ptr<Asked> post(std::string_view content = body) {
    return ask("POST", "/v1/interactions", content);
  }
};

// Proves: POST /v1/interactions
TEST_F(TaskDeskTest, TakesATaskWhenTheEngineHas) {
  start();
  const auto asked = post();
  const auto task = engine.next<core::SubmitTask>();
  ASSERT_TRUE(task);
  EXPECT_EQ(task->type, core::MediaType::chat);
  EXPECT_EQ(task->queue, "support");
  EXPECT_EQ(task->from, "ann@example");
  answer(*task, core::TaskTaken{{7}});
  const std::string answered = asked->answer();
  EXPECT_TRUE(has(answered, "202 Accepted")) << answered;
  EXPECT_TRUE(has(answered, "application/json")) << answered;
  EXPECT_TRUE(has(answered, R"({"id":"t-7"})")) << answered;
}

TEST_F(TaskDeskTest, AnswersEachWithItsOwnOutcomeWhateverTheOrder) {
  start();
  const auto first = post();
  const auto one = engine.next<core::SubmitTask>();
  const auto second = post();
  const auto two = engine.next<core::SubmitTask>();
  ASSERT_TRUE(one && two);
  answer(*two, core::TaskTaken{{2}});
  EXPECT_TRUE(has(second->answer(), "t-2"));
  answer(*one, refuse(Errc::invalid_request, "queue", "There is no such queue."));
  const std::string refused = first->answer();
  EXPECT_TRUE(has(refused, "400 Bad Request")) << refused;
  EXPECT_TRUE(has(refused, "There is no such queue.")) << refused;
}

TEST_F(TaskDeskTest, KeepsTheConnectionForMoreRequests) {
  start();
  net::test::RawSocket socket(server->local());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    socket.send(
        fmt::format("POST /v1/interactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    "{}\r\nContent-Length: {}\r\n\r\n{}",
                    token, body.size(), body));
    const auto task = engine.next<core::SubmitTask>();
    ASSERT_TRUE(task);
    answer(*task, core::TaskTaken{{i}});
    EXPECT_TRUE(has(socket.receive_until("}\n"), fmt::format("t-{}", i)));
  }
}

// Proves: DELETE /v1/interactions/ID, status 404
TEST_F(TaskDeskTest, WithdrawsATask) {
  start();
  const auto asked = ask("DELETE", "/v1/interactions/t-7", "");
  const auto task = engine.next<core::WithdrawTask>();
  ASSERT_TRUE(task);
  EXPECT_EQ(task->call, core::CallId{7});
  answer(*task, core::TaskTaken{{7}});
  EXPECT_TRUE(has(asked->answer(), "200 OK"));
  const auto unknown = ask("DELETE", "/v1/interactions/nonsense", "");
  const auto none = engine.next<core::WithdrawTask>();
  ASSERT_TRUE(none);
  EXPECT_EQ(none->call, core::CallId{});
  answer(*none, refuse(Errc::target_not_found, "task"));
  EXPECT_TRUE(has(unknown->answer(), "404 Not Found"));
}

// Proves: status 401
TEST_F(TaskDeskTest, NeedsTheToken) {
  start();
  for (const std::string_view given :
       {"", "wrong", "correct horse batterY", "correct horse batter"}) {
    const std::string answered = ask("POST", "/v1/interactions", body, given)->answer();
    EXPECT_TRUE(has(answered, "401 Unauthorized")) << answered;
    EXPECT_TRUE(has(answered, "WWW-Authenticate: Bearer")) << answered;
  }
  EXPECT_EQ(engine.submissions(), 0u);
}

TEST_F(TaskDeskTest, WithoutATokenNobodyMay) {
  config.tasks.token.clear();
  start();
  EXPECT_TRUE(has(ask("POST", "/v1/interactions", body, "")->answer(), "404 Not Found"));
  EXPECT_EQ(engine.submissions(), 0u);
}

// Proves: status 400, status 413
TEST_F(TaskDeskTest, NamesWhatIsWrongWithABody) {
  start();
  const std::string answered = post(R"({"type":"Fax"})")->answer();
  EXPECT_TRUE(has(answered, "400 Bad Request")) << answered;
  EXPECT_TRUE(has(answered, "type must be Chat or Email")) << answered;
  EXPECT_TRUE(has(post("")->answer(), "400 Bad Request"));
  const std::string large(64 * 1024 + 1, ' ');
  EXPECT_TRUE(has(post(large)->answer(), "413 "));
  const std::string fits = std::string(body) + std::string(64 * 1024 - body.size(), ' ');
  const auto asked = post(fits);
  EXPECT_TRUE(engine.next<core::SubmitTask>());
}

// Proves: status 405
TEST_F(TaskDeskTest, OtherMethodsAndPathsAreNotItsOwn) {
  start();
  EXPECT_TRUE(has(ask("PUT", "/v1/interactions", body)->answer(), "405 "));
  EXPECT_TRUE(has(ask("DELETE", "/v1/interactions", "")->answer(), "404 "));
  EXPECT_TRUE(has(ask("POST", "/healthz", "")->answer(), "405 "));
  EXPECT_TRUE(has(ask("POST", "/v1/interactionsX", body)->answer(), "404 "));
}

// Proves: status 429
TEST_F(TaskDeskTest, LimitsTheRate) {
  config.tasks.requests_burst = 2;
  config.tasks.requests_per_second = 1;
  start();
  const auto one = post();
  const auto two = post();
  EXPECT_TRUE(engine.next<core::SubmitTask>());
  EXPECT_TRUE(engine.next<core::SubmitTask>());
  const std::string answered = post()->answer();
  EXPECT_TRUE(has(answered, "429 ")) << answered;
  EXPECT_TRUE(has(answered, "Retry-After: 1")) << answered;
  now_us += 1'000'000;
  const auto three = post();
  EXPECT_TRUE(engine.next<core::SubmitTask>());
}

// Proves: status 503
TEST_F(TaskDeskTest, LimitsWhatWaitsForTheEngine) {
  config.tasks.pending_max = 1;
  start();
  const auto one = post();
  const auto task = engine.next<core::SubmitTask>();
  ASSERT_TRUE(task);
  EXPECT_TRUE(has(post()->answer(), "503 "));
  answer(*task, core::TaskTaken{{1}});
  EXPECT_TRUE(has(one->answer(), "202 "));
  engine.set_full(true);
  EXPECT_TRUE(has(post()->answer(), "503 "));
}

TEST_F(TaskDeskTest, AnEngineThatNeverAnswersIsNotWaitedForForEver) {
  config.web.answer_timeout = std::chrono::milliseconds(50);
  start();
  EXPECT_TRUE(has(post()->answer(), "503 Service Unavailable"));
}

TEST_F(TaskDeskTest, StoppingEndsWhatWaits) {
  start();
  const auto asked = post();
  const auto task = engine.next<core::SubmitTask>();
  ASSERT_TRUE(task);
  server->stop();
  EXPECT_EQ(asked->answer(), "");
  answer(*task, core::TaskTaken{{1}});
}

}  // namespace
}  // namespace cord::front
