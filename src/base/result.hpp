// Errors as values: the closed list of codes, and Result<T>. The codes up to internal_error are
// the protocol's (docs/protocol.md, section 8) and have wire spellings in src/wire; the others
// never leave the server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace cord {

enum class Errc : std::uint8_t {
  invalid_request = 1,
  unknown_command,
  target_not_found,
  invalid_target,
  invalid_state,
  unsupported,
  permission_denied,
  authentication_failed,
  authentication_throttled,
  session_not_started,
  session_already_started,
  session_limit,
  resume_gap,
  ongoing_interaction,
  endpoint_in_use,
  endpoint_unreachable,
  reason_required,
  disposition_required,
  rate_limited,
  cti_error,
  cti_timeout,
  timeout,
  not_accepting,
  internal_error,
  // Internal from here on.
  too_short,
  too_long,
  bad_version,
  malformed,
  io_failed,
  corrupt,
  full,
};

/// `where` is static text that names the place; `detail` is for people, never a secret.
struct Error {
  Errc code;
  std::string_view where;
  std::string detail;
};

template <class T>
using Result = tl::expected<T, Error>;

/// An Error ready to return from any function of Result type. `detail` is anything fmt prints.
template <class Detail>
[[nodiscard]] tl::unexpected<Error> refuse(Errc code, std::string_view where,
                                           const Detail& detail) {
  return tl::make_unexpected(Error{code, where, fmt::format("{}", detail)});
}

[[nodiscard]] inline tl::unexpected<Error> refuse(Errc code, std::string_view where) {
  return tl::make_unexpected(Error{code, where, {}});
}

}  // namespace cord
