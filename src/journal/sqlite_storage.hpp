// The journal in an SQLite file: docs/journal.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "journal/storage.hpp"

namespace cord::journal {

inline constexpr int format_version = 3;

/// What a commit outlives.
enum class Sync : std::uint8_t {
  process,  ///< the end of the process, however sudden
  power,    ///< the machine's loss of power as well: each commit waits for the disk
};

struct SqliteOptions {
  std::filesystem::path path;
  Instant now{};  ///< noted as the start of the run
  Sync sync = Sync::process;
};

struct OpenedJournal {
  std::unique_ptr<Storage> storage;
  std::uint64_t run = 0;  ///< counts the starts on this file, from 1
  /// What SQLite found wrong with the file, if anything: then it was renamed to `kept_as`, and
  /// `storage` is a new file with every record that could be read.
  std::string damage{};
  std::filesystem::path kept_as{};
};

/// Opens or creates the journal, alone among all processes, and begins a new run. Errors: io_failed
/// (cannot be opened, in use by another process), corrupt (no journal of ours), bad_version.
[[nodiscard]] Result<OpenedJournal> open_sqlite(const SqliteOptions& options);

}  // namespace cord::journal
