// The tables of the history file: docs/history.md. What is stored there is read by others' SQL, so
// a column that was there once stays.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "history/database.hpp"

namespace cord::history {

inline constexpr int schema_version = 2;

/// Opens the file, made with its tables if it is not there. Errors: io_failed; corrupt (another
/// program's file); bad_version.
[[nodiscard]] Result<Database> open_for_writing(const std::filesystem::path& path);

/// Beside the process that writes it. Errors: as above; io_failed if it is not there.
[[nodiscard]] Result<Database> open_for_reading(const std::filesystem::path& path);

}  // namespace cord::history
