#include "media/rtp_reception.hpp"

#include <cstdlib>

namespace cord::media {

void RtpReception::start(std::uint16_t sequence) {
  lost_before_restart_ = lost();
  started_ = true;
  first_ = highest_ = sequence;
  cycles_ = 0;
  jump_pending_ = false;
  received_ = 1;
  expected_prior_ = received_prior_ = 0;
  has_transit_ = false;
}

RtpReception::Verdict RtpReception::take_sequence(std::uint16_t sequence) {
  if (!started_) {
    start(sequence);
    return Verdict::restarted;
  }
  const auto ahead = static_cast<std::uint16_t>(sequence - highest_);
  if (ahead != 0 && ahead < dropout_max) {
    if (sequence < highest_) cycles_ += 1u << 16;
    highest_ = sequence;
    ++received_;
    jump_pending_ = false;
    return Verdict::in_order;
  }
  if (static_cast<std::uint16_t>(highest_ - sequence) <= misorder_max) {
    ++received_;
    return Verdict::late;
  }
  if (jump_pending_ && sequence == after_jump_) {
    start(sequence);
    return Verdict::restarted;
  }
  jump_pending_ = true;
  after_jump_ = static_cast<std::uint16_t>(sequence + 1);
  return Verdict::jumped;
}

void RtpReception::take_arrival(std::uint32_t timestamp, Instant now) {
  const auto arrival = static_cast<std::uint32_t>(to_samples(now.time_since_epoch()));
  const std::uint32_t transit = arrival - timestamp;
  if (has_transit_) {
    const std::int64_t change = std::abs(std::int64_t{distance(transit_, transit)});
    // More than that is a source that set its clock anew, not jitter.
    constexpr std::int64_t jitter_samples_max = 2 * media_clock_hz;
    if (change <= jitter_samples_max) {
      jitter_16ths_ += static_cast<std::uint32_t>(change) - ((jitter_16ths_ + 8) >> 4);
    }
  }
  transit_ = transit;
  has_transit_ = true;
}

std::int64_t RtpReception::expected() const {
  return started_ ? std::int64_t{highest_sequence()} - first_ + 1 : 0;
}

std::int64_t RtpReception::lost() const {
  return lost_before_restart_ + expected() - received_;
}

std::uint8_t RtpReception::take_fraction_lost() {
  const std::int64_t expected_now = expected();
  const std::int64_t expected_interval = expected_now - expected_prior_;
  const std::int64_t lost_interval = expected_interval - (received_ - received_prior_);
  expected_prior_ = expected_now;
  received_prior_ = received_;
  if (expected_interval <= 0 || lost_interval <= 0) return 0;
  const std::int64_t fraction = (lost_interval << 8) / expected_interval;
  return static_cast<std::uint8_t>(fraction > 255 ? 255 : fraction);
}

}  // namespace cord::media
