// Ids on the wire: `g-1`, `ch-2`, `i-3`, `c-4`, `m-5`, `t-6`, and paths of them. A session is known
// by its random name. docs/protocol.md, section 3.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/ids.hpp"
#include "core/values.hpp"

namespace cord::wire {

inline constexpr std::size_t segment_characters_max = 64;  ///< of each part of a target

[[nodiscard]] std::string id_text(core::GroupId id);
[[nodiscard]] std::string id_text(core::ChannelId id);
[[nodiscard]] std::string id_text(core::InteractionId id);
[[nodiscard]] std::string id_text(core::ConversationId id);
[[nodiscard]] std::string id_text(core::MemberId id);
/// Of a task: `t-6`.
[[nodiscard]] std::string id_text(core::CallId id);
/// The task of an id as id_text() makes it, else 0.
[[nodiscard]] core::CallId parse_task_id(std::string_view text);
/// The member of an id as id_text() makes it, else 0.
[[nodiscard]] core::MemberId parse_member_id(std::string_view text);

/// The path of an object: from its session down, with the group if there is one.
[[nodiscard]] std::string path_text(const core::ObjectPath& path);

/// One part of a target below the session. What is not an id as id_text() makes it (another
/// prefix, a leading zero) has the number 0 and names nothing.
[[nodiscard]] core::TargetSegment parse_segment(std::string_view text);

/// Reads a target. Errors: invalid_request (empty, or a part is not `[A-Za-z0-9_-]{1,64}`),
/// target_not_found (more parts than any object has).
[[nodiscard]] Result<core::Target> parse_target(std::string_view text);

}  // namespace cord::wire
