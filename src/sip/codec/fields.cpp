#include "sip/codec/fields.hpp"

#include <algorithm>

#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::uint32_t cseq_number_max = 0x7fffffff;  // RFC 3261 §8.1.1.5: below 2^31.

constexpr CharSet is_ipv6_char("0123456789abcdefABCDEF:.");

std::string_view take_host(Scanner& in) {
  if (in.peek() != '[') return in.take_while(is_host_char);
  const std::string_view all = in.rest();
  const std::size_t close = all.find(']');
  if (close == std::string_view::npos || close < 3) return {};
  const std::string_view inside = all.substr(1, close - 1);
  if (!std::all_of(inside.begin(), inside.end(), is_ipv6_char)) return {};
  return in.take(close + 1);
}

// display-name: a quoted-string, or tokens with white space between. RFC 3261 §25.1.
Result<std::string> parse_display(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return std::string();
  if (text.front() == '"') {
    Scanner in(text);
    const std::string_view quote = in.take_quoted();
    if (quote.empty() || !in.done()) return refuse(Errc::malformed, "sip.name_addr", "bad quotes");
    return unquoted(quote);
  }
  const bool is_tokens =
      std::all_of(text.begin(), text.end(), [](char c) { return is_token_char(c) || is_space(c); });
  if (!is_tokens) return refuse(Errc::malformed, "sip.name_addr", "display name needs quotes");
  return std::string(text);
}

// The place of the '<' that opens the URI: the first outside quotes. npos: there is none.
Result<std::size_t> find_bracket(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') return i;
    if (text[i] == ';') break;  // Parameters of an addr-spec may quote what they like.
    if (text[i] != '"') continue;
    Scanner in(text.substr(i));
    const std::string_view quote = in.take_quoted();
    if (quote.empty()) return refuse(Errc::malformed, "sip.name_addr", "open quote");
    i += quote.size() - 1;
  }
  return std::string_view::npos;
}

Result<NameAddr> parse_with_brackets(std::string_view text, std::size_t open) {
  auto display = parse_display(text.substr(0, open));
  if (!display) return tl::make_unexpected(display.error());
  const std::size_t close = text.find('>', open);
  if (close == std::string_view::npos) return refuse(Errc::malformed, "sip.name_addr", "open <");
  auto uri = parse_uri(text.substr(open + 1, close - open - 1));
  if (!uri) return tl::make_unexpected(uri.error());
  Scanner in(text.substr(close + 1));
  auto params = scan_params(in, "sip.name_addr");
  if (!params) return tl::make_unexpected(params.error());
  return NameAddr{std::move(*display), std::move(*uri), std::move(*params)};
}

// addr-spec: what follows the first ';' belongs to the header field, and a '?' needs brackets
// (RFC 3261 §20.10).
Result<NameAddr> parse_without_brackets(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  const std::string_view address = trimmed(text.substr(0, semicolon));
  if (address.find_first_of("?,") != std::string_view::npos) {
    return refuse(Errc::malformed, "sip.name_addr", "URI with '?' or ',' needs <>");
  }
  auto uri = parse_uri(address);
  if (!uri) return tl::make_unexpected(uri.error());
  Scanner in(semicolon == std::string_view::npos ? std::string_view() : text.substr(semicolon));
  auto params = scan_params(in, "sip.name_addr");
  if (!params) return tl::make_unexpected(params.error());
  return NameAddr{{}, std::move(*uri), std::move(*params)};
}

}  // namespace

Result<Via> parse_via(std::string_view text) {
  Scanner in(trimmed(text));
  const std::string_view protocol = in.take_token();
  if (!equals_ignoring_case(protocol, "SIP") || !in.accept_separator('/')) {
    return refuse(Errc::malformed, "sip.via", "not SIP/");
  }
  const std::string_view version = in.take_token();
  if (version.empty() || !in.accept_separator('/')) {
    return refuse(Errc::malformed, "sip.via", "no version or transport");
  }
  if (version != "2.0") return refuse(Errc::bad_version, "sip.via", version);
  Via via;
  via.transport = std::string(in.take_token());
  if (via.transport.empty() || !is_space(in.peek())) {
    return refuse(Errc::malformed, "sip.via", "no transport");
  }
  std::transform(via.transport.begin(), via.transport.end(), via.transport.begin(), to_upper);
  in.skip_space();
  via.host = std::string(take_host(in));
  if (via.host.empty()) return refuse(Errc::malformed, "sip.via", "no sent-by");
  if (in.accept_separator(':')) {
    const auto port = parse_number(in.take_while(is_digit), UINT16_MAX);
    if (!port || *port == 0) return refuse(Errc::malformed, "sip.via", "bad port");
    via.port = static_cast<std::uint16_t>(*port);
  }
  auto params = scan_params(in, "sip.via");
  if (!params) return tl::make_unexpected(params.error());
  via.params = std::move(*params);
  return via;
}

Result<NameAddr> parse_name_addr(std::string_view text) {
  text = trimmed(text);
  const auto open = find_bracket(text);
  if (!open) return tl::make_unexpected(open.error());
  return *open == std::string_view::npos ? parse_without_brackets(text)
                                         : parse_with_brackets(text, *open);
}

Result<CSeq> parse_cseq(std::string_view text) {
  Scanner in(trimmed(text));
  const auto number = parse_number(in.take_while(is_digit), cseq_number_max);
  if (!number) return refuse(Errc::malformed, "sip.cseq", "bad number");
  if (!is_space(in.peek())) return refuse(Errc::malformed, "sip.cseq", "no method");
  in.skip_space();
  const std::string_view name = in.take_token();
  if (name.empty() || !in.done()) return refuse(Errc::malformed, "sip.cseq", "bad method");
  return CSeq{*number, std::string(name)};
}

Result<std::string> parse_content_type(std::string_view text) {
  Scanner in(trimmed(text));
  std::string type(in.take_token());
  const bool has_slash = in.accept_separator('/');
  const std::string_view subtype = in.take_token();
  if (type.empty() || !has_slash || subtype.empty()) {
    return refuse(Errc::malformed, "sip.content_type", "not type/subtype");
  }
  if (auto params = scan_params(in, "sip.content_type"); !params) {
    return tl::make_unexpected(params.error());
  }
  type.append("/").append(subtype);
  std::transform(type.begin(), type.end(), type.begin(), to_lower);
  return type;
}

std::string print(const Via& via) {
  std::string out = "SIP/2.0/";
  out += via.transport;
  out += ' ';
  out += via.host;
  if (via.port != 0) {
    out += ':';
    out += std::to_string(via.port);
  }
  print_to(out, via.params);
  return out;
}

std::string print(const NameAddr& address) {
  std::string out;
  if (!address.display.empty()) {
    out = quoted(address.display);
    out += ' ';
  }
  out += '<';
  print_to(out, address.uri);
  out += '>';
  print_to(out, address.params);
  return out;
}

std::string print(const CSeq& cseq) {
  return std::to_string(cseq.number) + ' ' + cseq.method;
}

Result<std::vector<std::string_view>> split_list(std::string_view text) {
  std::vector<std::string_view> elements;
  std::size_t start = 0;
  bool in_brackets = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && !in_brackets)) {
      const std::string_view element = trimmed(text.substr(start, i - start));
      if (element.empty()) return refuse(Errc::malformed, "sip.list", "empty element");
      elements.push_back(element);
      start = i + 1;
    } else if (text[i] == '"' && !in_brackets) {
      Scanner in(text.substr(i));
      const std::string_view quote = in.take_quoted();
      if (quote.empty()) return refuse(Errc::malformed, "sip.list", "open quote");
      i += quote.size() - 1;
    } else if (text[i] == '<') {
      in_brackets = true;
    } else if (text[i] == '>') {
      in_brackets = false;
    }
  }
  if (in_brackets) return refuse(Errc::malformed, "sip.list", "open <");
  return elements;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t value_max) {
  if (text.empty()) return refuse(Errc::malformed, "sip.number", "no digits");
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return refuse(Errc::malformed, "sip.number", "not a digit");
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > value_max) return refuse(Errc::too_long, "sip.number", "number too large");
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace cord::sip
