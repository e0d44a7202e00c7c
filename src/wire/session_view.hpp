// The data of session.snapshot, and what it shares with events: docs/protocol.md, sections 4 and 7.
#pragma once

#include <string>

#include "core/client.hpp"
#include "wire/object_text.hpp"

namespace cord::wire {

/// The session with everything below it, as one JSON object.
[[nodiscard]] std::string print_session(const core::SessionView& view);

// Each writes the members of its object.
void print_profile(ObjectText& out, const core::SessionInitialized& it);
void print_channel(ObjectText& out, const core::ChannelInfo& it);
void print_member(ObjectText& out, const core::Member& it);

}  // namespace cord::wire
