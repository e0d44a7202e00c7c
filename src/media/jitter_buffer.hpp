// One voice of a mix between its packets, which come as the network likes, and the mixer, which
// takes 20 ms of sound every 20 ms of our clock. Pure.
//
// Samples wait in a ring at the place of their RTP time stamp: order, doubles and the length of
// packets do not matter. Codecs with a memory wait as packets and are decoded in their order when
// they are to be heard. What is missing then is concealed (ITU-T G.711 Appendix I, as spandsp does
// it): the last pitch period goes on and fades within 50 ms. Where the far end has said that nobody
// speaks, there is comfort noise.
//
// The delay follows the network. Of the last 128 packets, which took longest is noted relative to
// our clock; a sample is played when all but the four latest of these would have been there. So
// jitter, its end, and the drift between the two clocks are followed alike. The play-out is brought
// there by leaving out or repeating a pitch period (WSOLA), at most one every 20 ms, and at once
// where there is nothing to be heard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/instant.hpp"
#include "media/coded_voice.hpp"
#include "media/comfort_noise.hpp"
#include "media/stream.hpp"

namespace cord::media {

class JitterBuffer {
 public:
  /// How much later than the fastest packet one may come to be still heard: 200 ms.
  static constexpr std::int32_t lateness_samples_max = 1'600;

  JitterBuffer();
  ~JitterBuffer();
  JitterBuffer(const JitterBuffer&) = delete;
  JitterBuffer& operator=(const JitterBuffer&) = delete;

  /// Takes a packet of audio or comfort noise as it comes. Muted, it is digital silence.
  void put(const Media& media, Instant now);

  /// The 20 ms that are to be heard from `now` on. To be called once every 20 ms.
  void take(Instant now, std::span<std::int16_t, frame_samples> out);

  /// Where the frame that was taken last has come from, as it would have come over the fastest way.
  struct Origin {
    std::uint32_t run = 0, timestamp = 0;  ///< of its first sample, at 8 kHz
    Duration age{};                        ///< since the end of it came, when it was taken
  };
  /// None before something has come.
  [[nodiscard]] std::optional<Origin> origin() const { return origin_; }

  /// From the arrival of the fastest packet until it is played, at least; 0 before the first one.
  [[nodiscard]] std::int32_t delay_samples() const;

  /// Samples that had not come in time although later ones had, so far.
  [[nodiscard]] std::uint64_t concealed_samples() const { return concealed_; }

 private:
  struct Concealment;
  static constexpr std::uint32_t ring_samples = 4'096;  // 512 ms, a power of two
  static constexpr std::size_t window_packets = 128;
  static constexpr std::size_t pitch_samples_max = 120;
  // No G.711 octet stands for it, and no sample of others is let become it.
  static constexpr std::int16_t hole = INT16_MIN;

  void restart(const Media& media, Instant now);
  void note_transit(std::int32_t transit);
  void adapt();
  void store(const Media& media, std::uint32_t count);
  void store_g711(const Media& media);
  void store_decoded(const CodedVoice::Piece& piece);
  void decode(std::int32_t error);
  void erase(std::uint32_t count);
  void go_to(std::uint32_t timestamp);
  [[nodiscard]] std::int16_t& at(std::uint32_t timestamp) {
    return ring_[timestamp % ring_samples];
  }
  [[nodiscard]] std::size_t holes(std::size_t count);
  void play(std::int32_t error, std::span<std::int16_t, frame_samples> out);
  bool stretch(std::int32_t error, std::span<std::int16_t, frame_samples> out);

  std::vector<std::int16_t> ring_;
  bool is_started_ = false, is_placed_ = false;
  bool has_played_ = false;  // something of this run
  std::uint32_t run_ = 0;
  std::uint32_t play_ = 0;          // time stamp of the next sample to be heard
  std::uint32_t newest_ = 0;        // behind the newest sample that has come
  std::uint32_t base_transit_ = 0;  // of the first packet: our clock less its time stamp
  std::int32_t lag_ = 0;            // from a time stamp plus the base until it is played
  std::int32_t fastest_ = 0;        // transit above the base, of the window
  std::array<std::int32_t, window_packets> window_{};
  std::size_t packets_ = 0;
  int outside_ = 0;  // packets in a row that were not to be heard
  std::uint64_t concealed_ = 0;
  std::array<std::int16_t, pitch_samples_max> played_{};  // the last samples
  std::unique_ptr<Concealment> concealment_;
  std::unique_ptr<CodedVoice> coded_;  // of a codec with a memory
  ComfortNoise noise_;
  std::optional<Origin> origin_;
};

}  // namespace cord::media
