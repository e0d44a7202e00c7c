// A front with an engine that a test plays, and clients over real sockets.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "front/server.hpp"
#include "net/web_client.hpp"

namespace cord::front {

inline constexpr Duration patience = std::chrono::seconds(10);  ///< a wait that long has failed

/// Records what it is given; the test answers.
class PlayedEngine final : public runtime::EnginePort {
 public:
  bool submit(core::Input input) override {
    {
      const std::lock_guard lock(mutex_);
      ++submissions_;
      if (is_full_) return false;
      inputs_.push_back(std::move(input));
    }
    changed_.notify_all();
    return true;
  }

  void set_full(bool is_full) {
    const std::lock_guard lock(mutex_);
    is_full_ = is_full;
  }

  /// The next input of a kind; others before it are skipped.
  template <class T>
  std::optional<T> next() {
    std::unique_lock lock(mutex_);
    for (;;) {
      while (taken_ < inputs_.size()) {
        if (auto* found = std::get_if<T>(&inputs_[taken_++])) return *found;
      }
      if (changed_.wait_for(lock, patience) == std::cv_status::timeout) return std::nullopt;
    }
  }

  template <class T>
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& input : inputs_) count += std::holds_alternative<T>(input) ? 1 : 0;
    return count;
  }

  std::size_t submissions() {
    const std::lock_guard lock(mutex_);
    return submissions_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<core::Input> inputs_;
  std::size_t taken_ = 0;
  std::size_t submissions_ = 0;
  bool is_full_ = false;
};

/// Says what it has just been told, or what went wrong instead.
inline std::string told(net::WebClient& client) {
  auto text = client.receive(patience);
  return text ? *text : "nothing: " + text.error().detail;
}

/// Reads until the connection is closed; its close code.
inline int closed(net::WebClient& client) {
  while (client.receive(patience)) {
  }
  return client.close_code().value_or(0);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class FrontTest : public testing::Test {
 protected:
  FrontTest() {
    config.web.listen = net::loopback();
    config.agents = {{"alice", "secret", ""}, {"bob", "hidden", ""}};
  }

  ~FrontTest() override {
    if (server) server->stop();
  }

  void start() {
    auto bound =
        Server::bind(config, {io, metrics, log, [this] { return Instant(Duration(now_us)); },
                              [this] { return is_ready.load(); }});
    ASSERT_TRUE(bound) << bound.error().detail;
    server = std::move(*bound);
    server->start(engine);
  }

  net::WebClient connect(net::WebClientOptions options = {}) {
    auto client = net::WebClient::connect(server->local(), "/v1/agent", std::move(options));
    EXPECT_TRUE(client) << (client ? "" : client.error().detail);
    return std::move(*client);
  }

  /// Logs alice in as far as the front is concerned. Gives the engine's name of the connection.
  core::ConnectionId prepare(net::WebClient& client) {
    EXPECT_TRUE(client.send(log_in("alice", "secret")));
    const auto wish = engine.next<core::PrepareSession>();
    if (!wish) return {};
    answer(*wish, core::Prepared{wish->session_name, wish->resume_token});
    EXPECT_TRUE(has(told(client), "\"result\":\"success\""));
    return wish->connection;
  }

  static std::string log_in(std::string_view agent, std::string_view password) {
    return R"({"command":"prepareSession","data":{"agent":{"id":")" + std::string(agent) +
           R"(","password":")" + std::string(password) + R"("}}})";
  }

  template <class Request>
  void answer(const Request& request, Result<core::Success> outcome, std::uint64_t seq = 0) {
    deliver(request.connection,
            core::Reply{request.request, request.connection, std::move(outcome), seq});
  }

  template <class What>
  void deliver(core::ConnectionId connection, What what) {
    std::vector<runtime::ToClient> batch;
    batch.push_back({connection, std::move(what)});
    server->deliver(std::move(batch));
  }

  static core::ClientEvent event(std::uint64_t seq, core::ClientEventData data) {
    return {{1}, {"S", {}, {1}, {}, {}}, std::move(data), seq, Instant{}};
  }

  FrontConfig config;
  std::atomic<std::int64_t> now_us{1'700'000'000'000'000};
  std::atomic<bool> is_ready{true};
  net::IoThreads io{2};
  Metrics metrics;
  SilentLog log;
  PlayedEngine engine;
  std::unique_ptr<Server> server;
};

}  // namespace cord::front
