// The journal's writer and its disk, in simulated time: what the engine appends is committed some
// time later, in groups, or cannot be written, as docs/journal.md says. What is committed outlives
// the process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/instant.hpp"
#include "base/prng.hpp"
#include "journal/journal.hpp"

namespace cord::sim {

/// The file, as it is found when the process has died.
struct Disk {
  std::vector<journal::Record> committed;
  bool fails = false;       ///< nothing can be written
  Instant stalled_until{};  ///< a write begun before takes until then
};

class SimJournal final : public journal::Journal {
 public:
  struct Latency {
    Duration min{};
    Duration max{};
  };
  using Observer = std::function<void(const journal::Record&)>;

  /// `observer` is shown each record as it is appended. Everything must outlive the journal.
  SimJournal(Disk& disk, Latency latency, Prng prng, Observer observer);

  void append(journal::Record&& record) override;

  /// To be told before anything is appended at `now`.
  void set_time(Instant now) { now_ = now; }

  [[nodiscard]] std::optional<Instant> next_due() const { return due_; }
  /// Ends the write that is due. Returns the sequence up to which the engine need not wait.
  [[nodiscard]] std::uint64_t finish_write(Instant now);

  /// Nothing is on its way to the disk. What could not be written may still be kept.
  [[nodiscard]] bool is_idle() const { return queued_.empty() && writing_.empty(); }

 private:
  void begin_write(Instant now);

  Disk& disk_;
  const Latency latency_;
  Prng prng_;
  const Observer observer_;
  Instant now_{};
  std::vector<journal::Record> queued_;
  std::vector<journal::Record> writing_;
  std::vector<journal::Record> backlog_;  // Could not be written; goes first when it works again.
  std::optional<Instant> due_;
};

}  // namespace cord::sim
