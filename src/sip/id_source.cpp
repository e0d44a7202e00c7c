#include "sip/id_source.hpp"

#include <array>
#include <bit>
#include <cstddef>

#include <fmt/format.h>

namespace cord::sip {
namespace {

struct Lanes {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

std::uint64_t load_le(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return word;
}

}  // namespace

std::uint64_t siphash(const IdSecret& key, std::string_view bytes) {
  Lanes lanes{key.k0 ^ 0x736f6d6570736575ULL, key.k1 ^ 0x646f72616e646f6dULL,
              key.k0 ^ 0x6c7967656e657261ULL, key.k1 ^ 0x7465646279746573ULL};
  const std::uint64_t length = bytes.size();
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) lanes.take(load_le(bytes.substr(0, 8)));
  lanes.take(load_le(bytes) | length << 56);
  lanes.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) lanes.round();
  return lanes.v0 ^ lanes.v1 ^ lanes.v2 ^ lanes.v3;
}

std::uint64_t IdSource::next() {
  ++count_;
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(count_ >> (8 * i));
  return siphash(secret_, {bytes.data(), bytes.size()});
}

std::string IdSource::tag() {
  return fmt::format("{:016x}", next());
}

}  // namespace cord::sip
