#pragma once

#include <cstdint>

namespace cord::media {

/// Which of a stream's two ports.
enum class Channel : std::uint8_t { rtp, rtcp };

}  // namespace cord::media
