// Interaction data as a JSON object. Private to this room.
#pragma once

#include <string>

#include "core/values.hpp"

namespace cord::wire {

/// Appends `data` as a JSON object, in the order of its keys.
void append_interaction_data(std::string& out, const core::CallData& data);

}  // namespace cord::wire
