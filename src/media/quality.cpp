#include "media/quality.hpp"

#include <algorithm>

namespace cord::media {

namespace {

constexpr double best_rating = 93.2;  // G.107: all parameters at their defaults, no delay
constexpr double loss_robustness = 25.1;
constexpr double packet_ms = 20.0;

// How much of the rating is lost by delay. Beyond 177.3 ms people begin to talk over each other
// (Cole and Rosenbluth's fit of G.107's curve, 2001).
double impairment_by_delay(double delay_ms) {
  return 0.024 * delay_ms + 0.11 * std::max(0.0, delay_ms - 177.3);
}

double impairment_by_loss(double percent_lost) {
  return 95.0 * percent_lost / (percent_lost + loss_robustness);
}

// G.107 annex B.
double score_of(double rating) {
  if (rating <= 0) return 1.0;
  return 1.0 + 0.035 * rating + 7e-6 * rating * (rating - 60.0) * (100.0 - rating);
}

}  // namespace

double opinion_score(const Journey& journey) {
  const double expected =
      static_cast<double>(journey.packets_received) + static_cast<double>(journey.packets_lost);
  const double percent_lost =
      expected > 0 ? 100.0 * static_cast<double>(journey.packets_lost) / expected : 0.0;
  const double delay_ms =
      journey.round_trip_us / 2000.0 + packet_ms + 2.0 * journey.jitter_us / 1000.0;
  const double rating =
      best_rating - impairment_by_delay(delay_ms) - impairment_by_loss(percent_lost);
  return std::max(1.0, score_of(rating));
}

SoundQuality quality_of(double score) {
  if (score >= 4.03) return SoundQuality::good;
  if (score >= 3.60) return SoundQuality::fair;
  if (score >= 3.10) return SoundQuality::poor;
  return SoundQuality::bad;
}

}  // namespace cord::media
