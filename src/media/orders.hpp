// What the signalling side may ask of the media plane, and what it hears back: values only, so that
// the plane can live on another thread or, one day, in another process.
//
// Rules: orders are carried out in the order given. Every order that carries a `token` is answered
// by exactly one report with that token. An order for an unknown stream or recorder is a no-op and
// still answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "media/protection_terms.hpp"

namespace cord::media {

using StreamId = Id<struct StreamTag>;      ///< one RTP endpoint: a socket pair and what it sends
using RecorderId = Id<struct RecorderTag>;  ///< one stereo file
using Token = std::uint64_t;                ///< echoed in the report; 0: no report wanted

/// What audio is coded in; of a static RTP payload type, that is the value (RFC 3551 §6).
enum class Codec : std::uint8_t {
  pcmu = 0,
  pcma = 8,
  g722 = 9,
  opus = 128,  ///< RFC 7587
};

/// An IPv4 address and a port, both in host byte order.
struct Endpoint {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// What a stream sends to its far end.
enum class Source : std::uint8_t {
  nothing,   ///< no packets
  silence,   ///< a continuous stream of digital silence, so that NATs and far timers stay calm
  peer,      ///< what the bridged stream receives (silence while that one is muted)
  music,     ///< hold music, or a program
  ringback,  ///< ringing tone, 425 Hz, 1 s on and 4 s off (ITU-T E.180)
  mix,       ///< the sum of what several streams receive, without those that are muted
};

/// Binds an even RTP port and its odd RTCP neighbour. Report: StreamOpened or StreamFailed.
struct OpenStream {
  Token token;
  StreamId stream;
};

/// Tells the stream what was negotiated. May be given again (re-INVITE): sequence numbers and time
/// stamps go on, the latch is taken afresh if `remote` changed. Report: Done.
struct ConfigureStream {
  Token token;
  StreamId stream;
  Endpoint remote;  ///< from the SDP; replaced by the source of the first valid packet
  Codec codec;      ///< what we send; either law of G.711 is taken whatever that is
  std::uint8_t opus_payload_type = 0;  ///< sent if Opus is `codec`, and taken; 0: not taken
  bool takes_g722 = false;             ///< RFC 3264 §6.1: all that was listed may come
  std::uint8_t dtmf_payload_type = 0;  ///< telephone-event (RFC 4733); 0: none
  std::uint8_t dtmf_clock_khz = 8;     ///< or 48; of the durations of events
  bool passes_noise = false;  ///< the far end takes comfort noise (RFC 3389): a peer's is passed on
  bool may_send = true;       ///< false: the far end holds us (sendonly or inactive)
  bool may_receive = true;
  Duration timeout{};         ///< no packet for so long while may_receive: StreamTimedOut; 0: never
  bool hears_checks = false;  ///< with ICE: the far end's checks are packets, and waited for always
};

/// Protects what the stream sends, and takes nothing that is not protected so. Given before
/// ConfigureStream. The same terms again go on with the same keys, handshake and nomination; plain
/// terms end the protection. Report: Done.
struct SetProtection {
  Token token;
  StreamId stream;
  ProtectionTerms terms;
};

/// Sets what `stream` sends. `peer` only for Source::peer, `mixed` only for Source::mix: whom it
/// hears, without itself; more than Mixer::Config::mixed_voices_max are left out. `program` only
/// for Source::music: which of Plane::Config::programs instead, from its beginning; none: music.
/// Report: Done.
struct SetSource {
  Token token;
  StreamId stream;
  Source source;
  StreamId peer{};
  std::vector<StreamId> mixed{};
  std::optional<std::uint16_t> program{};
};

/// Muted: what this stream receives reaches nobody, neither peer nor recorder. Report: Done.
struct SetMuted {
  Token token;
  StreamId stream;
  bool muted;
};

/// Sends keys to the far end instead of anything else, each for 100 ms and 60 ms apart: as
/// telephone events if it takes them (RFC 4733), else as tones in the audio (ITU-T Q.23). Report:
/// Done when the last one has been sent; StreamFailed if they cannot be, or not all.
struct SendTones {
  Token token;
  StreamId stream;
  std::string digits;  ///< 0-9, A-D, * and #; a comma is a pause of 500 ms; the rest is left out
};

/// Closes the sockets. Recorders of the stream go on with silence on its side. Report:
/// StreamClosed.
struct CloseStream {
  Token token;
  StreamId stream;
};

/// Somebody in a conference that is recorded.
struct RecordedParty {
  StreamId stream;
  std::string name;  ///< for the sidecar
};

/// Starts a stereo recording of what two streams receive: `left` the customer, `right` the agent;
/// or, in a conference, the sum of all others on the left instead. Report: RecorderStarted or
/// RecorderFailed.
struct StartRecorder {
  Token token;
  RecorderId recorder;
  StreamId left, right;
  std::string base_name;  ///< of the file, without directory and ending; [A-Za-z0-9_-]{1,128}
  std::vector<std::pair<std::string, std::string>> facts;  ///< copied into the sidecar
  std::string by;                                          ///< who asked, for the sidecar
  std::vector<RecordedParty> conference{};  ///< instead of `left`; none: it is no conference
};

/// The recording goes on in the same file with these streams; without those that are not open.
/// Report: Done.
struct MoveRecorder {
  Token token;
  RecorderId recorder;
  StreamId left, right;
  std::vector<RecordedParty> conference{};  ///< as in StartRecorder
};

/// Pauses, resumes or ends a recording. Pause is answered once no audio can reach the file any
/// more; everything until resume is digital silence. Stop: the file is complete, renamed, hashed
/// and its sidecar written when the report comes. Report: Done, or RecorderFailed.
struct ControlRecorder {
  enum class Action : std::uint8_t { pause, resume, stop };
  Token token;
  RecorderId recorder;
  Action action;
  std::string by;
};

using Order = std::variant<OpenStream, ConfigureStream, SetProtection, SetSource, SetMuted,
                           SendTones, CloseStream, StartRecorder, MoveRecorder, ControlRecorder>;

/// Received and sent, for the log and the history.
struct StreamStatistics {
  std::uint64_t packets_received = 0, packets_sent = 0;
  std::uint64_t packets_lost = 0;  ///< RFC 3550 appendix A.3
  std::uint32_t jitter_us = 0;     ///< RFC 3550 §6.4.1
  std::uint64_t strangers_dropped = 0;
  /// What the far end last reported about us (RTCP); 0 until it does.
  std::uint32_t far_packets_lost = 0, far_jitter_us = 0;
  std::uint32_t round_trip_us = 0;  ///< RFC 3550 §6.4.1, without the far end's own delay
};

struct Done {
  Token token;
};
struct StreamOpened {
  Token token;
  StreamId stream;
  Endpoint local;
  std::uint32_t ssrc;
};
/// It is not open, or its keys were not sent.
struct StreamFailed {
  Token token;
  StreamId stream;
  std::string reason;
};
struct StreamClosed {
  Token token;
  StreamId stream;
  StreamStatistics statistics;
};
/// Unasked: the far end has sent nothing for the configured time. Comes once per silence.
struct StreamTimedOut {
  StreamId stream;
};
/// Unasked: after that, something has come.
struct StreamHeard {
  StreamId stream;
};
/// Unasked: a DTLS handshake has given keys; again, if the far end becomes another one.
struct StreamProtected {
  StreamId stream;
};
/// Unasked: no keys could be agreed on with the far end, e.g. because its certificate is not the
/// one that its SDP names. The stream takes and sends nothing. Comes once.
struct ProtectionFailed {
  StreamId stream;
  std::string reason;
};
/// Unasked: a telephone event began at the far end; RFC 4733 event number 0-15.
struct DtmfReceived {
  StreamId stream;
  std::uint8_t event;
};
struct RecorderStarted {
  Token token;
  RecorderId recorder;
  std::string file;
};
/// With a token: the order failed. With token 0: the disk failed under a running recording; it has
/// ended, what was written stays readable.
struct RecorderFailed {
  Token token;
  RecorderId recorder;
  std::string reason;
};

using Report =
    std::variant<Done, StreamOpened, StreamFailed, StreamClosed, StreamTimedOut, StreamHeard,
                 StreamProtected, ProtectionFailed, DtmfReceived, RecorderStarted, RecorderFailed>;

}  // namespace cord::media
