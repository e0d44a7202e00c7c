// How a world says that something is true that must never be.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace cord::sim {

/// Thrown from wherever it is noticed; ends the world.
struct Violation {
  std::string invariant;  ///< one of a few dozen short sentences
  std::string detail;
};

template <class... Args>
[[noreturn]] void violated(std::string_view invariant, fmt::format_string<Args...> detail,
                           Args&&... args) {
  throw Violation{std::string(invariant), fmt::format(detail, std::forward<Args>(args)...)};
}

}  // namespace cord::sim
