// Reading JSON more strictly than a JSON library does by itself: one object, no member twice, no
// number without a value, a bounded depth. For this room, and for front, which reads tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boost::json {
class object;
class value;
}  // namespace boost::json

namespace cord::wire {

inline constexpr std::size_t depth_max = 32;  ///< objects and arrays inside each other
inline constexpr std::string_view masked = "***";

/// Errors: malformed, saying what is wrong with the text.
[[nodiscard]] Result<boost::json::object> parse_object(std::string_view text);

/// Replaces the value of every member, at any depth, that holds a secret: whose name ends in
/// "password" or "token", whatever its letters' case, with - and _ left out.
void mask_secrets(boost::json::object& object);

/// As mask_secrets for text that is not JSON, as well as that can be done.
[[nodiscard]] std::string mask_secrets_in_text(std::string_view text);

/// The same text for any two values that are equal: members in the order of their names, no space.
[[nodiscard]] std::string canonical_text(const boost::json::object& object);

}  // namespace cord::wire
