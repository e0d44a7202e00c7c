#include "replay.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "runtime/flight_replay.hpp"

namespace cord::app {
namespace {

constexpr int exit_usage = 2;

std::string state_text(runtime::FlightReport&& report) {
  core::State state(report.directory);
  core::restore(state, std::move(report.state));
  return state.dump();
}

}  // namespace

int run_replay(const std::string& file, bool prints_state) {
  std::ifstream in(file, std::ios::binary);
  errno = 0;
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) {
    fmt::print(stderr, "error: {} cannot be read: {}\n", file,
               std::generic_category().message(errno));
    return exit_usage;
  }
  auto report = runtime::replay_flight(bytes);
  if (!report) {
    fmt::print(stderr, "error: {}: {}\n", file, report.error().detail);
    return report.error().code == Errc::malformed ? exit_usage : EXIT_FAILURE;
  }
  fmt::print("{} to {}: {} inputs, {} of them refused, {} events\n", utc_text(report->first),
             utc_text(report->last), report->inputs, report->refusals, report->events);
  if (report->is_cut) fmt::print("the file ends within an entry: its process was killed\n");
  const bool is_same = report->difference.empty();
  if (is_same) {
    fmt::print("{} recorded states reached, byte for byte\n", report->checks);
  } else {
    fmt::print("a recorded state was not reached:\n{}\n", report->difference);
  }
  if (prints_state) fmt::print("\n{}", state_text(std::move(*report)));
  return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace cord::app
