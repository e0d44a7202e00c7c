#include "media/file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cord::media {
namespace {

tl::unexpected<Error> refuse_errno(std::string_view where, const std::string& path) {
  return refuse(Errc::io_failed, where,
                fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<void> write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return refuse_errno("file.write", path_);
      offset += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto n = ::pread(descriptor_, out.data() + done, out.size() - done,
                             static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return refuse_errno("file.read", path_);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return refuse_errno("file.size", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> sync() override {
    if (::fsync(descriptor_) != 0) return refuse_errno("file.sync", path_);
    return {};
  }

 private:
  int descriptor_;
  std::string path_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    // Recordings are personal data: for the server's own user and group only.
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (descriptor < 0) return refuse_errno("file.create", path);
    auto file = std::make_unique<PosixFile>(descriptor, path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return refuse_errno("file.lock", path);
    return file;
  }

  Result<std::unique_ptr<File>> open(const std::string& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return refuse_errno("file.open", path);
    auto file = std::make_unique<PosixFile>(descriptor, path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return refuse_errno("file.lock", path);
    return file;
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator it(directory, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
      names.push_back(it->path().filename().string());
    }
    if (error) {
      return refuse(Errc::io_failed, "directory.list",
                    fmt::format("{}: {}", directory, error.message()));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return refuse_errno("file.rename", from);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return refuse_errno("file.remove", path);
    return {};
  }

  Result<void> sync_directory(const std::string& directory) override {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return refuse_errno("directory.open", directory);
    const bool synced = ::fsync(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    if (!synced) return refuse_errno("directory.sync", directory);
    return {};
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_file_system() {
  return std::make_unique<PosixFileSystem>();
}

Result<void> check_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return refuse(Errc::io_failed, "recording.directory",
                  fmt::format("{}: {}", directory, error.message()));
  }
  PosixFileSystem files;
  const std::string probe = fmt::format("{}/.cordboard-probe-{}", directory, ::getpid());
  // One of a crashed process with the same number may be left over.
  if (files.exists(probe)) static_cast<void>(files.remove(probe));
  auto file = files.create(probe);
  if (!file) return tl::make_unexpected(file.error());
  const auto written = (*file)->write_at(0, std::as_bytes(std::span("cordboard")));
  const auto removed = files.remove(probe);
  return written ? removed : written;
}

}  // namespace cord::media
