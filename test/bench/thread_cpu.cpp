#include "bench/thread_cpu.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace cord::bench {

ThreadCpu thread_cpu(pid_t pid) {
  ThreadCpu by_name;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), ignored)) {
    std::string name;
    std::ifstream comm(task.path() / "comm");
    std::getline(comm, name);
    if (!name.starts_with("cord-")) continue;
    name.resize(name.find_last_not_of("-0123456789") + 1);
    // schedstat's first number is the time on a CPU in nanoseconds.
    double ran_ns = 0;
    std::ifstream(task.path() / "schedstat") >> ran_ns;
    by_name[name] += ran_ns / 1e3;
  }
  return by_name;
}

}  // namespace cord::bench
