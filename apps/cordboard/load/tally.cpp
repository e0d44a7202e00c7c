#include "load/tally.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cord::app {
namespace {

namespace json = boost::json;
using Counts = std::map<std::string, std::uint64_t>;

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

json::object times_of(const LatencyHistogram& times) {
  return {{"count", times.count()},
          {"p50_us", times.at_permille(500).count()},
          {"p90_us", times.at_permille(900).count()},
          {"p99_us", times.at_permille(990).count()},
          {"max_us", times.max().count()}};
}

std::string line_of(std::string_view name, const LatencyHistogram& times) {
  if (times.count() == 0) return {};
  return fmt::format("{:<22} p50 {:>9}  p90 {:>9}  p99 {:>9}  max {:>9}  of {}\n", name,
                     short_time(times.at_permille(500)), short_time(times.at_permille(900)),
                     short_time(times.at_permille(990)), short_time(times.max()), times.count());
}

json::object object_of(const Counts& counts) {
  json::object all;
  for (const auto& [name, count] : counts) all[name] = count;
  return all;
}

std::string list_of(const Counts& counts) {
  std::string all;
  for (const auto& [name, count] : counts) {
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", name, count);
  }
  return all.empty() ? "none" : all;
}

}  // namespace

std::string short_time(Duration time) {
  const double us = static_cast<double>(time.count());
  if (us < 1e3) return fmt::format("{:.0f} us", us);
  if (us < 1e6) return fmt::format("{:.2f} ms", us / 1e3);
  return fmt::format("{:.2f} s", us / 1e6);
}

bool Tally::is_sound() const {
  return events_lost + events_doubled + answers_doubled + unanswered + malformed == 0 &&
         sessions_lost.empty();
}

json::object Tally::to_json() const {
  json::array storm_times;
  for (const Duration it : storms) storm_times.push_back(seconds(it));
  return {{"command", times_of(command)},
          {"command_to_last_event", times_of(command_to_last)},
          {"event", times_of(event)},
          {"commands", commands},
          {"commands_skipped", skipped},
          {"failures", object_of(failures)},
          {"events", events},
          {"calls_answered", calls},
          {"events_lost", events_lost},
          {"events_doubled", events_doubled},
          {"answers_doubled", answers_doubled},
          {"unanswered", unanswered},
          {"malformed", malformed},
          {"requests_sent_again", resent},
          {"resumes", resumes},
          {"connections_lost", drops},
          {"sessions_lost", object_of(sessions_lost)},
          {"log_in_s", seconds(log_in_took)},
          {"storms_s", storm_times},
          {"resume", times_of(resume)},
          {"sound", is_sound()}};
}

std::string Tally::to_text() const {
  std::string text = line_of("command", command) +
                     line_of("command to last event", command_to_last) + line_of("event", event) +
                     line_of("resume", resume);
  for (const Duration it : storms) {
    text += fmt::format("storm                  over after {}\n", short_time(it));
  }
  text += fmt::format(
      "commands {} ({} skipped: nobody was in a state for one), failures: {}\n"
      "calls answered {}, events {}, resumes {}, requests sent again {}, connections lost {}\n"
      "events lost {}, doubled {}; answers doubled {}, missing {}; malformed {}; sessions lost: "
      "{}\n",
      commands, skipped, list_of(failures), calls, events, resumes, resent, drops, events_lost,
      events_doubled, answers_doubled, unanswered, malformed, list_of(sessions_lost));
  return text;
}

}  // namespace cord::app
