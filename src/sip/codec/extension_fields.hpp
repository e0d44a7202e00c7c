// Header field values of SIP's extensions, and the bodies that carry keys, as values: RAck (RFC
// 3262 §7.2), Session-Expires and Min-SE (RFC 4028 §4, §5), Replaces (RFC 3891 §6.1), keys in INFO
// (application/dtmf-relay and application/dtmf, of no RFC but of most gateways).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sip/codec/fields.hpp"

namespace cord::sip {

/// Which reliable provisional response a PRACK acknowledges.
struct RAck {
  std::uint32_t rseq = 0;  ///< at least 1
  CSeq cseq;               ///< of the INVITE
  friend bool operator==(const RAck&, const RAck&) = default;
};
/// Errors: malformed.
[[nodiscard]] Result<RAck> parse_rack(std::string_view text);
[[nodiscard]] std::string print(const RAck& rack);

enum class Refresher : std::uint8_t { unsaid, uac, uas };

struct SessionExpires {
  std::uint32_t interval_s = 0;
  Refresher refresher = Refresher::unsaid;
  friend bool operator==(const SessionExpires&, const SessionExpires&) = default;
};
/// A number that is too large for us is taken as the largest. Errors: malformed.
[[nodiscard]] Result<SessionExpires> parse_session_expires(std::string_view text);
[[nodiscard]] std::string print(const SessionExpires& it);
/// Min-SE, Retry-After: seconds; what follows is ignored, too large ones are as above. Errors:
/// malformed.
[[nodiscard]] Result<std::uint32_t> parse_seconds(std::string_view text);

/// The dialog that a new one is to take the place of, as its owner knows it.
struct Replaces {
  std::string call_id;
  std::string to_tag;    ///< the owner's
  std::string from_tag;  ///< the other side's
  bool early_only = false;
  friend bool operator==(const Replaces&, const Replaces&) = default;
};
/// Errors: malformed.
[[nodiscard]] Result<Replaces> parse_replaces(std::string_view text);

/// A key that was pressed: RFC 4733 §3.2, 0-9, 10 `*`, 11 `#`, 12-15 A-D.
struct KeyPress {
  std::uint8_t event = 0;
  friend bool operator==(const KeyPress&, const KeyPress&) = default;
};
/// The key in an INFO's body of that type, as Message::content_type() gives it. Errors: malformed
/// (no key, or none that we know), unsupported (another type).
[[nodiscard]] Result<KeyPress> parse_key(std::string_view content_type, std::string_view body);

}  // namespace cord::sip
