#include "sim/world.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/commands.hpp"
#include "sim/violation.hpp"
#include "support/core_text.hpp"

namespace cord::sim {
namespace {

using namespace std::chrono_literals;

constexpr Instant beginning{std::chrono::seconds(1'795'359'600)};  // 2026-11-22T15:00:00Z.
constexpr Duration life_max = 2h;
constexpr Duration end_max = 6h;
// Comparing whole states costs as much as a hundred steps when two hundred agents are in.
constexpr std::size_t agents_watched_each_step = 4;

}  // namespace

World::World(const WorldOptions& options, const Watch& watch)
    : options_(options),
      watch_(watch),
      prng_(stream(options.seed, "world")),
      directory_(make_directory(options)),
      now_(beginning),
      network_(*this, options_),
      checks_(options_, directory_) {
  directory_.capabilities = make_platform(options_).capabilities;
}

World::~World() = default;

WorldFigures World::run() {
  start_process();
  populate();
  live();
  wind_down();
  check(true);
  checks_.at_end(*process_, network_, desktops_);
  figures_.kinds |= process_->ledger.kinds();
  figures_.requests = network_.request_count();
  figures_.events = network_.event_count();
  figures_.simulated = now_ - beginning;
  return figures_;
}

void World::populate() {
  for (core::AgentIndex agent = 0; agent < directory_.agents.size(); ++agent) {
    desktops_.push_back(std::make_unique<Desktop>(*this, network_, options_, agent));
    desktops_.back()->begin();
    if (options_.has(Fault::takeovers) && chance(prng_, 300)) {
      desktops_.push_back(std::make_unique<Desktop>(*this, network_, options_, agent));
      desktops_.back()->begin();
    }
  }
  every(options_.calls_gap, &World::call_arrives);
  every(2 * options_.calls_gap, &World::task_arrives);
  if (options_.has(Fault::phones)) every(options_.calls_gap / 2 + 100ms, &World::leg_acts);
  if (options_.has(Fault::recorders)) every(20s, &World::recorder_fails);
  if (options_.has(Fault::disk_failures)) every(20s, &World::disk_fails);
  if (options_.has(Fault::disk_stalls)) every(20s, &World::disk_stalls);
  if (options_.has(Fault::crashes)) every(60s, &World::process_dies);
  if (options_.has(Fault::drain)) agenda_.at(now_ + draw(prng_, 1s, 5min), [this] { drain(); });
}

void World::every(Duration gap, void (World::*act)()) {
  agenda_.at(now_ + draw(prng_, 0ms, 2 * gap), [this, gap, act] {
    if (is_ending_) return;
    (this->*act)();
    every(gap, act);
  });
}

void World::live() {
  while (figures_.steps < options_.steps_max && now_ - beginning < life_max && advance()) {
  }
}

// Whatever broke is mended, nobody new comes, and everybody goes home.
void World::wind_down() {
  is_ending_ = true;
  network_.calm();
  disk_.fails = false;
  disk_.stalled_until = now_;
  if (!process_) start_process();
  for (const auto& desktop : desktops_) desktop->go_home();
  for (const core::LegId leg : process_->platform.legs()) {
    if ((leg.value & core::inbound_leg_bit) == 0) continue;
    agenda_.at(now_ + draw(prng_, 0ms, 5s), [this, leg] {
      if (process_ && process_->platform.hangs_up(leg, core::Cause::remote)) {
        engine_does([this](auto& engine) { engine.take_reports(now_); });
      }
    });
  }
  for (const auto& [id, call] : process_->engine.state().calls()) {
    if (call.type != core::MediaType::telephony) withdraw_later(id, 5s);
  }
  strangers_part();
  const Instant latest = now_ + end_max;
  while (advance()) {
    if (now_ > latest) violated("a world comes to an end", "{} acts to come", agenda_.size());
  }
}

// Two who were joined by a transfer, or who are left of a conference, have no agent who would end
// their call, and an agent whose desktop does not come back has but the phone to end it with.
void World::strangers_part() {
  if (process_) {
    const core::State& state = process_->engine.state();
    std::vector<core::LegId> legs;
    for (const auto& [id, call] : state.calls()) {
      if (call.partner) legs.push_back(call.leg);
      for (const core::LegId leg : call.conference) {
        if (state.at(leg).call) legs.push_back(leg);
      }
    }
    for (const auto& [id, channel] : state.channels()) {
      if (channel.leg && !state.at(channel.session).connection) legs.push_back(channel.leg);
    }
    std::sort(legs.begin(), legs.end());
    for (const core::LegId leg : legs) process_->platform.hangs_up(leg, core::Cause::remote);
    if (!legs.empty()) engine_does([this](auto& engine) { engine.take_reports(now_); });
    if (state.calls().empty()) return;
  }
  agenda_.at(now_ + 30s, [this] { strangers_part(); });
}

// Does what is next; false if nothing is.
bool World::advance() {
  const auto agenda_due = agenda_.next_due();
  const auto journal_due = process_ ? process_->journal.next_due() : std::nullopt;
  const auto engine_due = process_ ? process_->engine.next_due() : std::nullopt;
  constexpr Instant never = Instant::max();
  const Instant next = std::min(
      {agenda_due.value_or(never), journal_due.value_or(never), engine_due.value_or(never)});
  if (next == never) return false;
  now_ = std::max(now_, next);
  if (journal_due == next) {
    engine_does([this](auto& engine) {
      engine.journal_committed(process_->journal.finish_write(now_), now_);
    });
  } else if (agenda_due == next) {
    agenda_.take()();
  } else {
    engine_does([this](auto& engine) { engine.on_time(now_); });
  }
  return true;
}

template <class Act>
void World::engine_does(Act act) {
  ++figures_.steps;
  process_->journal.set_time(now_);
  act(process_->engine);
  check(false);
}

void World::submit(core::Input&& input) {
  if (!process_) return;
  engine_does([&](auto& engine) { engine.handle(std::move(input), now_); });
}

void World::check(bool thoroughly) {
  checks_.after_step(*process_, network_, now_);
  const std::size_t stride = 1 + options_.agents / agents_watched_each_step;
  if (!thoroughly && !watch_.each_step && figures_.steps % stride != 0) return;
  checks_.thoroughly(*process_, network_, desktops_, now_);
}

// --- What happens --------------------------------------------------------------------------------

void World::call_arrives() {
  if (!process_) return;
  ++figures_.calls;
  const core::Queue& queue = directory_.queues[prng_.below(directory_.queues.size())];
  const std::string number = chance(prng_, 20) ? "000" : queue.numbers.front();
  if (is_tracing()) trace(fmt::format("a call to {}", number));
  const auto leg =
      process_->platform.call_arrives(number, fmt::format("555{}", figures_.calls), now_);
  if (leg) engine_does([this](auto& engine) { engine.take_reports(now_); });
}

// A chat or an e-mail; some are the same again, and some who wrote leave.
void World::task_arrives() {
  if (!process_) return;
  const core::LastIds before = process_->engine.state().last_ids();
  submit(core::SubmitTask{
      .request = network_.other_system_asks(),
      .type = chance(prng_, 500) ? core::MediaType::chat : core::MediaType::email,
      .queue = directory_.queues[prng_.below(directory_.queues.size())].name,
      .from = "ann@example",
      .key = chance(prng_, 500) ? std::string() : fmt::format("{}", prng_.below(6))});
  const core::CallId task = process_->engine.state().last_ids().call;
  if (task != before.call && chance(prng_, 400)) withdraw_later(task, 2min);
}

void World::withdraw_later(core::CallId task, Duration patience_max) {
  agenda_.at(now_ + draw(prng_, 0ms, patience_max), [this, task] {
    if (process_) submit(core::WithdrawTask{network_.other_system_asks(), {}, task});
  });
}

void World::leg_acts() {
  if (!process_) return;
  drivers::sim::SimDriver& platform = process_->platform;
  const auto legs = platform.legs();
  if (legs.empty()) return;
  const core::LegId leg = legs[prng_.below(legs.size())];
  constexpr std::array causes{core::Cause::busy, core::Cause::rejected, core::Cause::unreachable};
  const std::uint64_t what = prng_.below(8);
  if (is_tracing()) trace(fmt::format("leg {} does {}", test::text(leg), what));
  switch (what) {
    case 0:
      platform.hangs_up(leg, core::Cause::remote);
      break;
    case 1:
      platform.phone_refuses(leg, causes.at(prng_.below(causes.size())));
      break;
    case 2:
      platform.phone_holds(leg);
      break;
    case 3:
      platform.phone_retrieves(leg);
      break;
    case 4:
    case 5:
      platform.phone_transfers(leg, fill_in("$number", directory_, prng_));
      break;
    default:
      platform.phone_answers(leg);
      break;
  }
  engine_does([this](auto& engine) { engine.take_reports(now_); });
}

void World::recorder_fails() {
  if (!process_) return;
  const auto recorders = process_->platform.recorders();
  if (recorders.empty()) return;
  process_->platform.recorder_fails(recorders[prng_.below(recorders.size())].recording);
  engine_does([this](auto& engine) { engine.take_reports(now_); });
}

void World::disk_fails() {
  disk_.fails = true;
  trace("the disk fails");
  agenda_.at(now_ + draw(prng_, 100ms, 20s), [this] { disk_.fails = false; });
}

void World::disk_stalls() {
  disk_.stalled_until = now_ + draw(prng_, 10ms, 30s);
  trace("the disk stalls");
  checks_.excuse_delays_until(disk_.stalled_until + 1s);
}

void World::process_dies() {
  if (!process_) return;
  ++figures_.restarts;
  trace("the process dies");
  checks_.after_death(disk_);
  figures_.kinds |= process_->ledger.kinds();
  process_.reset();
  network_.process_died();
  agenda_.at(now_ + draw(prng_, 50ms, 10s), [this] {
    if (!process_) start_process();
  });
}

void World::drain() {
  if (!process_ || is_ending_) return;
  trace("the server drains");
  engine_does([this](auto& engine) { engine.drain(now_); });
  agenda_.at(now_ + draw(prng_, 0ms, 60s), [this] { shut_down(); });
}

void World::shut_down() {
  if (!process_ || is_ending_ || !process_->platform.is_draining()) return;
  trace("the server shuts down");
  engine_does([this](auto& engine) { engine.shut_down(now_); });
  checks_.after_shut_down(*process_);
  agenda_.at(now_ + draw(prng_, 0ms, 5s), [this] { process_dies(); });
}

void World::start_process() {
  trace("the process starts");
  checks_.process_started();
  process_ = std::make_unique<Process>(Process::Outside{options_, directory_, disk_, network_,
                                                        [this](const core::Effect& order) {
                                                          const std::string text =
                                                              test::text(order);
                                                          hash(text);
                                                          checks_.note_order(order);
                                                          if (is_tracing()) trace("order: " + text);
                                                        },
                                                        now_},
                                       figures_.restarts);
  checks_.after_restart(*process_, now_);
}

void World::trace(std::string line) {
  if (watch_.trace_lines == 0) return;
  if (trace_.size() == watch_.trace_lines) trace_.pop_front();
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - beginning);
  trace_.push_back(fmt::format("{:>6} {:>9.3f} s  {}", figures_.steps,
                               static_cast<double>(since.count()) / 1'000, line));
}

void World::told(std::string_view text) {
  hash(text);
}

void World::hash(std::string_view text) {
  for (const char letter : text) {
    figures_.hash = (figures_.hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  }
}

}  // namespace cord::sim
