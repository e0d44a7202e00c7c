#include "installed.hpp"

#include <system_error>

namespace cord::app {

namespace fs = std::filesystem;

fs::path installed(std::string_view name) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  fs::path path = program.parent_path().parent_path() / "share/cordboard" / name;
  return fs::exists(path, error) ? path : fs::path();
}

}  // namespace cord::app
