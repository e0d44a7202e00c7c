// Recordings that a dead process left unfinished, made whole at start: docs/operations.md,
// "Recordings". Blocking; before anything is recorded.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/file_system.hpp"

namespace cord::media {

struct RepairReport {
  std::vector<std::string> repaired;  ///< files under their final names
  std::vector<std::string> left;      ///< what stays as it is: "FILE: why"
};

/// Gives every BASE.wav.part in `directory` a header that fits what is in it, its name BASE.wav,
/// and a BASE.json that says `"recovered": true`, with the SHA-256. Nothing that exists is
/// overwritten, and nothing that another process writes is touched. A directory that does not exist
/// has none. Error: io_failed if the directory cannot be read.
[[nodiscard]] Result<RepairReport> repair_recordings(FileSystem& files,
                                                     const std::string& directory);

}  // namespace cord::media
