// Agents over real sockets, on the real engine and a simulated platform.
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "drivers/sim/sim_driver.hpp"
#include "front/server.hpp"
#include "net/web_client.hpp"
#include "runtime/engine_thread.hpp"
#include "support/memory_storage.hpp"
#include "unit/front/front_fixture.hpp"

namespace cord::front {
namespace {

namespace json = boost::json;

json::object object_of(const std::string& text) {
  json::error_code code;
  json::value value = json::parse(text, code);
  EXPECT_FALSE(code) << text;
  return code || !value.is_object() ? json::object() : std::move(value.as_object());
}

std::string text_at(const json::object& object, std::string_view pointer) {
  json::error_code code;
  const json::value whole(object);
  const json::value* found = whole.find_pointer({pointer.data(), pointer.size()}, code);
  if (code || found == nullptr) return {};
  return found->is_string() ? std::string(found->as_string()) : json::serialize(*found);
}

class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    core::Queue queue;
    queue.name = "support";
    queue.numbers = {"800"};
    directory.queues.push_back(queue);
    for (const auto& [id, extension] : {std::pair("alice", "1001"), std::pair("bob", "1002")}) {
      core::Agent agent;
      agent.id = agent.name = id;
      agent.extension = extension;
      agent.phone = std::string("sip:") + extension + "@127.0.0.1";
      agent.queues = {0};
      directory.agents.push_back(agent);
    }
    FrontConfig config;
    config.web.listen = net::loopback();
    config.agents = {{"alice", "secret", ""}, {"bob", "hidden", ""}};
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

  ~AgentTest() override {
    server->stop();
    engine->stop();
  }

  net::WebClient connect() {
    auto client = net::WebClient::connect(server->local(), "/v1/agent");
    EXPECT_TRUE(client);
    return std::move(*client);
  }

  static void send(net::WebClient& client, std::string_view command, const std::string& target,
                   std::string_view data = "{}") {
    EXPECT_TRUE(client.send(R"({"command":")" + std::string(command) + R"(","target":")" + target +
                            R"(","data":)" + std::string(data) + "}"));
  }

  static std::string prepare(net::WebClient& client, std::string_view agent,
                             std::string_view password, bool takes_over = false) {
    EXPECT_TRUE(client.send(R"({"command":"prepareSession","data":{"agent":{"id":")" +
                            std::string(agent) + R"(","password":")" + std::string(password) +
                            R"("},"override":)" + (takes_over ? "true" : "false") + "}}"));
    return told(client);
  }

  /// What is told next, as its event's name or its result.
  static std::string next(net::WebClient& client) {
    const json::object it = object_of(told(client));
    const std::string name = text_at(it, "/name");
    return name.empty() ? text_at(it, "/result") + text_at(it, "/failure/code") : name;
  }

  /// Reads up to the event of that name and gives it.
  static json::object until(net::WebClient& client, std::string_view name) {
    for (int i = 0; i < 100; ++i) {
      auto text = client.receive(patience);
      if (!text) break;
      json::object it = object_of(*text);
      if (text_at(it, "/name") == name) return it;
    }
    ADD_FAILURE() << "no " << name;
    return {};
  }

  /// Logs in, starts, activates and makes ready. Gives the channel's target.
  std::string ready(net::WebClient& client, std::string_view agent, std::string_view password) {
    const std::string session =
        text_at(object_of(prepare(client, agent, password)), "/data/session/id");
    send(client, "session.start", session);
    const std::string channel = text_at(until(client, "channel.initialized"), "/target");
    until(client, "session.initialized");
    send(client, "channel.activate", channel);
    until(client, "state.updated");
    send(client, "channel.ready", channel);
    until(client, "state.updated");
    return channel;
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

// Proves: promise 1, promise 2, conversation.answer, conversation.release, interaction.complete
TEST_F(AgentTest, TakesACall) {
  auto client = connect();
  const std::string channel = ready(client, "alice", "secret");
  call_arrives();
  const json::object ringing = until(client, "conversation.initialized");
  const std::string conversation = text_at(ringing, "/target");
  EXPECT_TRUE(conversation.starts_with(channel + ".i-")) << conversation;
  const std::string interaction = conversation.substr(0, conversation.rfind('.'));
  until(client, "interaction.initialized");

  send(client, "conversation.answer", conversation);
  EXPECT_EQ(next(client), "success");
  const json::object connected = object_of(told(client));
  EXPECT_EQ(text_at(connected, "/data/state"), "CONNECTED");
  EXPECT_EQ(text_at(connected, "/data/previous"), "ALERTING");
  EXPECT_EQ(text_at(connected, "/data/muted"), "false");
  EXPECT_EQ(text_at(object_of(told(client)), "/data/interaction-data/ANI"), "+15550100");
  EXPECT_EQ(text_at(object_of(told(client)), "/data/state"), "STARTED");
  EXPECT_EQ(next(client), "channel.infochanged");
  EXPECT_EQ(text_at(object_of(told(client)), "/data/agentState"), "BUSY");

  send(client, "conversation.hold", conversation);
  const json::object reply = object_of(told(client));
  const json::object held = object_of(told(client));
  EXPECT_EQ(text_at(held, "/data/state"), "HELD");
  EXPECT_EQ(text_at(reply, "/seq"), text_at(held, "/seq"));

  send(client, "conversation.request.release", conversation);
  for (const char* expected :
       {"success", "state.updated", "conversation.disposed", "interaction.ended", "state.updated",
        "channel.infochanged", "state.updated"}) {
    EXPECT_EQ(next(client), expected);
  }
  send(client, "interaction.complete", interaction, R"({"notes":"done"})");
  for (const char* expected : {"success", "state.updated", "interaction.disposed",
                               "channel.infochanged", "state.updated"}) {
    EXPECT_EQ(next(client), expected);
  }
}

// Proves: prepareSession, close 4001
TEST_F(AgentTest, ASecondLogInIsAskedAndTakesOver) {
  auto first = connect();
  ready(first, "alice", "secret");
  auto second = connect();
  EXPECT_EQ(text_at(object_of(prepare(second, "alice", "secret")), "/result"), "confirm");
  const json::object taken = object_of(prepare(second, "alice", "secret", true));
  EXPECT_EQ(text_at(taken, "/result"), "success");
  EXPECT_EQ(text_at(until(first, "session.ended"), "/data/reason"), "replaced");
  EXPECT_EQ(closed(first), 4001);
  send(second, "session.start", text_at(taken, "/data/session/id"));
  EXPECT_EQ(next(second), "success");
  EXPECT_EQ(text_at(until(second, "session.initialized"), "/data/agent/id"), "alice");
}

TEST_F(AgentTest, NobodyReachesAnothersObjects) {
  auto alice = connect();
  const std::string channel = ready(alice, "alice", "secret");
  auto bob = connect();
  ready(bob, "bob", "hidden");
  send(bob, "channel.notready", channel);
  EXPECT_EQ(next(bob), "failuretarget.not.found");
  send(bob, "channel.notready", "nosuchsession.ch-1");
  EXPECT_EQ(next(bob), "failuretarget.not.found");
}

// Proves: invalid.target, target.not.found, unknown.command
TEST_F(AgentTest, TellsWrongTargetsApart) {
  auto client = connect();
  const std::string channel = ready(client, "alice", "secret");
  const std::string session = channel.substr(0, channel.rfind('.'));
  send(client, "channel.ready", session);
  EXPECT_EQ(next(client), "failureinvalid.target");
  send(client, "channel.ready", session + ".ch-999999");
  EXPECT_EQ(next(client), "failuretarget.not.found");
  send(client, "channel.monitor", channel, R"({"agent":{"id":"bob"}})");
  EXPECT_EQ(next(client), "failurepermission.denied");
  send(client, "session.snapshot", channel);
  EXPECT_EQ(next(client), "failureinvalid.target");
}

TEST_F(AgentTest, CommandsNeedAStartedSession) {
  auto client = connect();
  send(client, "channel.ready", "x.ch-1");
  EXPECT_EQ(next(client), "failuresession.not.started");
  const std::string session =
      text_at(object_of(prepare(client, "alice", "secret")), "/data/session/id");
  send(client, "session.request.logout", session);
  EXPECT_EQ(next(client), "failuresession.not.started");
  EXPECT_EQ(text_at(object_of(prepare(client, "alice", "secret")), "/failure/code"),
            "session.already.started");
}

TEST_F(AgentTest, LogsOutAndInAgainOnTheSameConnection) {
  auto client = connect();
  const std::string channel = ready(client, "alice", "secret");
  const std::string session = channel.substr(0, channel.rfind('.'));
  send(client, "session.request.logout", session);
  EXPECT_EQ(text_at(until(client, "session.ended"), "/data/reason"), "logout");
  EXPECT_EQ(next(client), "success");
  send(client, "channel.ready", channel);
  EXPECT_EQ(next(client), "failuretarget.not.found");
  ready(client, "alice", "secret");
}

}  // namespace
}  // namespace cord::front
