// How a stream sounds to who hears it, as one number.
#pragma once

#include <cstdint>

namespace cord::media {

/// What one direction of a stream met on its way.
struct Journey {
  std::uint64_t packets_received = 0;
  std::uint64_t packets_lost = 0;
  std::uint32_t jitter_us = 0;      ///< RFC 3550 §6.4.1
  std::uint32_t round_trip_us = 0;  ///< 0: not known
};

/// Mean opinion score of a conversation, from 1.0 (unusable) to 4.4 (nothing is wrong; G.711 has no
/// better). By the E-model of ITU-T G.107 for G.711 whose losses are concealed and come singly
/// (G.113 appendix I: Ie = 0, Bpl = 25.1); delay is half the round trip, one packet of 20 ms and
/// the play-out of twice the jitter. An estimate: nobody has listened.
[[nodiscard]] double opinion_score(const Journey& journey);

/// The same in the words of G.109's classes: at least 4.03, 3.60, 3.10, or less.
enum class SoundQuality : std::uint8_t { good, fair, poor, bad };
[[nodiscard]] SoundQuality quality_of(double score);

}  // namespace cord::media
