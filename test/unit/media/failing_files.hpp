// A file system whose Nth operation fails, in front of the real one.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "media/file_system.hpp"

namespace cord::media::test {

/// Counts operations; the one with number `fails_at` (from 1) and, if `for_good`, all that follow
/// fail. A failing write leaves half of its bytes behind, as a full disk does.
struct FailurePlan {
  int fails_at = 0;
  bool for_good = true;
  int operations = 0;

  bool fails() {
    ++operations;
    return fails_at != 0 && (operations == fails_at || (for_good && operations > fails_at));
  }
};

inline tl::unexpected<Error> injected() {
  return refuse(Errc::io_failed, "test", "injected failure");
}

class FailingFile final : public File {
 public:
  FailingFile(std::unique_ptr<File> file, std::shared_ptr<FailurePlan> plan)
      : file_(std::move(file)), plan_(std::move(plan)) {}

  Result<void> write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (!plan_->fails()) return file_->write_at(offset, bytes);
    static_cast<void>(file_->write_at(offset, bytes.first(bytes.size() / 2)));
    return injected();
  }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    if (plan_->fails()) return injected();
    return file_->read_at(offset, out);
  }
  Result<std::uint64_t> size() override { return file_->size(); }
  Result<void> sync() override {
    if (plan_->fails()) return injected();
    return file_->sync();
  }

 private:
  std::unique_ptr<File> file_;
  std::shared_ptr<FailurePlan> plan_;
};

class FailingFileSystem final : public FileSystem {
 public:
  explicit FailingFileSystem(std::shared_ptr<FailurePlan> plan) : plan_(std::move(plan)) {}

  Result<std::unique_ptr<File>> create(const std::string& path) override {
    if (plan_->fails()) return injected();
    auto file = files_->create(path);
    if (!file) return file;
    return std::make_unique<FailingFile>(std::move(*file), plan_);
  }
  Result<std::unique_ptr<File>> open(const std::string& path) override {
    if (plan_->fails()) return injected();
    auto file = files_->open(path);
    if (!file) return file;
    return std::make_unique<FailingFile>(std::move(*file), plan_);
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    if (plan_->fails()) return injected();
    return files_->list(directory);
  }
  bool exists(const std::string& path) override { return files_->exists(path); }
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (plan_->fails()) return injected();
    return files_->rename(from, to);
  }
  Result<void> remove(const std::string& path) override {
    if (plan_->fails()) return injected();
    return files_->remove(path);
  }
  Result<void> sync_directory(const std::string& directory) override {
    if (plan_->fails()) return injected();
    return files_->sync_directory(directory);
  }

 private:
  std::unique_ptr<FileSystem> files_ = make_file_system();
  std::shared_ptr<FailurePlan> plan_;
};

}  // namespace cord::media::test
