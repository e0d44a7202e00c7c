#include "sim/disk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.hpp"
#include "sim/options.hpp"

namespace cord::sim {

SimJournal::SimJournal(Disk& disk, Latency latency, Prng prng, Observer observer)
    : disk_(disk), latency_(latency), prng_(prng), observer_(std::move(observer)) {}

void SimJournal::append(journal::Record&& record) {
  observer_(record);
  queued_.push_back(std::move(record));
  if (!due_) begin_write(now_);
}

void SimJournal::begin_write(Instant now) {
  writing_ = std::exchange(queued_, {});
  const Instant start = std::max(now, disk_.stalled_until);
  due_ = start + draw(prng_, latency_.min, latency_.max);
}

std::uint64_t SimJournal::finish_write(Instant now) {
  CORD_ASSERT(due_ && !writing_.empty());
  const std::uint64_t reached = writing_.back().sequence;
  std::move(writing_.begin(), writing_.end(), std::back_inserter(backlog_));
  writing_.clear();
  if (!disk_.fails) {
    std::move(backlog_.begin(), backlog_.end(), std::back_inserter(disk_.committed));
    backlog_.clear();
  }
  due_.reset();
  if (!queued_.empty()) begin_write(now);
  return reached;
}

}  // namespace cord::sim
