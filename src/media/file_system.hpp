// The few file operations a recording needs, as an interface: so that tests can make the Nth of
// them fail. Blocking; used by the writer thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cord::media {

/// An open file. Closed by its destructor. Every error is io_failed, with the system's words.
class File {
 public:
  virtual ~File() = default;
  /// Writes all of `bytes`, or fails.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset,
                                              std::span<const std::byte> bytes) = 0;
  /// Reads up to `out.size()` bytes; fewer only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<std::byte> out) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
  /// Returns when the content is on the disk.
  [[nodiscard]] virtual Result<void> sync() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Creates a file for reading and writing. Fails if it exists: nothing is ever overwritten. It is
  /// locked while it is open.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;
  /// Opens a file that exists, likewise. Fails if another process has it.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;
  /// The names in `directory`, sorted; none if it does not exist.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  /// Returns when the names in `directory` are on the disk.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& directory) = 0;
};

/// The real one.
[[nodiscard]] std::unique_ptr<FileSystem> make_file_system();

/// For start-up: makes `directory` if it is missing, and proves that a file can be written there.
/// Error: io_failed, naming the directory and the system's reason.
[[nodiscard]] Result<void> check_directory(const std::string& directory);

}  // namespace cord::media
