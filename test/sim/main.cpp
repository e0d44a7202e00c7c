// sim_world: runs worlds, one for each seed, and says how to see again the one that broke a rule.
//
//   sim_world [--seeds N] [--first N]                     N worlds from that seed on
//   sim_world --seed N [--agents N] [--steps N] [--without FAULT,FAULT...] [--trace N]
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/mp11.hpp>
#include <fmt/ranges.h>
#include <unistd.h>

#include "runtime/event_codec.hpp"
#include "sim/violation.hpp"
#include "sim/world.hpp"

namespace cord::sim {
namespace {

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t count = 2'000;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> agents;
  std::optional<std::uint64_t> steps;
  std::string without;
  std::uint64_t trace = 60;
};

[[noreturn]] void usage(std::string_view what) {
  fmt::print(stderr, "sim_world: {}\n", what);
  fmt::print(stderr,
             "usage: sim_world [--seeds N] [--first N]\n"
             "       sim_world --seed N [--agents N] [--steps N] [--without FAULT,...] "
             "[--trace LINES]\n");
  std::exit(2);
}

std::uint64_t number(std::string_view name, std::string_view value) {
  std::uint64_t parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc{} || end != value.data() + value.size()) {
    usage(fmt::format("{} takes a number, not '{}'", name, value));
  }
  return parsed;
}

Arguments parse(int argc, char** argv) {
  Arguments all;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (i + 1 == argc) usage(fmt::format("{} takes a value", name));
    const std::string_view value = argv[++i];
    if (name == "--without") {
      all.without = value;
      continue;
    }
    const std::uint64_t parsed = number(name, value);
    if (name == "--seeds") {
      all.count = parsed;
    } else if (name == "--first") {
      all.first = parsed;
    } else if (name == "--seed") {
      all.seed = parsed;
    } else if (name == "--agents") {
      all.agents = parsed;
    } else if (name == "--steps") {
      all.steps = parsed;
    } else if (name == "--trace") {
      all.trace = parsed;
    } else {
      usage(fmt::format("unknown option {}", name));
    }
  }
  return all;
}

WorldOptions options_for(std::uint64_t seed, const Arguments& given) {
  WorldOptions options = draw_options(seed);
  if (given.agents) options.agents = *given.agents;
  if (given.steps) options.steps_max = *given.steps;
  std::string_view rest = given.without;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find(','));
    const auto fault = find_fault(name);
    if (!fault) usage(fmt::format("no fault is called '{}'", name));
    options.clear(*fault);
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return options;
}

// --- Failures ------------------------------------------------------------------------------------

/// What the handler of SIGABRT prints: a failed CORD_ASSERT has no other way to name its world.
char running_world[256];  // NOLINT: a signal handler may look at nothing better.

void on_abort(int) {
  const char* text = running_world;
  (void)!write(STDERR_FILENO, "in this world: ", 15);
  (void)!write(STDERR_FILENO, text, std::strlen(text));
  (void)!write(STDERR_FILENO, "\n", 1);
}

struct Outcome {
  std::optional<Violation> violation;
  std::uint64_t step = 0;
  WorldFigures figures;
};

Outcome run(const WorldOptions& options, const World::Watch& watch, bool prints_trace = false) {
  std::snprintf(running_world, sizeof running_world, "%s", command_line(options).c_str());
  World world(options, watch);
  Outcome outcome;
  try {
    outcome.figures = world.run();
  } catch (const Violation& violation) {
    outcome.violation = violation;
  }
  outcome.step = world.step();
  if (prints_trace) {
    for (const std::string& line : world.traced()) fmt::print("{}\n", line);
  }
  return outcome;
}

/// True if `smaller` breaks the same rule; `best` is then that.
bool still_fails(const WorldOptions& smaller, const std::string& invariant, WorldOptions& best) {
  const Outcome outcome = run(smaller, {.each_step = true});
  if (!outcome.violation || outcome.violation->invariant != invariant) return false;
  best = smaller;
  best.steps_max = std::min<std::size_t>(best.steps_max, outcome.step);
  return true;
}

/// A smaller world that breaks the same rule: fewer faults, fewer agents, fewer steps.
WorldOptions shrink(const WorldOptions& failing, const std::string& invariant) {
  WorldOptions best = failing;
  for (std::size_t i = 0; i < fault_count; ++i) {
    WorldOptions smaller = best;
    smaller.clear(static_cast<Fault>(i));
    if (smaller.faults != best.faults) still_fails(smaller, invariant, best);
  }
  for (std::size_t agents = 1; agents < best.agents; agents *= 2) {
    WorldOptions smaller = best;
    smaller.agents = agents;
    if (still_fails(smaller, invariant, best)) break;
  }
  return best;
}

void explain(const WorldOptions& options, const Outcome& outcome, std::uint64_t trace_lines) {
  fmt::print("\nseed {}: broken at step {}: {}\n  {}\n", options.seed, outcome.step,
             outcome.violation->invariant, outcome.violation->detail);
  const WorldOptions smaller = shrink(options, outcome.violation->invariant);
  fmt::print("\nthe last of a world as small as could be found:\n");
  const Outcome again = run(smaller, {.each_step = true, .trace_lines = trace_lines}, true);
  if (again.violation) {
    fmt::print("\nbroken at step {}: {}\n  {}\n", again.step, again.violation->invariant,
               again.violation->detail);
  }
  fmt::print("\nsee it again:     {}\nas it was found:  {}\n", command_line(smaller),
             command_line(options));
}

// --- Many worlds ---------------------------------------------------------------------------------

struct Totals {
  WorldFigures all;
  std::map<std::string, std::vector<std::uint64_t>> broken;  ///< seeds by invariant
};

void add(Totals& totals, const WorldFigures& figures) {
  totals.all.steps += figures.steps;
  totals.all.requests += figures.requests;
  totals.all.events += figures.events;
  totals.all.calls += figures.calls;
  totals.all.restarts += figures.restarts;
  totals.all.simulated += figures.simulated;
  totals.all.kinds |= figures.kinds;
  totals.all.hash = totals.all.hash * 31 + figures.hash;
}

/// Worlds that never get somewhere show nothing of it.
void report_kinds(const EventKinds& seen) {
  const core::Directory directory = make_directory(draw_options(1));
  std::string missing;
  boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<core::Event>>>(
      [&](auto kind) {
        if (seen.test(kind)) return;
        runtime::RecordContent content;
        content.events.emplace_back(std::in_place_index<kind>);
        const std::string text = runtime::encode_record(std::move(content), directory);
        const std::string_view name = std::string_view(text).substr(text.find("[{\"") + 3);
        missing += fmt::format(" {}", name.substr(0, name.find('"')));
      });
  if (!missing.empty()) fmt::print("never happened:{}\n", missing);
}

void report(const Totals& totals, std::uint64_t worlds) {
  const WorldFigures& all = totals.all;
  const double simulated = std::chrono::duration<double>(all.simulated).count();
  // Of the processor: other work on the machine does not change it.
  const double seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  fmt::print(
      "{} worlds in {:.1f} s of CPU: {:.0f} worlds/s; {:.0f} h in them, {:.0f} times as fast\n",
      worlds, seconds, static_cast<double>(worlds) / seconds, simulated / 3600,
      simulated / seconds);
  fmt::print("{} steps, {} calls, {} requests, {} events, {} restarts; hash {:016x}\n", all.steps,
             all.calls, all.requests, all.events, all.restarts, all.hash);
  report_kinds(all.kinds);
  for (const auto& [invariant, seeds] : totals.broken) {
    fmt::print("broken in {} worlds: {} (seeds {}{})\n", seeds.size(), invariant,
               fmt::join(seeds.begin(),
                         seeds.begin() +
                             std::min<std::ptrdiff_t>(8, static_cast<std::ptrdiff_t>(seeds.size())),
                         " "),
               seeds.size() > 8 ? " ..." : "");
  }
}

int run_many(const Arguments& given) {
  Totals totals;
  std::optional<std::pair<WorldOptions, Outcome>> first;
  for (std::uint64_t seed = given.first; seed < given.first + given.count; ++seed) {
    const WorldOptions options = options_for(seed, given);
    const Outcome outcome = run(options, {});
    if (!outcome.violation) {
      add(totals, outcome.figures);
      continue;
    }
    totals.broken[outcome.violation->invariant].push_back(seed);
    if (!first) first = {options, outcome};
  }
  report(totals, given.count);
  if (!first) return 0;
  explain(first->first, first->second, given.trace);
  return 1;
}

int run_one(const Arguments& given) {
  const WorldOptions options = options_for(*given.seed, given);
  std::string faults;
  for (std::size_t i = 0; i < fault_count; ++i) {
    if (options.has(static_cast<Fault>(i)))
      faults += fmt::format(" {}", name_of(static_cast<Fault>(i)));
  }
  fmt::print("{}: {} agents, {} steps,{}\n", command_line(options), options.agents,
             options.steps_max, faults.empty() ? " no faults" : faults);
  const Outcome outcome = run(options, {.each_step = true, .trace_lines = given.trace}, true);
  if (outcome.violation) {
    explain(options, outcome, given.trace);
    return 1;
  }
  Totals totals;
  add(totals, outcome.figures);
  report(totals, 1);
  return 0;
}

}  // namespace
}  // namespace cord::sim

int main(int argc, char** argv) {
  using namespace cord::sim;
  const Arguments given = parse(argc, argv);
  (void)std::signal(SIGABRT, on_abort);
  return given.seed ? run_one(given) : run_many(given);
}
