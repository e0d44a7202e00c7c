#include "media/srtp_crypto.hpp"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/assert.hpp"

namespace cord::media {
namespace {

// Fetched once: looking an algorithm up by name costs more than using it.
EVP_CIPHER* cipher(const char* name) {
  EVP_CIPHER* it = EVP_CIPHER_fetch(nullptr, name, nullptr);
  CORD_ASSERT(it != nullptr);
  return it;
}

EVP_CIPHER* counter_cipher() {
  static EVP_CIPHER* const it = cipher("AES-128-CTR");
  return it;
}

EVP_CIPHER* gcm_cipher() {
  static EVP_CIPHER* const it = cipher("AES-128-GCM");
  return it;
}

EVP_MAC* hmac() {
  static EVP_MAC* const it = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  CORD_ASSERT(it != nullptr);
  return it;
}

}  // namespace

void CipherDeleter::operator()(EVP_CIPHER_CTX* context) const {
  EVP_CIPHER_CTX_free(context);
}

void MacDeleter::operator()(EVP_MAC_CTX* context) const {
  EVP_MAC_CTX_free(context);
}

AesCounter::AesCounter(const AesKey& key) : context_(EVP_CIPHER_CTX_new()) {
  CORD_ASSERT(EVP_EncryptInit_ex2(context_.get(), counter_cipher(), key.data(), nullptr, nullptr) ==
              1);
}

void AesCounter::apply(const AesBlock& iv, std::span<std::uint8_t> bytes) {
  int written = 0;
  const bool done =
      EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, iv.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context_.get(), bytes.data(), &written, bytes.data(),
                        static_cast<int>(bytes.size())) == 1;
  CORD_ASSERT(done);
}

HmacSha1::HmacSha1(std::span<const std::uint8_t> key) : context_(EVP_MAC_CTX_new(hmac())) {
  std::array<char, 5> digest{"SHA1"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  CORD_ASSERT(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) == 1);
}

Sha1Tag HmacSha1::of(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second) {
  Sha1Tag tag{};
  std::size_t written = 0;
  const bool done = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context_.get(), first.data(), first.size()) == 1 &&
                    EVP_MAC_update(context_.get(), second.data(), second.size()) == 1 &&
                    EVP_MAC_final(context_.get(), tag.data(), &written, tag.size()) == 1;
  CORD_ASSERT(done);
  return tag;
}

AesGcm::AesGcm(const AesKey& key, Direction direction) : context_(EVP_CIPHER_CTX_new()) {
  const int encrypts = direction == Direction::seal ? 1 : 0;
  CORD_ASSERT(EVP_CipherInit_ex2(context_.get(), gcm_cipher(), key.data(), nullptr, encrypts,
                                 nullptr) == 1);
}

void AesGcm::begin(const GcmIv& iv, const Associated& associated, std::span<std::uint8_t> bytes) {
  EVP_CIPHER_CTX* it = context_.get();
  const auto add = [&](std::uint8_t* out, std::span<const std::uint8_t> in) {
    int written = 0;
    return EVP_CipherUpdate(it, out, &written, in.data(), static_cast<int>(in.size())) == 1;
  };
  const bool done = EVP_CipherInit_ex2(it, nullptr, nullptr, iv.data(), -1, nullptr) == 1 &&
                    add(nullptr, associated.first) &&
                    (associated.second.empty() || add(nullptr, associated.second)) &&
                    (bytes.empty() || add(bytes.data(), bytes));
  CORD_ASSERT(done);
}

void AesGcm::seal(const GcmIv& iv, const Associated& associated, std::span<std::uint8_t> bytes,
                  std::span<std::uint8_t, gcm_tag_bytes> tag) {
  begin(iv, associated, bytes);
  int written = 0;
  const bool done = EVP_CipherFinal_ex(context_.get(), tag.data(), &written) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG,
                                        static_cast<int>(tag.size()), tag.data()) == 1;
  CORD_ASSERT(done);
}

bool AesGcm::open(const GcmIv& iv, const Associated& associated, std::span<std::uint8_t> bytes,
                  std::span<const std::uint8_t, gcm_tag_bytes> tag) {
  begin(iv, associated, bytes);
  AesBlock expected{};
  std::copy(tag.begin(), tag.end(), expected.begin());
  CORD_ASSERT(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG,
                                  static_cast<int>(expected.size()), expected.data()) == 1);
  int written = 0;
  return EVP_CipherFinal_ex(context_.get(), expected.data(), &written) == 1;
}

void derive_srtp_key(const AesKey& master, const std::array<std::uint8_t, 14>& salt,
                     std::uint8_t label, std::span<std::uint8_t> out) {
  AesBlock iv{};
  std::copy(salt.begin(), salt.end(), iv.begin());
  iv[7] ^= label;  // The label stands before an index of 48 bits, at the end of 14 bytes.
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  AesCounter(master).apply(iv, out);
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void fill_with_secrets(std::span<std::uint8_t> out) {
  CORD_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace cord::media
