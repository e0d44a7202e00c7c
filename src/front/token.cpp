#include "front/token.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "wire/strict_json.hpp"

namespace cord::front {
namespace {

namespace json = boost::json;

using Refusal = std::optional<TokenFault>;  // None: nothing is wrong so far.

/// The three parts as they came.
struct Parts {
  std::string_view header, payload, signature;
  std::string_view signed_text;  ///< the first two with the dot between them
};

std::optional<Parts> cut(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

std::optional<json::object> read_part(std::string_view part) {
  const auto text = read_base64url(part);
  if (!text) return std::nullopt;
  auto object = wire::parse_object(*text);
  if (!object) return std::nullopt;
  return std::move(*object);
}

std::string text_of(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

/// RFC 7515 §4.1: what the header says about itself. The key members (jwk, jku, x5c, ...) are not
/// looked at: a token does not choose whom we trust.
Refusal look_at_header(const json::object& header) {
  if (header.contains("crit")) return TokenFault::critical;
  const json::value* type = header.if_contains("typ");
  if (type == nullptr) return std::nullopt;
  std::string name = text_of(type);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name != "jwt" && name != "at+jwt") return TokenFault::critical;
  return std::nullopt;
}

Refusal check_signature(const json::object& header, const Parts& parts, const TokenKeys& keys) {
  std::optional<std::string> kid;
  if (const json::value* given = header.if_contains("kid")) {
    if (!given->is_string()) return TokenFault::malformed;
    kid = text_of(given);
  }
  const auto algorithm = find_token_algorithm(text_of(header.if_contains("alg")));
  if (!algorithm) return TokenFault::algorithm;
  const TokenKey* key = keys.find(kid);
  if (key == nullptr) return TokenFault::key;
  if (key->algorithm() != *algorithm) return TokenFault::algorithm;
  const auto signature = read_base64url(parts.signature);
  if (!signature) return TokenFault::malformed;
  if (!key->verifies(parts.signed_text, *signature)) return TokenFault::signature;
  return std::nullopt;
}

/// A NumericDate (RFC 7519 §2): seconds, fractions allowed. Nothing: it is no time of ours.
std::optional<Instant> read_time(const json::value& value) {
  constexpr double year_10000 = 253'402'300'800;
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.to_number<double>();
  if (!(seconds >= 0 && seconds < year_10000)) return std::nullopt;
  return Instant(Duration(static_cast<std::int64_t>(seconds * 1e6)));
}

Refusal check_times(const json::object& claims, const TokenConfig& config, Instant now) {
  if (const json::value* not_before = claims.if_contains("nbf")) {
    const auto from = read_time(*not_before);
    if (!from) return TokenFault::malformed;
    if (now + config.leeway < *from) return TokenFault::not_yet_valid;
  }
  const json::value* expiry = claims.if_contains("exp");
  if (expiry == nullptr) return TokenFault::expired;
  const auto until = read_time(*expiry);
  if (!until) return TokenFault::malformed;
  if (now >= *until + config.leeway) return TokenFault::expired;
  return std::nullopt;
}

bool is_for(const json::value* audience, const std::string& us) {
  if (audience == nullptr) return false;
  const json::array* list = audience->if_array();
  if (list == nullptr) return text_of(audience) == us;
  return std::any_of(list->begin(), list->end(),
                     [&](const json::value& it) { return text_of(&it) == us; });
}

Refusal check_claims(const json::object& claims, const TokenConfig& config, Instant now) {
  if (text_of(claims.if_contains("iss")) != config.issuer) return TokenFault::issuer;
  if (!is_for(claims.if_contains("aud"), config.audience)) return TokenFault::audience;
  return check_times(claims, config, now);
}

}  // namespace

Result<void> TokenConfig::validate() const {
  const auto bad = [](std::string_view what) {
    return refuse(Errc::malformed, "front.token_config", what);
  };
  if (!is_given()) return {};
  if (issuer.empty()) return bad("token.issuer must be given");
  if (audience.empty()) return bad("token.audience must be given");
  if (agent_claim.empty()) return bad("token.agent_claim must be given");
  if (leeway < Duration::zero() || leeway > token_leeway_max) {
    return bad("token.leeway must be 0 to 5 minutes");
  }
  return {};
}

tl::expected<std::string, RefusedToken> check_token(std::string_view token, const TokenKeys& keys,
                                                    const TokenConfig& config, Instant now) {
  const auto refused = [](TokenFault fault, std::string agent = {}) {
    return tl::make_unexpected(RefusedToken{fault, std::move(agent)});
  };
  if (token.size() > token_bytes_max) return refused(TokenFault::too_long);
  const auto parts = cut(token);
  if (!parts) return refused(TokenFault::malformed);
  const auto header = read_part(parts->header);
  if (!header) return refused(TokenFault::malformed);
  if (const Refusal fault = look_at_header(*header)) return refused(*fault);
  if (const Refusal fault = check_signature(*header, *parts, keys)) return refused(*fault);
  const auto claims = read_part(parts->payload);
  if (!claims) return refused(TokenFault::malformed);
  std::string agent = text_of(claims->if_contains(config.agent_claim));
  if (const Refusal fault = check_claims(*claims, config, now)) return refused(*fault, agent);
  if (agent.empty()) return refused(TokenFault::agent);
  return agent;
}

}  // namespace cord::front
