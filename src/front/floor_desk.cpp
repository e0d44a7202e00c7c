#include "front/floor_desk.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <pthread.h>

#include "wire/floor.hpp"

namespace cord::front {
namespace {

/// The engine has not looked at the floor yet.
constexpr auto retry_after = std::chrono::milliseconds(5);

}  // namespace

FloorDesk::FloorDesk(std::size_t watchers_max, Duration interval, const Surroundings& given)
    : watchers_max_(watchers_max),
      interval_(interval),
      given_(given),
      used_(given_.metrics.bound("front.watchers_max", watchers_max)),
      updates_(given_.metrics.counter("cord_front_floor_updates_total",
                                      "Updates of the floor sent to supervisors")),
      thread_([this] { run(); }) {}

FloorDesk::~FloorDesk() {
  stop();
}

bool FloorDesk::add(core::ConnectionId connection, std::shared_ptr<FloorWatcher> watcher,
                    std::string session_name, std::uint64_t watch) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = watches_.find(connection);
    const bool is_new = found == watches_.end();
    if (is_stopped_ || (is_new && watches_.size() >= watchers_max_)) return false;
    watches_[connection] = {std::move(watcher), std::move(session_name), watch};
    used_.set(static_cast<std::int64_t>(watches_.size()));
    if (is_new) given_.floor.watch();
  }
  changed_.notify_one();
  return true;
}

void FloorDesk::remove(core::ConnectionId connection) {
  const std::lock_guard lock(mutex_);
  if (watches_.erase(connection) == 0) return;
  used_.set(static_cast<std::int64_t>(watches_.size()));
  given_.floor.end_watch();
}

void FloorDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  watches_.clear();
}

void FloorDesk::run() {
  pthread_setname_np(pthread_self(), "cord-floor");
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    if (watches_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next_due());
    }
    if (!is_stopped_) tell_all(std::chrono::steady_clock::now());
  }
}

FloorDesk::Time FloorDesk::next_due() const {
  const auto first =
      std::min_element(watches_.begin(), watches_.end(),
                       [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
  return first->second.due;
}

// With the mutex held: who is removed meanwhile waits that long and is then told nothing more.
void FloorDesk::tell_all(Time now) {
  std::vector<News> made;
  for (auto& [connection, watch] : watches_) {
    if (watch.due > now) continue;
    watch.due = now + interval_;
    if (!watch.watcher->is_behind()) tell(watch, made);
  }
}

void FloorDesk::tell(Watch& watch, std::vector<News>& made) {
  const News* news = news_for(watch.known, made);
  if (news == nullptr) {
    watch.due += retry_after - interval_;
    return;
  }
  watch.known = news->to;
  if (news->data.empty()) return;
  updates_.add();
  watch.watcher->show(watch.number,
                      wire::print_floor_event(watch.session_name, news->data, given_.now()));
}

// Those who know the same are told the same, and it is printed once.
const FloorDesk::News* FloorDesk::news_for(const Known& from, std::vector<News>& made) const {
  const auto found =
      std::find_if(made.begin(), made.end(), [&](const News& it) { return it.from == from; });
  if (found != made.end()) return &*found;
  auto agents = given_.floor.changes(from.floor);
  if (!agents) return nullptr;
  auto queues = given_.queues.changes(from.queues);
  const bool is_whole = from == Known{};
  News news{from, {agents->version, queues.version}, {}};
  if (is_whole || !agents->agents.empty() || !queues.queues.empty()) {
    news.data = wire::print_floor({is_whole, std::move(agents->agents), std::move(queues.queues)},
                                  given_.now());
  }
  return &made.emplace_back(std::move(news));
}

}  // namespace cord::front
