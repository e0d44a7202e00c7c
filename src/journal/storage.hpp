// Where records end up, behind an interface so that a disk that fails can be simulated.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/journal.hpp"

namespace cord::journal {

/// How far a journal can be read.
struct Reading {
  std::uint64_t last =
      0;  ///< the sequence of the last record that can be replayed; as `after`: none
  Instant last_time{};
  std::string damage{};  ///< why what is behind it cannot be; empty: nothing is
};

/// Snapshots that are kept. What is behind the oldest can be replayed, so that clients who come
/// back after a restart find what they have missed; one that is damaged can be done without.
inline constexpr std::size_t snapshots_kept = 2;

/// Used by one thread at a time. Every error is io_failed or corrupt, with the system's words.
class Storage {
 public:
  using Visitor = std::function<void(Record&&)>;
  virtual ~Storage() = default;

  /// Adds records and snapshots to the open transaction. If it fails, so has the transaction:
  /// nothing since the last commit remains. Of the snapshots only the newest `snapshots_kept` stay;
  /// records that the oldest of them makes needless go little by little.
  [[nodiscard]] virtual Result<void> append(std::span<const Record> batch) = 0;

  /// Makes everything appended since the last commit durable, or none of it.
  [[nodiscard]] virtual Result<void> commit() = 0;

  /// The committed snapshots that are what was written, the oldest first.
  [[nodiscard]] virtual Result<std::vector<Record>> snapshots() = 0;

  /// Visits the committed records behind `after` in order of sequence, up to the first that is
  /// missing or is not what was written.
  [[nodiscard]] virtual Result<Reading> read(std::uint64_t after, const Visitor& visit) = 0;

  /// Puts every record behind `last` where read() does not find it, deletes none, and commits.
  /// Returns how many there were. Snapshots behind it are of no use any more and are deleted.
  [[nodiscard]] virtual Result<std::uint64_t> set_aside(std::uint64_t last) = 0;
};

}  // namespace cord::journal
