// The events of one session, kept for clients that come back (docs/protocol.md, section 5 (1)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/client.hpp"

namespace cord::runtime {

/// What a client has missed, still encoded: `last` - `first` + 1 events. For the front to decode,
/// as fast as its client reads.
struct Backlog {
  std::string session_name;
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  std::vector<std::string> chunks;
};

/// Takes a backlog event by event.
class BacklogReader {
 public:
  explicit BacklogReader(Backlog&& backlog);

  /// The next event, whole but for its session's number; none at the end.
  [[nodiscard]] std::optional<core::ClientEvent> next();

 private:
  Backlog backlog_;
  std::size_t chunk_ = 0;
  std::size_t offset_ = 0;
};

/// First in, first out. Keeps at least the last `events_max` events, and less than `chunk_events`
/// more.
class EventLog {
 public:
  static constexpr std::size_t chunk_events = 64;

  /// `last`: the number of the last event before, of which nothing is kept.
  explicit EventLog(std::size_t events_max, std::uint64_t last = 0)
      : events_max_(events_max), last_(last) {}

  /// Its seq is to be last() + 1.
  void append(const core::ClientEvent& event);

  /// The number of the newest event; 0: there was none.
  [[nodiscard]] std::uint64_t last() const { return last_; }
  /// The number of the oldest one kept; last() + 1 if none is.
  [[nodiscard]] std::uint64_t first() const { return last_ + 1 - count_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// True if everything after `seq` is kept, and `seq` is not yet to come.
  [[nodiscard]] bool reaches_back_to(std::uint64_t seq) const {
    return seq <= last_ && seq + 1 >= first();
  }

  /// Everything after `seq`; reaches_back_to(seq) holds.
  [[nodiscard]] Backlog after(std::uint64_t seq) const;

 private:
  struct Chunk {
    std::string bytes;
    std::size_t count = 0;
  };

  std::size_t events_max_;
  std::deque<Chunk> chunks_;
  std::uint64_t last_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace cord::runtime
