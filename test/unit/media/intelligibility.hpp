// How much of speech is understood after it was damaged, as a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cord::media::test {

/// Where in the speech that was sent the sound at a place of what was heard comes from, in samples.
using Positions = std::vector<std::int64_t>;

inline constexpr std::size_t analysis_hop = 128;

/// Short-time objective intelligibility (Taal, Hendriks, Heusdens, Jensen: "An Algorithm for
/// Intelligibility Prediction of Time-Frequency Weighted Noisy Speech", 2011) at 8 kHz: the mean
/// correlation of what was sent and heard over 1/3 octaves from 150 Hz to 3.4 kHz in stretches of
/// half a second, silence left out. 1: nothing is wrong; listeners understand nearly every word
/// above 0.9, half of them at 0.6. `positions[k]` belongs to heard[k * analysis_hop]; the pace of
/// the play-out is thus no damage.
[[nodiscard]] double intelligibility(std::span<const std::int16_t> sent,
                                     std::span<const std::int16_t> heard,
                                     const Positions& positions);

}  // namespace cord::media::test
