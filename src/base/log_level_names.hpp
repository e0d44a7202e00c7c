// How levels are spelt: in the configuration, in log lines, and by operators.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/log.hpp"

namespace cord {

/// In the order of LogLevel.
inline constexpr std::array<std::string_view, 4> log_level_names{"debug", "info", "warn", "error"};

[[nodiscard]] constexpr std::string_view name_of(LogLevel level) {
  return log_level_names[static_cast<std::size_t>(level)];
}

[[nodiscard]] constexpr std::optional<LogLevel> find_log_level(std::string_view name) {
  for (std::size_t i = 0; i < log_level_names.size(); ++i) {
    if (log_level_names[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

}  // namespace cord
