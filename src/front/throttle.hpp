// Wrong passwords, counted per agent and per address, and wrong resume tokens (docs/protocol.md,
// prepareSession and session.resume). Reads no clock.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.hpp"

namespace cord::front {

inline constexpr std::size_t wrong_passwords_max = 5;  ///< the fifth throttles

struct ThrottleLimits {
  Duration window = std::chrono::minutes(5);  ///< in which wrong passwords are counted
  Duration pause = std::chrono::minutes(5);   ///< from the last of them
  std::size_t entries_max = 100'000;          ///< agents, and addresses; the oldest is forgotten
};

/// Remembers failures of one kind of key, the one that failed longest ago first.
template <class Key>
class FailureTable {
 public:
  explicit FailureTable(ThrottleLimits limits) : limits_(limits) {}

  [[nodiscard]] bool is_throttled(const Key& key, Instant now) const {
    const auto found = places_.find(key);
    return found != places_.end() && now < found->second->throttled_until;
  }

  /// Counts one failure. To be called only for a key that is not throttled.
  void add(const Key& key, Instant now) {
    forget_old(now);
    Entry& entry = newest(key);
    entry.last = now;
    if (entry.failures == wrong_passwords_max) entry.failures = 0;  // A pause has passed.
    drop_outside_window(entry, now);
    entry.times[entry.failures++] = now;
    if (entry.failures == wrong_passwords_max) entry.throttled_until = now + limits_.pause;
  }

  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  struct Entry {
    Key key;
    std::array<Instant, wrong_passwords_max> times{};
    std::size_t failures = 0;
    Instant last{};
    Instant throttled_until{};
  };

  void forget_old(Instant now) {
    const Duration kept = std::max(limits_.window, limits_.pause);
    while (!entries_.empty() && entries_.front().last + kept <= now) forget_oldest();
  }

  void forget_oldest() {
    places_.erase(entries_.front().key);
    entries_.pop_front();
  }

  Entry& newest(const Key& key) {
    const auto found = places_.find(key);
    if (found != places_.end()) {
      entries_.splice(entries_.end(), entries_, found->second);
      return entries_.back();
    }
    if (entries_.size() >= limits_.entries_max) forget_oldest();
    entries_.push_back(Entry{.key = key});
    places_.emplace(key, std::prev(entries_.end()));
    return entries_.back();
  }

  void drop_outside_window(Entry& entry, Instant now) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entry.failures; ++i) {
      if (entry.times[i] + limits_.window > now) entry.times[kept++] = entry.times[i];
    }
    entry.failures = kept;
  }

  ThrottleLimits limits_;
  std::list<Entry> entries_;
  std::unordered_map<Key, typename std::list<Entry>::iterator> places_;
};

/// For one thread at a time.
class LogInThrottle {
 public:
  explicit LogInThrottle(ThrottleLimits limits) : agents_(limits), addresses_(limits) {}

  /// True if no password is to be looked at now. `ip` is an IPv4 address as a number.
  [[nodiscard]] bool is_throttled(std::string_view agent, std::uint32_t ip, Instant now) const;
  /// The same where nobody knows yet whose token it is.
  [[nodiscard]] bool is_throttled(std::uint32_t ip, Instant now) const;

  /// A password or a token was looked at and was wrong.
  void add_failure(std::string_view agent, std::uint32_t ip, Instant now);
  /// The same where a token did not prove who sent it: anybody could write any name into it.
  void add_failure(std::uint32_t ip, Instant now);

  /// Of the longer of its two tables.
  [[nodiscard]] std::size_t entries_count() const {
    return std::max(agents_.size(), addresses_.size());
  }

 private:
  FailureTable<std::string> agents_;
  FailureTable<std::uint32_t> addresses_;
};

/// Wrong resume tokens, counted per session. Not per address: a token cannot be guessed, and a
/// whole office of desktops whose sessions have expired comes from one address. Thread-safe.
class ResumeThrottle {
 public:
  explicit ResumeThrottle(ThrottleLimits limits) : sessions_(limits) {}

  [[nodiscard]] bool is_throttled(const std::string& session, Instant now) const;
  void add_failure(const std::string& session, Instant now);

 private:
  mutable std::mutex mutex_;
  FailureTable<std::string> sessions_;
};

}  // namespace cord::front
