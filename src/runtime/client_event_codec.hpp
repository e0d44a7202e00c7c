// Protocol events as bytes: how a session's stream keeps them. Some 20 bytes for most; what names a
// connection or a session is left out, because the stream belongs to one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/client.hpp"

namespace cord::runtime {

/// Appends `event` without its session, its session's name and its seq.
void append_client_event(std::string& to, const core::ClientEvent& event);

/// The first event of `from`, which then begins behind it; none if `from` is damaged or empty.
[[nodiscard]] std::optional<core::ClientEvent> take_client_event(std::string_view& from);

}  // namespace cord::runtime
