// Many timers, few of which ever fire: a hashed hierarchical wheel (Varghese and Lauck, 1987).
// Start and cancel are O(1) whatever the number of timers; nothing here reads a clock.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/instant.hpp"

namespace cord {

/// A started timer. Stale handles (fired or cancelled) are told apart by their generation.
struct TimerHandle {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  ///< 0: never started
};

/// Timers that carry a value of type T and fire no earlier than their due time, at most one
/// millisecond late with respect to the `now` given. Those due in the same millisecond, or already
/// past when started, fire in the order they were started. Times before 1970 count as 1970.
template <class T>
class TimerWheel {
 public:
  /// Timers whose due time has passed fire at the next advance().
  TimerHandle start(Instant due, T value) {
    const std::uint32_t slot = allocate();
    Node& node = nodes_[slot];
    node.due_ms = to_ms(due);
    node.value = std::move(value);
    insert(slot);
    ++live_;
    return {slot, node.generation};
  }

  /// Forgets the timer. A stale handle is a no-op. The handle is reset.
  void cancel(TimerHandle& handle) {
    if (is_live(handle)) {
      unlink(handle.slot);
      release(handle.slot);
    }
    handle = {};
  }

  [[nodiscard]] bool is_live(TimerHandle handle) const {
    return handle.generation != 0 && handle.slot < nodes_.size() &&
           nodes_[handle.slot].generation == handle.generation && nodes_[handle.slot].linked;
  }

  /// Takes out one due timer, in order of due millisecond, or none. Call until none.
  std::optional<T> advance(Instant now) {
    const std::int64_t now_ms = floor_ms(now);
    for (;;) {
      const std::uint32_t head = levels_[0][index(current_ms_, 0)];
      if (head != none) {
        unlink(head);
        std::optional<T> value(std::move(nodes_[head].value));
        release(head);
        return value;
      }
      if (current_ms_ >= now_ms) return std::nullopt;
      step(now_ms);
    }
  }

  /// A lower bound for the next firing: never later than it, and later than `now` once advance(now)
  /// has returned none. Exact when the timer is in the current block of 256 ms; before that a
  /// caller is woken at most once per level, four times, for nothing.
  [[nodiscard]] std::optional<Instant> next_due() const {
    for (int level = 0; level < levels; ++level) {
      if (counts_[level] == 0) continue;
      // Above level 0 the current bucket holds nothing but what is due a whole turn later.
      const std::int64_t base = (current_ms_ >> (bits * level)) + (level == 0 ? 0 : 1);
      std::int64_t ahead = 0;
      while (levels_[level][(base + ahead) & mask] == none) ++ahead;
      return from_ms((base + ahead) << (bits * level));
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t size() const { return live_; }

 private:
  static constexpr int bits = 8;
  static constexpr int levels = 5;  // 2^40 ms: 34 years
  static constexpr std::int64_t width = 1 << bits;
  static constexpr std::int64_t mask = width - 1;
  static constexpr std::uint32_t none = UINT32_MAX;

  struct Node {
    T value{};
    std::int64_t due_ms = 0;
    std::uint32_t prev = none, next = none;
    std::uint32_t generation = 1;
    int level = 0;
    std::size_t bucket = 0;
    bool linked = false;
  };

  static std::int64_t to_ms(Instant t) {
    return std::chrono::ceil<std::chrono::milliseconds>(t.time_since_epoch()).count();
  }
  static std::int64_t floor_ms(Instant t) {
    return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
  }
  static Instant from_ms(std::int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }
  static std::size_t index(std::int64_t ms, int level) {
    return static_cast<std::size_t>((ms >> (bits * level)) & mask);
  }

  std::uint32_t allocate() {
    if (free_.empty()) {
      nodes_.emplace_back();
      return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void release(std::uint32_t slot) {
    Node& node = nodes_[slot];
    node.value = T{};
    if (++node.generation == 0) node.generation = 1;
    free_.push_back(slot);
    --live_;
  }

  void insert(std::uint32_t slot) {
    Node& node = nodes_[slot];
    const std::int64_t due = std::max(node.due_ms, current_ms_);
    int level = 0;
    while (level < levels - 1 && ((due ^ current_ms_) >> (bits * (level + 1))) != 0) ++level;
    link(slot, level, index(due, level));
  }

  // Appends at the tail, so that equal due times fire in the order they were started.
  void link(std::uint32_t slot, int level, std::size_t bucket) {
    Node& node = nodes_[slot];
    node.level = level;
    node.bucket = bucket;
    node.linked = true;
    ++counts_[level];
    std::uint32_t& head = levels_[level][bucket];
    node.next = none;
    if (head == none) {
      head = node.prev = slot;  // The head's prev is the tail.
      return;
    }
    node.prev = nodes_[head].prev;
    nodes_[node.prev].next = slot;
    nodes_[head].prev = slot;
  }

  void unlink(std::uint32_t slot) {
    Node& node = nodes_[slot];
    std::uint32_t& head = levels_[node.level][node.bucket];
    if (head == slot) {
      head = node.next;
      if (head != none) nodes_[head].prev = node.prev;
    } else {
      nodes_[node.prev].next = node.next;
      const std::uint32_t after = node.next != none ? node.next : head;
      nodes_[after].prev = node.prev;
    }
    node.linked = false;
    --counts_[node.level];
  }

  // Moves the hand on: to the next block of the lowest level that holds anything, so that a long
  // jump (the first one leads from 1970 to today) costs some hundred steps, not one for each block.
  void step(std::int64_t now_ms) {
    int lowest = 0;
    while (lowest < levels - 1 && counts_[lowest] == 0) ++lowest;
    const std::int64_t next = ((current_ms_ >> (bits * lowest)) + 1) << (bits * lowest);
    if (live_ == 0 || next > now_ms) {
      current_ms_ = now_ms;
      return;
    }
    current_ms_ = next;
    for (int level = 1; level < levels && index(current_ms_, level - 1) == 0; ++level) {
      cascade(level, index(current_ms_, level));
    }
  }

  void cascade(int level, std::size_t bucket) {
    std::uint32_t slot = levels_[level][bucket];
    levels_[level][bucket] = none;
    while (slot != none) {
      const std::uint32_t next = nodes_[slot].next;
      --counts_[level];
      insert(slot);
      slot = next;
    }
  }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> free_;
  std::array<std::array<std::uint32_t, width>, levels> levels_ = make_empty();
  std::array<std::size_t, levels> counts_{};
  std::int64_t current_ms_ = 0;
  std::size_t live_ = 0;

  static constexpr auto make_empty() {
    std::array<std::array<std::uint32_t, width>, levels> empty{};
    for (auto& level : empty) level.fill(none);
    return empty;
  }
};

}  // namespace cord
