// Who hears several at once: the sum of their voices, every 20 ms of our clock. Pure.
//
// An ear is a stream that hears a mix, a voice one that is heard in at least one. A voice costs a
// jitter buffer and is decoded once, however many hear it; an ear costs the sum of those that
// sound. Nothing ticks while nobody hears a mix. A voice may be relayed to others at the same time:
// neither notices the other. One that is tapped is decoded for a recording, whoever hears it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "media/jitter_buffer.hpp"
#include "media/slot.hpp"
#include "media/stream.hpp"

namespace cord::media {

class Mixer {
 public:
  struct Config {
    std::size_t mixed_voices_max = 40;  ///< that one ear hears; further ones are left out
  };
  /// What an ear hears in the 20 ms from `due` on.
  using Send =
      std::function<void(Slot ear, std::span<const std::int16_t, frame_samples>, Instant due)>;

  /// 20 ms of a voice that is tapped, as if it had come at `at` in a packet of G.711.
  using Tap = std::function<void(Slot voice, const Media&, Instant at)>;

  Mixer(Config config, std::size_t streams_max, Metrics& metrics, Send send, Tap tap);

  /// From now on `ear` hears these and nobody else; none: it is no ear any more.
  void set_ear(Slot ear, std::vector<Slot> voices, Instant now);
  [[nodiscard]] bool hears(Slot ear, Slot voice) const;

  void set_tapped(Slot voice, bool tapped, Instant now);
  [[nodiscard]] bool is_tapped(Slot voice) const {
    return voices_[voice] && voices_[voice]->is_tapped;
  }

  /// A packet of audio or comfort noise that the stream in `voice` received.
  void put(Slot voice, const Media& media, Instant now) {
    if (voices_[voice]) voices_[voice]->buffer.put(media, now);
  }

  /// Nothing of a muted voice is heard, also not what had come before.
  void set_muted(Slot voice, bool muted);

  /// The stream is closed.
  void forget(Slot slot);

  /// Does what is due at `now`.
  void advance(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const { return due_; }

 private:
  struct Voice {
    JitterBuffer buffer;
    std::array<std::int16_t, frame_samples> sound{};
    bool is_muted = false;
    bool sounds = false;
    bool is_tapped = false;
    std::size_t uses = 0;  // ears, and the tap
  };

  void add_voice(Slot voice);
  void drop_voice(Slot voice);
  void tick(Instant now);
  void wind(Instant now);
  void sound(Voice& voice, Instant now);
  void give_tap(Slot slot, Instant now);
  void mix(Slot ear, Instant now);

  Config config_;
  Send send_;
  Tap tap_;
  std::vector<std::unique_ptr<Voice>> voices_;  // by slot; null: nobody hears it in a mix
  std::vector<std::vector<Slot>> heard_;        // by the slot of the ear
  std::vector<Slot> speaking_, hearing_;        // the slots that are voices and ears
  std::vector<bool> muted_;                     // by slot, whether heard or not
  std::optional<Instant> due_;
  Gauge& ears_gauge_;
  Gauge& voices_used_;
  Counter& concealed_;
};

}  // namespace cord::media
