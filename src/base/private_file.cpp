#include "base/private_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cord {

std::error_code make_private_file(const std::filesystem::path& path) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const int file = ::open(path.c_str(), flags, S_IRUSR | S_IWUSR);
  if (file < 0) return {errno, std::generic_category()};
  ::close(file);
  return {};
}

}  // namespace cord
