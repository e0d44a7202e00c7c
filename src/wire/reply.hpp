// Answers, printed: docs/protocol.md, section 2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/client.hpp"
#include "wire/request.hpp"

namespace cord::wire {

/// The answer of the core: a success, a failure, or the question whether to take over.
[[nodiscard]] std::string print_reply(const Echo& request, const core::Reply& reply);

/// A success that adds the members of `added`, a JSON object, to the request's `data`. For what the
/// core knows nothing of.
[[nodiscard]] std::string print_success(const Echo& request, std::string_view added,
                                        std::uint64_t seq);

/// A failure. `error.detail` becomes the context; with cti.error it is the message, because there
/// it is the platform's words. Codes that never leave the server are told as internal.error, and
/// that without a context.
[[nodiscard]] std::string print_failure(const Echo& request, const Error& error);

}  // namespace cord::wire
