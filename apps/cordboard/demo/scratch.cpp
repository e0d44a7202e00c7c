#include "demo/scratch.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace cord::app {

namespace fs = std::filesystem;

Scratch::Scratch() {
  auto pattern = (fs::temp_directory_path() / "cordboard-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

Scratch::~Scratch() {
  if (path_.empty()) return;
  std::error_code ignored;
  for (const char* journal : {"journal.db", "journal.db-wal", "journal.db-shm"}) {
    fs::remove(fs::path(path_) / journal, ignored);
  }
}

}  // namespace cord::app
