// Supervisors who watch, over real sockets and without.
#include "front/floor_desk.hpp"

#include <condition_variable>

#include "unit/front/front_fixture.hpp"

namespace cord::front {
namespace {

using namespace std::chrono_literals;

core::Directory two_agents() {
  core::Directory directory;
  for (const char* id : {"alice", "bob"}) {
    core::Agent& agent = directory.agents.emplace_back();
    agent.id = agent.name = agent.extension = id;
    agent.queues = {0};
  }
  directory.queues.emplace_back().name = "support";
  return directory;
}

/// What the engine's thread does is done by the test's.
class FloorDeskTest : public FrontTest {
 protected:
  FloorDeskTest() { config.floor_interval = 1ms; }
  ~FloorDeskTest() override {
    if (server) server->stop();
  }

  void start() {
    auto bound = Server::bind(config, {.io = io,
                                       .metrics = metrics,
                                       .log = log,
                                       .now = [this] { return Instant(Duration(now_us)); },
                                       .is_ready = {},
                                       .queues = &queues,
                                       .floor = &floor});
    ASSERT_TRUE(bound) << bound.error().detail;
    server = std::move(*bound);
    server->start(engine);
  }

  void happen(const core::Event& event) {
    const Instant now(Duration{now_us});
    queues.note(state, event, now);
    floor.note(state, event, now);
    core::apply(state, event, now);
    floor.note(state, event, now);
    publish();
  }
  void publish() {
    queues.publish(state);
    floor.publish(state);
  }

  /// Asks, and answers for the engine. What the client is told.
  std::string ask(net::WebClient& client, const char* verb, bool is_on) {
    EXPECT_TRUE(
        client.send(std::string(R"({"command":"session.request.)") + verb + R"(","target":"S"})"));
    const auto request = engine.next<core::ClientRequest>();
    if (!request) return "nothing was asked";
    answer(*request, core::FloorWatch{"S", is_on});
    return told(client);
  }
  std::string watch(net::WebClient& client) {
    std::string answer = ask(client, "watch", true);
    publish();
    return answer;
  }

  /// Whether the client is told nothing before the answer to a request.
  bool is_quiet(net::WebClient& client) {
    EXPECT_TRUE(client.send(R"({"command":"session.snapshot","target":"S"})"));
    const auto request = engine.next<core::ClientRequest>();
    if (request) answer(*request, core::Success{});
    return has(told(client), R"("command":"session.snapshot","target":"S","result":"success")");
  }

  void log_in_agent(std::uint64_t number, core::AgentIndex agent) {
    happen(core::SessionPrepared{{number}, agent, {number}, std::to_string(number), "t"});
    happen(core::SessionStarted{{number}});
  }

  core::Directory directory = two_agents();
  core::State state{directory};
  runtime::QueueBoard queues{metrics, directory};
  runtime::FloorBoard floor{directory, Instant(Duration(now_us.load())), [] {}};
};

// Proves: floor.updated, session.watch
TEST_F(FloorDeskTest, BeginsWithEverythingAndGoesOnWithWhatChanges) {
  start();
  auto boss = connect();
  prepare(boss);
  EXPECT_TRUE(has(watch(boss), R"("result":"success","data":{},)"));
  const std::string whole = told(boss);
  EXPECT_TRUE(whole.starts_with(
      R"({"messageType":"objectEvent","target":"S","name":"floor.updated","data":{"whole":true,)"
      R"("agents":[{"id":"alice",)"))
      << whole;
  EXPECT_TRUE(has(whole, R"({"id":"bob",)"));
  EXPECT_TRUE(has(whole, R"("queues":[{"name":"support",)"));
  EXPECT_FALSE(has(whole, R"("seq")"));
  for (std::uint64_t number = 1; number <= 5; ++number) {
    happen(core::CallQueued{.call = {number}, .leg = {number}, .queue = 0});
    const std::string update = told(boss);
    EXPECT_TRUE(has(update, R"("data":{"agents":[],"queues":[{"name":"support","Telephony":{)"
                            R"("waiting":)" +
                                std::to_string(number)))
        << update;
  }
  log_in_agent(9, 1);
  const std::string update = told(boss);
  EXPECT_TRUE(has(update, R"("agents":[{"id":"bob","name":"bob","endpoint":"bob",)"
                          R"("session":"LOGGED_IN",)"))
      << update;
  EXPECT_FALSE(has(update, "alice"));
}

TEST_F(FloorDeskTest, WatchingAgainBeginsAgain) {
  start();
  auto boss = connect();
  prepare(boss);
  watch(boss);
  EXPECT_TRUE(has(told(boss), R"("whole":true)"));
  watch(boss);
  EXPECT_TRUE(has(told(boss), R"("whole":true)"));
  happen(core::CallQueued{.call = {1}, .leg = {1}, .queue = 0});
  EXPECT_TRUE(has(told(boss), R"("agents":[],"queues":[{)"));
}

// The other supervisor's update says that the desk has gone over all of them.
// Proves: session.endwatch
TEST_F(FloorDeskTest, EndsWithEndwatchAndWithTheSession) {
  start();
  auto boss = connect();
  auto other = connect();
  const core::ConnectionId connection = prepare(boss);
  watch(other);
  told(other);
  for (const bool by_command : {true, false}) {
    watch(boss);
    EXPECT_TRUE(has(told(boss), R"("whole":true)"));
    if (by_command) {
      EXPECT_TRUE(has(ask(boss, "endwatch", false), R"("result":"success","data":{},)"));
    } else {
      deliver(connection, event(1, core::SessionEnded{core::SessionEnd::logout}));
      EXPECT_TRUE(has(told(boss), "session.ended"));
    }
    const std::uint64_t number = by_command ? 1 : 2;
    happen(core::CallQueued{.call = {number}, .leg = {number}, .queue = 0});
    EXPECT_TRUE(has(told(other), "floor.updated"));
    EXPECT_TRUE(is_quiet(boss));
  }
}

TEST_F(FloorDeskTest, OnlySoManyMayWatch) {
  config.watchers_max = 1;
  start();
  auto second = connect();
  {
    auto first = connect();
    EXPECT_TRUE(has(watch(first), R"("result":"success")"));
    EXPECT_TRUE(has(told(first), "floor.updated"));
    EXPECT_TRUE(has(watch(first), R"("result":"success")")) << "it watches already";
    const std::string refusal = watch(second);
    EXPECT_TRUE(has(refusal, R"("code":"invalid.state")")) << refusal;
    EXPECT_TRUE(has(refusal, R"("context":"1 connections watch already, and no more can.")"));
    const std::string page = net::http_get(server->local(), "/metrics")->body;
    EXPECT_TRUE(has(page, R"(cord_bound_max{kind="front.watchers_max"} 1)"));
    EXPECT_TRUE(has(page, R"(cord_bound_used{kind="front.watchers_max"} 1)"));
  }
  // The first connection is gone, which the server hears of sometime.
  while (engine.count<core::ConnectionLost>() == 0) std::this_thread::yield();
  std::string answer = watch(second);
  while (has(answer, "invalid.state")) answer = watch(second);
  EXPECT_TRUE(has(answer, R"("result":"success")"));
}

/// Reads when it is told to.
class SlowReader final : public FloorWatcher {
 public:
  [[nodiscard]] bool is_behind() const override { return is_behind_; }
  void show(std::uint64_t, std::string text) override {
    const std::lock_guard lock(mutex_);
    is_behind_ = true;
    texts_.push_back(std::move(text));
    changed_.notify_all();
  }

  std::string next() {
    is_behind_ = false;
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return !texts_.empty(); })) return "nothing";
    std::string text = std::move(texts_.front());
    texts_.erase(texts_.begin());
    return text;
  }
  std::size_t unread() {
    const std::lock_guard lock(mutex_);
    return texts_.size();
  }

 private:
  std::atomic<bool> is_behind_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
};

TEST_F(FloorDeskTest, WhoReadsSlowlySeesLessOftenAndMissesNothing) {
  FloorDesk desk(2, 1ms, {floor, queues, [this] { return Instant(Duration(now_us)); }, metrics});
  const auto slow = std::make_shared<SlowReader>();
  const auto quick = std::make_shared<SlowReader>();
  ASSERT_TRUE(desk.add({1}, slow, "S", 1));
  ASSERT_TRUE(desk.add({2}, quick, "S", 1));
  publish();
  EXPECT_TRUE(has(quick->next(), R"("whole":true)"));
  for (std::uint64_t number = 1; number <= 20; ++number) {
    happen(core::CallQueued{.call = {number}, .leg = {number}, .queue = 0});
    EXPECT_TRUE(has(quick->next(), "\"waiting\":" + std::to_string(number)));
  }
  EXPECT_LE(slow->unread(), 1U) << "never more than one waits";
  std::string last = slow->next();
  while (!has(last, "\"waiting\":20")) last = slow->next();
  EXPECT_TRUE(has(last, R"("entered":20)")) << last;
}

}  // namespace
}  // namespace cord::front
