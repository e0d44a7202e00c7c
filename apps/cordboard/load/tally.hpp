// What the load generator counts, and its two ways to tell it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/latency_histogram.hpp"

namespace cord::app {

struct Tally {
  // Of the measured time only (Fleet::begin_measuring). From when a command was due to be sent.
  LatencyHistogram command;          ///< to its response
  LatencyHistogram command_to_last;  ///< to the last event that its response announced
  LatencyHistogram event;            ///< an event's `time` to its arrival: the clock is common
  std::uint64_t commands = 0;        ///< answered, successes and failures
  std::uint64_t skipped = 0;         ///< were due while no agent was in a state for one
  std::map<std::string, std::uint64_t> failures;  ///< by code; codes are a closed list

  // Of the whole run.
  std::uint64_t events = 0;
  std::uint64_t calls = 0;            ///< answered
  std::uint64_t events_lost = 0;      ///< numbers that never came
  std::uint64_t events_doubled = 0;   ///< numbers that came again
  std::uint64_t answers_doubled = 0;  ///< or to something that was not asked
  std::uint64_t unanswered = 0;       ///< in the end
  std::uint64_t malformed = 0;        ///< messages that are none of the protocol
  std::uint64_t resent = 0;           ///< after a resume, with their ids
  std::uint64_t resumes = 0;
  std::uint64_t drops = 0;  ///< connections lost that were not ours to drop
  std::map<std::string, std::uint64_t> sessions_lost;  ///< agents who could not go on, by code

  // Of the log-in and of the storms.
  Duration log_in_took{};
  LatencyHistogram resume;       ///< from the drop until an agent had the last event it had missed
  std::vector<Duration> storms;  ///< each until the last agent had

  /// Nothing lost, doubled, unanswered or given up.
  [[nodiscard]] bool is_sound() const;
  [[nodiscard]] boost::json::object to_json() const;
  /// For people, several lines.
  [[nodiscard]] std::string to_text() const;
};

/// "3.42 ms", "1.25 s".
[[nodiscard]] std::string short_time(Duration time);

}  // namespace cord::app
