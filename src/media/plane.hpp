// The media plane without its thread and its sockets: carries out orders, judges and relays
// packets, paces generated audio, times out silent streams, reports. Pure: `now` is told, the
// network and the disk are interfaces whose calls return at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "media/mixer.hpp"
#include "media/orders.hpp"
#include "media/protection.hpp"
#include "media/recorder_set.hpp"
#include "media/stream.hpp"

namespace cord::media {

/// The sockets of the streams.
class Network {
 public:
  virtual ~Network() = default;
  /// Binds an even port for RTP and the next one for RTCP. Returns the RTP address.
  [[nodiscard]] virtual Result<Endpoint> open(Slot slot) = 0;
  /// Sends what is queued and closes both sockets.
  virtual void close(Slot slot) = 0;
  /// Queues a datagram; `bytes` is copied. One that cannot be sent is dropped and counted.
  virtual void send(Slot slot, Channel channel, Endpoint to,
                    std::span<const std::uint8_t> bytes) = 0;
};

class Plane {
 public:
  struct Config {
    std::size_t streams_max = 4'000;
    Mixer::Config mixer{};
    RecorderSet::Config recorders{};
    std::uint64_t seed = 0;                 ///< of SSRCs and of the stagger of RTCP
    std::vector<std::int16_t> music{};      ///< for who is held; empty: our own
    std::vector<SharedProgram> programs{};  ///< for who waits, by SetSource::program
    std::size_t handshakes_max = 100;       ///< DTLS handshakes that begin in a second; then later
    std::shared_ptr<const DtlsIdentity> identity{};  ///< our certificate; none: no DTLS
  };

  /// The references must outlive the plane. `report` is called from within the calls below.
  Plane(Config config, Network& network, RecordingSink& sink, Metrics& metrics, ReportSink report);

  void execute(Order&& order, Instant now);
  void receive_rtp(Slot slot, Endpoint from, std::span<const std::uint8_t> datagram, Instant now);

  /// Hints, without effect, that receive_rtp() comes for `slot`, first step 0, a while later 1,
  /// then 2: each follows the pointers that the one before has brought into the cache.
  static constexpr std::size_t prefetch_steps = 3;
  void prefetch(Slot slot, std::size_t step) const;

  void receive_rtcp(Slot slot, Endpoint from, std::span<const std::uint8_t> datagram, Instant now);
  void take(RecordingOutcome&& outcome) { recorders_.take(std::move(outcome)); }

  /// Does what is due at `now`.
  void advance(Instant now);

  /// When advance() has something to do, at the earliest.
  [[nodiscard]] std::optional<Instant> next_due() const;

  /// Ends every recording properly and every stream with a BYE. No reports, but the failures.
  void shut_down(Instant now);

 private:
  enum class Work : std::uint8_t { frame, rtcp, timeout, handshake };
  struct Timer {
    Slot slot = 0;
    Work work{};
  };
  // Those that have a stream as their peer are a list through the entries: no memory beside them
  // has to be waited for. What every packet touches comes first, in here as in the stream.
  struct alignas(64) Entry {
    static constexpr std::size_t busy_bytes = 256;
    std::optional<Slot> peer{};  // whose audio we send, while source is Source::peer
    std::optional<Slot> first_listener{}, next_listener{};
    bool timed_out = false;
    bool is_transcoded = false;                // the peer: a mix of one, to the stream
    std::unique_ptr<Protection> protection{};  // null: plain RTP
    Stream stream;
    StreamId id;
    std::array<TimerHandle, 4> timers{};  // by Work
  };

  void run(const OpenStream& order, Instant now);
  void run(const ConfigureStream& order, Instant now);
  void run(const SetProtection& order, Instant now);
  void run(const SetSource& order, Instant now);
  void run(const SetMuted& order, Instant now);
  void run(const SendTones& order, Instant now);
  void run(const CloseStream& order, Instant now);
  void run(const StartRecorder& order, Instant now);
  void run(const MoveRecorder& order, Instant now);
  void run(const ControlRecorder& order, Instant now);

  [[nodiscard]] std::optional<Slot> find(StreamId id) const;
  [[nodiscard]] std::vector<Slot> mixed_slots(const SetSource& order, Slot ear) const;
  [[nodiscard]] bool hears(Slot ear, Slot voice) const {
    return entries_[ear]->peer == voice || mixer_.hears(ear, voice);
  }
  Entry& entry(Slot slot) { return *entries_[slot]; }
  template <class Recording>
  [[nodiscard]] RecorderSet::Cast cast_of(const Recording& order) const;
  void done(Token token);
  void report_keys(Slot slot);
  void set_peer(Slot slot, std::optional<Slot> peer);
  void pass_on(Slot ear, const Media& media, Instant now);
  void transcode(Slot ear, bool transcoded, Instant now);
  void record(Slot slot, const Media& media, Instant now);
  void remove_listener(Slot from, Slot listener);
  void close(Slot slot, Instant now);
  void send_rtp(Slot slot, std::size_t bytes, Instant now);
  void send_rtcp(Slot slot, Instant now, bool leaving);
  void arm(Slot slot, Work work, Instant due);
  void arm_frames(Slot slot);
  void arm_timeout(Slot slot);
  [[nodiscard]] Instant last_sign(Slot slot) const;
  void end_silence(Slot slot);
  void fire(const Timer& timer, Instant now);
  void fire_frames(Slot slot, Instant now);
  void fire_timeout(Slot slot, Instant now);

  // plane_protection.cpp: between the streams and their sockets.
  struct Arrival {
    Channel channel = Channel::rtp;
    Endpoint from;
    std::span<const std::uint8_t> packet;
  };
  [[nodiscard]] std::optional<Arrival> open(Slot slot, const Arrival& arrival, Instant now);
  [[nodiscard]] bool seal(Slot slot, Channel channel, std::span<std::uint8_t> buffer,
                          std::size_t& bytes);
  [[nodiscard]] Endpoint remote_of(Slot slot, Channel& channel, Instant now);
  void tend_protection(Slot slot, Instant now);

  Config config_;
  Network& network_;
  ReportSink report_;
  Prng random_;
  GeneratedAudio generated_;
  Mixer mixer_;
  RecorderSet recorders_;
  std::vector<std::unique_ptr<Entry>> entries_;  // by slot; null: free
  std::vector<Slot> free_;
  std::unordered_map<StreamId, Slot> slots_;
  TimerWheel<Timer> timers_;
  std::array<std::uint8_t, datagram_bytes_max> out_{};
  Gauge& streams_gauge_;
  Gauge& streams_used_;
  Gauge& transcoded_;
  Counter& refused_;
  Counter& rtp_received_;
  Counter& rtp_sent_;
  Counter& rtcp_dropped_;
  Counter& timeouts_;
  HandshakeBudget handshakes_;
  Gauge& handshakes_used_;
  Counter& handshakes_postponed_;
  Counter& unauthentic_;
  Counter& unprotected_;
  Counter& protection_failures_;
  std::array<Counter*, drop_kinds> drops_{};  // by Drop
};

}  // namespace cord::media
