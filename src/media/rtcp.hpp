// RTCP, RFC 3550 §6: sender and receiver reports, SDES CNAME and BYE, read from and written as
// compound packets. Other packet types (APP, feedback) and SDES items are skipped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace cord::media {

/// What one receiver says about one source, RFC 3550 §6.4.1.
struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;         ///< of 256, since the last report
  std::int32_t cumulative_lost = 0;       ///< 24 bits signed on the wire; clamped when written
  std::uint32_t highest_sequence = 0;     ///< extended by the cycles
  std::uint32_t jitter = 0;               ///< in units of the media clock
  std::uint32_t last_sr = 0;              ///< middle 32 bits of the NTP time; 0: none yet
  std::uint32_t delay_since_last_sr = 0;  ///< in 1/65536 s
  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderInfo {
  std::uint64_t ntp = 0;  ///< 32.32 fixed point seconds since 1900
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  friend bool operator==(const SenderInfo&, const SenderInfo&) = default;
};

/// An SR when `sender` is there, else an RR. At most 31 blocks.
struct RtcpReport {
  std::uint32_t ssrc = 0;
  std::optional<SenderInfo> sender;
  std::vector<ReportBlock> blocks;
  friend bool operator==(const RtcpReport&, const RtcpReport&) = default;
};

struct RtcpCname {
  std::uint32_t ssrc = 0;
  std::string cname;  ///< at most 255 bytes
  friend bool operator==(const RtcpCname&, const RtcpCname&) = default;
};

/// One datagram. The first report comes first on the wire, as §6.1 wants.
struct RtcpCompound {
  std::vector<RtcpReport> reports;  ///< at least one when written
  std::vector<RtcpCname> cnames;    ///< at most 31
  std::vector<std::uint32_t> byes;  ///< sources that leave; at most 31
  friend bool operator==(const RtcpCompound&, const RtcpCompound&) = default;
};

/// Reads a compound packet after the checks of appendix A.2, never past `datagram`.
/// Errors: too_short, bad_version, malformed.
[[nodiscard]] Result<RtcpCompound> parse_rtcp(std::span<const std::uint8_t> datagram);

/// Writes reports, SDES and BYE in this order. Asserts the bounds named above.
[[nodiscard]] std::vector<std::uint8_t> build_rtcp(const RtcpCompound& compound);

/// 32.32 NTP time of an Instant (UTC), RFC 3550 §4.
[[nodiscard]] std::uint64_t to_ntp(Instant now);

/// The middle 32 bits of it, as LSR and DLSR use them.
[[nodiscard]] std::uint32_t compact_ntp(std::uint64_t ntp);

/// The time to the next report, §6.2 and §6.3.1: 5 s (the first time half of that), times a factor
/// of 0.5 to 1.5 drawn from `random`, divided by e - 3/2.
[[nodiscard]] Duration rtcp_interval(std::uint64_t random, bool first);

}  // namespace cord::media
