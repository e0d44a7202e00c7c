// Names nobody can guess: tags (RFC 3261 §19.3 asks for cryptographic randomness), Call-IDs and
// session ids. A counter under SipHash-2-4 (Aumasson, Bernstein 2012) with a secret key: nothing
// here reads a random source, and who sees some names cannot tell the next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cord::sip {

/// 128 bits from the system's generator. Whoever knows them can guess every tag; never log them.
struct IdSecret {
  std::uint64_t k0 = 0, k1 = 0;
};

/// SipHash-2-4 of `bytes` under `key`.
[[nodiscard]] std::uint64_t siphash(const IdSecret& key, std::string_view bytes);

class IdSource {
 public:
  explicit IdSource(IdSecret secret) : secret_(secret) {}

  /// 128 bits that nothing else is made of.
  [[nodiscard]] IdSecret secret() { return {next(), next()}; }
  [[nodiscard]] std::uint64_t next();
  /// A number in [0, bound). `bound` must not be 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// 16 hexadecimal digits.
  [[nodiscard]] std::string tag();
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string call_id() { return tag() + tag(); }

 private:
  IdSecret secret_;
  std::uint64_t count_ = 0;
};

}  // namespace cord::sip
