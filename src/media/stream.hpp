// One RTP endpoint without its sockets: what it accepts, and what it sends. Pure: datagrams and
// `now` in, datagrams out (RFC 3550, RFC 3551, RFC 4733).
//
// Receiving. Media is taken from one source only: that of the first valid packet after the stream
// was configured (symmetric RTP, for phones behind NAT). Everybody else is a stranger, dropped and
// counted, and no new source is learned until the stream is configured with another remote address
// (CVE-2025-53399). For a short while after that, the old source cannot become the new one again.
// From the latched source, a payload that is not taken is a sign of life and no more. Time stamps
// count in the clock of their codec; what leaves the stream counts samples at 8 kHz beside it.
//
// Sending. SSRC, sequence numbers and time stamps are the stream's own and go on whatever the
// source is. While a peer is relayed, its gaps and its order are kept (the offsets of a run are
// fixed). When the source changes, the sequence goes on by one, the time stamp by the media time
// that passed, and the marker bit is set. Keys (RFC 4733 §2.5.1) go out instead of whatever the
// source is, for as long as they take.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/prng.hpp"
#include "media/audio_codec.hpp"
#include "media/generated_audio.hpp"
#include "media/keys.hpp"
#include "media/orders.hpp"
#include "media/rtcp.hpp"
#include "media/rtp_header.hpp"
#include "media/rtp_reception.hpp"

namespace cord::media {

inline constexpr std::size_t datagram_bytes_max = 1500;
/// How long the source of before cannot be latched again after `remote` changed.
inline constexpr Duration old_source_guard{500'000};

/// Why a datagram was not taken.
enum class Drop : std::uint8_t {
  none,
  not_receiving,  ///< not configured, or may_receive is false
  malformed,
  stranger,
  payload_type,  ///< not negotiated
  jumped,        ///< a sequence number far from the expected
};
inline constexpr std::size_t drop_kinds = 6;

/// One packet of a source, ready to be relayed or recorded. `payload` borrows from the datagram.
struct Media {
  Codec codec = Codec::pcmu;
  bool is_event = false;  ///< telephone-event instead of audio
  bool is_noise = false;  ///< comfort noise instead of audio, from here on
  bool muted = false;
  bool marker = false;
  std::uint8_t event_clock_khz = 8;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;      ///< at 8 kHz; audio and noise only
  std::uint32_t rtp_timestamp = 0;  ///< as it came, in the clock of its codec
  std::uint32_t run = 0;            ///< a new value whenever sequence and time stamp started anew
  std::span<const std::uint8_t> payload;
};

struct Received {
  Drop drop = Drop::none;
  Media media;
  std::optional<std::uint8_t> key;  ///< a DTMF event that began with this packet
};

/// How sending keys has ended.
struct KeysEnded {
  Token token = 0;
  bool all_sent = false;
};

class Stream {
 public:
  /// `seed` decides SSRC, CNAME and the starting points of sequence and time stamp. `generated`
  /// must outlive the stream.
  Stream(std::uint64_t seed, const GeneratedAudio& generated);

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] bool configured() const { return configuration_.has_value(); }
  [[nodiscard]] bool muted() const { return muted_; }
  [[nodiscard]] Source source() const { return source_; }
  [[nodiscard]] bool may_receive() const { return configured() && configuration_->may_receive; }
  [[nodiscard]] Duration timeout() const {
    return configured() ? configuration_->timeout : Duration{};
  }
  [[nodiscard]] bool hears_checks() const { return configured() && configuration_->hears_checks; }
  [[nodiscard]] Instant last_received() const { return last_received_; }

  void configure(const ConfigureStream& order, Instant now);
  /// `program` only with Source::music, as in SetSource.
  void set_source(Source source, Instant now, std::optional<std::uint16_t> program = {});
  /// Source::peer goes on, but with another peer.
  void change_peer() { relay_.reset(); }
  void set_muted(bool muted) { muted_ = muted; }

  /// Judges one datagram of the RTP socket.
  Received receive(Endpoint from, std::span<const std::uint8_t> datagram, Instant now);

  /// Where RTP goes: the latched source, else the address from the SDP.
  [[nodiscard]] Endpoint rtp_remote() const;
  /// One port above, RFC 3550 §11.
  [[nodiscard]] Endpoint rtcp_remote() const;

  /// Whether audio of the peer can be passed on as it is; else it is to be decoded and sent as a
  /// mix of one. A codec with a memory has no octets for silence: muted, it cannot.
  [[nodiscard]] bool can_relay(const Media& media) const;

  /// Builds the packet that passes `media` of the peer on; of a peer that is sent as a mix, only
  /// its events. Returns its size in bytes; 0: none.
  std::size_t relay(const Media& media, Instant now,
                    std::span<std::uint8_t, datagram_bytes_max> out);

  /// Builds the packet of a mix, for Source::mix: what is heard in the 20 ms from `due` on. Returns
  /// its size in bytes; 0: none.
  std::size_t send_mixed(std::span<const std::int16_t, frame_samples> sound, Instant due,
                         std::span<std::uint8_t, datagram_bytes_max> out);

  /// Begins to send keys, as generated frames. False if nothing can be sent, or others are being.
  [[nodiscard]] bool send_keys(const SendTones& order, Instant now);

  /// Ends the sending of keys where it is, if there is any.
  void drop_keys(Instant now) {
    if (keys_) end_keys(false, now);
  }

  /// How the last keys ended; once.
  [[nodiscard]] std::optional<KeysEnded> take_keys_ended();

  /// When the next generated frame is due; none while nothing is generated.
  [[nodiscard]] std::optional<Instant> frame_due() const;

  /// Builds the frame that is due. Returns its size in bytes; 0: none is due at `now`.
  std::size_t generate(Instant now, std::span<std::uint8_t, datagram_bytes_max> out);

  /// Takes a datagram of the RTCP socket. False if it is malformed or from another host.
  bool receive_rtcp(Endpoint from, std::span<const std::uint8_t> datagram, Instant now);

  /// SR if RTP was sent since the report before last, else RR; with a block if RTP was received
  /// since the last one; SDES with it, BYE if `leaving`.
  std::vector<std::uint8_t> make_rtcp(Instant now, bool leaving);

  /// Whether any RTP or RTCP was made: only then a BYE is allowed, RFC 3550 §6.3.7.
  [[nodiscard]] bool has_spoken() const { return has_sent_ || has_reported_; }

  [[nodiscard]] StreamStatistics statistics() const;

 private:
  struct Relay {  // how a run of the peer maps onto what we send
    std::uint32_t run;
    std::uint16_t first_sequence;
    std::uint16_t highest_sequence;
    std::uint16_t sequence_offset;
    std::uint32_t timestamp_offset;
  };
  struct LastSr {
    std::uint32_t compact;
    Instant at;
  };
  struct FarReport {  // the newest report block about us
    std::int32_t lost = 0;
    std::uint32_t jitter_samples = 0;
    std::int32_t round_trip = 0;  // in 1/65536 s
  };

  struct PassedEvent {           // of a peer that is sent as a mix
    std::uint32_t theirs, ours;  // time stamps
    Instant last_at;
  };

  struct Keys {  // being sent
    Token token;
    KeySequence sequence;
    std::uint32_t timestamp = 0;  // of the event
    std::optional<KeyTone> tone{};
  };

  [[nodiscard]] bool can_send() const;
  void end_keys(bool all_sent, Instant now);
  std::size_t write_keys(std::span<std::uint8_t, datagram_bytes_max> out);
  std::size_t write_event(const KeySequence::Frame& frame,
                          std::span<std::uint8_t, datagram_bytes_max> out);
  std::size_t pass_event(const Media& media, Instant now,
                         std::span<std::uint8_t, datagram_bytes_max> out);
  std::size_t write_audio(std::size_t payload_bytes, Instant due,
                          std::span<std::uint8_t, datagram_bytes_max> out);
  std::size_t encode(std::span<const std::int16_t, frame_samples> sound,
                     std::span<std::uint8_t> out);
  std::size_t write_generated(std::span<std::uint8_t> out);
  void take_report(const RtcpReport& report, Instant now);
  [[nodiscard]] ReportBlock report_block(Instant now);
  [[nodiscard]] bool accepts_source(Endpoint from, Instant now) const;
  void take_source(const RtpHeader& header);
  Drop classify(const RtpPacket& packet, Media& media) const;
  [[nodiscard]] std::optional<Codec> codec_of(std::uint8_t payload_type) const;
  void take_timestamp(Media& media);
  bool take_clock(const Media& media, Instant now);
  std::optional<std::uint8_t> take_event(const Media& media);
  [[nodiscard]] std::uint32_t out_clock_factor() const {
    return clock_factor(configuration_->codec);
  }
  [[nodiscard]] std::uint8_t payload_type() const;
  [[nodiscard]] std::uint32_t timestamp_at(Instant at) const;
  void begin_run(const Media& media, Instant now);
  [[nodiscard]] bool is_left_out(const Media& media) const;
  void leave_out(const Media& media);
  [[nodiscard]] bool take_place(const Media& media, Instant now);
  std::size_t write_event_of(const Media& media, std::span<std::uint8_t> out) const;
  std::size_t write_relayed(const Media& media, std::span<std::uint8_t> out) const;
  [[nodiscard]] std::uint8_t relayed_type(const Media& media) const;
  void sent(const RtpHeader& header, std::size_t payload_bytes, std::size_t samples, Instant at);
  void schedule_frames(Instant now);

  // Receiving. What every packet touches comes first (see Plane::Entry).
  std::optional<ConfigureStream> configuration_;
  std::optional<Endpoint> latched_;
  Source source_ = Source::nothing;
  bool muted_ = false;
  bool is_keying_ = false;  // keys_ has a value
  Instant last_received_{};
  std::uint64_t packets_received_ = 0;
  RtpReception reception_;
  std::uint32_t remote_ssrc_ = 0;
  std::uint32_t run_ = 0;
  Instant clock_at_{};
  std::uint32_t clock_timestamp_ = 0;  // of the newest audio packet, and when it came
  std::uint32_t clock_factor_ = 1;     // of the newest audio packet's codec

  // Sending. `out_timestamp_` and `out_at_` belong to the packet with the newest time stamp.
  std::uint32_t ssrc_ = 0;
  std::uint32_t out_timestamp_ = 0, out_end_ = 0;
  Instant out_at_{};
  std::uint16_t out_sequence_ = 0;
  bool has_sent_ = false;
  bool has_reported_ = false;
  std::optional<Relay> relay_;
  std::uint64_t packets_sent_ = 0, octets_sent_ = 0;

  // What few packets touch.
  std::optional<Endpoint> old_source_;
  Instant old_source_until_{};
  std::optional<std::uint32_t> event_timestamp_;
  std::optional<LastSr> last_sr_;
  std::uint64_t strangers_ = 0;
  std::int64_t lost_of_earlier_ssrcs_ = 0;
  std::uint64_t received_at_report_ = 0;
  std::array<std::uint64_t, 2> packets_at_reports_{};
  FarReport far_;
  const GeneratedAudio& generated_;
  // The time stamp that came last, of a clock that is not of 8 kHz. It never gets to 0, where the
  // division would begin to round the other way.
  std::int64_t extended_timestamp_ = std::int64_t{1} << 48;
  std::unique_ptr<AudioEncoder> encoder_;  // of a codec with a memory, once one was needed
  std::optional<PassedEvent> passed_event_;
  std::optional<Instant> frame_due_;
  bool frame_marker_ = false;
  std::optional<std::uint16_t> program_;
  std::uint64_t generated_at_ = 0;  // samples since it began
  std::optional<Keys> keys_;
  std::optional<KeysEnded> keys_ended_;
  std::string cname_;
};

}  // namespace cord::media
