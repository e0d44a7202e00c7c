// The RTP packet, RFC 3550 §5.1: fixed header, CSRC list, one extension (§5.3.1) and padding are
// read; only the fixed header is written, because that is all a gateway of plain telephony sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.hpp"

namespace cord::media {

inline constexpr std::size_t rtp_header_bytes_min = 12;

/// The fixed header. CSRCs and extensions of a received packet are skipped, not kept.
struct RtpHeader {
  bool marker = false;
  std::uint8_t payload_type = 0;  ///< 0-127
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;  ///< in units of the payload's clock, 8 kHz for telephony
  std::uint32_t ssrc = 0;
  friend bool operator==(const RtpHeader&, const RtpHeader&) = default;
};

/// A received packet. `payload` borrows from the datagram and holds no padding.
struct RtpPacket {
  RtpHeader header;
  std::span<const std::uint8_t> payload;
};

/// The size of the fixed header, the CSRCs and the extension of an RTP packet, which may be
/// encrypted behind them. Errors: too_short, bad_version.
[[nodiscard]] Result<std::size_t> rtp_header_bytes(std::span<const std::uint8_t> packet);

/// Reads one datagram and never past it. Errors: too_short, bad_version, malformed (padding).
[[nodiscard]] Result<RtpPacket> parse_rtp(std::span<const std::uint8_t> datagram);

/// Writes version 2 without padding, extension and CSRC. `payload_type` must be below 128.
void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t, rtp_header_bytes_min> out);

}  // namespace cord::media
