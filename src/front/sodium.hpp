// The few things of libsodium that have no room of their own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cord::front {

/// Makes the library ready; to be called before any other function of it. Cheap after the first.
void need_sodium();

/// `bytes` random bytes as text of [A-Za-z0-9_-].
[[nodiscard]] std::string random_name(std::size_t bytes);

/// Whether two secrets are the same; neither their length nor their first difference shows in the
/// time it takes.
[[nodiscard]] bool is_same_secret(std::string_view a, std::string_view b);

/// 32 bytes that differ for any two texts that differ (BLAKE2b, RFC 7693).
[[nodiscard]] std::string digest_of(std::string_view text);

}  // namespace cord::front
