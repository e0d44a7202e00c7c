#include "front/log_in_desk.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <latch>

#include <gtest/gtest.h>

#include "support/token_maker.hpp"

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

/// The desk of a server that also trusts a token service.
class TokenDeskTest : public LogInDeskTest {
 protected:
  TokenDeskTest() {
    config.agents.push_back({"carol", "", ""});
    config.token = {
        .keys = {TokenKeySource::Kind::jwks, "keys.json"}, .issuer = "i", .audience = "a"};
    trust(key);
  }

  void trust(const test::Key& trusted) {
    desk().use_keys(read_jwks(test::jwks_of({test::jwk_of(trusted)})).value());
  }

  Result<core::AgentIndex> outcome_of_token(const std::string& token, std::uint32_t ip = 7) {
    std::promise<Result<core::AgentIndex>> promise;
    EXPECT_TRUE(
        desk().submit({{},
                       {},
                       ip,
                       [&](Result<core::AgentIndex> outcome) { promise.set_value(outcome); },
                       token}));
    return promise.get_future().get();
  }

  static std::string token_of(const test::Key& by, const std::string& agent, int expiry_s = 2'000) {
    return test::token(
        by, R"({"alg":"EdDSA"})",
        R"({"iss":"i","aud":"a","sub":")" + agent + R"(","exp":)" + std::to_string(expiry_s) + "}");
  }

  test::Key key = test::ed25519();
};

TEST_F(TokenDeskTest, ATokenIsAsGoodAsAPassword) {
  EXPECT_EQ(outcome_of_token(token_of(key, "bob")).value(), 1u);
  EXPECT_EQ(outcome_of_token(token_of(key, "carol")).value(), 2u);
  EXPECT_EQ(outcome_of("bob", "hidden").value(), 1u);
}

TEST_F(TokenDeskTest, WhoHasNoPasswordIsNotLetInByAnEmptyOne) {
  EXPECT_EQ(outcome_of("carol", "").error().code, Errc::authentication_failed);
}

TEST_F(TokenDeskTest, EveryBadTokenIsToldWhatAWrongPasswordIsTold) {
  const Error wrong = outcome_of("alice", "wrong", 1).error();
  std::uint32_t ip = 100;  // One for each: this is not about throttling.
  for (const std::string& token :
       {std::string(), std::string("x"), token_of(test::ed25519(), "alice"),
        token_of(key, "nobody"), token_of(key, "alice", 5)}) {
    const auto outcome = outcome_of_token(token, ++ip);
    ASSERT_FALSE(outcome) << token;
    EXPECT_EQ(outcome.error().code, wrong.code);
    EXPECT_EQ(outcome.error().where, wrong.where);
    EXPECT_EQ(outcome.error().detail, wrong.detail);
  }
  const auto count = [&](std::string_view kind) {
    return metrics.counter("cord_front_tokens_refused_total", "", kind).value();
  };
  EXPECT_EQ(count("malformed"), 2u);
  EXPECT_EQ(count("signature"), 1u);
  EXPECT_EQ(count("agent"), 1u);
  EXPECT_EQ(count("expired"), 1u);
}

TEST_F(TokenDeskTest, FiveBadTokensThrottleTheAddress) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(outcome_of_token("x").error().code, Errc::authentication_failed);
  }
  EXPECT_EQ(outcome_of_token(token_of(key, "bob")).error().code, Errc::authentication_throttled);
  EXPECT_EQ(outcome_of("bob", "hidden").error().code, Errc::authentication_throttled);
  EXPECT_TRUE(outcome_of_token(token_of(key, "bob"), 8));
  now_us += Duration(5min).count();
  EXPECT_TRUE(outcome_of_token(token_of(key, "bob")));
}

TEST_F(TokenDeskTest, AForgedTokenThrottlesNoAgent) {
  const std::string forged = token_of(test::ed25519(), "bob");
  for (std::uint32_t ip = 0; ip < 5; ++ip) EXPECT_FALSE(outcome_of_token(forged, ip));
  EXPECT_TRUE(outcome_of("bob", "hidden"));
}

TEST_F(TokenDeskTest, AnExpiredTokenThrottlesItsAgentWhereverItComesFrom) {
  const std::string expired = token_of(key, "bob", 5);
  for (std::uint32_t ip = 0; ip < 5; ++ip) EXPECT_FALSE(outcome_of_token(expired, ip));
  EXPECT_EQ(outcome_of("bob", "hidden", 9).error().code, Errc::authentication_throttled);
  EXPECT_EQ(outcome_of_token(token_of(key, "bob"), 10).error().code,
            Errc::authentication_throttled);
  EXPECT_TRUE(outcome_of_token(token_of(key, "alice"), 10));
}

TEST_F(TokenDeskTest, NewKeysReplaceTheOldOnes) {
  const auto next = test::ed25519();
  trust(next);
  EXPECT_FALSE(outcome_of_token(token_of(key, "bob")));
  EXPECT_TRUE(outcome_of_token(token_of(next, "bob")));
}

TEST_F(LogInDeskTest, WithoutKeysNoTokenIsBelieved) {
  std::promise<Result<core::AgentIndex>> promise;
  EXPECT_TRUE(desk().submit(
      {{}, {}, 7, [&](const auto& outcome) { promise.set_value(outcome); }, "a.b.c"}));
  EXPECT_FALSE(promise.get_future().get());
}

TEST_F(LogInDeskTest, TakesNothingOnceStopped) {
  desk().stop();
  desk().stop();
  EXPECT_FALSE(desk().submit({"alice", "secret", 7, [](const auto&) {}}));
}

}  // namespace
}  // namespace cord::front
