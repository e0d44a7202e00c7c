// A command's `data`, read: docs/protocol.md, sections 4 and 6. Private to this room.
#pragma once

#include "core/commands.hpp"
#include "wire/detail/members.hpp"
#include "wire/names.hpp"

namespace cord::wire {

/// The command of a known name. What is wrong with `data` stays in it: data.error().
[[nodiscard]] core::Command read_command(FoundCommand found, Members& data);

}  // namespace cord::wire
