// Where records end up, behind an interface so that a disk that fails can be simulated.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/result.hpp"
#include "journal/journal.hpp"

namespace cord::journal {

/// Used by one thread at a time. Every error is io_failed or corrupt, with the system's words.
class Storage {
 public:
  using Visitor = std::function<void(Record&&)>;
  virtual ~Storage() = default;

  /// Adds records of this run to the open transaction. If it fails, so has the transaction: nothing
  /// since the last commit remains.
  [[nodiscard]] virtual Result<void> append(std::span<const Record> batch) = 0;

  /// Makes everything appended since the last commit durable, or none of it.
  [[nodiscard]] virtual Result<void> commit() = 0;

  /// The number of this process's run: 1 for the first, then one more for each start.
  [[nodiscard]] virtual std::uint64_t run() const = 0;

  /// Visits the committed records of `run` in order of sequence.
  [[nodiscard]] virtual Result<void> read(std::uint64_t run, const Visitor& visit) = 0;
};

}  // namespace cord::journal
