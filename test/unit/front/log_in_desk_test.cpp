#include "front/log_in_desk.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <latch>

#include <gtest/gtest.h>

namespace cord::front {
namespace {

using namespace std::chrono_literals;

class LogInDeskTest : public testing::Test {
 protected:
  LogInDeskTest() {
    config.agents = {{"alice", "secret", ""}, {"bob", "hidden", ""}};
    config.log_in_threads = 1;
    config.log_in_queue_max = 2;
  }

  LogInDesk& desk() {
    if (!desk_) {
      desk_ = std::make_unique<LogInDesk>(
          config, [this] { return Instant(Duration(now_us)); }, metrics, log);
    }
    return *desk_;
  }

  Result<core::AgentIndex> outcome_of(const std::string& agent, const std::string& password,
                                      std::uint32_t ip = 7) {
    std::promise<Result<core::AgentIndex>> promise;
    EXPECT_TRUE(desk().submit({agent, password, ip, [&](Result<core::AgentIndex> outcome) {
                                 promise.set_value(outcome);
                               }}));
    return promise.get_future().get();
  }

  FrontConfig config;
  std::atomic<std::int64_t> now_us{1'000'000'000};
  Metrics metrics;
  SilentLog log;

 private:
  std::unique_ptr<LogInDesk> desk_;
};

TEST_F(LogInDeskTest, TellsWhoItIs) {
  EXPECT_EQ(outcome_of("alice", "secret").value(), 0u);
  EXPECT_EQ(outcome_of("bob", "hidden").value(), 1u);
  EXPECT_EQ(outcome_of("bob", "secret").error().code, Errc::authentication_failed);
  EXPECT_EQ(outcome_of("carol", "secret").error().code, Errc::authentication_failed);
}

TEST_F(LogInDeskTest, ThrottlesTheRightPasswordToo) {
  for (std::uint32_t ip = 0; ip < 5; ++ip) {
    EXPECT_EQ(outcome_of("alice", "wrong", ip).error().code, Errc::authentication_failed);
  }
  EXPECT_EQ(outcome_of("alice", "secret").error().code, Errc::authentication_throttled);
  EXPECT_EQ(outcome_of("bob", "hidden").value(), 1u);
  now_us += Duration(5min).count();
  EXPECT_EQ(outcome_of("alice", "secret").value(), 0u);
}

TEST_F(LogInDeskTest, SuccessesDoNotCount) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(outcome_of("alice", "secret"));
}

TEST_F(LogInDeskTest, TheQueueIsBounded) {
  std::latch started(1);
  std::latch go(1);
  std::latch done(2);
  EXPECT_TRUE(desk().submit({"alice", "secret", 7, [&](const auto&) {
                               started.count_down();
                               go.wait();
                             }}));
  started.wait();
  const auto count = [&](const auto&) { done.count_down(); };
  EXPECT_TRUE(desk().submit({"alice", "secret", 7, count}));
  EXPECT_TRUE(desk().submit({"alice", "secret", 7, count}));
  EXPECT_FALSE(desk().submit({"alice", "secret", 7, count}));
  go.count_down();
  done.wait();
  EXPECT_TRUE(outcome_of("bob", "hidden"));
}

TEST_F(LogInDeskTest, TakesNothingOnceStopped) {
  desk().stop();
  desk().stop();
  EXPECT_FALSE(desk().submit({"alice", "secret", 7, [](const auto&) {}}));
}

}  // namespace
}  // namespace cord::front
