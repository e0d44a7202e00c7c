// The primitives of SRTP over OpenSSL's EVP interface: AES in counter mode, HMAC-SHA1 and AES-GCM,
// each with a context that is keyed once and used for every packet, and the key derivation of
// RFC 3711 §4.3. What OpenSSL refuses here is a bug of ours or lack of memory: it is asserted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <openssl/types.h>

namespace cord::media {

inline constexpr std::size_t aes_key_bytes = 16;
inline constexpr std::size_t aes_block_bytes = 16;
inline constexpr std::size_t gcm_iv_bytes = 12;
inline constexpr std::size_t gcm_tag_bytes = 16;
inline constexpr std::size_t sha1_bytes = 20;

using AesKey = std::array<std::uint8_t, aes_key_bytes>;
using AesBlock = std::array<std::uint8_t, aes_block_bytes>;
using GcmIv = std::array<std::uint8_t, gcm_iv_bytes>;
using Sha1Tag = std::array<std::uint8_t, sha1_bytes>;

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const;
};
struct MacDeleter {
  void operator()(EVP_MAC_CTX* context) const;
};

/// AES-128 in counter mode, RFC 3711 §4.1.1.
class AesCounter {
 public:
  explicit AesCounter(const AesKey& key);
  /// Adds the key stream that begins with block `iv` to `bytes`: encrypts, and decrypts.
  void apply(const AesBlock& iv, std::span<std::uint8_t> bytes);

 private:
  std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> context_;
};

/// HMAC-SHA1, RFC 2104, in full length.
class HmacSha1 {
 public:
  explicit HmacSha1(std::span<const std::uint8_t> key);
  /// Of `first` and `second` one after the other.
  [[nodiscard]] Sha1Tag of(std::span<const std::uint8_t> first,
                           std::span<const std::uint8_t> second = {});

 private:
  std::unique_ptr<EVP_MAC_CTX, MacDeleter> context_;
};

/// AES-128 in Galois counter mode with a tag of 16 bytes.
class AesGcm {
 public:
  enum class Direction : std::uint8_t { seal, open };
  AesGcm(const AesKey& key, Direction direction);

  /// Data that is authenticated and not encrypted, in the order of the wire.
  struct Associated {
    std::span<const std::uint8_t> first, second{};
  };
  /// Encrypts `bytes` in place and writes the tag.
  void seal(const GcmIv& iv, const Associated& associated, std::span<std::uint8_t> bytes,
            std::span<std::uint8_t, gcm_tag_bytes> tag);
  /// Decrypts `bytes` in place. False: the tag is wrong, and `bytes` is garbage.
  [[nodiscard]] bool open(const GcmIv& iv, const Associated& associated,
                          std::span<std::uint8_t> bytes,
                          std::span<const std::uint8_t, gcm_tag_bytes> tag);

 private:
  void begin(const GcmIv& iv, const Associated& associated, std::span<std::uint8_t> bytes);

  std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> context_;
};

/// Fills `out` with the session key of that label, RFC 3711 §4.3.1 with a key derivation rate of
/// 0. `salt` is the master salt; one of 12 bytes is followed by zeros (RFC 7714 §11).
void derive_srtp_key(const AesKey& master, const std::array<std::uint8_t, 14>& salt,
                     std::uint8_t label, std::span<std::uint8_t> out);

/// Whether both are the same, in a time that does not tell where they differ.
[[nodiscard]] bool equal_in_constant_time(std::span<const std::uint8_t> a,
                                          std::span<const std::uint8_t> b);

/// Fills `out` from the system's generator.
void fill_with_secrets(std::span<std::uint8_t> out);

}  // namespace cord::media
