#include "media/rtcp.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "media/big_endian.hpp"

namespace cord::media {
namespace {

enum PacketType : std::uint8_t { sr = 200, rr = 201, sdes = 202, bye = 203 };
constexpr std::uint8_t sdes_cname = 1;
constexpr std::size_t header_bytes = 4;
constexpr std::size_t sender_info_bytes = 20;
constexpr std::size_t block_bytes = 24;
constexpr std::size_t count_max = 31;

using Bytes = std::span<const std::uint8_t>;

ReportBlock read_block(Bytes in) {
  // The sign of the 24-bit count is carried up by shifting it to the top and back.
  const auto lost = static_cast<std::int32_t>(load_be32(in, 4) << 8) >> 8;
  return {.ssrc = load_be32(in, 0),
          .fraction_lost = in[4],
          .cumulative_lost = lost,
          .highest_sequence = load_be32(in, 8),
          .jitter = load_be32(in, 12),
          .last_sr = load_be32(in, 16),
          .delay_since_last_sr = load_be32(in, 20)};
}

Result<RtcpReport> read_report(Bytes body, bool is_sender, std::size_t count) {
  const std::size_t blocks_at = 4 + (is_sender ? sender_info_bytes : 0);
  if (body.size() < blocks_at + count * block_bytes) return refuse(Errc::too_short, "rtcp.report");
  RtcpReport report{.ssrc = load_be32(body, 0), .sender = {}, .blocks = {}};
  if (is_sender) {
    report.sender =
        SenderInfo{.ntp = (std::uint64_t{load_be32(body, 4)} << 32) | load_be32(body, 8),
                   .rtp_timestamp = load_be32(body, 12),
                   .packets = load_be32(body, 16),
                   .octets = load_be32(body, 20)};
  }
  for (std::size_t i = 0; i < count; ++i) {
    report.blocks.push_back(read_block(body.subspan(blocks_at + i * block_bytes, block_bytes)));
  }
  return report;
}

// One chunk: an SSRC and items up to a zero byte, padded to four bytes. Returns what is left.
Result<Bytes> read_chunk(Bytes body, std::vector<RtcpCname>& out) {
  if (body.size() < 4) return refuse(Errc::too_short, "rtcp.sdes.chunk");
  const std::uint32_t ssrc = load_be32(body, 0);
  std::size_t at = 4;
  for (; at < body.size() && body[at] != 0;) {
    if (body.size() < at + 2 || body.size() < at + 2 + body[at + 1]) {
      return refuse(Errc::too_short, "rtcp.sdes.item");
    }
    const std::size_t item_bytes = body[at + 1];
    if (body[at] == sdes_cname) {
      const auto text = body.subspan(at + 2, item_bytes);
      out.push_back({ssrc, std::string(text.begin(), text.end())});
    }
    at += 2 + item_bytes;
  }
  at = (at / 4 + 1) * 4;  // The terminating zero, and up to three more.
  if (at > body.size()) return refuse(Errc::malformed, "rtcp.sdes.end");
  return body.subspan(at);
}

Result<void> read_sdes(Bytes body, std::size_t count, std::vector<RtcpCname>& out) {
  for (std::size_t i = 0; i < count; ++i) {
    auto rest = read_chunk(body, out);
    if (!rest) return tl::make_unexpected(rest.error());
    body = *rest;
  }
  return {};
}

Result<void> read_packet(Bytes packet, RtcpCompound& out) {
  const std::size_t count = packet[0] & 0x1f;
  const Bytes body = packet.subspan(header_bytes);
  switch (packet[1]) {
    case sr:
    case rr: {
      auto report = read_report(body, packet[1] == sr, count);
      if (!report) return tl::make_unexpected(report.error());
      out.reports.push_back(std::move(*report));
      return {};
    }
    case sdes:
      return read_sdes(body, count, out.cnames);
    case bye:
      if (body.size() < count * 4) return refuse(Errc::too_short, "rtcp.bye");
      for (std::size_t i = 0; i < count; ++i) out.byes.push_back(load_be32(body, i * 4));
      return {};
    default:
      return {};
  }
}

class Builder {
 public:
  void packet(PacketType type, std::size_t count) {
    CORD_ASSERT(count <= count_max);
    finish();
    start_ = bytes_.size();
    bytes_.insert(bytes_.end(), {static_cast<std::uint8_t>(0x80 | count), type, 0, 0});
  }

  void word(std::uint32_t value) {
    bytes_.resize(bytes_.size() + 4);
    store_be32(bytes_, bytes_.size() - 4, value);
  }

  void cname(const RtcpCname& it) {
    CORD_ASSERT(it.cname.size() <= 255);
    word(it.ssrc);
    bytes_.push_back(sdes_cname);
    bytes_.push_back(static_cast<std::uint8_t>(it.cname.size()));
    bytes_.insert(bytes_.end(), it.cname.begin(), it.cname.end());
    bytes_.resize((bytes_.size() / 4 + 1) * 4);
  }

  std::vector<std::uint8_t> take() {
    finish();
    return std::move(bytes_);
  }

 private:
  void finish() {
    if (bytes_.empty()) return;
    const std::size_t words = (bytes_.size() - start_) / 4;
    store_be16(bytes_, start_ + 2, static_cast<std::uint16_t>(words - 1));
  }

  std::vector<std::uint8_t> bytes_;
  std::size_t start_ = 0;
};

void write_report(Builder& out, const RtcpReport& report) {
  out.packet(report.sender ? sr : rr, report.blocks.size());
  out.word(report.ssrc);
  if (report.sender) {
    out.word(static_cast<std::uint32_t>(report.sender->ntp >> 32));
    out.word(static_cast<std::uint32_t>(report.sender->ntp));
    out.word(report.sender->rtp_timestamp);
    out.word(report.sender->packets);
    out.word(report.sender->octets);
  }
  for (const ReportBlock& block : report.blocks) {
    const std::int32_t lost = std::clamp(block.cumulative_lost, -0x800000, 0x7fffff);
    out.word(block.ssrc);
    out.word((std::uint32_t{block.fraction_lost} << 24) |
             (static_cast<std::uint32_t>(lost) & 0xffffff));
    out.word(block.highest_sequence);
    out.word(block.jitter);
    out.word(block.last_sr);
    out.word(block.delay_since_last_sr);
  }
}

}  // namespace

Result<RtcpCompound> parse_rtcp(std::span<const std::uint8_t> datagram) {
  RtcpCompound out;
  Bytes rest = datagram;
  bool first = true;
  do {
    if (rest.size() < header_bytes) return refuse(Errc::too_short, "rtcp.header");
    if (rest[0] >> 6 != 2) return refuse(Errc::bad_version, "rtcp.version");
    const bool padded = (rest[0] & 0x20) != 0;
    if (first && (padded || (rest[1] != sr && rest[1] != rr))) {
      return refuse(Errc::malformed, "rtcp.first");
    }
    std::size_t packet_bytes = 4u * (load_be16(rest, 2) + 1u);
    if (packet_bytes > rest.size()) return refuse(Errc::too_short, "rtcp.length");
    Bytes packet = rest.first(packet_bytes);
    rest = rest.subspan(packet_bytes);
    if (padded) {
      // Only the last packet of a compound may be padded.
      const std::size_t padding = packet.back();
      if (!rest.empty() || padding == 0 || padding + header_bytes > packet_bytes) {
        return refuse(Errc::malformed, "rtcp.padding");
      }
      packet = packet.first(packet_bytes - padding);
    }
    if (auto read = read_packet(packet, out); !read) return tl::make_unexpected(read.error());
    first = false;
  } while (!rest.empty());
  return out;
}

std::vector<std::uint8_t> build_rtcp(const RtcpCompound& compound) {
  CORD_ASSERT(!compound.reports.empty());
  Builder out;
  for (const RtcpReport& report : compound.reports) write_report(out, report);
  if (!compound.cnames.empty()) {
    out.packet(sdes, compound.cnames.size());
    for (const RtcpCname& it : compound.cnames) out.cname(it);
  }
  if (!compound.byes.empty()) {
    out.packet(bye, compound.byes.size());
    for (const std::uint32_t ssrc : compound.byes) out.word(ssrc);
  }
  return out.take();
}

std::uint64_t to_ntp(Instant now) {
  constexpr std::uint64_t seconds_1900_to_1970 = 2'208'988'800;
  const auto us = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const std::uint64_t seconds = us / 1'000'000 + seconds_1900_to_1970;
  const std::uint64_t fraction = ((us % 1'000'000) << 32) / 1'000'000;
  return (seconds << 32) | fraction;
}

std::uint32_t compact_ntp(std::uint64_t ntp) {
  return static_cast<std::uint32_t>(ntp >> 16);
}

Duration rtcp_interval(std::uint64_t random, bool first) {
  constexpr double compensation = 2.71828 - 1.5;
  const double base_us = first ? 2'500'000.0 : 5'000'000.0;
  const double factor = 0.5 + static_cast<double>(random >> 11) / 9007199254740992.0;
  return Duration(static_cast<std::int64_t>(base_us * factor / compensation));
}

}  // namespace cord::media
