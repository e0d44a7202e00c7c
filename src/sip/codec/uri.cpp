#include "sip/codec/uri.hpp"

#include <algorithm>
#include <utility>

#include <arpa/inet.h>

#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view where_uri = "sip.uri";

constexpr CharSet is_unreserved = is_alphanumeric.with("-_.!~*'()");
// '#' is not in RFC 3261's user-unreserved, but dialled feature codes bring it.
constexpr CharSet is_user_char = is_unreserved.with("&=+$,;?/#");
constexpr CharSet is_password_char = is_unreserved.with("&=+$,");
constexpr CharSet is_param_char = is_unreserved.with("[]/:&+$");
constexpr CharSet is_headers_char = is_unreserved.with("[]/?:+$=&");
constexpr CharSet is_scheme_char = is_alphanumeric.with("+-.");
constexpr CharSet is_number_char("0123456789ABCDEFabcdef+*#-.()");
constexpr CharSet is_foreign("<>\"\x7f");
// Legal in a user part, but '#' not by the RFC, and the others are often misread.
constexpr CharSet is_better_escaped("#;?,/");

// All characters allowed, and every % the start of an escape.
template <class Predicate>
bool consists_of(std::string_view text, Predicate allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
        return false;
      }
      i += 2;
    } else if (!allowed(text[i])) {
      return false;
    }
  }
  return true;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_host_char);
}

Result<Params> parse_uri_params(std::string_view text) {
  Params params;
  while (!text.empty()) {
    text.remove_prefix(1);  // The ';'.
    const std::string_view item = text.substr(0, text.find(';'));
    text.remove_prefix(item.size());
    const std::size_t equals = item.find('=');
    Param param{std::string(item.substr(0, equals)), std::nullopt};
    if (equals != std::string_view::npos) param.value = std::string(item.substr(equals + 1));
    if (param.name.empty() || !consists_of(param.name, is_param_char) ||
        (param.value && !consists_of(*param.value, is_param_char))) {
      return refuse(Errc::malformed, where_uri, "bad parameter");
    }
    if (auto added = params.append(std::move(param), where_uri); !added) {
      return tl::make_unexpected(added.error());
    }
  }
  return params;
}

// What follows a host: nothing, or a colon and a port.
Result<std::uint16_t> parse_port_of(std::string_view after_host) {
  if (after_host.empty()) return std::uint16_t{0};
  if (after_host.front() != ':') return refuse(Errc::malformed, where_uri, "bad host");
  after_host.remove_prefix(1);
  std::uint32_t port = 0;
  for (const char c : after_host) {
    if (!is_digit(c)) return refuse(Errc::malformed, where_uri, "bad port");
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > UINT16_MAX) return refuse(Errc::malformed, where_uri, "port above 65535");
  }
  if (port == 0) return refuse(Errc::malformed, where_uri, "bad port");
  return static_cast<std::uint16_t>(port);
}

bool is_ipv6_reference(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  const std::string address(text.substr(1, text.size() - 2));
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
}

Result<void> take_host_and_port(Uri& uri, std::string_view text) {
  const std::size_t colon = text.front() == '[' ? text.find(']') + 1 : text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (!is_host(host) && !is_ipv6_reference(host)) {
    return refuse(Errc::malformed, where_uri, "bad host");
  }
  const auto port = parse_port_of(text.substr(host.size()));
  if (!port) return tl::make_unexpected(port.error());
  uri.host = std::string(host);
  uri.port = *port;
  return {};
}

Result<void> take_user(Uri& uri, std::string_view text) {
  const std::size_t colon = text.find(':');
  uri.user = std::string(text.substr(0, colon));
  if (colon != std::string_view::npos) uri.password = std::string(text.substr(colon + 1));
  if (uri.user.empty() || !consists_of(uri.user, is_user_char) ||
      !consists_of(uri.password, is_password_char)) {
    return refuse(Errc::malformed, where_uri, "bad user part");
  }
  return {};
}

// `rest` follows "sip:" or "sips:" and has no white space: RFC 3261 §19.1.1.
Result<Uri> parse_sip_uri(std::string scheme, std::string_view rest) {
  Uri uri;
  uri.scheme = std::move(scheme);
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    if (auto taken = take_user(uri, rest.substr(0, at)); !taken) {
      return tl::make_unexpected(taken.error());
    }
    rest.remove_prefix(at + 1);
  }
  const std::string_view host_and_port = rest.substr(0, rest.find_first_of(";?"));
  if (host_and_port.empty()) return refuse(Errc::malformed, where_uri, "no host");
  if (auto taken = take_host_and_port(uri, host_and_port); !taken) {
    return tl::make_unexpected(taken.error());
  }
  rest.remove_prefix(host_and_port.size());
  const std::string_view params_text = rest.substr(0, rest.find('?'));
  auto params = parse_uri_params(params_text);
  if (!params) return tl::make_unexpected(params.error());
  uri.params = std::move(*params);
  rest.remove_prefix(params_text.size());
  if (rest.empty()) return uri;
  uri.headers = std::string(rest.substr(1));
  if (uri.headers.empty() || !consists_of(uri.headers, is_headers_char)) {
    return refuse(Errc::malformed, where_uri, "bad headers part");
  }
  return uri;
}

// RFC 3966 §3.
Result<Uri> parse_tel_uri(std::string_view rest) {
  Uri uri;
  uri.scheme = "tel";
  const std::string_view number = rest.substr(0, rest.find(';'));
  const bool is_number = std::all_of(number.begin(), number.end(), is_number_char);
  if (number.empty() || !is_number) return refuse(Errc::malformed, where_uri, "bad number");
  auto params = parse_uri_params(rest.substr(number.size()));
  if (!params) return tl::make_unexpected(params.error());
  uri.user = std::string(number);
  uri.params = std::move(*params);
  return uri;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) &&
         std::all_of(text.begin(), text.end(), is_scheme_char);
}

std::string unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      plain += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// RFC 3261 §19.1.4: these must be equal even if only one URI has them.
bool is_decisive_param(std::string_view name) {
  for (const std::string_view known : {"user", "ttl", "method", "maddr", "transport"}) {
    if (equals_ignoring_case(name, known)) return true;
  }
  return false;
}

bool params_allow(const Params& ours, const Params& theirs) {
  return std::all_of(ours.items.begin(), ours.items.end(), [&](const Param& item) {
    const Param* other = theirs.find(item.name);
    if (other == nullptr) return !is_decisive_param(item.name);
    return equals_ignoring_case(unescaped(item.value.value_or("")),
                                unescaped(other->value.value_or("")));
  });
}

}  // namespace

std::string Uri::user_text() const {
  return unescaped(user);
}

std::optional<std::string> Uri::header(std::string_view name) const {
  for (std::string_view rest = headers; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    if (equals_ignoring_case(unescaped(item.substr(0, equals)), name)) {
      return unescaped(item.substr(equals + 1));
    }
  }
  return std::nullopt;
}

Result<Uri> parse_uri(std::string_view text) {
  if (text.size() > uri_bytes_max) return refuse(Errc::too_long, where_uri, text.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) {
    return refuse(Errc::malformed, where_uri, "no scheme");
  }
  const bool is_clean = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && !is_foreign(c);
  });
  if (!is_clean) return refuse(Errc::malformed, where_uri, "white space, quote or bracket");
  std::string scheme(text.substr(0, colon));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), to_lower);
  const std::string_view rest = text.substr(colon + 1);
  if (rest.empty()) return refuse(Errc::malformed, where_uri, "nothing after the scheme");
  if (scheme == "tel") return parse_tel_uri(rest);
  if (scheme != "sip" && scheme != "sips") {
    Uri uri;
    uri.scheme = std::move(scheme);
    uri.opaque = std::string(rest);
    return uri;
  }
  return parse_sip_uri(std::move(scheme), rest);
}

void print_to(std::string& out, const Uri& uri) {
  out += uri.scheme;
  out += ':';
  out += uri.opaque;
  out += uri.user;
  if (!uri.password.empty()) {
    out += ':';
    out += uri.password;
  }
  if (!uri.user.empty() && !uri.host.empty()) out += '@';
  out += uri.host;
  if (uri.port != 0) {
    out += ':';
    out += std::to_string(uri.port);
  }
  print_to(out, uri.params);
  if (uri.headers.empty()) return;
  out += '?';
  out += uri.headers;
}

std::string print(const Uri& uri) {
  std::string out;
  print_to(out, uri);
  return out;
}

Uri sip_uri(std::string_view user, std::string_view host, std::uint16_t port) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  Uri uri;
  uri.scheme = "sip";
  for (const char c : user) {
    if (is_user_char(c) && !is_better_escaped(c)) {
      uri.user += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    uri.user += '%';
    uri.user += digits[byte >> 4];
    uri.user += digits[byte & 15];
  }
  uri.host = std::string(host);
  uri.port = port;
  return uri;
}

bool equivalent(const Uri& a, const Uri& b) {
  return a.scheme == b.scheme && unescaped(a.user) == unescaped(b.user) &&
         unescaped(a.password) == unescaped(b.password) && equals_ignoring_case(a.host, b.host) &&
         a.port == b.port && a.opaque == b.opaque && a.headers == b.headers &&
         params_allow(a.params, b.params) && params_allow(b.params, a.params);
}

}  // namespace cord::sip
