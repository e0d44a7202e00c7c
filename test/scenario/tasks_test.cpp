// Chats and e-mails from another system, by the real program.
#include <csignal>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

constexpr std::string_view token = "correct horse battery";
constexpr std::string_view chat =
    R"({"type":"Chat","queue":"support","from":"ann@example","id":"crm-17"})";

class Tasks : public Scenario {
 protected:
  Tasks() {
    settings_ = {
        .agents = {{"alice", "1001", 5'071}},
        .more = fmt::format("[interactions]\ntoken = \"{}\"\n[log]\nlevel = \"debug\"\n", token)};
    start_server(settings_);
  }

  /// What another system says, and the answer to it.
  std::string http(std::string_view method, std::string_view path, std::string_view body = {}) {
    return HttpSystem{server->http(), token}.ask(method, path, body);
  }

  ServerSettings settings_;
};

// Proves: POST /v1/interactions, DELETE /v1/interactions/ID
TEST_F(Tasks, AChatIsOfferedTakenAndWrappedUpWhenTheCustomerLeaves) {
  Desktop desktop(server->http());
  const std::string channel = be_ready_to_chat(desktop);
  const std::string taken = http("POST", "/v1/interactions", chat);
  EXPECT_NE(taken.find("202 Accepted"), std::string::npos) << taken;
  EXPECT_NE(taken.find(R"({"id":"t-1"})"), std::string::npos) << taken;
  EXPECT_NE(http("POST", "/v1/interactions", chat).find(R"({"id":"t-1"})"), std::string::npos);

  const std::string interaction = await_chat(desktop, channel);
  expect_success(desktop.request("interaction.accept", interaction));
  expect_failure(desktop.request("interaction.request.recording.start", interaction),
                 "unsupported");
  EXPECT_EQ(server->metric("cord_tasks"), 1);
  const std::string left = http("DELETE", "/v1/interactions/t-1");
  EXPECT_NE(left.find("200 OK"), std::string::npos) << left;
  desktop.await_state(interaction, "ENDED");
  expect_success(desktop.request("interaction.complete", interaction));
  EXPECT_NE(http("DELETE", "/v1/interactions/t-1").find("404 "), std::string::npos);
  EXPECT_TRUE(desktop.is_contiguous());
  EXPECT_EQ(server->process().output().find(token), std::string::npos) << "the token is logged";
}

TEST_F(Tasks, AChatOutlivesTheServer) {
  Desktop desktop(server->http());
  const std::string channel = be_ready_to_chat(desktop);
  http("POST", "/v1/interactions", chat);
  const std::string interaction = await_chat(desktop, channel);
  expect_success(desktop.request("interaction.accept", interaction));
  server->process().signal(SIGKILL);
  ASSERT_EQ(server->process().wait(5s), 128 + SIGKILL);
  server.reset();
  start_server(settings_);

  EXPECT_NE(http("POST", "/v1/interactions", chat).find(R"({"id":"t-1"})"), std::string::npos);
  Desktop back(server->http());
  expect_success(
      back.request("session.resume", desktop.session,
                   {{"resumeToken", desktop.resume_token}, {"after", desktop.last_seq()}}));
  expect_success(back.request("interaction.complete", interaction));
  back.await_state(interaction, "COMPLETED");
  EXPECT_EQ(server->metric("cord_tasks"), 0);
}

}  // namespace
}  // namespace cord::scenario
