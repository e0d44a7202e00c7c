// Files that nobody but the server's user is to read.
#pragma once

#include <filesystem>
#include <system_error>

namespace cord {

/// Makes an empty file, readable and writable by its owner only. A file that exists is neither
/// opened nor changed: closing it would drop the locks that this process may have on it. Errors:
/// the system's; file_exists.
[[nodiscard]] std::error_code make_private_file(const std::filesystem::path& path);

}  // namespace cord
