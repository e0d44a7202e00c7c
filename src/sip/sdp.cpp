#include "sip/sdp.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sip/codec/fields.hpp"
#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view where_sdp = "sip.sdp";

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<Direction> direction_of(std::string_view attribute) {
  for (const Direction direction :
       {Direction::sendrecv, Direction::sendonly, Direction::recvonly, Direction::inactive}) {
    if (attribute == to_text(direction)) return direction;
  }
  return std::nullopt;
}

/// RFC 4566 §5.2 asks for NTP-like numbers; peers send anything that fits 64 bits.
Result<std::uint64_t> parse_big_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return refuse(Errc::malformed, where_sdp, "o= number");
  }
  return value;
}

/// Reads line by line; each line belongs to the session or to the last m-line.
class Reader {
 public:
  Result<SessionDescription> read(std::string_view text);

 private:
  Result<void> read_line(char type, std::string_view value);
  Result<void> read_origin(std::string_view value);
  Result<void> read_connection(std::string_view value);
  Result<void> read_media(std::string_view value);
  Result<void> read_attribute(std::string_view value);
  void read_session_attribute(std::string_view name, std::string_view value);
  Result<void> read_rtp_map(std::string_view value);
  void read_fmtp(std::string_view value);
  void read_ssrc(std::string_view value);

  MediaDescription* media() { return sdp_.media.empty() ? nullptr : &sdp_.media.back(); }
  RtpMap& map_of(std::uint8_t payload_type);

  SessionDescription sdp_;
  Direction direction_ = Direction::sendrecv;
  MediaSecurity security_;  // of the session
  bool has_version_ = false, has_origin_ = false;
};

Result<SessionDescription> Reader::read(std::string_view text) {
  if (text.size() > sdp_bytes_max) return refuse(Errc::too_long, where_sdp, text.size());
  std::size_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    // RFC 8866 §5: CRLF, and parsers should take a bare LF.
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (++lines > sdp_lines_max) return refuse(Errc::too_long, where_sdp, "lines");
    if (line.size() < 2 || line[1] != '=' || !is_alpha(line[0])) {
      return refuse(Errc::malformed, where_sdp, "line is not x=...");
    }
    if (lines == 1 && line[0] != 'v') return refuse(Errc::malformed, where_sdp, "no v= first");
    if (auto done = read_line(line[0], line.substr(2)); !done) {
      return tl::make_unexpected(done.error());
    }
  }
  if (!has_version_ || !has_origin_) return refuse(Errc::malformed, where_sdp, "no v= or o=");
  return std::move(sdp_);
}

Result<void> Reader::read_line(char type, std::string_view value) {
  switch (type) {
    case 'v':
      if (value != "0") return refuse(Errc::bad_version, where_sdp, value);
      has_version_ = true;
      return {};
    case 'o':
      return read_origin(value);
    case 's':
      sdp_.name = std::string(value);
      return {};
    case 'c':
      return read_connection(value);
    case 'm':
      return read_media(value);
    case 'a':
      return read_attribute(value);
    default:
      return {};
  }
}

// RFC 8866 §5.2: username, id, version, nettype, addrtype, address.
Result<void> Reader::read_origin(std::string_view value) {
  const std::string_view user = take_word(value);
  const auto id = parse_big_number(take_word(value));
  const auto version = parse_big_number(take_word(value));
  if (!id || !version) return refuse(Errc::malformed, where_sdp, "o= number");
  take_word(value);
  take_word(value);
  const std::string_view address = take_word(value);
  if (user.empty() || address.empty()) return refuse(Errc::malformed, where_sdp, "o= too short");
  sdp_.origin = {std::string(user), *id, *version, std::string(address)};
  has_origin_ = true;
  return {};
}

Result<void> Reader::read_connection(std::string_view value) {
  const std::string_view net = take_word(value);
  const std::string_view kind = take_word(value);
  if (net.empty() || kind.empty() || value.empty()) {
    return refuse(Errc::malformed, where_sdp, "c= too short");
  }
  std::optional<std::uint32_t> address;
  if (net == "IN" && kind == "IP4") address = parse_ipv4(value.substr(0, value.find('/')));
  // Zero hides the session's address from a media whose own one we cannot use.
  if (media() != nullptr) {
    media()->address = address.value_or(0);
  } else {
    sdp_.address = address;
  }
  return {};
}

// RFC 8866 §5.14: media, port[/number], protocol, formats.
Result<void> Reader::read_media(std::string_view value) {
  if (sdp_.media.size() >= sdp_media_max) return refuse(Errc::too_long, where_sdp, "m-lines");
  MediaDescription media;
  media.media = std::string(take_word(value));
  const std::string_view port_text = take_word(value);
  const auto port = parse_number(port_text.substr(0, port_text.find('/')), UINT16_MAX);
  if (!port) return refuse(Errc::malformed, where_sdp, "m= port");
  media.port = static_cast<std::uint16_t>(*port);
  media.protocol = std::string(take_word(value));
  while (!value.empty()) {
    const std::string_view format = take_word(value);
    if (format.empty()) continue;
    if (media.formats.size() >= sdp_formats_max) return refuse(Errc::too_long, where_sdp, "m=");
    media.formats.emplace_back(format);
  }
  if (media.media.empty() || media.protocol.empty() || media.formats.empty()) {
    return refuse(Errc::malformed, where_sdp, "m= too short");
  }
  media.direction = direction_;
  media.security = security_;
  sdp_.media.push_back(std::move(media));
  return {};
}

Result<void> Reader::read_attribute(std::string_view value) {
  if (const auto direction = direction_of(value)) {
    (media() != nullptr ? media()->direction : direction_) = *direction;
    return {};
  }
  const std::size_t colon = std::min(value.find(':'), value.size());
  const std::string_view name = value.substr(0, colon);
  const std::string_view rest = value.substr(std::min(colon + 1, value.size()));
  if (media() == nullptr) {
    read_session_attribute(name, rest);
    return {};
  }
  read_security_attribute(name, rest, media()->security);
  if (name == "rtpmap") return read_rtp_map(rest);
  if (name == "fmtp") read_fmtp(rest);
  if (name == "ssrc") read_ssrc(rest);
  if (name == "ptime") {
    const auto ptime = parse_number(trimmed(rest), 10'000);
    if (ptime) media()->ptime_ms = *ptime;
  }
  return {};
}

void Reader::read_session_attribute(std::string_view name, std::string_view value) {
  // RFC 4568 §5: a=crypto belongs to a media.
  if (name != "crypto") read_security_attribute(name, value, security_);
  if (name == "group" && sdp_.group.empty()) sdp_.group = std::string(trimmed(value));
  if (name == "ice-lite") sdp_.ice_lite = true;
}

RtpMap& Reader::map_of(std::uint8_t payload_type) {
  auto& maps = media()->rtp_maps;
  const auto found = std::find_if(maps.begin(), maps.end(), [&](const RtpMap& map) {
    return map.payload_type == payload_type;
  });
  if (found != maps.end()) return *found;
  return maps.emplace_back(RtpMap{.payload_type = payload_type, .encoding = {}, .fmtp = {}});
}

// "PT ENCODING/CLOCK[/CHANNELS]". One without clock rate names nothing that we could take; the
// valid messages of RFC 4475 have such a one.
Result<void> Reader::read_rtp_map(std::string_view value) {
  const auto payload_type = parse_number(take_word(value), 127);
  const std::size_t slash = value.find('/');
  if (payload_type && slash == std::string_view::npos) return {};
  if (!payload_type || slash == 0) {
    return refuse(Errc::malformed, where_sdp, "a=rtpmap");
  }
  std::string_view rates = value.substr(slash + 1);
  const auto clock = parse_number(trimmed(rates.substr(0, rates.find('/'))), UINT32_MAX);
  if (!clock || *clock == 0) return refuse(Errc::malformed, where_sdp, "a=rtpmap clock");
  RtpMap& map = map_of(static_cast<std::uint8_t>(*payload_type));
  map.encoding = std::string(value.substr(0, slash));
  map.clock_hz = *clock;
  if (const std::size_t second = rates.find('/'); second != std::string_view::npos) {
    const auto channels = parse_number(trimmed(rates.substr(second + 1)), 255);
    if (channels && *channels > 0) map.channels = static_cast<std::uint8_t>(*channels);
  }
  return {};
}

void Reader::read_fmtp(std::string_view value) {
  const auto payload_type = parse_number(take_word(value), 127);
  if (payload_type) map_of(static_cast<std::uint8_t>(*payload_type)).fmtp = std::string(value);
}

// RFC 5576 §4.1: "SSRC attribute[:value]". Later SSRCs of the same media are not ours to follow.
void Reader::read_ssrc(std::string_view value) {
  const auto ssrc = parse_number(take_word(value), UINT32_MAX);
  if (!ssrc || (media()->ssrc && *media()->ssrc != *ssrc)) return;
  media()->ssrc = *ssrc;
  constexpr std::string_view cname = "cname:";
  if (value.starts_with(cname)) media()->cname = std::string(value.substr(cname.size()));
}

void print_media(std::string& out, const MediaDescription& media) {
  out += fmt::format("m={} {} {}", media.media, media.port, media.protocol);
  for (const std::string& format : media.formats) out += ' ' + format;
  out += "\r\n";
  if (media.address) out += fmt::format("c=IN IP4 {}\r\n", print_ipv4(*media.address));
  for (const RtpMap& map : media.rtp_maps) {
    if (!map.encoding.empty()) {
      out += fmt::format("a=rtpmap:{} {}/{}", map.payload_type, map.encoding, map.clock_hz);
      if (map.channels != 1) out += fmt::format("/{}", map.channels);
      out += "\r\n";
    }
    if (!map.fmtp.empty()) out += fmt::format("a=fmtp:{} {}\r\n", map.payload_type, map.fmtp);
  }
  if (media.ptime_ms != 0) out += fmt::format("a=ptime:{}\r\n", media.ptime_ms);
  out += fmt::format("a={}\r\n", to_text(media.direction));
  out += print(media.security);
  if (media.ssrc && media.cname.empty()) out += fmt::format("a=ssrc:{}\r\n", *media.ssrc);
  if (media.ssrc && !media.cname.empty()) {
    out += fmt::format("a=ssrc:{} cname:{}\r\n", *media.ssrc, media.cname);
  }
}

}  // namespace

std::string_view to_text(Direction direction) {
  switch (direction) {
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::sendonly:
      return "sendonly";
    case Direction::recvonly:
      return "recvonly";
    case Direction::inactive:
      return "inactive";
  }
  return "inactive";
}

Direction reversed(Direction direction) {
  if (direction == Direction::sendonly) return Direction::recvonly;
  if (direction == Direction::recvonly) return Direction::sendonly;
  return direction;
}

Result<SessionDescription> parse_sdp(std::string_view text) {
  return Reader().read(text);
}

std::string print(const SessionDescription& sdp) {
  std::string out =
      fmt::format("v=0\r\no={} {} {} IN IP4 {}\r\ns={}\r\n", sdp.origin.user, sdp.origin.session_id,
                  sdp.origin.version, sdp.origin.address, sdp.name);
  if (sdp.address) out += fmt::format("c=IN IP4 {}\r\n", print_ipv4(*sdp.address));
  out += "t=0 0\r\n";
  if (!sdp.group.empty()) out += fmt::format("a=group:{}\r\n", sdp.group);
  if (sdp.ice_lite) out += "a=ice-lite\r\n";
  for (const MediaDescription& media : sdp.media) print_media(out, media);
  return out;
}

}  // namespace cord::sip
