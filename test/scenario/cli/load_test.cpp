// `cordboard load` against `cordboard serve` with simulated telephony, and against a server that
// breaks its promises: that must not pass unnoticed.
#include <fstream>
#include <sstream>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/web_server.hpp"
#include "scenario/cli/program.hpp"
#include "scenario/cli/simulated_server.hpp"

namespace cord::scenario {
namespace {

namespace json = boost::json;

json::object figures_in(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return json::parse(text.str()).as_object();
}

std::uint64_t number(const json::object& figures, const char* name) {
  return json::value_to<std::uint64_t>(figures.at("result").at(name));
}

TEST(Load, DrivesAServerThroughStormsAndFindsNothingLost) {
  const SimulatedServer server({});
  ASSERT_NE(server.address(), "");
  const auto json_file = server.files().path("load.json");
  Program load({"load", "--server", server.address(), "--agents", "40", "--rate", "100",
                "--warm-up", "2", "--duration", "4", "--storms", "2", "--json", json_file,
                "--password-file", server.password_file()});
  ASSERT_EQ(load.wait(60s), 0) << load.out() << load.err();
  const json::object figures = figures_in(json_file);
  EXPECT_EQ(number(figures, "resumes"), 80u);
  EXPECT_GT(number(figures, "calls_answered"), 5u);
  EXPECT_GT(number(figures, "commands"), 200u);
  EXPECT_GT(number(figures, "events"), 500u);
  EXPECT_EQ(number(figures, "connections_lost"), 0u);
  EXPECT_EQ(figures.at("result").at("storms_s").as_array().size(), 2u);
  EXPECT_NE(load.out().find("p99"), std::string::npos) << load.out();
}

TEST(Load, FailsIfNobodyCanLogIn) {
  const SimulatedServer server({});
  Program load({"load", "--server", server.address(), "--agents", "2", "--password-file",
                server.files().write("other", "plugh\n")});
  EXPECT_EQ(load.wait(), 1);
  EXPECT_NE(load.out().find("prepareSession: authentication.failed 2"), std::string::npos)
      << load.out();
  EXPECT_EQ((load.out() + load.err()).find("plugh"), std::string::npos) << "a secret is told";
}

/// A server that numbers its events as it likes, and answers as often as it likes.
class Liar {
 public:
  Liar() : io_(1), server_(bind()) {
    server_->start({.on_message = [this](net::ConnectionId id, const std::string& text) {
      answer(id, json::parse(text).as_object());
    }});
  }
  ~Liar() { server_->stop(); }

  [[nodiscard]] std::string address() const { return net::to_string(server_->local()); }

 private:
  std::unique_ptr<net::WebServer> bind() {
    net::WebServerOptions options;
    options.listen = net::loopback();
    options.websocket_path = "/v1/agent";
    options.subprotocol = "cordboard.v1";
    auto bound = net::WebServer::bind(io_, options, metrics_);
    if (!bound) throw std::runtime_error(bound.error().detail);
    return std::move(*bound);
  }

  void event(net::ConnectionId id, int seq, const char* name) {
    server_->send(id, fmt::format(R"({{"messageType":"objectEvent","target":"s","name":"{}",)"
                                  R"("data":{{}},"seq":{},"time":"2026-01-01T00:00:00.000Z"}})",
                                  name, seq));
  }

  void answer(net::ConnectionId id, const json::object& request) {
    const std::string command = json::value_to<std::string>(request.at("command"));
    const std::string reply =
        fmt::format(R"({{"command":"{}","result":"success","data":{},"id":{},"seq":9}})", command,
                    command == "prepareSession" ? R"({"session":{"id":"s"},"resumeToken":"t"})"
                                                : R"({"seq":9})",
                    json::serialize(request.at("id")));
    server_->send(id, reply);
    if (command != "session.start") return;
    server_->send(id, reply);
    for (const int seq : {1, 2, 2, 5}) event(id, seq, "channel.initialized");
    event(id, 6, "session.initialized");
  }

  Metrics metrics_;
  net::IoThreads io_;
  std::unique_ptr<net::WebServer> server_;
};

TEST(Load, TellsWhatAServerLosesAndDoubles) {
  Liar server;
  const ConfigDirectory directory;
  const auto json_file = directory.path("load.json");
  Program load({"load", "--server", server.address(), "--agents", "1", "--rate", "0", "--warm-up",
                "0", "--duration", "1", "--json", json_file, "--password-file",
                directory.write("password", "secret\n")});
  EXPECT_EQ(load.wait(60s), 1) << load.out() << load.err();
  const json::object figures = figures_in(json_file);
  // 3 and 4, and what the last look says is told and is not: 7, 8 and 9.
  EXPECT_EQ(number(figures, "events_lost"), 5u);
  EXPECT_EQ(number(figures, "events_doubled"), 1u);
  EXPECT_EQ(number(figures, "answers_doubled"), 1u);
}

}  // namespace
}  // namespace cord::scenario
