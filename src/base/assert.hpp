// CORD_ASSERT: on in release too. A failed one is a bug of ours, never bad input; the process ends
// and recovers from its journal.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace cord {

[[noreturn]] inline void assertion_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace cord

#define CORD_ASSERT(condition) \
  ((condition) ? void() : ::cord::assertion_failed(#condition, __FILE__, __LINE__))
