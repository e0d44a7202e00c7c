// `cordboard agent`: scripts over a pipe, and a person at a terminal.
#include <sstream>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "scenario/cli/program.hpp"
#include "scenario/cli/pty_program.hpp"
#include "scenario/cli/simulated_server.hpp"

namespace cord::scenario {
namespace {

/// Calls that last, so that there is time to do things with them.
const SimulatedServer::Setting long_calls{600, "60s", "90s"};

std::vector<std::string> arguments(const SimulatedServer& server,
                                   const std::vector<std::string>& more = {}) {
  std::vector<std::string> all{"agent", "--server",        server.address(),      "--agent",
                               "sim-1", "--password-file", server.password_file()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

bool has(const Program& program, std::string_view part) {
  return program.out().find(part) != std::string::npos;
}

TEST(Agent, AScriptTakesACallFromReadyToComplete) {
  const SimulatedServer server(long_calls);
  Program agent(
      arguments(server),
      "# a call\nactivate\nready\nwait ALERTING\nanswer\nwait CONNECTED\nhold\nwait HELD\n"
      "retrieve\nmute\nrecord\nwait RECORDING\npause\nunmute\n"
      "interaction.setdata {\"interaction-data\":{\"crm\":\"4711\"}}\n"
      "notready break\nrelease\nwait ENDED\ncomplete\n");
  EXPECT_EQ(agent.wait(60s), 0) << agent.out() << agent.err();
  for (const char* done :
       {"ok channel.ready", "ok conversation.answer", "ok conversation.hold", "conversation HELD",
        "ok conversation.request.mute", "ok interaction.request.recording.pause", "crm=4711",
        "ok interaction.complete", "ok session.request.logout"}) {
    EXPECT_TRUE(has(agent, done)) << done << "\n" << agent.out();
  }
  EXPECT_EQ(agent.out().find("failed"), std::string::npos) << agent.out();
  EXPECT_EQ(agent.out().find('\x1b'), std::string::npos) << "a pipe is no terminal";
  EXPECT_EQ(agent.out().find("xyzzy"), std::string::npos) << "a secret is told";
}

TEST(Agent, AScriptStopsAtTheFirstFailureAndSaysSoByItsStatus) {
  const SimulatedServer server(long_calls);
  Program stops(arguments(server, {"-c", "ready", "-c", "activate"}));
  EXPECT_EQ(stops.wait(), 1);
  EXPECT_TRUE(has(stops, "failed channel.ready: invalid.state")) << stops.out();
  EXPECT_FALSE(has(stops, "ok channel.activate"));
  Program goes_on(arguments(server, {"-c", "hold", "-c", "activate", "--keep-going"}));
  EXPECT_EQ(goes_on.wait(), 1);
  EXPECT_NE(goes_on.err().find("there is no call"), std::string::npos) << goes_on.err();
  EXPECT_TRUE(has(goes_on, "ok channel.activate")) << goes_on.out();
}

TEST(Agent, AWaitInVainFails) {
  const SimulatedServer server(long_calls);
  Program agent(arguments(server, {"-c", "wait conversation.created 1"}));
  EXPECT_EQ(agent.wait(), 1);
  EXPECT_NE(agent.err().find("conversation.created did not come"), std::string::npos);
}

TEST(Agent, PrintsNothingButMessagesAsJson) {
  const SimulatedServer server(long_calls);
  Program agent(arguments(server, {"--json", "-c", "activate", "-c", "help", "-c", "show"}));
  ASSERT_EQ(agent.wait(), 0) << agent.err();
  std::istringstream lines(agent.out());
  std::size_t events = 0, answers = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto message = boost::json::parse(line).as_object();
    ++(message.contains("messageType") ? events : answers);
  }
  EXPECT_GT(events, 5u);
  EXPECT_EQ(answers, 4u);  // prepareSession, session.start, channel.activate, logout
  EXPECT_TRUE(has(agent, R"("resumeToken":"***")")) << agent.out();
}

TEST(Agent, ComesBackAfterALostConnection) {
  const SimulatedServer server(long_calls);
  Program agent(arguments(server), "activate\ndrop\nready\nwait ALERTING\nreject\n");
  EXPECT_EQ(agent.wait(60s), 0) << agent.out() << agent.err();
  EXPECT_TRUE(has(agent, "the connection is lost")) << agent.out();
  EXPECT_TRUE(has(agent, "connected again; nothing is lost")) << agent.out();
  EXPECT_TRUE(has(agent, "ok channel.ready")) << agent.out();
  EXPECT_EQ(agent.out().find("never came"), std::string::npos) << agent.out();
}

TEST(Agent, AWrongPasswordIsAMistakeOfUse) {
  const SimulatedServer server(long_calls);
  Program agent({"agent", "--server", server.address(), "--agent", "sim-1", "--password-file",
                 server.files().write("other", "plugh\n"), "-c", "activate"});
  EXPECT_EQ(agent.wait(), 2);
  EXPECT_NE(agent.err().find("authentication.failed"), std::string::npos) << agent.err();
  EXPECT_EQ((agent.out() + agent.err()).find("plugh"), std::string::npos) << "a secret is told";
}

TEST(Agent, AnEmptyScriptTellsWhetherOneCanLogIn) {
  const SimulatedServer server(long_calls);
  Program agent(arguments(server));
  EXPECT_EQ(agent.wait(), 0) << agent.err();
  EXPECT_TRUE(has(agent, "ok session.request.logout")) << agent.out();
  Program nobody({"agent", "--server", "127.0.0.1:1", "--agent", "sim-1", "--password-file",
                  server.password_file()});
  EXPECT_EQ(nobody.wait(), 2);
  EXPECT_NE(nobody.err().find("127.0.0.1:1"), std::string::npos) << nobody.err();
}

TEST(Agent, ASessionElsewhereIsTakenOverOnlyIfOneSaysSo) {
  const SimulatedServer server(long_calls);
  PtyProgram first(arguments(server), {{"TERM", "dumb"}});
  ASSERT_TRUE(first.wait_for("session.initialized")) << first.screen();
  Program asks(arguments(server, {"-c", "show"}));
  EXPECT_EQ(asks.wait(), 1);
  EXPECT_NE(asks.err().find("--override"), std::string::npos) << asks.err();
  Program takes(arguments(server, {"-c", "show", "--override"}));
  EXPECT_EQ(takes.wait(), 0) << takes.err();
  EXPECT_EQ(first.wait(), 1);
  EXPECT_NE(first.screen().find("replaced"), std::string::npos) << first.screen();
  EXPECT_EQ(first.screen().find('\x1b'), std::string::npos) << "a dumb terminal knows no sequences";
}

TEST(Agent, APersonTypesCompletesAndSeesTheCall) {
  const SimulatedServer server(long_calls);
  PtyProgram agent({"agent", "--server", server.address(), "--agent", "sim-1"},
                   {{"TERM", "xterm"}, {"NO_COLOR", "1"}});
  ASSERT_TRUE(agent.wait_for("Password of sim-1: "));
  agent.type("xyzzy\n");
  ASSERT_TRUE(agent.wait_for("INACTIVE NOT_READY")) << agent.screen();
  agent.type("act\t\n");
  ASSERT_TRUE(agent.wait_for("ok channel.activate")) << agent.screen();
  agent.type("read\t\n");
  ASSERT_TRUE(agent.wait_for("-> 1800 (support)  ALERTING")) << agent.screen();
  agent.type("answer\n");
  ASSERT_TRUE(agent.wait_for("primary  CONNECTED")) << agent.screen();
  agent.type("conversation.hold c\t\n");
  ASSERT_TRUE(agent.wait_for("primary  HELD")) << agent.screen();
  agent.type("\x1b[A\x1b[A\x1b[A\x1b[B\x1b[B\n");  // The newest line of the history, once more.
  ASSERT_TRUE(agent.wait_for("ok conversation.hold")) << agent.screen();
  agent.type("notready break\nrelease\n");
  ASSERT_TRUE(agent.wait_for("ok conversation.release")) << agent.screen();
  agent.type("complete\n");
  ASSERT_TRUE(agent.wait_for("ok interaction.complete")) << agent.screen();
  agent.type("\x04");
  EXPECT_EQ(agent.wait(), 0) << agent.screen();
  EXPECT_EQ(agent.screen().find("xyzzy"), std::string::npos) << "a secret is shown";
  EXPECT_EQ(agent.screen().find("\x1b[32m"), std::string::npos) << "NO_COLOR is set";
}

}  // namespace
}  // namespace cord::scenario
