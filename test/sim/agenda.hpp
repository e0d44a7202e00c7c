// What is to happen, and when. At equal times in the order it was put in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/instant.hpp"

namespace cord::sim {

class Agenda {
 public:
  using Act = std::function<void()>;

  void at(Instant when, Act act) { entries_.push({when, ++last_, std::move(act)}); }

  [[nodiscard]] std::optional<Instant> next_due() const {
    return entries_.empty() ? std::nullopt : std::optional(entries_.top().when);
  }
  /// One must be there.
  [[nodiscard]] Act take() {
    Act act = std::move(const_cast<Entry&>(entries_.top()).act);  // Popped before anyone looks.
    entries_.pop();
    return act;
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Instant when;
    std::uint64_t number;
    Act act;
    bool operator<(const Entry& other) const {
      return when != other.when ? when > other.when : number > other.number;
    }
  };
  std::priority_queue<Entry> entries_;
  std::uint64_t last_ = 0;
};

}  // namespace cord::sim
