// Calls per second and CPU per call, with SIPp at both ends: SIPp customers call, SIPp phones pick
// up at once (phone-mode ring), the customers hang up, desktops complete the interaction. No audio.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "scenario/support/desktop.hpp"
#include "scenario/support/peers.hpp"
#include "scenario/support/server.hpp"
#include "support/temporary_directory.hpp"

namespace cord::bench {
namespace {

using namespace cord::scenario;
using namespace std::chrono_literals;

/// CPU of each thread of a process by name, in microseconds.
std::map<std::string, std::int64_t> thread_cpu(pid_t pid) {
  std::map<std::string, std::int64_t> by_name;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), ignored)) {
    std::string name;
    std::ifstream comm(task.path() / "comm");
    std::getline(comm, name);
    // schedstat's first number is the time on a CPU in nanoseconds.
    std::int64_t ran_ns = 0;
    std::ifstream(task.path() / "schedstat") >> ran_ns;
    by_name[name] += ran_ns / 1'000;
  }
  return by_name;
}

/// An agent whose desktop completes every interaction as soon as it has ended.
void work(net::Address server, const std::string& agent, std::atomic<int>& ready,
          const std::atomic<bool>& stopping) {
  Desktop desktop(server);
  desktop.be_ready(agent);
  ++ready;
  while (!stopping) {
    desktop.read_for(std::chrono::milliseconds(20));
    if (!desktop.has_seen("interaction.ended")) continue;
    const object ended = desktop.await("interaction.ended");
    desktop.request("interaction.complete", text(ended, "target"));
    desktop.forget_events();
  }
}

struct Outcome {
  int status = -1;
  double cpu_us_per_call = 0;
  std::map<std::string, double> thread_us_per_call;
};

class Run {
 public:
  explicit Run(int agents) : phone_port_(free_port()) {
    ServerSettings settings;
    for (int i = 0; i < agents; ++i) {
      settings.agents.push_back(
          {fmt::format("agent{}", i), fmt::format("{}", 1'000 + i), phone_port_, "ring"});
    }
    server_ = std::make_unique<Server>(files_ / "server", settings);
    for (int i = 0; i < agents; ++i) {
      desktops_.emplace_back(work, server_->http(), settings.agents[static_cast<std::size_t>(i)].id,
                             std::ref(ready_), std::cref(stopping_));
    }
    eventually([&] { return ready_ == agents; }, 60s);
  }
  ~Run() {
    stopping_ = true;
    for (auto& it : desktops_) it.join();
  }

  Outcome offer(int rate, int calls) {
    std::filesystem::create_directories(files_ / "sipp");
    Sipp phones(files_ / "sipp", {.scenario = "phone.xml",
                                  .port = phone_port_,
                                  .media_port = 9,
                                  .count = calls,
                                  .trace = false,
                                  .more = {"-d", "0"}});
    const auto before = thread_cpu(server_->process().pid());
    Sipp customers(files_ / "sipp", {.scenario = "customer_hangs_up.xml",
                                     .to_port = server_->sip_udp(),
                                     .port = free_port(),
                                     .media_port = 9,
                                     .called = queue_number,
                                     .count = calls,
                                     .trace = false,
                                     .more = {"-d", "100", "-r", std::to_string(rate)}});
    Outcome outcome;
    outcome.status = customers.wait(std::chrono::seconds(60 + calls / rate)).value_or(-1);
    phones.wait(10s);
    for (const auto& [name, us] : thread_cpu(server_->process().pid())) {
      const auto it = before.find(name);
      const double spent = static_cast<double>(us - (it == before.end() ? 0 : it->second)) / calls;
      outcome.thread_us_per_call[name] = spent;
      outcome.cpu_us_per_call += spent;
    }
    return outcome;
  }

 private:
  test::TemporaryDirectory files_;
  std::uint16_t phone_port_;
  std::unique_ptr<Server> server_;
  std::atomic<int> ready_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> desktops_;
};

}  // namespace
}  // namespace cord::bench

/// signalling_bench [CALLS_PER_STEP]: one JSON line for each offered rate, until calls fail.
int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 1'000;
  cord::bench::Run run(60);
  for (const int rate : {25, 50, 100, 150, 200}) {
    const auto outcome = run.offer(rate, calls);
    std::string threads;
    for (const auto& [name, us] : outcome.thread_us_per_call) {
      threads += fmt::format("{}\"{}\":{:.1f}", threads.empty() ? "" : ",", name, us);
    }
    fmt::print(
        "{{\"name\":\"signalling\",\"rate_per_s\":{},\"calls\":{},\"all_succeeded\":{},"
        "\"cpu_us_per_call\":{:.1f},\"threads\":{{{}}}}}\n",
        rate, calls, outcome.status == 0, outcome.cpu_us_per_call, threads);
    std::fflush(stdout);
    if (outcome.status != 0) break;
  }
  return 0;
}
