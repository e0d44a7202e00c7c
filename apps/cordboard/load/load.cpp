#include "load/load.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "client/password.hpp"
#include "load/fleet.hpp"
#include "net/process_signals.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int exit_usage = 2;
constexpr std::size_t files_beside = 64;  ///< open files that are no connection of an agent
constexpr Duration tick_interval = 1ms;
constexpr Duration look_interval = 100ms;
constexpr Duration answer_patience = 50s;  ///< the server's longest deadline is 40 s
constexpr Duration stall_patience = 120s;  ///< of a log-in or a storm

/// One line that is written over on a terminal; elsewhere a line every few seconds.
class Progress {
 public:
  void show(std::string_view line, bool is_last = false) {
    const auto now = Clock::now();
    if (!is_last && now - shown_ < (is_terminal_ ? 500ms : 5s)) return;
    shown_ = now;
    fmt::print(stderr, "{}{}{}", is_terminal_ ? "\r\x1b[K" : "", line,
               is_terminal_ && !is_last ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  Clock::time_point shown_{};
};

class LoadRun {
 public:
  LoadRun(const LoadOptions& options, Fleet& fleet, const std::atomic<bool>& is_stopped)
      : options_(options), fleet_(fleet), is_stopped_(is_stopped) {}

  void run() {
    fleet_.run_on_its_thread([](Fleet& it) { it.log_in(); });
    pass("log-in", stall_patience,
         [&] { return view_.working + view_.given_up == options_.agents; });
    if (view_.working == 0) return progress_.show("nobody could log in", true);
    pass("warm-up", options_.warm_up, [] { return false; });
    fleet_.run_on_its_thread([&](Fleet& it) { it.begin_measuring(options_.commands_per_second); });
    measure();
    fleet_.run_on_its_thread([](Fleet& it) { it.end_measuring(); });
    pass("last answers", answer_patience, [&] { return view_.waiting == 0; });
    fleet_.run_on_its_thread([](Fleet& it) { it.ask_for_snapshots(); });
    pass("last look", answer_patience, [&] { return view_.waiting == 0; });
    fleet_.run_on_its_thread([](Fleet& it) { it.count_unanswered(); });
    progress_.show("done", true);
  }

 private:
  void measure() {
    const Duration share = options_.duration / (options_.storms + 1);
    pass("load", share, [] { return false; });
    for (std::uint32_t i = 0; i < options_.storms && !is_stopped_; ++i) {
      fleet_.run_on_its_thread([](Fleet& it) { it.storm(); });
      pass("storm", stall_patience, [&] { return view_.left_in_storm == 0; });
      pass("load", share, [] { return false; });
    }
  }

  /// Lets time pass until `is_done`, at most for `patience`.
  template <class Done>
  void pass(std::string_view phase, Duration patience, Done is_done) {
    const auto end = Clock::now() + patience;
    auto next_look = Clock::now();
    for (auto at = Clock::now(); at < end && !is_stopped_; at = Clock::now()) {
      fleet_.run_on_its_thread([&](Fleet& it) {
        it.tick();
        if (at < next_look) return;
        view_ = it.view();
        show(phase, it.tally());
      });
      if (at >= next_look) {
        if (is_done()) return;
        next_look = at + look_interval;
      }
      std::this_thread::sleep_until(at + tick_interval);
    }
  }

  void show(std::string_view phase, const Tally& tally) {
    std::uint64_t failures = 0;
    for (const auto& [code, count] : tally.failures) failures += count;
    const auto passed = std::chrono::duration<double>(Clock::now() - began_).count();
    progress_.show(fmt::format(
        "{:6.1f} s  {:<12} agents {}/{}  talking {}  commands {}  p99 {}  failures {}  events {}",
        passed, phase, view_.working, options_.agents, view_.talking, tally.commands,
        short_time(tally.command.at_permille(990)), failures, tally.events));
  }

  const LoadOptions& options_;
  Fleet& fleet_;
  const std::atomic<bool>& is_stopped_;
  const Clock::time_point began_ = Clock::now();
  Progress progress_;
  FleetView view_;
};

int fail(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.detail);
  return exit_usage;
}

boost::json::object report(const LoadOptions& options, const Tally& tally) {
  return {{"agents", options.agents},
          {"commands_per_second", options.commands_per_second},
          {"duration_s", std::chrono::duration<double>(options.duration).count()},
          {"mix", options.mix.empty() ? "usual" : options.mix},
          {"result", tally.to_json()}};
}

}  // namespace

int run_load(const LoadOptions& options) {
  const auto mix = Mix::parse(options.mix);
  if (!mix) return fail(mix.error());
  auto server = find_endpoint(options.server, options.ca_file);
  if (!server) return fail(server.error());
  const auto password = find_password(options.password_file, "Password of the agents");
  if (!password) return fail(password.error());
  if (auto allowed = allow_open_files(options.agents + files_beside); !allowed) {
    return fail(allowed.error());
  }

  net::IoThreads io(1, "load-io");
  std::atomic<bool> is_stopped{false};
  auto signals = net::ProcessSignals::watch(io, {SIGINT, SIGTERM}, [&](int) {
    if (is_stopped.exchange(true)) std::_Exit(EXIT_FAILURE);
  });
  if (!signals) return fail(signals.error());
  FleetOptions fleet_options;
  fleet_options.server = std::move(*server);
  fleet_options.desktops = options.agents;
  fleet_options.first = options.first;
  fleet_options.habits.password = *password;
  fleet_options.seed = options.seed;
  Fleet fleet(io, std::move(fleet_options), *mix);
  if (auto opened = fleet.open(); !opened) return fail(opened.error());
  LoadRun(options, fleet, is_stopped).run();
  Tally tally;  // Before the end, when all connections are lost.
  fleet.run_on_its_thread([&](const Fleet& it) { tally = it.tally(); });
  fleet.close();

  fmt::print("{}", tally.to_text());
  if (!options.json_file.empty()) {
    std::ofstream out(options.json_file);
    out << boost::json::serialize(report(options, tally)) << '\n';
    if (!out.flush()) {
      return fail(
          {Errc::io_failed, "load.json", fmt::format("{}: cannot be written", options.json_file)});
    }
  }
  if (is_stopped) return EXIT_FAILURE;
  return tally.is_sound() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace cord::app
