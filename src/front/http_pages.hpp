// What the HTTP endpoints for other systems have in common: docs/protocol.md, section 10.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "net/web_server.hpp"

namespace cord::front {

inline constexpr std::size_t bearer_token_bytes_min = 16;

/// Whether the request has `Authorization: Bearer TOKEN`. How long it takes says nothing of the
/// token.
[[nodiscard]] bool has_token(const net::HttpRequest& request, const std::string& token);

[[nodiscard]] net::HttpResponse json_page(unsigned status, std::string body);

/// The status that goes with the code, and the body that says what is wrong.
[[nodiscard]] net::HttpResponse failure_page(const Error& error);

}  // namespace cord::front
