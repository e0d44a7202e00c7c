#include "front/token_keys.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "front/sodium.hpp"
#include "wire/strict_json.hpp"

namespace cord::front {
namespace {

namespace json = boost::json;

constexpr std::size_t ecdsa_number_bytes = 32;  // r and s of P-256.
constexpr std::string_view p256 = "prime256v1";

template <class T, void (*free)(T*)>
struct Free {
  void operator()(T* it) const { free(it); }
};
template <class T, void (*free)(T*)>
using Owned = std::unique_ptr<T, Free<T, free>>;

void free_bio(BIO* bio) {
  BIO_free(bio);
}

template <class Detail>
tl::unexpected<Error> bad(const Detail& what) {
  return refuse(Errc::malformed, "front.token_key", what);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

// ---- signatures

/// The two numbers of a JWS signature as OpenSSL wants them (RFC 7518 §3.4); empty: it is none.
std::string to_der(std::string_view signature) {
  if (signature.size() != 2 * ecdsa_number_bytes) return {};
  const Owned<ECDSA_SIG, ECDSA_SIG_free> both(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(signature), ecdsa_number_bytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(signature) + ecdsa_number_bytes, ecdsa_number_bytes, nullptr);
  ECDSA_SIG_set0(both.get(), r, s);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  std::string text(reinterpret_cast<char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return text;
}

bool hmac_matches(std::string_view secret, std::string_view text, std::string_view signature) {
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> expected{};
  if (signature.size() != expected.size()) return false;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  crypto_auth_hmacsha256_final(&state, expected.data());
  return sodium_memcmp(expected.data(), signature.data(), expected.size()) == 0;
}

// ---- keys

/// Null if `key` is of no kind, or no size, that is allowed.
std::optional<TokenAlgorithm> algorithm_of(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: {
      const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key));
      if (bits < token_rsa_bits_min || bits > token_rsa_bits_max) return std::nullopt;
      return TokenAlgorithm::rs256;
    }
    case EVP_PKEY_EC: {
      std::array<char, 64> name{};
      std::size_t size = 0;
      if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return std::nullopt;
      if (std::string_view(name.data(), size) != p256) return std::nullopt;
      return TokenAlgorithm::es256;
    }
    case EVP_PKEY_ED25519:
      return TokenAlgorithm::eddsa;
    default:
      return std::nullopt;
  }
}

bool is_sound(EVP_PKEY* key) {
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(key, nullptr));
  return EVP_PKEY_public_check(context.get()) == 1;
}

std::optional<std::string> text_member(const json::object& jwk, std::string_view name) {
  const json::value* value = jwk.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string().data(), value->get_string().size());
}

/// The bytes of a member; nothing if it is absent or no base64url.
std::optional<std::string> bytes_member(const json::object& jwk, std::string_view name) {
  const auto text = text_member(jwk, name);
  return text ? read_base64url(*text) : std::nullopt;
}

/// A public key from its parameters; null if OpenSSL does not take them.
std::shared_ptr<EVP_PKEY> from_parameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return own(key);
}

std::shared_ptr<EVP_PKEY> rsa_key(const std::string& modulus, const std::string& exponent) {
  if (modulus.size() > token_rsa_bits_max / 8 || exponent.size() > 8) return nullptr;
  const Owned<BIGNUM, BN_free> n(
      BN_bin2bn(bytes_of(modulus), static_cast<int>(modulus.size()), nullptr));
  const Owned<BIGNUM, BN_free> e(
      BN_bin2bn(bytes_of(exponent), static_cast<int>(exponent.size()), nullptr));
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return from_parameters("RSA", builder.get());
}

std::shared_ptr<EVP_PKEY> p256_key(const std::string& x, const std::string& y) {
  if (x.size() != ecdsa_number_bytes || y.size() != ecdsa_number_bytes) return nullptr;
  const std::string point = "\x04" + x + y;  // Uncompressed (SEC 1 §2.3.3).
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, p256.data(),
                                  p256.size());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return from_parameters("EC", builder.get());
}

// ---- one JWK

/// The members whose bytes make the public key; the algorithm that goes with it.
struct JwkKind {
  std::string_view type, curve;
  TokenAlgorithm algorithm;
  std::string_view algorithm_name;
};
constexpr std::array<JwkKind, 4> jwk_kinds{{{"oct", {}, TokenAlgorithm::hs256, "HS256"},
                                            {"RSA", {}, TokenAlgorithm::rs256, "RS256"},
                                            {"EC", "P-256", TokenAlgorithm::es256, "ES256"},
                                            {"OKP", "Ed25519", TokenAlgorithm::eddsa, "EdDSA"}}};

/// None: this key is for something else, and is to be ignored.
const JwkKind* kind_of(const json::object& jwk) {
  const std::string type = text_member(jwk, "kty").value_or("");
  const std::string curve = text_member(jwk, "crv").value_or("");
  const std::string use = text_member(jwk, "use").value_or("sig");
  for (const JwkKind& it : jwk_kinds) {
    const bool is_it = type == it.type && (it.curve.empty() || curve == it.curve) && use == "sig";
    if (is_it &&
        text_member(jwk, "alg").value_or(std::string(it.algorithm_name)) == it.algorithm_name) {
      return &it;
    }
  }
  return nullptr;
}

Result<TokenKey> read_public_jwk(const json::object& jwk, TokenAlgorithm algorithm) {
  if (jwk.contains("d")) return bad("is a private key; allowed: only its public part");
  const auto member = [&](std::string_view name) {
    return bytes_member(jwk, name).value_or(std::string());
  };
  std::shared_ptr<EVP_PKEY> key;
  if (algorithm == TokenAlgorithm::rs256) {
    key = rsa_key(member("n"), member("e"));
  } else if (algorithm == TokenAlgorithm::es256) {
    key = p256_key(member("x"), member("y"));
  } else {
    const std::string x = member("x");
    key = own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
  }
  if (!key) return bad("its numbers are missing, no base64url, or no key");
  return TokenKey::open(std::move(key));
}

Result<TokenKey> read_jwk(const json::object& jwk, TokenAlgorithm algorithm) {
  auto key = algorithm == TokenAlgorithm::hs256
                 ? TokenKey::secret(bytes_member(jwk, "k").value_or(std::string()))
                 : read_public_jwk(jwk, algorithm);
  if (!key) return key;
  if (jwk.contains("kid")) {
    auto id = text_member(jwk, "kid");
    if (!id || id->empty()) return bad("kid must be a text");
    key->id = std::move(*id);
  }
  return key;
}

/// With several keys each is found by its id, and by nothing else.
Result<void> check_ids(const std::vector<TokenKey>& keys) {
  if (keys.size() < 2) return {};
  for (auto it = keys.begin(); it != keys.end(); ++it) {
    if (it->id.empty()) return bad("there are several keys, and one has no kid");
    const bool is_twice =
        std::any_of(keys.begin(), it, [&](const TokenKey& other) { return other.id == it->id; });
    if (is_twice) return bad(fmt::format("two keys have the kid \"{}\"", it->id));
  }
  return {};
}

// ---- files

Result<std::string> read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(token_key_file_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (!in.eof() && in.fail()) || in.gcount() == 0) {
    return refuse(Errc::io_failed, "front.token_key", "cannot be read, or is empty");
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > token_key_file_bytes_max) return bad("is larger than 256 KiB");
  return text;
}

Result<TokenKeys> only(Result<TokenKey> key) {
  if (!key) return tl::make_unexpected(std::move(key.error()));
  TokenKeys keys;
  keys.all.push_back(std::move(*key));
  return keys;
}

Result<TokenKeys> read_pem(const std::string& text) {
  const Owned<BIO, free_bio> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // Without the callback OpenSSL would ask the terminal for a pass phrase.
  const auto no_phrase = [](char*, int, int, void*) { return 0; };
  auto key = own(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_phrase, nullptr));
  if (!key) return bad("holds no public key; allowed: PEM, \"-----BEGIN PUBLIC KEY-----\"");
  return only(TokenKey::open(std::move(key)));
}

/// One line end at the end is the editor's.
Result<TokenKeys> read_secret(std::string_view text) {
  // Whoever knows a public key could otherwise make tokens.
  if (text.starts_with("-----BEGIN")) return bad("is PEM and no secret; allowed: key-file for it");
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return only(TokenKey::secret(text));
}

}  // namespace

std::optional<TokenAlgorithm> find_token_algorithm(std::string_view name) {
  const auto* const found =
      std::find_if(jwk_kinds.begin(), jwk_kinds.end(),
                   [&](const JwkKind& it) { return it.algorithm_name == name; });
  if (found == jwk_kinds.end()) return std::nullopt;
  return found->algorithm;
}

std::optional<std::string> read_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int outcome = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()),
                                        bytes.size(), text.data(), text.size(), nullptr, &size,
                                        &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (outcome != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

Result<TokenKey> TokenKey::secret(std::string_view bytes) {
  need_sodium();
  if (bytes.size() < token_secret_bytes_min) {
    return bad(fmt::format("the secret has {} bytes; allowed: at least {}", bytes.size(),
                           token_secret_bytes_min));
  }
  TokenKey key;
  key.secret_ = bytes;
  return key;
}

Result<TokenKey> TokenKey::open(std::shared_ptr<EVP_PKEY> pkey) {
  const auto algorithm = algorithm_of(pkey.get());
  if (!algorithm) {
    return bad(
        fmt::format("is of another kind or size; allowed: RSA of {} to {} bits, P-256, "
                    "Ed25519",
                    token_rsa_bits_min, token_rsa_bits_max));
  }
  if (!is_sound(pkey.get())) return bad("its numbers make no key");
  TokenKey key;
  key.algorithm_ = *algorithm;
  key.key_ = std::move(pkey);
  return key;
}

bool TokenKey::verifies(std::string_view text, std::string_view signature) const {
  if (algorithm_ == TokenAlgorithm::hs256) return hmac_matches(secret_, text, signature);
  const std::string der =
      algorithm_ == TokenAlgorithm::es256 ? to_der(signature) : std::string(signature);
  const EVP_MD* digest = algorithm_ == TokenAlgorithm::eddsa ? nullptr : EVP_sha256();
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(text), text.size()) ==
             1;
}

const TokenKey* TokenKeys::find(const std::optional<std::string>& kid) const {
  const bool is_alone = all.size() == 1;
  if (is_alone && (!kid || all[0].id.empty())) return all.data();
  if (!kid) return nullptr;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const TokenKey& it) { return it.id == *kid; });
  return found == all.end() ? nullptr : &*found;
}

Result<TokenKeys> read_jwks(std::string_view text) {
  const auto root = wire::parse_object(text);
  if (!root) return bad(root.error().detail);
  const json::value* list = root->if_contains("keys");
  if (list == nullptr || !list->is_array()) return bad("has no list `keys`");
  TokenKeys keys;
  std::size_t place = 0;
  for (const json::value& it : list->get_array()) {
    const std::string name = fmt::format("keys[{}]", place++);
    if (!it.is_object()) return bad(fmt::format("{} must be an object", name));
    const JwkKind* kind = kind_of(it.get_object());
    if (kind == nullptr) {
      ++keys.skipped;
      continue;
    }
    auto key = read_jwk(it.get_object(), kind->algorithm);
    if (!key) return bad(fmt::format("{}: {}", name, key.error().detail));
    keys.all.push_back(std::move(*key));
  }
  if (keys.all.empty()) return bad("has no key for HS256, RS256, ES256 or EdDSA");
  if (keys.all.size() > token_keys_max)
    return bad(fmt::format("more than {} keys", token_keys_max));
  if (auto valid = check_ids(keys.all); !valid) return tl::make_unexpected(valid.error());
  return keys;
}

Result<TokenKeys> load_token_keys(const TokenKeySource& source) {
  auto text = read_file(source.file);
  if (!text) return tl::make_unexpected(std::move(text.error()));
  switch (source.kind) {
    case TokenKeySource::Kind::secret:
      return read_secret(*text);
    case TokenKeySource::Kind::pem:
      return read_pem(*text);
    case TokenKeySource::Kind::jwks:
      return read_jwks(*text);
    case TokenKeySource::Kind::none:
      break;
  }
  return bad("no key file is configured");
}

}  // namespace cord::front
