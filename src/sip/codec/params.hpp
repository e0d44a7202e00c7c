// The parameter lists of SIP (RFC 3261 §25.1 `generic-param`, §19.1.1 `uri-parameter`) as values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cord::sip {

/// Compares as RFC 3261 §7.3.1 compares tokens: ASCII letters without regard to case.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

/// `name`, or `name=value`. A value that was quoted on the wire keeps its quotes and escapes.
struct Param {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const Param&, const Param&) = default;
};

inline constexpr std::size_t params_max = 64;  ///< of one value; longreq of RFC 4475 has three

/// Parameters in the order of the wire. Lookups ignore case.
struct Params {
  std::vector<Param> items;

  [[nodiscard]] const Param* find(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The value, or empty if the parameter is missing or has none.
  [[nodiscard]] std::string_view value(std::string_view name) const;
  /// Replaces the value of `name`, or appends the parameter.
  void set(std::string_view name, std::string_view value);
  /// As set, without a value: `;lr`.
  void set_flag(std::string_view name);
  void remove(std::string_view name);
  /// Appends a parameter that was read. Errors: too_long (params_max), malformed (a name the second
  /// time: RFC 3261 §7.3.1, §19.1.1; two readers could take different ones).
  [[nodiscard]] Result<void> append(Param param, std::string_view where);

  friend bool operator==(const Params&, const Params&) = default;
};

/// Appends `;name=value` for each parameter.
void print_to(std::string& out, const Params& params);

/// The text inside a quoted-string, escapes undone; any other text as it is. RFC 3261 §25.1.
[[nodiscard]] std::string unquoted(std::string_view text);
/// `text` as a quoted-string.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace cord::sip
