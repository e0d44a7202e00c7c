#pragma once

#include <cstdint>

namespace cord::media {

/// A stream's place in the plane: below streams_max, free again when the stream is closed.
using Slot = std::uint32_t;

}  // namespace cord::media
