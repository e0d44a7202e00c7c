// Session descriptions as values: RFC 8866 (was 4566), as far as audio calls need it. A description
// is read whole or refused; lines we do not use are dropped, except that every m-line is kept, so
// that it can be rejected in its place (RFC 3264 §6).
//
// The line parser is our own: libre's sdp_decode() writes into a stateful sdp_session that must
// hold the local media first, turns directions round while it reads, and drops the payload types
// and a=ssrc lines we need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/sdp_security.hpp"

namespace cord::sip {

inline constexpr std::size_t sdp_bytes_max = 16 * 1024;
inline constexpr std::size_t sdp_media_max = 16;    ///< m-lines
inline constexpr std::size_t sdp_formats_max = 64;  ///< formats of an m-line
inline constexpr std::size_t sdp_lines_max = 1'024;

/// RFC 3264 §5.1, from the point of view of whoever wrote the description.
enum class Direction : std::uint8_t { sendrecv, sendonly, recvonly, inactive };

[[nodiscard]] std::string_view to_text(Direction direction);
/// The same as the other side sees it: sendonly and recvonly change places.
[[nodiscard]] Direction reversed(Direction direction);

/// a=rtpmap and a=fmtp of one payload type.
struct RtpMap {
  std::uint8_t payload_type = 0;  ///< 0 to 127
  std::string encoding;           ///< as on the wire: "PCMU", "telephone-event"
  std::uint32_t clock_hz = 0;
  std::uint8_t channels = 1;
  std::string fmtp;  ///< the parameters, empty: no a=fmtp
  friend bool operator==(const RtpMap&, const RtpMap&) = default;
};

/// One m-line and what belongs to it.
struct MediaDescription {
  std::string media;                          ///< "audio", "video", ...
  std::uint16_t port = 0;                     ///< 0: rejected or switched off
  std::string protocol;                       ///< "RTP/AVP", ...
  std::vector<std::string> formats;           ///< as on the m-line; payload types for RTP
  std::optional<std::uint32_t> address;       ///< own c-line, IPv4; none: the session's
  Direction direction = Direction::sendrecv;  ///< the session's, where the media has none
  std::vector<RtpMap> rtp_maps;
  std::uint32_t ptime_ms = 0;         ///< 0: not given
  std::optional<std::uint32_t> ssrc;  ///< a=ssrc, the first (RFC 5576)
  std::string cname;                  ///< of that a=ssrc line; empty: none
  MediaSecurity security;
  friend bool operator==(const MediaDescription&, const MediaDescription&) = default;
};

/// The o-line. The numbers stay below 2^63.
struct Origin {
  std::string user = "-";
  std::uint64_t session_id = 0;
  std::uint64_t version = 0;
  std::string address = "0.0.0.0";
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct SessionDescription {
  Origin origin;
  std::string name = "-";
  std::optional<std::uint32_t> address;  ///< c-line of the session, IPv4
  std::string group;                     ///< a=group, the first (RFC 5888); empty: none
  bool ice_lite = false;                 ///< a=ice-lite
  std::vector<MediaDescription> media;
  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

/// Errors: too_long (a limit above), malformed, bad_version (v= is not 0). IPv6 and host names in
/// a c-line are no error: the address is then missing, and the m-lines under it can be rejected.
[[nodiscard]] Result<SessionDescription> parse_sdp(std::string_view text);
/// CRLF lines. Media without an address gets the session's by having no c-line.
[[nodiscard]] std::string print(const SessionDescription& sdp);

}  // namespace cord::sip
