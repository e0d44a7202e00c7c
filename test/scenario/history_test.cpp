// What has happened, asked for in every way there is, also after the server was killed.
#include <csignal>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

constexpr std::string_view history_token = "only for wall boards";
constexpr std::string_view tasks_token = "correct horse battery";

class History : public Scenario {
 protected:
  History() {
    settings_ = {.agents = {{"alice", "1001", 5'071}},
                 .more = fmt::format("[interactions]\ntoken = \"{}\"\n[history]\ntoken = \"{}\"\n",
                                     tasks_token, history_token)};
    start_server(settings_);
  }

  std::string http(std::string_view method, std::string_view target, std::string_view token,
                   std::string_view body = {}) {
    return HttpSystem{server->http(), token}.ask(method, target, body);
  }

  /// What `cordboard history` prints of the server's own file.
  std::string command(std::vector<std::string> more) {
    std::vector<std::string> arguments{CORDBOARD_PROGRAM, "history", "--config",
                                       (directory("server") / "cordboard.toml").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ChildProcess program(arguments, directory("cli"), directory("cli") / "out.log");
    EXPECT_EQ(program.wait(20s), 0) << program.output();
    return program.output();
  }

  /// Offered, taken and completed.
  void handle_a_chat() {
    Desktop desktop(server->http());
    const std::string channel = be_ready_to_chat(desktop);
    http("POST", "/v1/interactions", tasks_token,
         R"({"type":"Chat","queue":"support","from":"ann@example","id":"crm-17"})");
    const std::string interaction = await_chat(desktop, channel);
    expect_success(desktop.request("interaction.accept", interaction));
    expect_success(
        desktop.request("interaction.complete", interaction, {{"notes", "all is well"}}));
  }

  ServerSettings settings_;
};

// Proves: GET /v1/interactions
TEST_F(History, IsThereOverHttpAndOnTheCommandLineAlsoAfterAKill) {
  handle_a_chat();
  server->process().signal(SIGKILL);
  ASSERT_EQ(server->process().wait(5s), 128 + SIGKILL);
  command({});  // The file can be read without a server, whatever the last of it is.
  server.reset();
  start_server(settings_);

  const std::string answer = http("GET", "/v1/interactions?agent=alice", history_token);
  EXPECT_NE(answer.find("200 OK"), std::string::npos) << answer;
  for (const std::string_view part : {R"("id":"i-1")", R"("type":"Chat")", R"("callId":"crm-17")",
                                      R"("outcome":"handled")", R"("notes":"all is well")"}) {
    EXPECT_NE(answer.find(part), std::string::npos) << part << " is not in " << answer;
  }
  const std::string json = command({"--json"});
  EXPECT_NE(answer.find(json.substr(0, json.size() - 1)), std::string::npos) << json;
  const std::string table = command({"--queue", "support"});
  EXPECT_NE(table.find("OUTCOME"), std::string::npos) << table;
  EXPECT_NE(table.find("handled"), std::string::npos) << table;
  EXPECT_TRUE(eventually([&] { return server->metric("cord_history_queued_records") == 0; }, 5s));
  EXPECT_EQ(server->process().output().find(history_token), std::string::npos);
}

}  // namespace
}  // namespace cord::scenario
