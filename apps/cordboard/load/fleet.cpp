#include "load/fleet.hpp"

#include <utility>

#include <fmt/format.h>

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration connect_again_after = 200ms;
constexpr int tries_per_command = 16;

}  // namespace

Fleet::Fleet(net::IoThreads& io, FleetOptions options, const Mix& mix)
    : io_(io), options_(std::move(options)), mix_(mix), prng_(options_.seed) {
  places_.resize(options_.desktops);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[i].desktop = std::make_unique<LoadDesktop>(i, fmt::format("sim-{}", options_.first + i),
                                                       options_.habits, *this, tally_);
  }
}

Fleet::~Fleet() {
  close();
}

Result<void> Fleet::open() {
  net::WebClientsOptions options;
  options.each = options_.server.options;
  options.each.timeout = 20s;  // Thousands connect at the same time.
  options.connections_max = options_.desktops;
  options.message_bytes_max = 1024 * 1024;
  auto made = net::WebClients::make(
      io_, options,
      {.on_open = [this](net::ConnectionId id) { on_open(id); },
       .on_message = [this](net::ConnectionId id,
                            const std::string& text) { on_message(id, text); },
       .on_end = [this](net::ConnectionId id, const net::WebEnd& end) { on_end(id, end); }});
  if (!made) return tl::make_unexpected(made.error());
  clients_ = std::move(*made);
  return {};
}

void Fleet::close() {
  if (clients_) clients_->stop();
}

void Fleet::post(std::function<void()> work) {
  io_.post(std::move(work));
}

void Fleet::log_in() {
  log_in_began_ = clock_.now();
  for (std::size_t i = 0; i < places_.size(); ++i) to_connect_.push_back(i);
  connect_some();
}

void Fleet::connect_some() {
  while (!to_connect_.empty() && connecting_ < options_.connects_at_once &&
         (places_[to_connect_.front()].is_logged_in || logging_in_ < options_.log_ins_at_once)) {
    const std::size_t index = to_connect_.front();
    to_connect_.pop_front();
    const auto connection = clients_->connect(options_.server.address, options_.server.path);
    Place& place = places_[index];
    if (!connection) {
      timers_.start(clock_.now() + connect_again_after, {index, true});
      continue;
    }
    ++connecting_;
    if (!place.is_logged_in) {
      place.is_logging_in = true;
      ++logging_in_;
    }
    place.connection = *connection;
    by_connection_.emplace(*connection, index);
  }
}

void Fleet::end_log_in(Place& place) {
  if (std::exchange(place.is_logging_in, false)) --logging_in_;
}

void Fleet::on_open(net::ConnectionId id) {
  const auto at = by_connection_.find(id);
  if (at == by_connection_.end()) return;
  --connecting_;
  places_[at->second].desktop->on_open(clock_.now());
  connect_some();
}

void Fleet::on_message(net::ConnectionId id, const std::string& text) {
  const auto at = by_connection_.find(id);
  if (at == by_connection_.end()) return;
  places_[at->second].desktop->on_message(text, clock_.now());
  refresh(at->second);
}

/// Whoever has not given up comes back.
void Fleet::on_end(net::ConnectionId id, const net::WebEnd& end) {
  const auto node = by_connection_.extract(id);
  if (node.empty()) return;
  const std::size_t index = node.mapped();
  Place& place = places_[index];
  if (!end.was_open) --connecting_;
  end_log_in(place);
  if (end.was_open && !place.is_in_storm) ++tally_.drops;
  place.connection.reset();
  place.desktop->on_lost();
  refresh(index);
  if (place.desktop->phase() == LoadDesktop::Phase::given_up) return;
  if (place.is_in_storm && end.was_open) {
    to_connect_.push_back(index);
    connect_some();
  } else {
    timers_.start(clock_.now() + connect_again_after, {index, true});
  }
}

void Fleet::send(std::size_t desktop, std::string text) {
  if (places_[desktop].connection) clients_->send(*places_[desktop].connection, std::move(text));
}

void Fleet::wake(std::size_t desktop, Duration delay) {
  timers_.start(clock_.now() + delay, {desktop, false});
}

void Fleet::settled(std::size_t desktop) {
  Place& place = places_[desktop];
  const bool works = place.desktop->phase() == LoadDesktop::Phase::working;
  const Instant now = clock_.now();
  end_log_in(place);
  if (!place.is_logged_in && works) {
    place.is_logged_in = true;
    if (++logged_in_ == places_.size()) tally_.log_in_took = now - log_in_began_;
  }
  if (place.is_in_storm) {
    place.is_in_storm = false;
    if (works) tally_.resume.add(now - storm_began_);
    if (--left_in_storm_ == 0) tally_.storms.push_back(now - storm_began_);
  }
}

void Fleet::refresh(std::size_t desktop) {
  Place& place = places_[desktop];
  const Mood mood = place.desktop->mood();
  if (mood == place.pool) return;
  if (place.pool != Mood::none) {
    auto& pool = pools_[static_cast<std::size_t>(place.pool)];
    places_[pool.back()].at = place.at;
    pool[place.at] = pool.back();
    pool.pop_back();
  }
  place.pool = mood;
  if (mood == Mood::none) return;
  auto& pool = pools_[static_cast<std::size_t>(mood)];
  place.at = pool.size();
  pool.push_back(desktop);
}

void Fleet::begin_measuring(std::uint64_t commands_per_second) {
  tally_.command = tally_.command_to_last = tally_.event = {};
  tally_.commands = tally_.skipped = 0;
  tally_.failures.clear();
  commands_per_second_ = commands_per_second;
  measuring_since_ = clock_.now();
  commands_due_ = 0;
}

void Fleet::end_measuring() {
  commands_per_second_ = 0;
}

void Fleet::storm() {
  storm_began_ = clock_.now();
  std::vector<net::ConnectionId> all;
  for (Place& place : places_) {
    if (!place.connection || !place.is_logged_in || place.is_in_storm) continue;
    place.is_in_storm = true;
    ++left_in_storm_;
    all.push_back(*place.connection);
  }
  for (const net::ConnectionId id : all) clients_->drop(id);
}

void Fleet::ask_for_snapshots() {
  for (Place& place : places_) {
    const LoadDesktop& desktop = *place.desktop;
    if (desktop.phase() != LoadDesktop::Phase::working || desktop.waits_for_an_answer()) continue;
    place.desktop->ask_for_snapshot(clock_.now());
  }
}

void Fleet::tick() {
  const Instant now = clock_.now();
  while (const auto due = timers_.advance(now)) {
    if (due->connects) {
      to_connect_.push_back(due->desktop);
    } else {
      places_[due->desktop].desktop->on_due(now);
      refresh(due->desktop);
    }
  }
  connect_some();
  run_due_commands(now);
}

/// Open loop: the times at which commands are due do not depend on how fast they are answered.
void Fleet::run_due_commands(Instant now) {
  if (commands_per_second_ == 0) return;
  const Duration step = Duration(std::chrono::seconds(1)) / commands_per_second_;
  for (Instant due = measuring_since_ + commands_due_ * step; due <= now; due += step) {
    ++commands_due_;
    if (!run_one(due)) ++tally_.skipped;
  }
}

bool Fleet::run_one(Instant due) {
  for (int i = 0; i < tries_per_command; ++i) {
    const MixRow& row = mix_.draw(prng_);
    std::size_t suiting = 0;
    for (std::size_t mood = 1; mood < moods_count; ++mood) {
      if (row.suits(static_cast<Mood>(mood))) suiting += pools_[mood].size();
    }
    if (suiting == 0) continue;
    std::size_t at = prng_.below(suiting);
    for (std::size_t mood = 1; mood < moods_count; ++mood) {
      if (!row.suits(static_cast<Mood>(mood))) continue;
      if (at < pools_[mood].size()) {
        const std::size_t index = pools_[mood][at];
        const bool runs = places_[index].desktop->run(row, due);
        refresh(index);
        if (runs) return true;
        break;
      }
      at -= pools_[mood].size();
    }
  }
  return false;
}

void Fleet::count_unanswered() {
  for (const Place& place : places_) {
    if (place.desktop->waits_for_an_answer()) ++tally_.unanswered;
  }
}

FleetView Fleet::view() const {
  FleetView view;
  for (const Place& place : places_) {
    const auto phase = place.desktop->phase();
    if (phase == LoadDesktop::Phase::working) ++view.working;
    if (phase == LoadDesktop::Phase::given_up) ++view.given_up;
    if (place.desktop->waits_for_an_answer()) ++view.waiting;
    if (place.pool == Mood::connected || place.pool == Mood::held) ++view.talking;
  }
  view.left_in_storm = left_in_storm_;
  return view;
}

}  // namespace cord::app
