#include "runtime/queue_board.hpp"

#include <algorithm>
#include <variant>

namespace cord::runtime {
namespace {

using core::QueueCount;
using core::QueueFigures;

constexpr auto telephony = static_cast<std::size_t>(core::MediaType::telephony);

std::int64_t number(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

bool is_waiting(const core::Call& call) {
  return call.queue && !call.interaction && !call.partner;
}

std::size_t count_of(const core::QueueTable& table, core::AgentState state) {
  return table.staff.at(static_cast<std::size_t>(state));
}

void look_at(const core::State& state, core::QueueKey key, QueueFigures& figures) {
  const core::QueueTable& table = state.queue(key);
  figures.waiting = table.waiting_count();
  figures.oldest.reset();
  if (figures.waiting > 0) figures.oldest = state.at(table.oldest()).arrived;
  figures.ready = table.ready.size();
  figures.busy = count_of(table, core::AgentState::reserved) +
                 count_of(table, core::AgentState::busy) +
                 count_of(table, core::AgentState::wrapup);
  figures.not_ready = count_of(table, core::AgentState::not_ready);
}

}  // namespace

QueueBoard::QueueBoard(Metrics& metrics, const core::Directory& directory) {
  for (const core::Queue& queue : directory.queues) {
    if (queue.is_gone) continue;
    const auto gauge = [&](const char* name, const char* help) {
      return &metrics.gauge(name, help, queue.name);
    };
    const auto counter = [&](const char* name, const char* help) {
      return &metrics.counter(name, help, queue.name);
    };
    shown_.push_back(
        {.waiting = gauge("cord_queue_waiting", "Callers who wait, by queue."),
         .longest_wait = gauge("cord_queue_longest_wait_seconds",
                               "How long the first of those who wait has waited, by queue."),
         .ready = gauge("cord_queue_ready_agents", "Agents who would get the next call, by queue."),
         .busy = gauge("cord_queue_busy_agents",
                       "Agents who are offered a call, have one or wrap up, by queue."),
         .counts = {counter("cord_queue_entered_total", "Calls that came in, by queue."),
                    counter("cord_queue_offers_total", "Offers made to agents, by queue."),
                    counter("cord_queue_answered_total", "Calls that agents took, by queue."),
                    counter("cord_queue_abandoned_total", "Calls that were given up, by queue."),
                    counter("cord_queue_overflowed_total", "Calls that were sent on, by queue."),
                    counter("cord_queue_unserved_total",
                            "Calls that were let go of or given back, by queue.")}});
    counted_.push_back({{queue.name, queue.service_level}});
    kept_.push_back({{queue.name, queue.service_level}});
  }
}

void QueueBoard::count(QueueCount kind, std::optional<core::QueueIndex> queue,
                       core::MediaType type) {
  if (!queue || *queue >= counted_.size()) return;
  const auto place = static_cast<std::size_t>(kind);
  ++counted_[*queue].row.media.at(static_cast<std::size_t>(type)).counts.at(place);
  if (type == core::MediaType::telephony) shown_[*queue].counts.at(place)->add();
  if (kind == QueueCount::entered) ++present_quarter(*queue, type).entered;
  if (kind == QueueCount::answered) ++present_quarter(*queue, type).answered;
  if (kind == QueueCount::abandoned) ++present_quarter(*queue, type).abandoned;
}

// Who leaves unanswered before the time is up says nothing of the service.
void QueueBoard::leave(QueueCount kind, const core::Call& call) {
  count(kind, call.queue, call.type);
  if (!call.queue || *call.queue >= counted_.size()) return;
  core::QueueRow& row = counted_[*call.queue].row;
  core::ServiceLevel& level = row.media.at(static_cast<std::size_t>(call.type)).service_level;
  const bool is_in_time = now_ - call.queued <= row.service_level;
  const bool is_answered = kind == QueueCount::answered;
  if (is_answered || !is_in_time) ++level.of;
  if (is_answered && is_in_time) ++level.answered;
}

core::Quarter& QueueBoard::present_quarter(core::QueueIndex queue, core::MediaType type) {
  const Instant start = now_ - now_.time_since_epoch() % core::quarter_length;
  std::vector<core::Quarter>& quarters =
      counted_[queue].quarters.at(static_cast<std::size_t>(type));
  if (quarters.empty() || quarters.back().start != start) quarters.push_back({start});
  return quarters.back();
}

void QueueBoard::note(const core::State& before, const core::Event& event, Instant now) {
  now_ = now;
  std::visit([&](const auto& it) { on(before, it); }, event);
}

void QueueBoard::on(const core::State&, const core::CallQueued& event) {
  count(QueueCount::entered, event.queue, core::MediaType::telephony);
}

void QueueBoard::on(const core::State&, const core::TaskQueued& event) {
  count(QueueCount::entered, event.queue, event.type);
}

void QueueBoard::on(const core::State&, const core::CallDialed& event) {
  count(QueueCount::entered, event.queue, core::MediaType::telephony);
}

void QueueBoard::on(const core::State&, const core::ConsultDialed& event) {
  count(QueueCount::entered, event.queue, core::MediaType::telephony);
}

void QueueBoard::on(const core::State&, const core::ConferenceDialed& event) {
  count(QueueCount::entered, event.queue, core::MediaType::telephony);
}

void QueueBoard::on(const core::State&, const core::CallTransferred& event) {
  count(QueueCount::entered, event.queue, core::MediaType::telephony);
}

void QueueBoard::on(const core::State& before, const core::CallOverflowed& event) {
  leave(QueueCount::overflowed, before.at(event.call));
  count(QueueCount::entered, event.queue, core::MediaType::telephony);
}

void QueueBoard::on(const core::State& before, const core::TransferFailed& event) {
  const core::Call& call = before.at(event.call);
  if (is_waiting(call)) leave(QueueCount::unserved, call);
  count(QueueCount::entered, call.transfer->home, call.type);
}

// An offer that nobody had taken has not left its queue.
void QueueBoard::on(const core::State& before, const core::TaskRequeued& event) {
  const bool was_taken = event.previous == core::InteractionState::started;
  if (!was_taken) return;
  const core::Call& call = before.at(event.call);
  count(QueueCount::entered, call.queue, call.type);
}

void QueueBoard::on(const core::State& before, const core::OfferMade& event) {
  const core::Call* call = before.find(event.call);
  if (call != nullptr) count(QueueCount::offers, call->queue, call->type);
}

void QueueBoard::on(const core::State& before, const core::CallAnswered& event) {
  const core::Call& call = before.at(before.at(event.interaction).call);
  const bool was_offered = event.previous == core::ConversationState::alerting;
  if (was_offered) leave(QueueCount::answered, call);
}

void QueueBoard::on(const core::State& before, const core::CallGone& event) {
  const core::Call& call = before.at(event.call);
  if (!is_waiting(call)) return;
  const bool is_unserved = event.cause == core::Cause::timeout ||
                           event.cause == core::Cause::shutdown ||
                           event.cause == core::Cause::recovery;
  leave(is_unserved ? QueueCount::unserved : QueueCount::abandoned, call);
}

void QueueBoard::publish(const core::State& state) {
  for (core::QueueIndex queue = 0; queue < counted_.size(); ++queue) {
    core::QueueRow& row = counted_[queue].row;
    for (std::size_t type = 0; type < core::media_type_count; ++type) {
      look_at(state, {queue, static_cast<core::MediaType>(type)}, row.media.at(type));
    }
    const QueueFigures& calls = row.media.at(telephony);
    shown_[queue].waiting->set(number(calls.waiting));
    shown_[queue].ready->set(number(calls.ready));
    shown_[queue].busy->set(number(calls.busy));
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kept_.size(); ++i) publish(counted_[i], kept_[i]);
}

// With the mutex held. What is counted of a quarter has changed the row's counts too.
void QueueBoard::publish(Counted& from, Kept& to) {
  if (from.row.media == to.row.media) return;
  to.row.media = from.row.media;
  to.version = ++version_;
  for (std::size_t type = 0; type < core::media_type_count; ++type) {
    std::deque<KeptQuarter>& kept = to.quarters.at(type);
    for (const core::Quarter& news : from.quarters.at(type)) {
      if (kept.empty() || kept.back().quarter.start != news.start) kept.push_back({});
      core::Quarter& sum = kept.back().quarter;
      sum = {news.start, sum.entered + news.entered, sum.answered + news.answered,
             sum.abandoned + news.abandoned};
      kept.back().version = version_;
    }
    while (kept.size() > core::quarters_kept) kept.pop_front();
    from.quarters.at(type).clear();
  }
}

std::vector<core::QueueRow> QueueBoard::rows() const {
  std::vector<core::QueueRow> all;
  const std::lock_guard lock(mutex_);
  all.reserve(kept_.size());
  for (const Kept& it : kept_) all.push_back(it.row);
  return all;
}

QueueBoard::Changes QueueBoard::changes(std::uint64_t version) const {
  const std::lock_guard lock(mutex_);
  Changes found{version_, {}};
  for (const Kept& it : kept_) {
    if (version != 0 && it.version <= version) continue;
    core::FloorQueue& queue = found.queues.emplace_back(core::FloorQueue{it.row});
    for (std::size_t type = 0; type < core::media_type_count; ++type) {
      for (const KeptQuarter& quarter : it.quarters.at(type)) {
        if (quarter.version > version) queue.quarters.at(type).push_back(quarter.quarter);
      }
    }
  }
  return found;
}

void QueueBoard::refresh(Instant now) const {
  const std::vector<core::QueueRow> all = rows();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::optional<Instant>& oldest = all[i].media.at(telephony).oldest;
    const Duration waited = oldest ? std::max(now - *oldest, Duration::zero()) : Duration::zero();
    shown_[i].longest_wait->set(std::chrono::duration_cast<std::chrono::seconds>(waited).count());
  }
}

}  // namespace cord::runtime
