// A journal's storage in memory, with a disk that can be told when to fail and when to stall.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "journal/storage.hpp"

namespace cord::test {

/// What a storage does with `committed` when it has snapshots: only the newest stay, and what the
/// oldest of them makes needless goes.
inline void drop_needless(std::vector<journal::Record>& committed) {
  std::vector<std::uint64_t> snapshots;
  for (const journal::Record& it : committed) {
    if (it.is_snapshot) snapshots.push_back(it.sequence);
  }
  if (snapshots.size() < journal::snapshots_kept) return;
  const std::uint64_t oldest = *(snapshots.end() - journal::snapshots_kept);
  std::erase_if(committed, [&](const journal::Record& it) {
    return it.sequence < oldest || (it.sequence == oldest && !it.is_snapshot);
  });
}

/// What outlives the storage that writes on it. Thread-safe.
class MemoryDisk {
 public:
  /// The operations (append, commit) that fail, counted from 1.
  void fail_at(std::set<std::uint64_t> operations) {
    const std::lock_guard lock(mutex_);
    failing_operations_ = std::move(operations);
  }
  void fail_all(bool on) {
    const std::lock_guard lock(mutex_);
    all_fail_ = on;
  }
  /// While stalled, an operation does not return.
  void stall(bool on) {
    {
      const std::lock_guard lock(mutex_);
      stalled_ = on;
    }
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<journal::Record> committed() const {
    const std::lock_guard lock(mutex_);
    return committed_;
  }
  [[nodiscard]] std::vector<journal::Record> set_aside() const {
    const std::lock_guard lock(mutex_);
    return aside_;
  }
  /// As if an earlier process had left them.
  void begin_with(std::vector<journal::Record> records) {
    const std::lock_guard lock(mutex_);
    committed_ = std::move(records);
    drop_needless(committed_);
  }
  [[nodiscard]] std::vector<std::size_t> batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  [[nodiscard]] std::uint64_t operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
  }
  /// Waits until `count` operations have begun.
  void wait_for_operations(std::uint64_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return operations_ >= count; });
  }

 private:
  friend class MemoryStorage;

  [[nodiscard]] Result<void> operate(std::string_view where, std::unique_lock<std::mutex>& lock) {
    ++operations_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !stalled_; });
    if (all_fail_ || failing_operations_.contains(operations_)) {
      return refuse(Errc::io_failed, where, "database or disk is full");
    }
    return {};
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<journal::Record> committed_;
  std::vector<journal::Record> aside_;
  std::vector<std::size_t> batches_;
  std::set<std::uint64_t> failing_operations_;
  std::uint64_t operations_ = 0;
  bool all_fail_ = false;
  bool stalled_ = false;
};

class MemoryStorage final : public journal::Storage {
 public:
  explicit MemoryStorage(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}

  Result<void> append(std::span<const journal::Record> batch) override {
    std::unique_lock lock(disk_->mutex_);
    auto outcome = disk_->operate("memory.append", lock);
    if (outcome) {
      open_.insert(open_.end(), batch.begin(), batch.end());
    } else {
      open_.clear();
    }
    return outcome;
  }

  Result<void> commit() override {
    std::unique_lock lock(disk_->mutex_);
    auto outcome = disk_->operate("memory.commit", lock);
    if (outcome) {
      disk_->batches_.push_back(open_.size());
      disk_->committed_.insert(disk_->committed_.end(), open_.begin(), open_.end());
      drop_needless(disk_->committed_);
    }
    open_.clear();
    return outcome;
  }

  Result<std::vector<journal::Record>> snapshots() override {
    auto all = committed("memory.snapshots");
    if (all) std::erase_if(*all, [](const journal::Record& it) { return !it.is_snapshot; });
    return all;
  }

  Result<journal::Reading> read(std::uint64_t after, const Visitor& visit) override {
    auto records = committed("memory.read");
    if (!records) return tl::make_unexpected(records.error());
    journal::Reading reading{.last = after};
    for (journal::Record& record : *records) {
      if (record.is_snapshot || record.sequence <= after) continue;
      if (record.sequence != reading.last + 1) {
        reading.damage = "a hole";
        return reading;
      }
      reading.last = record.sequence;
      reading.last_time = record.time;
      visit(std::move(record));
    }
    return reading;
  }

  Result<std::uint64_t> set_aside(std::uint64_t last) override {
    std::unique_lock lock(disk_->mutex_);
    if (auto outcome = disk_->operate("memory.set_aside", lock); !outcome) {
      return tl::make_unexpected(outcome.error());
    }
    const auto behind =
        std::stable_partition(disk_->committed_.begin(), disk_->committed_.end(),
                              [&](const journal::Record& it) { return it.sequence <= last; });
    const auto count = static_cast<std::uint64_t>(disk_->committed_.end() - behind);
    disk_->aside_.insert(disk_->aside_.end(), behind, disk_->committed_.end());
    disk_->committed_.erase(behind, disk_->committed_.end());
    return count;
  }

 private:
  Result<std::vector<journal::Record>> committed(std::string_view where) {
    std::unique_lock lock(disk_->mutex_);
    if (auto outcome = disk_->operate(where, lock); !outcome) {
      return tl::make_unexpected(outcome.error());
    }
    return disk_->committed_;
  }

  std::shared_ptr<MemoryDisk> disk_;
  std::vector<journal::Record> open_;
};

}  // namespace cord::test
