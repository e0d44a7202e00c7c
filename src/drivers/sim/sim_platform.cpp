#include "drivers/sim/sim_platform.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace cord::drivers::sim {
namespace {

constexpr std::string_view calls_name = "cord_sim_calls_total";
constexpr std::string_view calls_help = "Calls that simulated callers made, by outcome";

std::string caller_number(std::uint64_t draw) {
  return fmt::format("1555{:07}", draw % 10'000'000);
}

}  // namespace

SimPlatform::SimPlatform(const SimOptions& options, SimTraffic traffic, std::uint64_t seed,
                         SimSurroundings surroundings)
    : traffic_(std::move(traffic)),
      sink_(std::move(surroundings.sink)),
      arrived_(surroundings.metrics.counter(calls_name, calls_help, "arrived")),
      refused_(surroundings.metrics.counter(calls_name, calls_help, "refused")),
      legs_used_(surroundings.metrics.bound("sim.legs_max", options.legs_max)),
      recordings_used_(surroundings.metrics.bound("sim.recordings_max", options.recordings_max)),
      prng_(seed),
      now_(surroundings.now),
      driver_(options, prng_.next(), [this](core::Report report) {
        note(report);
        sink_(std::move(report));
      }) {
  if (traffic_.calls_per_minute > 0 && !traffic_.numbers.empty()) {
    next_call_ = surroundings.now + next_gap();
  }
}

core::Capabilities SimPlatform::capabilities() const {
  return driver_.capabilities();
}

void SimPlatform::execute(const core::Effect& order, Instant now) {
  now_ = now;
  driver_.execute(order, now);
  legs_used_.set(static_cast<std::int64_t>(driver_.leg_count()));
  recordings_used_.set(static_cast<std::int64_t>(driver_.recording_count()));
}

void SimPlatform::on_timer(Instant now) {
  now_ = now;
  driver_.on_timer(now);
  while (const auto leg = hang_ups_.advance(now)) driver_.hangs_up(*leg, core::Cause::remote);
  while (next_call_ && *next_call_ <= now) {
    *next_call_ += next_gap();
    call(now);
  }
}

std::optional<Instant> SimPlatform::next_due() const {
  std::optional<Instant> next = next_call_;
  for (const auto& due : {driver_.next_due(), hang_ups_.next_due()}) {
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void SimPlatform::drain(Instant now) {
  next_call_.reset();
  driver_.drain(now);
}

bool SimPlatform::is_quiet() const {
  return driver_.is_quiet();
}

/// Who is connected for the first time waits no more and begins to talk; who is gone no longer
/// hangs up.
void SimPlatform::note(const core::Report& report) {
  if (const auto* arrived = std::get_if<core::CallArrived>(&report)) {
    far_ends_[arrived->leg].hang_up = hang_ups_.start(now_ + draw(traffic_.patience), arrived->leg);
  } else if (const auto* bridged = std::get_if<core::LegsBridged>(&report)) {
    FarEnd& it = far_ends_[bridged->customer];
    if (std::exchange(it.is_talking, true)) return;
    hang_ups_.cancel(it.hang_up);
    it.hang_up = hang_ups_.start(now_ + draw(traffic_.talk), bridged->customer);
  } else if (const auto* released = std::get_if<core::LegReleased>(&report)) {
    const auto at = far_ends_.find(released->leg);
    if (at == far_ends_.end()) return;
    hang_ups_.cancel(at->second.hang_up);
    far_ends_.erase(at);
  }
}

void SimPlatform::call(Instant now) {
  const std::string& called = traffic_.numbers[prng_.below(traffic_.numbers.size())];
  const auto leg = driver_.call_arrives(called, caller_number(prng_.next()), now);
  (leg ? arrived_ : refused_).add();
}

Duration SimPlatform::draw(const Span& span) {
  const auto width = static_cast<std::uint64_t>((span.max - span.min).count());
  return span.min + Duration(static_cast<std::int64_t>(prng_.below(width + 1)));
}

/// Evenly between nothing and twice the mean.
Duration SimPlatform::next_gap() {
  const Duration mean = Duration(std::chrono::minutes(1)) / traffic_.calls_per_minute;
  return std::max(Duration(1), draw({Duration::zero(), 2 * mean}));
}

}  // namespace cord::drivers::sim
