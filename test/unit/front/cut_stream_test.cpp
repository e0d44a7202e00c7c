// A client that is killed at every byte of what it is told, and resumes: it hears each event once,
// each of its requests is carried out once, and what it knows is what the server knows.
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "drivers/sim/sim_driver.hpp"
#include "front/server.hpp"
#include "net/web_client.hpp"
#include "runtime/engine_thread.hpp"
#include "support/client_model.hpp"
#include "support/cutting_proxy.hpp"
#include "support/memory_storage.hpp"

namespace cord::front {
namespace {

namespace json = boost::json;

constexpr Duration patience = std::chrono::seconds(10);

core::Directory one_agent() {
  core::Directory directory;
  core::Queue queue;
  queue.name = "support";
  queue.numbers = {"800"};
  // Hundreds of connections are cut before the first answer gets through, on slow machines slowly.
  queue.ring_timeout = std::chrono::minutes(10);
  directory.limits.detached_not_ready_after = directory.limits.detached_grace =
      std::chrono::hours(1);
  directory.queues.push_back(queue);
  core::Agent agent;
  agent.id = agent.name = "alice";
  agent.extension = "1001";
  agent.phone = "sip:1001@127.0.0.1";
  agent.queues = {0};
  directory.agents.push_back(agent);
  return directory;
}

/// The server, whole but for the platform and the disk.
struct Stage {
  Stage() : directory(one_agent()) {
    FrontConfig config;
    config.web.listen = net::loopback();
    config.agents = {{"alice", "secret", ""}};
    config.requests_per_second = 1'000'000;
    config.requests_burst = 1'000'000;
    engine = std::make_unique<runtime::EngineThread>(clock, log, metrics);
    sim = std::make_unique<drivers::sim::SimDriver>(drivers::sim::SimOptions{}, 1,
                                                    engine->report_sink());
    auto bound =
        Server::bind(std::move(config), {io, metrics, log, [this] { return clock.now(); }, {}});
    EXPECT_TRUE(bound);
    server = std::move(*bound);
    EXPECT_TRUE(engine->start(
        {directory, *sim, *server,
         std::make_unique<test::MemoryStorage>(std::make_shared<test::MemoryDisk>())}));
    server->start(*engine);
  }
  ~Stage() {
    server->stop();
    engine->stop();
  }

  void call_arrives() {
    std::promise<bool> arrived;
    ASSERT_TRUE(engine->post_driver([&](Instant now) {
      arrived.set_value(sim->call_arrives("800", "+15550100", now).has_value());
    }));
    ASSERT_TRUE(arrived.get_future().get());
  }

  core::Directory directory;
  runtime::Clock clock;
  SilentLog log;
  Metrics metrics;
  net::IoThreads io{2};
  std::unique_ptr<runtime::EngineThread> engine;
  std::unique_ptr<drivers::sim::SimDriver> sim;
  std::unique_ptr<Server> server;
};

/// A desktop that never gives up: it connects, resumes, sends what was not answered again, and
/// believes every event.
class Desktop {
 public:
  explicit Desktop(net::Address to) : to_(to) {}

  void log_in() {
    auto client = net::WebClient::connect(to_, "/v1/agent");
    ASSERT_TRUE(client);
    client_ = std::make_unique<net::WebClient>(std::move(*client));
    const json::object prepared =
        ask(R"({"command":"prepareSession","data":{"agent":{"id":"alice","password":"secret"}}})");
    session_ = prepared.at("data").at("session").at("id").as_string().c_str();
    token_ = prepared.at("data").at("resumeToken").as_string().c_str();
  }

  /// Sends a command until it is answered, over as many connections as it takes. Gives the answer.
  json::object command(std::string_view name, const std::string& target,
                       const std::string& data = "{}") {
    const std::string id = std::to_string(++last_id_);
    const std::string text = R"({"command":")" + std::string(name) + R"(","target":")" + target +
                             R"(","data":)" + data + R"(,"id":)" + id + "}";
    for (;;) {
      if (client_ == nullptr) come_back();
      if (!client_->send(text)) {
        lose();
        continue;
      }
      while (client_ != nullptr) {
        const auto told = hear();
        if (told && told->contains("id") && told->at("id").as_int64() == last_id_) {
          return *told;
        }
      }
    }
  }

  /// Listens, over as many connections as it takes, until that event comes.
  json::object until(std::string_view name) {
    for (;;) {
      if (client_ == nullptr) come_back();
      const auto told = hear();
      if (told && told->contains("name") && told->at("name").as_string() == name) return *told;
    }
  }

  void lose() { client_.reset(); }

  [[nodiscard]] const std::string& session() const { return session_; }

  test::ClientModel model;
  std::map<std::string, std::size_t> heard;  ///< how often each state was entered

 private:
  json::object ask(const std::string& text) {
    EXPECT_TRUE(client_->send(text));
    const auto told = client_->receive(patience);
    EXPECT_TRUE(told) << told.error().detail;
    return told ? json::parse(*told).as_object() : json::object();
  }

  /// The next message; none, and no connection any more, if there is no more.
  std::optional<json::object> hear() {
    const auto told = client_->receive(patience);
    if (!told) {
      EXPECT_NE(told.error().code, Errc::timeout);
      lose();
      return std::nullopt;
    }
    json::object message = json::parse(*told).as_object();
    if (!message.contains("messageType")) return message;
    model.take(message);
    const json::object& data = message.at("data").as_object();
    if (data.contains("state") && data.at("state") != data.at("previous")) {
      ++heard[data.at("state").as_string().c_str()];
    } else if (data.contains("recording")) {
      ++heard[data.at("recording").as_string().c_str()];
    }
    return message;
  }

  void come_back() {
    while (client_ == nullptr) {
      auto client = net::WebClient::connect(to_, "/v1/agent");
      if (!client) continue;
      client_ = std::make_unique<net::WebClient>(std::move(*client));
      if (!client_->send(R"({"command":"session.resume","target":")" + session_ +
                         R"(","data":{"resumeToken":")" + token_ + R"(","after":)" +
                         std::to_string(model.seq()) + "}}")) {
        lose();
        continue;
      }
      const auto told = hear();
      if (!told) continue;
      EXPECT_EQ(told->at("result").as_string(), "success") << json::serialize(*told);
      EXPECT_EQ(json::value_to<std::uint64_t>(told->at("data").at("from")), model.seq() + 1);
    }
  }

  net::Address to_;
  std::string session_, token_;
  std::unique_ptr<net::WebClient> client_;
  std::int64_t last_id_ = 0;
};

std::string success(const json::object& answer) {
  return answer.at("result").as_string() == "success" ? "" : json::serialize(answer);
}

/// One call from its arrival to its end, everything asked for over a connection that may die.
void take_a_call(Stage& stage, Desktop& desktop, std::size_t number) {
  stage.call_arrives();
  const std::string conversation =
      desktop.until("conversation.initialized").at("target").as_string().c_str();
  const std::string interaction = conversation.substr(0, conversation.rfind('.'));
  EXPECT_EQ(success(desktop.command("conversation.answer", conversation)), "");
  EXPECT_EQ(
      success(desktop.command("interaction.setdata", interaction,
                              R"({"interaction-data":{"number":)" + std::to_string(number) + "}}")),
      "");
  EXPECT_EQ(success(desktop.command("conversation.hold", conversation)), "");
  EXPECT_EQ(success(desktop.command("conversation.retrieve", conversation)), "");
  EXPECT_EQ(success(desktop.command("interaction.request.recording.start", interaction)), "");
  EXPECT_EQ(success(desktop.command("conversation.release", conversation)), "");
  EXPECT_EQ(success(desktop.command("interaction.complete", interaction)), "");
}

// ThreadSanitizer makes this thirty times as long, and looks for races, not for bytes.
#ifdef __SANITIZE_THREAD__
constexpr std::size_t bytes_cut_min = 1'400;
#else
constexpr std::size_t bytes_cut_min = 1;
#endif

// Proves: session.resume, promise 1, promise 6
TEST(CutStream, AClientKilledAtEveryByteHearsEachEventOnce) {
  Stage stage;
  test::CuttingProxy proxy(stage.server->local());
  Desktop desktop(proxy.local());
  desktop.log_in();
  EXPECT_EQ(success(desktop.command("session.start", desktop.session())), "");
  const std::string channel = desktop.until("channel.initialized").at("target").as_string().c_str();
  desktop.until("session.initialized");
  EXPECT_EQ(success(desktop.command("channel.activate", channel)), "");
  EXPECT_EQ(success(desktop.command("channel.ready", channel)), "");

  // From within the handshake's answer up to several messages.
  constexpr std::size_t least = bytes_cut_min, most = 1'500, between = 4'096;
  proxy.cut(least, most, between);
  desktop.lose();
  std::size_t calls = 0;
  while (proxy.cuts() <= most - least) take_a_call(stage, desktop, ++calls);
  proxy.cut_none();
  desktop.lose();
  const json::object snapshot = desktop.command("session.snapshot", desktop.session());
  EXPECT_EQ(desktop.model.faults(), std::vector<std::string>{});
  EXPECT_EQ(desktop.model.dump(),
            test::ClientModel::of_snapshot(snapshot.at("data").as_object()).dump());
  EXPECT_EQ(desktop.heard["HELD"], calls);
  EXPECT_EQ(desktop.heard["RECORDING"], calls);
  EXPECT_EQ(desktop.heard["COMPLETED"], calls);
}

}  // namespace
}  // namespace cord::front
