// From a command on a real WebSocket to its response, beside a bare Beast echo of the same message,
// turn by turn in the same run. The server is whole, SQLite journal included; the platform below it
// is drivers/sim, which answers at once, so that what is measured is ours.
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "beast_echo.hpp"
#include "drivers/sim/sim_driver.hpp"
#include "front/server.hpp"
#include "journal/sqlite_storage.hpp"
#include "net/web_client.hpp"
#include "runtime/engine_thread.hpp"
#include "support/temporary_directory.hpp"

namespace cord::bench {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}: {}\n", result.error().where, result.error().detail);
  std::exit(1);
}

core::Directory one_agent() {
  core::Agent alice;
  alice.id = alice.name = "alice";
  alice.extension = "1001";
  alice.phone = "sip:1001@127.0.0.1";
  alice.queues = {0};
  core::Queue support;
  support.name = "support";
  support.numbers = {"100"};
  core::Directory directory;
  directory.agents.push_back(alice);
  directory.queues.push_back(support);
  return directory;
}

/// The server in this process, with one agent who is in a call.
class Bench {
 public:
  explicit Bench(journal::Sync sync)
      : directory_(one_agent()),
        engine_(clock_, log_, metrics_),
        driver_({}, 1, engine_.report_sink()),
        front_(must(front::Server::bind(front_config(), surroundings()))) {
    auto journal = must(
        journal::open_sqlite({.path = files_ / "bench.db", .now = clock_.now(), .sync = sync}));
    if (!engine_.start({directory_, driver_, *front_, std::move(journal.storage)})) std::abort();
    front_->start(engine_);
    client_.emplace(must(net::WebClient::connect(front_->local(), "/v1/agent")));
    take_a_call();
  }
  ~Bench() {
    front_->stop();
    engine_.stop();
  }

  /// The time from sending `command` to its response.
  Duration time_of(std::string_view command) {
    const std::string text =
        fmt::format(R"({{"command":"{}","target":"{}","data":{{}}}})", command, conversation_);
    const auto start = SteadyClock::now();
    must(client_->send(text));
    for (;;) {
      const std::string message = must(client_->receive(5s));
      const auto took = std::chrono::duration_cast<Duration>(SteadyClock::now() - start);
      if (message.find("\"result\":\"success\"") != std::string::npos) return took;
      if (message.find("\"failure\"") != std::string::npos)
        must<int>(refuse(Errc::io_failed, "bench", message));
    }
  }

 private:
  static front::FrontConfig front_config() {
    front::FrontConfig config;
    config.web.listen = net::loopback();
    config.agents = {{.agent = "alice", .password = "secret", .password_hash = {}}};
    config.requests_per_second = 1'000'000;
    config.requests_burst = 1'000'000;
    return config;
  }
  front::Surroundings surroundings() {
    return {io_, metrics_, log_, [this] { return clock_.now(); }, {}};
  }

  static void must(Result<void> result) {
    if (!result) bench::must<int>(tl::make_unexpected(result.error()));
  }
  template <class T>
  static T must(Result<T> result) {
    return bench::must<T>(std::move(result));
  }

  boost::json::object request(std::string_view command, std::string_view target,
                              std::string_view data = "{}") {
    must(client_->send(
        fmt::format(R"({{"command":"{}","target":"{}","data":{}}})", command, target, data)));
    for (;;) {
      auto answer = boost::json::parse(must(client_->receive(5s))).as_object();
      if (answer.contains("result")) return answer;
    }
  }

  std::string event_target(std::string_view name) {
    for (;;) {
      const auto event = boost::json::parse(must(client_->receive(5s))).as_object();
      const auto* found = event.if_contains("name");
      if (found != nullptr && found->as_string() == name)
        return event.at("target").as_string().c_str();
    }
  }

  void take_a_call() {
    const auto prepared =
        request("prepareSession", "", R"({"agent":{"id":"alice","password":"secret"}})");
    const std::string session = prepared.at("data").at("session").at("id").as_string().c_str();
    request("session.start", session);
    const std::string channel = event_target("channel.initialized");
    request("channel.activate", channel);
    request("channel.ready", channel);
    [[maybe_unused]] const bool posted = engine_.post_driver(
        [this](Instant now) { static_cast<void>(driver_.call_arrives("100", "1", now)); });
    conversation_ = event_target("conversation.initialized");
    request("conversation.answer", conversation_);
  }

  test::TemporaryDirectory files_;
  runtime::Clock clock_;
  SilentLog log_;
  Metrics metrics_;
  core::Directory directory_;
  net::IoThreads io_{1};
  runtime::EngineThread engine_;
  drivers::sim::SimDriver driver_;
  std::unique_ptr<front::Server> front_;
  std::optional<net::WebClient> client_;
  std::string conversation_;
};

Duration echo_time(net::WebClient& client, const std::string& text) {
  const auto start = SteadyClock::now();
  if (!client.send(text) || !client.receive(5s)) std::exit(1);
  return std::chrono::duration_cast<Duration>(SteadyClock::now() - start);
}

std::int64_t percentile_us(std::vector<Duration>& times, std::size_t permille) {
  std::sort(times.begin(), times.end());
  return times[(times.size() - 1) * permille / 1'000].count();
}

void print_row(std::string_view name, std::vector<Duration> times) {
  fmt::print(R"({{"name":"{}","p50_us":{},"p99_us":{},"samples":{}}})"
             "\n",
             name, percentile_us(times, 500), percentile_us(times, 990), times.size());
}

}  // namespace
}  // namespace cord::bench

/// latency_bench [ROUNDS [process|power]]: the second is `[journal] sync`. Prints one JSON line for
/// each kind of message.
int main(int argc, char** argv) {
  using namespace cord;
  using namespace cord::bench;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10'000;
  BeastEcho echo;
  net::WebClient echo_client = must(net::WebClient::connect(echo.local(), "/"));
  const bool syncs = argc > 2 && std::string_view(argv[2]) == "power";
  Bench bench(syncs ? journal::Sync::power : journal::Sync::process);
  const std::string text(110, 'x');
  std::vector<Duration> echoes, holds, retrieves;
  for (int i = 0; i < rounds; ++i) {
    echoes.push_back(echo_time(echo_client, text));
    holds.push_back(bench.time_of("conversation.hold"));
    echoes.push_back(echo_time(echo_client, text));
    retrieves.push_back(bench.time_of("conversation.retrieve"));
  }
  holds.insert(holds.end(), retrieves.begin(), retrieves.end());
  print_row("echo", echoes);
  print_row("hold_or_retrieve", holds);
  return 0;
}
