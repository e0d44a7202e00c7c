// Times, counted by size: small whatever is added, and as exact at a second as at a millisecond.
// After HdrHistogram (Gil Tene): buckets that grow with the value, so that the relative error is
// fixed. No library of it is in Debian.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/instant.hpp"

namespace cord {

class LatencyHistogram {
 public:
  /// What a figure may be too high by: a 64th of it. Never too low.
  static constexpr std::uint64_t parts_per_octave = 64;
  /// Longer ones count as this.
  static constexpr Duration value_max = std::chrono::hours(19);

  /// Less than nothing counts as nothing.
  void add(Duration value) {
    const auto us = static_cast<std::uint64_t>(std::clamp(value, Duration(0), value_max).count());
    const std::size_t at = bucket_of(us);
    if (at >= counts_.size()) counts_.resize(at + 1);
    ++counts_[at];
    ++count_;
    max_ = std::max(max_, Duration(static_cast<Duration::rep>(us)));
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Duration max() const { return max_; }

  /// The time that so many of 1,000 did not exceed; 0 if there is none at all.
  [[nodiscard]] Duration at_permille(std::uint64_t permille) const {
    const std::uint64_t rank = std::max<std::uint64_t>(1, (count_ * permille + 999) / 1'000);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= rank) return std::min(max_, Duration(highest_of(i)));
    }
    return {};
  }

 private:
  // Values below two octaves' parts have a bucket each; from there on each octave has as many.
  static std::size_t bucket_of(std::uint64_t us) {
    const int bits = static_cast<int>(std::bit_width(us | 1)) - octave_bits - 1;
    const int shift = std::max(0, bits);
    return static_cast<std::size_t>(shift) * parts_per_octave + (us >> shift);
  }
  static Duration::rep highest_of(std::size_t bucket) {
    if (bucket < 2 * parts_per_octave) return static_cast<Duration::rep>(bucket);
    const std::size_t shift = bucket / parts_per_octave - 1;
    const std::uint64_t part = bucket - shift * parts_per_octave;
    return static_cast<Duration::rep>(((part + 1) << shift) - 1);
  }

  static constexpr int octave_bits = 6;
  static_assert(1u << octave_bits == parts_per_octave);

  std::vector<std::uint64_t> counts_;  ///< at most some 2,000: see value_max
  std::uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace cord
