// What the engine writes to: records in, "committed up to" back. The file format is in
// docs/journal.md.
#pragma once

#include <cstdint>
#include <string>

#include "base/instant.hpp"

namespace cord::journal {

/// Everything one decision changed. `sequence` counts the journal's records from 1, over all runs,
/// without a hole. A snapshot is what all records up to and including `sequence` come to, instead
/// of a record of that number: whoever has it can do without them.
struct Record {
  std::uint64_t sequence = 0;
  Instant time{};
  std::string payload{};  ///< bytes; nothing in this room looks into them
  bool is_snapshot = false;
  friend bool operator==(const Record&, const Record&) = default;
};

class Journal {
 public:
  virtual ~Journal() = default;
  /// Queues one record or snapshot and returns at once. That it is committed, or that it never will
  /// be, is told later, and never from within this call.
  virtual void append(Record&& record) = 0;
};

}  // namespace cord::journal
