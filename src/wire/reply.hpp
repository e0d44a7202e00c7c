// Answers, printed: docs/protocol.md, section 2.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "core/client.hpp"
#include "wire/request.hpp"

namespace cord::wire {

/// The answer of the core: a success, a failure, or the question whether to take over.
[[nodiscard]] std::string print_reply(const Echo& request, const core::Reply& reply);

/// A failure. `error.detail` becomes the context; with cti.error it is the message, because there
/// it is the platform's words. Codes that never leave the server are told as internal.error, and
/// that without a context.
[[nodiscard]] std::string print_failure(const Echo& request, const Error& error);

}  // namespace cord::wire
