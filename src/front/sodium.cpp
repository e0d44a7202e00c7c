#include "front/sodium.hpp"

#include <vector>

#include <sodium.h>

#include "base/assert.hpp"

namespace cord::front {

void need_sodium() {
  static const int outcome = sodium_init();
  CORD_ASSERT(outcome >= 0);
}

std::string random_name(std::size_t bytes) {
  need_sodium();
  std::vector<unsigned char> random(bytes);
  randombytes_buf(random.data(), random.size());
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(bytes, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), variant);
  text.pop_back();  // The terminating zero.
  return text;
}

std::string digest_of(std::string_view text) {
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return digest;
}

bool is_same_secret(std::string_view a, std::string_view b) {
  const std::string left = digest_of(a);
  const std::string right = digest_of(b);
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace cord::front
