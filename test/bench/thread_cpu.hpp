// CPU time of a process by thread, as the kernel counts it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <sys/types.h>

namespace cord::bench {

using ThreadCpu = std::map<std::string, double>;  ///< microseconds by thread name

/// CPU that the threads of a process have used, those named "cord-..." only: the threads of our
/// rooms, numbered ones added up under one name.
[[nodiscard]] ThreadCpu thread_cpu(pid_t pid);

}  // namespace cord::bench
