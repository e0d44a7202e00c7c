// CPU per call at some offered rates, with SIPp at both ends: SIPp customers call, SIPp phones pick
// up at once (phone-mode ring), the customers hang up, the agents complete the interaction. No
// audio. Of two servers: `bare` is bare_server.hpp, `whole` is the program with its desktops.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/bare_server.hpp"
#include "bench/thread_cpu.hpp"
#include "scenario/support/desktop.hpp"
#include "scenario/support/peers.hpp"
#include "scenario/support/server.hpp"
#include "support/temporary_directory.hpp"

namespace cord::bench {
namespace {

using namespace cord::scenario;
using namespace std::chrono_literals;

constexpr int agents = 60;

/// The program with a desktop on a WebSocket for each agent.
class WholeServer {
 public:
  WholeServer(const std::filesystem::path& directory, std::uint16_t phone_port) {
    ServerSettings settings;
    for (int i = 0; i < agents; ++i) {
      settings.agents.push_back(
          {fmt::format("agent{}", i), fmt::format("{}", 1'000 + i), phone_port, "ring"});
    }
    server_ = std::make_unique<Server>(directory, settings);
    for (const AgentSetting& it : settings.agents) {
      desktops_.emplace_back([this, agent = it.id] { work(agent); });
    }
    eventually([&] { return ready_ == agents; }, 60s);
  }
  ~WholeServer() {
    stopping_ = true;
    for (auto& it : desktops_) it.join();
  }
  [[nodiscard]] std::uint16_t sip_udp() const { return server_->sip_udp(); }
  [[nodiscard]] pid_t pid() const { return server_->process().pid(); }

 private:
  /// An agent whose desktop completes every interaction as soon as it has ended.
  void work(const std::string& agent) {
    Desktop desktop(server_->http());
    desktop.be_ready(agent);
    ++ready_;
    while (!stopping_) {
      desktop.read_for(20ms);
      if (!desktop.has_seen("interaction.ended")) continue;
      const object ended = desktop.await("interaction.ended");
      desktop.request("interaction.complete", text(ended, "target"));
      desktop.forget_events();
    }
  }

  std::unique_ptr<Server> server_;
  std::atomic<int> ready_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> desktops_;
};

struct Target {
  std::string name;
  std::uint16_t sip_udp;
  std::uint16_t phone_port;
  pid_t pid;
};

/// Offers so many calls a second and prints one JSON line. False: not all of them succeeded.
bool offer(const Target& server, int rate, int seconds) {
  const test::TemporaryDirectory files;
  const int calls = rate * seconds;
  Sipp phones(files / "", {.scenario = "phone.xml",
                           .port = server.phone_port,
                           .media_port = 9,
                           .count = calls,
                           .trace = false,
                           .more = {"-d", "0"}});
  const ThreadCpu before = thread_cpu(server.pid);
  Sipp customers(files / "", {.scenario = "customer_hangs_up.xml",
                              .to_port = server.sip_udp,
                              .port = free_port(),
                              .media_port = 9,
                              .called = queue_number,
                              .count = calls,
                              .trace = false,
                              .more = {"-d", "100", "-r", std::to_string(rate)}});
  const bool succeeded = customers.wait(std::chrono::seconds(60 + seconds)) == 0;
  phones.wait(10s);
  double total_us = 0;
  std::string threads;
  for (const auto& [name, us] : thread_cpu(server.pid)) {
    const auto it = before.find(name);
    const double spent_us = (us - (it == before.end() ? 0 : it->second)) / calls;
    total_us += spent_us;
    threads += fmt::format("{}\"{}\":{:.1f}", threads.empty() ? "" : ",", name, spent_us);
  }
  fmt::print(
      "{{\"name\":\"signalling\",\"server\":\"{}\",\"rate_per_s\":{},\"calls\":{},"
      "\"all_succeeded\":{},\"cpu_us_per_call\":{:.1f},\"threads\":{{{}}}}}\n",
      server.name, rate, calls, succeeded, total_us, threads);
  std::fflush(stdout);
  return succeeded;
}

void run(const std::string& name, int seconds, const std::vector<int>& rates) {
  const test::TemporaryDirectory files;
  const std::uint16_t phone_port = free_port();
  const auto offer_all = [&](std::uint16_t sip_udp, pid_t pid) {
    const Target target{name, sip_udp, phone_port, pid};
    for (const int rate : rates) {
      if (!offer(target, rate, seconds)) return;
    }
  };
  if (name == "whole") {
    const WholeServer server(files / "server", phone_port);
    offer_all(server.sip_udp(), server.pid());
  } else {
    const BareServer server(files / "server", agents, phone_port, queue_number);
    if (!server.wait_until_ready(10s)) throw std::runtime_error("the agents are not ready");
    offer_all(server.sip_udp(), ::getpid());
  }
}

}  // namespace
}  // namespace cord::bench

/// signalling_bench bare|whole SECONDS RATE...: one JSON line for each offered rate (calls a
/// second, for so many seconds), until calls fail.
int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  std::vector<int> rates;
  for (int i = 3; i < argc; ++i) rates.push_back(std::atoi(argv[i]));
  if ((name != "bare" && name != "whole") || rates.empty()) {
    fmt::print(stderr, "usage: signalling_bench bare|whole SECONDS RATE...\n");
    return 2;
  }
  cord::bench::run(name, std::atoi(argv[2]), rates);
  return 0;
}
