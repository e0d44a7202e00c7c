// The journal in an SQLite file: docs/journal.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "journal/storage.hpp"

namespace cord::journal {

inline constexpr int format_version = 1;

struct SqliteOptions {
  std::filesystem::path path;
  Instant now{};                     ///< noted as the start of the run
  std::uint64_t runs_kept_max = 16;  ///< this one included; older ones are deleted at start
};

/// Opens or creates the journal, alone among all processes, and begins a new run. Errors: io_failed
/// (cannot be opened, in use by another process), corrupt (no journal of ours), bad_version.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_sqlite(const SqliteOptions& options);

}  // namespace cord::journal
