#include "front/lost_connections.hpp"

#include <algorithm>
#include <chrono>

#include <pthread.h>

namespace cord::front {
namespace {

constexpr auto retry_after = std::chrono::milliseconds(10);

}  // namespace

LostConnections::LostConnections(runtime::EnginePort& engine)
    : engine_(engine), thread_([this] { run(); }) {}

LostConnections::~LostConnections() {
  stop();
}

void LostConnections::add(core::ConnectionId connection) {
  if (engine_.submit(core::ConnectionLost{connection})) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(connection);
  }
  changed_.notify_one();
}

void LostConnections::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LostConnections::run() {
  pthread_setname_np(pthread_self(), "cord-lost");
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, retry_after);
    }
    if (!is_stopped_) try_all();
  }
  try_all();
}

void LostConnections::try_all() {
  const auto told = std::find_if(waiting_.begin(), waiting_.end(), [this](auto connection) {
    return !engine_.submit(core::ConnectionLost{connection});
  });
  waiting_.erase(waiting_.begin(), told);
}

}  // namespace cord::front
