// Chats and e-mails as another system submits them: the bodies of POST /v1/interactions and of its
// answers (docs/protocol.md, section 10).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/commands.hpp"

namespace cord::wire {

inline constexpr std::size_t task_body_bytes_max = 64 * 1024;

/// Reads a body; who asks is left to the caller. Errors: invalid_request, naming the member.
[[nodiscard]] Result<core::SubmitTask> parse_task(std::string_view body);

/// {"id":"t-6"}
[[nodiscard]] std::string print_task(core::CallId call);

/// {"error":{"code","message","context"?}}, with the codes of docs/protocol.md, section 9.
[[nodiscard]] std::string print_http_error(const Error& error);

}  // namespace cord::wire
