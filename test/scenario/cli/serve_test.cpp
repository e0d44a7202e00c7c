// `cordboard serve`: how it starts, what it says, how it refuses to start, how it ends.
#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/web_client.hpp"
#include "scenario/cli/program.hpp"
#include "scenario/cli/simulated_server.hpp"
#include "scenario/support/fixture.hpp"
#include "support/temporary_directory.hpp"
#include "unit/net/raw_socket.hpp"

namespace cord::scenario {
namespace {

struct Ports {
  std::string http = "127.0.0.1:0";
  std::string sip = "udp:127.0.0.1:0\", \"tcp:127.0.0.1:0";
};

/// A configuration on free ports, everything of it in `directory`.
std::string config_in(const ConfigDirectory& directory, const Ports& ports = {},
                      const std::string& recordings = {}) {
  const auto recording = recordings.empty() ? directory.path("recordings") : recordings;
  return directory.write("cordboard.toml", fmt::format(R"(
[server]
listen = "{}"
[sip]
listen = ["{}"]
[recording]
directory = "{}"
[journal]
path = "{}"
[log]
format = "json"
[[trunk]]
name = "loopback"
peers = ["127.0.0.1"]
[[queue]]
name = "support"
numbers = ["1800"]
[[agent]]
id = "alice"
password = "secret"
extension = "1001"
phone = "sip:1001@127.0.0.1:5071"
queues = ["support"]
)",
                                                       ports.http, ports.sip, recording,
                                                       directory.path("journal.db")));
}

/// A loopback port that somebody has; theirs until this ends.
class TakenPort {
 public:
  explicit TakenPort(int type) : fd_(::socket(AF_INET, type, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(::listen(fd_, 1), 0);
    }
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    text_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  }
  ~TakenPort() { ::close(fd_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int fd_;
  std::string text_;
};

/// A caller that sends one INVITE from a socket of its own and then only listens.
class OneCall {
 public:
  explicit OneCall(std::uint16_t server_port) : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    const auto here = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    at.sin_port = htons(server_port);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    const std::string sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 0\r\n";
    const std::string invite =
        "INVITE sip:1800@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + here +
        ";branch=z9hG4bKone\r\nMax-Forwards: 70\r\nFrom: <sip:caller@" + here +
        ">;tag=1\r\nTo: <sip:1800@127.0.0.1>\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n"
        "Contact: <sip:caller@" +
        here +
        ">\r\nContent-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) +
        "\r\n\r\n" + sdp;
    EXPECT_EQ(::send(fd_, invite.data(), invite.size(), 0), static_cast<ssize_t>(invite.size()));
  }
  ~OneCall() { ::close(fd_); }
  OneCall(const OneCall&) = delete;
  OneCall& operator=(const OneCall&) = delete;

  /// Reads answers until one has that status line.
  [[nodiscard]] bool gets(std::string_view status_line) const {
    std::array<char, 4096> buffer{};
    pollfd polled{fd_, POLLIN, 0};
    while (::poll(&polled, 1, 20'000) == 1) {
      const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (got <= 0) return false;
      if (std::string_view(buffer.data(), static_cast<std::size_t>(got)).starts_with(status_line)) {
        return true;
      }
    }
    return false;
  }

 private:
  int fd_;
};

class EndsAt : public testing::TestWithParam<int> {};

TEST_P(EndsAt, TheSignalWithZeroWhenThereAreNoCalls) {
  const ConfigDirectory directory;
  Program program({"serve", "--config", config_in(directory)});
  const auto http = program.wait_for_line("listening http 127.0.0.1:");
  ASSERT_NE(http, "") << program.err();
  EXPECT_GT(std::stoi(http), 0);
  EXPECT_NE(program.wait_for_line("listening sip udp:127.0.0.1:"), "");
  EXPECT_NE(program.wait_for_line("listening sip tcp:127.0.0.1:"), "");
  program.signal(GetParam());
  EXPECT_EQ(program.wait(), 0) << program.err();
}

INSTANTIATE_TEST_SUITE_P(Signals, EndsAt, testing::Values(SIGTERM, SIGINT));

TEST(Serve, TurnsAwayWhoWaitsAndEndsAtOnceIfNobodyTalks) {
  const ConfigDirectory directory;
  Program program({"serve", "--config", config_in(directory)});
  const auto port = program.wait_for_line("listening sip udp:127.0.0.1:");
  ASSERT_NE(port, "") << program.err();
  const OneCall call(static_cast<std::uint16_t>(std::stoi(port)));
  ASSERT_TRUE(call.gets("SIP/2.0 180 "));
  program.signal(SIGTERM);
  EXPECT_TRUE(call.gets("SIP/2.0 503 "));
  EXPECT_EQ(program.wait(10s), 0) << program.err();
  EXPECT_NE(program.err().find("\"calls_cut\":\"no\""), std::string::npos);
}

net::Address address_of(const std::string& port) {
  return net::loopback(static_cast<std::uint16_t>(std::stoi(port)));
}

TEST(Serve, WaitsForCallsAtTheFirstSignalAndEndsAtOnceAtTheSecond) {
  const SimulatedServer::Setting talkative{
      .talk_min = "1h", .talk_max = "1h", .password = "secret-sim-1", .log_level = "info"};
  SimulatedServer server(talkative);
  ASSERT_NE(server.address(), "");
  Desktop desktop(net::parse_address(server.address()).value());
  desktop.be_ready("sim-1");
  desktop.await_offer();
  expect_success(desktop.request("conversation.answer", desktop.conversation));
  server.program().signal(SIGTERM);
  ASSERT_TRUE(server.program().wait_for_error("server.draining"));
  expect_success(desktop.request("conversation.hold", desktop.conversation));
  server.program().signal(SIGTERM);
  EXPECT_EQ(server.program().wait(5s), 1) << server.program().err();
}

/// Asks for a change of the log level; the answer.
std::string put_log_level(const net::Address& server, std::string_view level) {
  net::test::RawSocket socket(server);
  socket.send(
      fmt::format("PUT /log-level HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  level.size(), level));
  return socket.receive_all();
}

TEST(Serve, HearsOperatorsOnAListenerOfTheirOwn) {
  const ConfigDirectory directory;
  const auto config = config_in(directory);
  std::ofstream(config, std::ios::app) << "[admin]\nlisten = \"127.0.0.1:0\"\n";
  Program program({"serve", "--config", config});
  const auto http = address_of(program.wait_for_line("listening http 127.0.0.1:"));
  const auto admin = address_of(program.wait_for_line("listening admin 127.0.0.1:"));
  for (const char* page : {"/healthz", "/readyz", "/metrics", "/log-level"}) {
    EXPECT_EQ(net::http_get(admin, page)->status, 200u) << page;
    EXPECT_EQ(net::http_get(http, page)->status, 404u) << page;
  }
  EXPECT_EQ(net::http_get(admin, "/log-level")->body, "info\n");
  EXPECT_NE(put_log_level(admin, "debug\n").find("200 OK"), std::string::npos);
  EXPECT_EQ(net::http_get(admin, "/log-level")->body, "debug\n");
  EXPECT_TRUE(program.wait_for_error("\"event\":\"log.level_set\",\"to\":\"debug\""));
  EXPECT_NE(put_log_level(admin, "loud").find("allowed: debug, info, warn, error"),
            std::string::npos);
  EXPECT_NE(put_log_level(http, "error").find("405 "), std::string::npos);
  EXPECT_EQ(net::http_get(admin, "/log-level")->body, "debug\n");
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

TEST(Serve, ReadsItsKeysAgainAtSighup) {
  const ConfigDirectory directory;
  const auto config = config_in(directory);
  const auto secret = directory.write("token.secret", std::string(32, 's'));
  std::ofstream(config, std::ios::app)
      << "[token]\nissuer = \"i\"\naudience = \"a\"\nsecret-file = \"" << secret << "\"\n";
  Program program({"serve", "--config", config});
  ASSERT_NE(program.wait_for_line("listening sip tcp:"), "") << program.err();
  ASSERT_TRUE(program.wait_for_error("\"event\":\"server.started\"")) << program.err();
  program.signal(SIGHUP);
  EXPECT_TRUE(program.wait_for_error("\"event\":\"server.reloaded\",\"what\":\"token_keys\""));
  (void)directory.write("token.secret", "short");
  program.signal(SIGHUP);
  EXPECT_TRUE(program.wait_for_error("\"event\":\"server.reload_failed\"")) << program.err();
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0) << "a bad file ends nothing";
}

TEST(Serve, LogsOneJsonObjectALine) {
  const ConfigDirectory directory;
  Program program({"serve", "--config", config_in(directory)});
  ASSERT_NE(program.wait_for_line("listening http "), "") << program.err();
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
  std::istringstream lines(program.err());
  int objects = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("warning: ")) continue;
    EXPECT_TRUE(line.starts_with("{\"time\":\"") && line.ends_with("}")) << line;
    ++objects;
  }
  EXPECT_GE(objects, 3);
  EXPECT_EQ(program.err().find("secret"), std::string::npos) << "a password is in the log";
}

TEST(Serve, WritesAFlightRecordingThatCanBeReplayed) {
  const ConfigDirectory directory;
  const std::string flight = directory.path("flight.bin");
  std::string config = test::bytes_of(config_in(directory));
  const std::string table = "[server]\n";
  config.insert(config.find(table) + table.size(), "flight-recorder = \"" + flight + "\"\n");
  Program program({"serve", "--config", directory.write("recorded.toml", config)});
  const auto port = program.wait_for_line("listening sip udp:127.0.0.1:");
  ASSERT_NE(port, "") << program.err();
  const OneCall call(static_cast<std::uint16_t>(std::stoi(port)));
  ASSERT_TRUE(call.gets("SIP/2.0 180 "));
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(10s), 0) << program.err();
  Program replay({"replay", "--state", flight});
  EXPECT_EQ(replay.wait(), 0) << replay.err();
  // The call came, and was turned away.
  for (const char* part :
       {"0 of them refused, 2 events", "\n1 recorded states reached", "\nlast 0 0 0 0 0 0 1 "}) {
    EXPECT_NE(replay.out().find(part), std::string::npos) << part << replay.out();
  }
  Program no_recording({"replay", "/dev/null"});
  EXPECT_EQ(no_recording.wait(), 2);
}

TEST(Serve, TakesTheSameSipPortForUdpAndTcpTwiceInARow) {
  const ConfigDirectory directory;
  std::string port;
  {
    Program first({"serve", "--config", config_in(directory)});
    port = first.wait_for_line("listening sip tcp:127.0.0.1:");
    ASSERT_NE(port, "") << first.err();
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait(), 0);
  }
  Ports ports;
  ports.sip = "udp:127.0.0.1:" + port + "\", \"tcp:127.0.0.1:" + port;
  Program second({"serve", "--config", config_in(directory, ports)});
  EXPECT_EQ(second.wait_for_line("listening sip tcp:127.0.0.1:"), port) << second.err();
}

TEST(Serve, NamesTheHttpPortThatIsTaken) {
  const ConfigDirectory directory;
  const TakenPort taken(SOCK_STREAM);
  Ports ports;
  ports.http = taken.text();
  Program program({"serve", "--config", config_in(directory, ports)});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find(taken.text()), std::string::npos) << program.err();
  EXPECT_NE(program.err().find("in use"), std::string::npos) << program.err();
}

class SipPort : public testing::TestWithParam<int> {};

TEST_P(SipPort, ThatIsTakenIsNamed) {
  const ConfigDirectory directory;
  const TakenPort taken(GetParam());
  Ports ports;
  ports.sip = (GetParam() == SOCK_STREAM ? "tcp:" : "udp:") + taken.text();
  Program program({"serve", "--config", config_in(directory, ports)});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find(taken.text()), std::string::npos) << program.err();
  EXPECT_NE(program.err().find("in use"), std::string::npos) << program.err();
}

INSTANTIATE_TEST_SUITE_P(Transports, SipPort, testing::Values(SOCK_DGRAM, SOCK_STREAM));

TEST(Serve, RefusesARecordingDirectoryThatCannotBeWritten) {
  const ConfigDirectory directory;
  const auto file = directory.write("a-file", "");
  Program program({"serve", "--config", config_in(directory, {}, file + "/recordings")});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find("recording.directory"), std::string::npos) << program.err();
}

TEST(Serve, RefusesAJournalThatAnotherServerHas) {
  const ConfigDirectory directory;
  const auto config = config_in(directory);
  Program first({"serve", "--config", config});
  ASSERT_NE(first.wait_for_line("listening http "), "") << first.err();
  Program second({"serve", "--config", config});
  EXPECT_EQ(second.wait(), 2);
  EXPECT_NE(second.err().find(directory.path("journal.db")), std::string::npos) << second.err();
}

TEST(Serve, RefusesAFileThatIsNoJournal) {
  const ConfigDirectory directory;
  const auto config = config_in(directory);
  const auto file = directory.write("journal.db", std::string(5'000, 'x'));
  Program program({"serve", "--config", config});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find(file), std::string::npos) << program.err();
}

}  // namespace
}  // namespace cord::scenario
