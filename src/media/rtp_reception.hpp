// What a receiver keeps about one RTP source: sequence validation (RFC 3550 appendix A.1), loss
// (A.3) and jitter (A.8). Left out on purpose: the probation of two packets at the start. A
// telephony source is validated by its address before it gets here (media/stream.hpp), and the
// first syllable counts.
#pragma once

#include <cstdint>

#include "base/instant.hpp"

namespace cord::media {

inline constexpr std::uint32_t media_clock_hz = 8000;

/// Media time as a count of samples since 1970; differences and their wrap are what matters.
[[nodiscard]] constexpr std::int64_t to_samples(Duration elapsed) {
  // Divided only: microseconds since 1970 times 8000 would not fit.
  constexpr std::int64_t us_per_sample = 1'000'000 / media_clock_hz;
  return elapsed.count() / us_per_sample;
}

/// Forward distance from `from` to `to` on a circle of 2^16 or 2^32: negative if `to` is older.
[[nodiscard]] constexpr std::int16_t distance(std::uint16_t from, std::uint16_t to) {
  return static_cast<std::int16_t>(to - from);
}
[[nodiscard]] constexpr std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

class RtpReception {
 public:
  enum class Verdict : std::uint8_t {
    in_order,   ///< newer than all before it; packets may be missing in between
    late,       ///< reordered or doubled, within 100 packets
    restarted,  ///< the first packet, or the second in a row after a jump: counting starts anew
    jumped,     ///< far from what is expected; to be dropped unless the next one follows it
  };

  /// Takes one packet's sequence number.
  Verdict take_sequence(std::uint16_t sequence);

  /// Takes one packet's time stamp for the jitter estimate. Not for telephone events, whose time
  /// stamps repeat.
  void take_arrival(std::uint32_t timestamp, Instant now);

  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] std::uint32_t highest_sequence() const { return cycles_ + highest_; }
  /// Expected less received; negative when packets were doubled.
  [[nodiscard]] std::int64_t lost() const;
  /// RFC 3550 §6.4.1, in samples.
  [[nodiscard]] std::uint32_t jitter_samples() const { return jitter_16ths_ >> 4; }
  /// Loss in 1/256 since the last call, A.3.
  std::uint8_t take_fraction_lost();

 private:
  static constexpr std::uint16_t dropout_max = 3000;
  static constexpr std::uint16_t misorder_max = 100;

  void start(std::uint16_t sequence);
  [[nodiscard]] std::int64_t expected() const;

  bool started_ = false;
  std::uint16_t first_ = 0;
  std::uint16_t highest_ = 0;
  std::uint32_t cycles_ = 0;  // counted in units of 2^16, as in A.1
  bool jump_pending_ = false;
  std::uint16_t after_jump_ = 0;  // what would follow the packet that jumped
  std::int64_t received_ = 0;
  std::int64_t lost_before_restart_ = 0;
  std::int64_t expected_prior_ = 0, received_prior_ = 0;
  bool has_transit_ = false;
  std::uint32_t transit_ = 0;
  std::uint32_t jitter_16ths_ = 0;
};

}  // namespace cord::media
