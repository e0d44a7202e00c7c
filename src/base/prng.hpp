// A small, seeded generator for tests, simulated worlds and protocol fields that need variety but
// no secrecy (SSRC, Call-ID). Secrets come from the system's generator, at the edge.
#pragma once

#include <cstdint>

namespace cord {

/// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, passes BigCrush, same on every platform.
class Prng {
 public:
  explicit constexpr Prng(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// A number in [0, bound). `bound` must not be 0.
  constexpr std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace cord
