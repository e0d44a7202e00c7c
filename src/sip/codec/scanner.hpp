// The tokens of RFC 3261 §25.1, read left to right in one pass. Private to the SIP room.
// Why nothing of it comes from a library: docs/adr/0005-no-library-below-sip.md.
#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "sip/codec/params.hpp"

namespace cord::sip {

[[nodiscard]] constexpr bool is_space(char c) {
  return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
/// A set of bytes, looked up in one step.
class CharSet {
 public:
  explicit constexpr CharSet(std::string_view members) {
    for (const char c : members) has_[static_cast<unsigned char>(c)] = true;
  }
  [[nodiscard]] constexpr bool operator()(char c) const {
    return has_[static_cast<unsigned char>(c)];
  }
  [[nodiscard]] constexpr CharSet with(std::string_view more) const {
    CharSet both = *this;
    for (const char c : more) both.has_[static_cast<unsigned char>(c)] = true;
    return both;
  }

 private:
  std::array<bool, 256> has_{};
};

inline constexpr CharSet is_alphanumeric(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
inline constexpr CharSet is_token_char = is_alphanumeric.with("-.!%*_+`'~");
inline constexpr CharSet is_host_char = is_alphanumeric.with("-._");

/// The value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Reads tokens off the front of an unfolded header field value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  void skip_space();
  /// Takes `c` if it is next.
  bool accept(char c);
  /// As accept, with white space allowed on both sides: SEMI, EQUAL, SLASH, COLON.
  bool accept_separator(char c);
  /// Takes n characters; there must be as many.
  std::string_view take(std::size_t n);
  /// Takes while `allowed`; may be empty.
  template <class Predicate>
  std::string_view take_while(Predicate allowed) {
    std::size_t n = 0;
    while (n < rest_.size() && allowed(rest_[n])) ++n;
    return take(n);
  }
  std::string_view take_token() { return take_while(is_token_char); }
  /// Takes a quoted-string with its quotes. Empty if there is none, or it does not end.
  std::string_view take_quoted();

 private:
  std::string_view rest_;
};

/// Reads `*(SEMI generic-param)` up to the end. Errors: malformed, too_long.
[[nodiscard]] Result<Params> scan_params(Scanner& in, std::string_view where);

}  // namespace cord::sip
