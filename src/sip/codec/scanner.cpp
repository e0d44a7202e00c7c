#include "sip/codec/scanner.hpp"

#include <string>
#include <utility>

#include "base/assert.hpp"

namespace cord::sip {
namespace {

// Wider than RFC 3261 §25.1 (token, host, quoted-string): addresses without brackets (RFC 5118
// §4.5) and tags with an @ are about. Nothing that could end the value is among it.
constexpr CharSet ends_param_value(";,\"<>\\\x7f");

bool is_param_value_char(char c) {
  return static_cast<unsigned char>(c) > ' ' && !ends_param_value(c);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

void Scanner::skip_space() {
  while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
}

bool Scanner::accept(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

bool Scanner::accept_separator(char c) {
  skip_space();
  if (!accept(c)) return false;
  skip_space();
  return true;
}

std::string_view Scanner::take(std::size_t n) {
  CORD_ASSERT(n <= rest_.size());
  const std::string_view taken = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return taken;
}

std::string_view Scanner::take_quoted() {
  if (peek() != '"') return {};
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    if (rest_[i] == '\\') {
      ++i;
    } else if (rest_[i] == '"') {
      return take(i + 1);
    }
  }
  return {};
}

Result<Params> scan_params(Scanner& in, std::string_view where) {
  Params params;
  in.skip_space();
  while (!in.done()) {
    if (!in.accept_separator(';')) return refuse(Errc::malformed, where, "no ';' before parameter");
    const std::string_view name = in.take_token();
    if (name.empty()) return refuse(Errc::malformed, where, "empty parameter name");
    Param param{std::string(name), std::nullopt};
    if (in.accept_separator('=')) {
      const std::string_view value =
          in.peek() == '"' ? in.take_quoted() : in.take_while(is_param_value_char);
      if (value.empty()) return refuse(Errc::malformed, where, "empty parameter value");
      param.value = std::string(value);
    }
    if (auto added = params.append(std::move(param), where); !added) {
      return tl::make_unexpected(added.error());
    }
    in.skip_space();
  }
  return params;
}

}  // namespace cord::sip
