#include "media/rtp_header.hpp"

#include "base/assert.hpp"
#include "media/big_endian.hpp"

namespace cord::media {
namespace {

constexpr std::uint8_t version = 2;
constexpr std::uint8_t padding_bit = 0x20;
constexpr std::uint8_t extension_bit = 0x10;
constexpr std::uint8_t marker_bit = 0x80;
constexpr std::size_t extension_header_bytes = 4;

}  // namespace

Result<std::size_t> rtp_header_bytes(std::span<const std::uint8_t> in) {
  if (in.size() < rtp_header_bytes_min) return refuse(Errc::too_short, "rtp.fixed");
  if (in[0] >> 6 != version) return refuse(Errc::bad_version, "rtp.version");
  std::size_t header_bytes = rtp_header_bytes_min + 4u * (in[0] & 0x0f);
  if ((in[0] & extension_bit) != 0) {
    const std::size_t extension_at = header_bytes;
    header_bytes += extension_header_bytes;
    if (in.size() < header_bytes) return refuse(Errc::too_short, "rtp.extension");
    header_bytes += 4u * load_be16(in, extension_at + 2);
  }
  if (in.size() < header_bytes) return refuse(Errc::too_short, "rtp.csrc");
  return header_bytes;
}

Result<RtpPacket> parse_rtp(std::span<const std::uint8_t> in) {
  const auto header_bytes = rtp_header_bytes(in);
  if (!header_bytes) return tl::make_unexpected(header_bytes.error());
  std::size_t payload_bytes = in.size() - *header_bytes;
  if ((in[0] & padding_bit) != 0) {
    const std::size_t padding_bytes = in.back();
    if (padding_bytes == 0 || padding_bytes > payload_bytes) {
      return refuse(Errc::malformed, "rtp.padding");
    }
    payload_bytes -= padding_bytes;
  }
  return RtpPacket{.header = {.marker = (in[1] & marker_bit) != 0,
                              .payload_type = static_cast<std::uint8_t>(in[1] & 0x7f),
                              .sequence = load_be16(in, 2),
                              .timestamp = load_be32(in, 4),
                              .ssrc = load_be32(in, 8)},
                   .payload = in.subspan(*header_bytes, payload_bytes)};
}

void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t, rtp_header_bytes_min> out) {
  CORD_ASSERT(header.payload_type < 128);
  out[0] = version << 6;
  out[1] = static_cast<std::uint8_t>((header.marker ? marker_bit : 0) | header.payload_type);
  store_be16(out, 2, header.sequence);
  store_be32(out, 4, header.timestamp);
  store_be32(out, 8, header.ssrc);
}

}  // namespace cord::media
