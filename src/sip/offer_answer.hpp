// Offer and answer (RFC 3264) for one audio stream of G.711, G.722 (RFC 3551) or Opus (RFC 7587)
// with telephone-event (RFC 4733). Comfort noise (RFC 3389) is answered and not offered: whoever
// sends audio all the time is not asked to save it. Every other m-line of an offer is rejected in
// its place; an m-line once in the session stays in it. Pure: the caller keeps the Origin and what
// was said last.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/media_security.hpp"
#include "sip/sdp.hpp"

namespace cord::sip {

/// The value is the static payload type, of those that have one: RFC 3551 §6.
enum class Codec : std::uint8_t { pcmu = 0, pcma = 8, g722 = 9, opus = 128 };

/// All that we know, G.711 first.
[[nodiscard]] const std::vector<Codec>& all_codecs();
/// Whether it is G.711, either law.
[[nodiscard]] constexpr bool is_g711(Codec codec) {
  return codec == Codec::pcmu || codec == Codec::pcma;
}

inline constexpr std::uint8_t dtmf_payload_type_default = 101;
/// In our offers, unless the session has another one for it already.
inline constexpr std::uint8_t opus_payload_type_default = 96;
/// telephone-event in the clock of Opus (RFC 4733 §2.1), beside that at 8 kHz.
inline constexpr std::uint8_t dtmf_48khz_payload_type = 102;
inline constexpr std::uint32_t ptime_ms_default = 20;

/// What our side of a stream is.
struct LocalMedia {
  Endpoint address;                                            ///< where we receive RTP
  std::vector<Codec> codecs{Codec::pcmu, Codec::pcma};         ///< most wanted first; not empty
  std::uint8_t dtmf_payload_type = dtmf_payload_type_default;  ///< in our offers; 0: no DTMF
  Direction direction = Direction::sendrecv;                   ///< what we want; sendonly: we hold
  std::uint32_t ssrc = 0;                                      ///< what we send with; announced
  std::string cname;       ///< RFC 3550 §6.5.1; ASCII without spaces
  LocalSecurity security;  ///< whether and how it is protected
};

/// What was agreed, in our terms: ready for media::ConfigureStream.
struct Negotiated {
  Endpoint remote;                     ///< where to send; only meaningful while may_send
  Codec codec = Codec::pcmu;           ///< what to send; they may send what is below as well
  std::uint8_t dtmf_payload_type = 0;  ///< telephone-event towards them; 0: none agreed
  bool may_send = true;
  bool may_receive = true;
  std::optional<std::uint32_t> remote_ssrc;  ///< what they announced
  SecurityTerms security{};
  std::uint8_t opus_payload_type = 0;  ///< 0: Opus was not agreed on
  bool has_g722 = false;
  std::uint8_t dtmf_clock_khz = 8;  ///< or 48
  bool has_noise = false;           ///< they take comfort noise
  friend bool operator==(const Negotiated&, const Negotiated&) = default;
};

/// Our descriptions of one session: the o-line, and the m-lines in their order for ever.
struct LocalSession {
  std::uint64_t session_id = 0;              ///< below 2^63; chosen by the caller
  std::optional<SessionDescription> last{};  ///< what we said last: offer or answer
};

/// Our offer, first or later. If it says the same as `session.last` the o-line version stays, else
/// it grows by one (RFC 3264 §8); `session.last` is then the offer.
[[nodiscard]] SessionDescription make_offer(LocalSession& session, const LocalMedia& local);

struct Answer {
  SessionDescription sdp;
  Negotiated media;
};

/// Our answer to `offer`: the first audio m-line with a codec of ours is taken, a protected one if
/// there is one, with the offer's first codec that is ours (RFC 3264 §6.1), all others get port 0.
/// sendonly is answered recvonly, inactive and c=0.0.0.0 (RFC 3264 §8.4) are holds. `session.last`
/// is the answer then. Errors: unsupported (nothing we can take: 488). `session` is then unchanged.
[[nodiscard]] Result<Answer> make_answer(LocalSession& session, const SessionDescription& offer,
                                         const LocalMedia& local);

/// What `answer` makes of our `offer` (that is, `session.last`).
/// Errors: malformed (m-lines do not fit the offer), unsupported (stream refused, or no codec).
[[nodiscard]] Result<Negotiated> accept_answer(const SessionDescription& offer,
                                               const SessionDescription& answer,
                                               const LocalMedia& local);

}  // namespace cord::sip
