// What callers hear who wait: announcements, and music between them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/instant.hpp"

namespace cord::media {

/// Telephone audio, 8 kHz: `opening` once, then `loop` again and again.
struct Program {
  std::vector<std::int16_t> opening{};  ///< may be empty
  std::vector<std::int16_t> loop{};     ///< empty: silence
};

/// `greeting`, then `every` of `music` and `announcement` in turn. Without an announcement the
/// music goes on; either may be empty, and an empty music is our own.
[[nodiscard]] Program waiting_program(std::span<const std::int16_t> greeting,
                                      std::span<const std::int16_t> announcement, Duration every,
                                      std::span<const std::int16_t> music);

/// How long the opening takes.
[[nodiscard]] Duration opening_time(const Program& program);

}  // namespace cord::media
