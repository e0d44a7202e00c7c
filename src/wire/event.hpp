// Events, printed: docs/protocol.md, sections 2, 6 and 7.
#pragma once

#include <string>

#include "core/client.hpp"

namespace cord::wire {

[[nodiscard]] std::string print_event(const core::ClientEvent& event);

}  // namespace cord::wire
