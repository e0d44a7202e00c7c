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

/// 32 bytes that differ for any two texts that differ (BLAKE2b, RFC 7693).
[[nodiscard]] std::string digest_of(std::string_view text);
/// Compares two digests in a time that does not depend on them.
[[nodiscard]] bool is_same_digest(const std::string& a, const std::string& b);

}  // namespace cord::front
