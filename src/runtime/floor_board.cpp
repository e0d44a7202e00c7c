#include "runtime/floor_board.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace cord::runtime {
namespace {

// The configured ones come first: what is gone was added behind them.
std::size_t configured_count(const core::Directory& directory) {
  std::size_t count = 0;
  for (const core::Agent& it : directory.agents) count += it.is_gone ? 0 : 1;
  return count;
}

}  // namespace

FloorBoard::FloorBoard(const core::Directory& directory, Instant started,
                       std::function<void()> wake)
    : wake_(std::move(wake)),
      is_marked_(configured_count(directory)),
      logged_out_(is_marked_.size(), started),
      kept_(is_marked_.size()) {}

void FloorBoard::watch() {
  {
    const std::lock_guard lock(mutex_);
    if (watchers_.fetch_add(1) == 0) {
      is_known_ = false;
      wants_all_.store(true);
    }
  }
  wake_();
}

void FloorBoard::end_watch() {
  watchers_.fetch_sub(1);
}

void FloorBoard::note(const core::State& state, const core::Event& event, Instant now) {
  if (const auto* closed = std::get_if<core::SessionClosed>(&event)) {
    const core::Session* session = state.find(closed->session);
    if (session != nullptr && session->agent < logged_out_.size()) {
      logged_out_[session->agent] = now;
    }
  }
  if (!is_following_) return;
  if (watchers_.load(std::memory_order_relaxed) == 0) {
    is_following_ = false;
    return;
  }
  std::visit([&](const auto& it) { touch(state, it); }, event);
}

template <class Event>
void FloorBoard::touch(const core::State& state, const Event& event) {
  if constexpr (requires { event.session; }) touch(state.find(event.session));
  if constexpr (requires { event.old_session; }) touch(state.find(event.old_session));
  if constexpr (requires { event.channel; }) touch(state, state.find(event.channel));
  if constexpr (requires { event.interaction; }) touch(state, state.find(event.interaction));
  if constexpr (requires { event.origin; }) touch(state, state.find(event.origin));
  if constexpr (requires { event.conversation; }) {
    const core::Conversation* conversation = state.find(event.conversation);
    if (conversation != nullptr) touch(state, state.find(conversation->interaction));
  }
}

void FloorBoard::touch(const core::Session* session) {
  if (session != nullptr) mark(session->agent);
}

void FloorBoard::touch(const core::State& state, const core::Channel* channel) {
  if (channel == nullptr) return;
  mark(channel->agent);
  if (!channel->monitoring) return;
  const core::Channel* monitored = state.find(channel->monitoring->agent_channel);
  if (monitored != nullptr) mark(monitored->agent);
}

void FloorBoard::touch(const core::State& state, const core::Interaction* interaction) {
  if (interaction != nullptr) touch(state, state.find(interaction->channel));
}

void FloorBoard::mark(core::AgentIndex agent) {
  if (agent >= is_marked_.size() || is_marked_[agent]) return;
  is_marked_[agent] = true;
  marked_.push_back(agent);
}

void FloorBoard::mark_all() {
  for (core::AgentIndex agent = 0; agent < is_marked_.size(); ++agent) mark(agent);
}

void FloorBoard::publish(const core::State& state) {
  if (watchers_.load() == 0) {
    is_following_ = false;
    return;
  }
  const bool has_missed = !std::exchange(is_following_, true);
  const bool begins = wants_all_.exchange(false) || has_missed;
  if (begins) mark_all();
  if (marked_.empty()) return;
  std::vector<core::FloorAgent> rows;
  rows.reserve(marked_.size());
  for (const core::AgentIndex agent : marked_) {
    rows.push_back(core::floor_agent(state, agent, logged_out_[agent]));
    is_marked_[agent] = false;
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Kept& kept = kept_[marked_[i]];
    if (kept.version != 0 && kept.row == rows[i]) continue;
    kept = {std::move(rows[i]), ++version_};
  }
  marked_.clear();
  is_known_ = is_known_ || begins;
}

std::optional<FloorBoard::Changes> FloorBoard::changes(std::uint64_t version) const {
  const std::lock_guard lock(mutex_);
  if (!is_known_) return std::nullopt;
  std::vector<const Kept*> news;
  for (const Kept& it : kept_) {
    if (it.version > version) news.push_back(&it);
  }
  Changes found{version_, {}};
  if (news.size() > agents_at_a_time) {
    const auto last = news.begin() + agents_at_a_time - 1;
    std::nth_element(news.begin(), last, news.end(),
                     [](const Kept* a, const Kept* b) { return a->version < b->version; });
    found.version = (*last)->version;
    news.resize(agents_at_a_time);
    std::sort(news.begin(), news.end());
  }
  for (const Kept* it : news) found.agents.push_back(it->row);
  return found;
}

}  // namespace cord::runtime
