// Where a journal begins for who reads it: docs/journal.md, "Snapshots".
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "journal/storage.hpp"

namespace cord::journal {

/// What replaying begins with, and how far it gets.
struct Beginning {
  std::optional<Record> base{};    ///< a snapshot; none: the first record
  std::optional<Record> newest{};  ///< the newest snapshot
  Reading reading{};
  [[nodiscard]] std::uint64_t after() const { return base ? base->sequence : 0; }
};

/// From the oldest snapshot, or from the first record, that has no damage before the newest
/// snapshot. The earliest beginning is the best: the more is replayed, the more of what clients
/// have missed is there. A later one only helps over damage. Errors: the storage's.
[[nodiscard]] Result<Beginning> find_beginning(Storage& storage);

}  // namespace cord::journal
