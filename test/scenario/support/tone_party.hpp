// One end of a call's audio: sends a tone as G.711 mu-law over a real RTP socket at 20 ms, and
// keeps everything it hears with the time it came. Signalling is somebody else's (SIPp).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cord::scenario {

using WallClock = std::chrono::steady_clock;

class ToneParty {
 public:
  explicit ToneParty(double hz);
  ~ToneParty();
  ToneParty(const ToneParty&) = delete;
  ToneParty& operator=(const ToneParty&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Sends to this port of 127.0.0.1 from now on; 0 stops.
  void send_to(std::uint16_t remote_port) { remote_port_ = remote_port; }

  /// All samples that came between the two times, in order of arrival.
  [[nodiscard]] std::vector<std::int16_t> heard(WallClock::time_point from,
                                                WallClock::time_point to) const;
  /// Waits until `span` of further audio has come, and returns it. Empty if it does not come within
  /// five seconds more than that.
  std::vector<std::int16_t> listen(std::chrono::milliseconds span) const;

  /// The keys that came as telephone events (RFC 4733, payload type 101), each once.
  [[nodiscard]] std::string keys() const;

  /// Sequence numbers or SSRCs that did not go on as RFC 3550 demands.
  [[nodiscard]] std::size_t discontinuities() const;
  [[nodiscard]] std::size_t packets() const;

 private:
  struct Packet {
    WallClock::time_point at;
    std::uint16_t sequence;
    std::uint32_t timestamp, ssrc;
    std::vector<std::int16_t> samples;
    char key = 0;  // of a telephone event, which has no samples
  };
  void run();
  void receive_all();

  double hz_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::uint16_t> remote_port_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Packet> packets_;
  std::thread thread_;
};

/// How much of the energy is at `hz`: 1 is a pure tone of it, 0 none; 0 for silence.
[[nodiscard]] double share_of_tone(const std::vector<std::int16_t>& samples, double hz);

/// As share_of_tone, of each 50 ms for itself: the phase may jump, as it does where a phone's
/// jitter buffer leaves a frame out.
[[nodiscard]] double share_of_tone_in_pieces(const std::vector<std::int16_t>& samples, double hz);

/// How loud the tone is in this, where 1 is as loud as a party sends it. The phase may jump.
[[nodiscard]] double loudness_of_tone(const std::vector<std::int16_t>& samples, double hz);

/// Root mean square of the samples, 0 to 32767.
[[nodiscard]] double loudness(const std::vector<std::int16_t>& samples);

}  // namespace cord::scenario
