#include "sip/digest.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "sip/codec/params.hpp"
#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view scheme = "Digest";
constexpr std::size_t nc_digits = 8;

std::string_view name_of(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::md5 ? "MD5" : "SHA-256";
}

std::size_t hex_digits(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::md5 ? 32 : 64;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return hex_value(c) >= 0; });
}

std::string hash(DigestAlgorithm algorithm, std::string_view text) {
  const EVP_MD* method = algorithm == DigestAlgorithm::md5 ? EVP_md5() : EVP_sha256();
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, method, nullptr) != 1) return {};
  std::string hex;
  hex.reserve(2 * size);
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", bytes.at(i));
  return hex;
}

std::string_view without_quotes(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

// `Digest name=value, name="value"`: RFC 7235 §2.1, RFC 3261 §25.1.
Result<Params> read_parts(std::string_view text, std::string_view where) {
  Scanner in(trimmed(text));
  if (!equals_ignoring_case(in.take_token(), scheme) || !is_space(in.peek())) {
    return refuse(Errc::unsupported, where, "not Digest");
  }
  Params parts;
  in.skip_space();
  do {
    const std::string_view name = in.take_token();
    if (name.empty() || !in.accept_separator('=')) return refuse(Errc::malformed, where, "no name");
    const std::string_view value = in.peek() == '"' ? in.take_quoted() : in.take_token();
    if (value.empty()) return refuse(Errc::malformed, where, "no value");
    auto added = parts.append({std::string(name), std::string(without_quotes(value))}, where);
    if (!added) return tl::make_unexpected(added.error());
  } while (in.accept_separator(','));
  if (!in.done()) return refuse(Errc::malformed, where, "no comma");
  return parts;
}

Result<DigestAlgorithm> algorithm_of(const Params& parts, std::string_view where) {
  if (!parts.has("algorithm")) return DigestAlgorithm::md5;
  for (const auto algorithm : {DigestAlgorithm::md5, DigestAlgorithm::sha256}) {
    if (equals_ignoring_case(parts.value("algorithm"), name_of(algorithm))) return algorithm;
  }
  return refuse(Errc::unsupported, where, "algorithm");
}

// A list of tokens in quotes; white space and unknown ones are allowed.
bool offers_auth(std::string_view list) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    if (equals_ignoring_case(trimmed(item), "auth")) return true;
  }
  return false;
}

void print_quoted(std::string& out, std::string_view name, std::string_view value) {
  out += fmt::format(R"({}{}="{}")", out.size() > scheme.size() + 1 ? ", " : "", name, value);
}

// The two ends that ask: RFC 3261 §20.44, §20.27.
struct Rows {
  std::string_view challenge, credentials;
};
constexpr std::array<Rows, 2> rows{Rows{header::www_authenticate, header::authorization},
                                   Rows{header::proxy_authenticate, header::proxy_authorization}};

}  // namespace

Result<DigestChallenge> parse_challenge(std::string_view text) {
  constexpr std::string_view where = "digest.challenge";
  const auto parts = read_parts(text, where);
  if (!parts) return tl::make_unexpected(parts.error());
  if (!parts->has("realm") || parts->value("nonce").empty()) {
    return refuse(Errc::malformed, where, "no realm or nonce");
  }
  const auto algorithm = algorithm_of(*parts, where);
  if (!algorithm) return tl::make_unexpected(algorithm.error());
  const bool has_qop = parts->has("qop");
  if (has_qop && !offers_auth(parts->value("qop"))) return refuse(Errc::unsupported, where, "qop");
  return DigestChallenge{.realm = std::string(parts->value("realm")),
                         .nonce = std::string(parts->value("nonce")),
                         .opaque = std::string(parts->value("opaque")),
                         .algorithm = *algorithm,
                         .has_qop = has_qop,
                         .stale = equals_ignoring_case(parts->value("stale"), "true")};
}

Result<DigestCredentials> parse_credentials(std::string_view text) {
  constexpr std::string_view where = "digest.credentials";
  const auto parts = read_parts(text, where);
  if (!parts) return tl::make_unexpected(parts.error());
  for (const auto* name : {"username", "realm", "nonce", "uri", "response"}) {
    if (!parts->has(name)) return refuse(Errc::malformed, where, name);
  }
  const auto algorithm = algorithm_of(*parts, where);
  if (!algorithm) return tl::make_unexpected(algorithm.error());
  DigestCredentials found{.username = std::string(parts->value("username")),
                          .realm = std::string(parts->value("realm")),
                          .nonce = std::string(parts->value("nonce")),
                          .uri = std::string(parts->value("uri")),
                          .response = std::string(parts->value("response")),
                          .opaque = std::string(parts->value("opaque")),
                          .cnonce = {},
                          .nc = {},
                          .algorithm = *algorithm};
  if (found.response.size() != hex_digits(*algorithm) || !is_hex(found.response)) {
    return refuse(Errc::malformed, where, "response");
  }
  if (!parts->has("qop")) return found;
  if (!equals_ignoring_case(parts->value("qop"), "auth")) {
    return refuse(Errc::unsupported, where, "qop");
  }
  found.cnonce = parts->value("cnonce");
  found.nc = parts->value("nc");
  if (found.cnonce.empty() || found.nc.size() != nc_digits || !is_hex(found.nc)) {
    return refuse(Errc::malformed, where, "cnonce or nc");
  }
  return found;
}

std::string print(const DigestChallenge& challenge) {
  std::string out = fmt::format("{} ", scheme);
  print_quoted(out, "realm", challenge.realm);
  print_quoted(out, "nonce", challenge.nonce);
  if (!challenge.opaque.empty()) print_quoted(out, "opaque", challenge.opaque);
  out += fmt::format(", algorithm={}", name_of(challenge.algorithm));
  if (challenge.has_qop) out += ", qop=\"auth\"";
  if (challenge.stale) out += ", stale=true";
  return out;
}

std::string print(const DigestCredentials& credentials) {
  std::string out = fmt::format("{} ", scheme);
  print_quoted(out, "username", credentials.username);
  print_quoted(out, "realm", credentials.realm);
  print_quoted(out, "nonce", credentials.nonce);
  print_quoted(out, "uri", credentials.uri);
  print_quoted(out, "response", credentials.response);
  if (!credentials.opaque.empty()) print_quoted(out, "opaque", credentials.opaque);
  out += fmt::format(", algorithm={}", name_of(credentials.algorithm));
  if (credentials.nc.empty()) return out;
  print_quoted(out, "cnonce", credentials.cnonce);
  out += fmt::format(", qop=auth, nc={}", credentials.nc);
  return out;
}

std::string digest_response(const DigestCredentials& it, std::string_view password,
                            std::string_view method) {
  const auto h = [&](const std::string& text) { return hash(it.algorithm, text); };
  const std::string who = h(fmt::format("{}:{}:{}", it.username, it.realm, password));
  const std::string what = h(fmt::format("{}:{}", method, it.uri));
  if (it.nc.empty()) return h(fmt::format("{}:{}:{}", who, it.nonce, what));
  return h(fmt::format("{}:{}:{}:{}:auth:{}", who, it.nonce, it.nc, it.cnonce, what));
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_plain_quotable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= ' ' && c != '"' && c != '\\' && c != 0x7f;
  });
}

void DigestClient::begin() {
  for (Known& known : known_) known.tries = 0;
}

// RFC 8760 §2.4: of several challenges the first one we support counts.
bool DigestClient::take(const Message& response) {
  const std::size_t end = response.status == 401 ? 0 : 1;
  Known& known = known_.at(end);
  for (const Header& row : response.headers) {
    if (row.name != rows.at(end).challenge) continue;
    auto challenge = parse_challenge(row.value);
    if (!challenge) continue;
    if (!account_.realm.empty() && account_.realm != challenge->realm) continue;
    const std::uint32_t tries_max = challenge->stale ? 2 : 1;
    if (known.tries >= tries_max) return false;
    ++known.tries;
    known.uses = 0;
    known.challenge = std::move(*challenge);
    return true;
  }
  return false;
}

void DigestClient::sign(Message& request, std::string_view cnonce) {
  const bool is_invite = request.method == method::invite;
  if (is_invite) invite_rows_.clear();
  for (std::size_t end = 0; end < rows.size(); ++end) {
    Known& known = known_.at(end);
    request.remove(rows.at(end).credentials);
    if (!known.challenge) continue;
    const DigestChallenge& challenge = *known.challenge;
    DigestCredentials credentials{.username = account_.user,
                                  .realm = challenge.realm,
                                  .nonce = challenge.nonce,
                                  .uri = print(request.uri),
                                  .response = {},
                                  .opaque = challenge.opaque,
                                  .cnonce = {},
                                  .nc = {},
                                  .algorithm = challenge.algorithm};
    if (challenge.has_qop) {
      credentials.cnonce = cnonce;
      credentials.nc = fmt::format("{:08x}", ++known.uses);
    }
    credentials.response = digest_response(credentials, account_.password, request.method);
    request.add(rows.at(end).credentials, print(credentials));
    if (is_invite) invite_rows_.push_back(request.headers.back());
  }
}

void DigestClient::copy_to(Message& ack) const {
  ack.headers.insert(ack.headers.end(), invite_rows_.begin(), invite_rows_.end());
}

}  // namespace cord::sip
