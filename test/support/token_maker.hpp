// Makes keys and signs JSON Web Tokens, as a log-in service would: the other side of front/token.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

namespace cord::test {

using Key = std::shared_ptr<EVP_PKEY>;

inline Key owned(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}
inline Key rsa(unsigned bits = 2'048) {
  return owned(EVP_RSA_gen(bits));
}
inline Key ec(const char* curve = "P-256") {
  return owned(EVP_EC_gen(curve));
}
inline Key ed25519() {
  return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6;) text += digits[held >> (bits -= 6) & 63];
  }
  if (bits > 0) text += digits[held << (6 - bits) & 63];
  return text;
}

inline std::string pem_of(EVP_PKEY* key, bool is_private = false) {
  BIO* bio = BIO_new(BIO_s_mem());
  if (is_private) {
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  } else {
    PEM_write_bio_PUBKEY(bio, key);
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

inline std::string number_of(EVP_PKEY* key, const char* name, std::size_t bytes = 0) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string text(bytes == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : bytes, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()),
               static_cast<int>(text.size()));
  BN_free(number);
  return base64url(text);
}

/// The public part as a JWK; `more` are further members, with a leading comma.
inline std::string jwk_of(const Key& key, const std::string& more = {}) {
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return R"({"kty":"RSA","n":")" + number_of(key.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
             number_of(key.get(), OSSL_PKEY_PARAM_RSA_E) + "\"" + more + "}";
    case EVP_PKEY_EC:
      return R"({"kty":"EC","crv":"P-256","x":")" +
             number_of(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
             number_of(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"" + more + "}";
    default: {
      std::string bytes(32, '\0');
      std::size_t size = bytes.size();
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
      return R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url(bytes) + "\"" + more + "}";
    }
  }
}

inline std::string jwks_of(const std::vector<std::string>& jwks) {
  std::string text = R"({"keys":[)";
  for (const auto& it : jwks) text += (text.back() == '[' ? "" : ",") + it;
  return text + "]}";
}

inline std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::string out(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

/// r and s of a DER signature, `bytes` each.
inline std::string raw_ecdsa(const std::string& der, int bytes) {
  const auto* from = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()));
  std::string raw(2 * static_cast<std::size_t>(bytes), '\0');
  auto* to = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), to, bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(both), to + bytes, bytes);
  ECDSA_SIG_free(both);
  return raw;
}

inline std::string sign(const Key& key, std::string_view text) {
  const int kind = EVP_PKEY_get_base_id(key.get());
  const EVP_MD* digest = kind == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string out(2'048, '\0');
  std::size_t size = out.size();
  EVP_DigestSignInit(context, nullptr, digest, nullptr, key.get());
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(context);
  out.resize(size);
  return kind == EVP_PKEY_EC ? raw_ecdsa(out, (EVP_PKEY_get_bits(key.get()) + 7) / 8) : out;
}

inline std::string unsigned_token(std::string_view header, std::string_view claims) {
  return base64url(header) + "." + base64url(claims);
}
inline std::string token(const Key& key, std::string_view header, std::string_view claims) {
  const std::string text = unsigned_token(header, claims);
  return text + "." + base64url(sign(key, text));
}
inline std::string token(std::string_view secret, std::string_view header,
                         std::string_view claims) {
  const std::string text = unsigned_token(header, claims);
  return text + "." + base64url(hmac_sha256(secret, text));
}

}  // namespace cord::test
