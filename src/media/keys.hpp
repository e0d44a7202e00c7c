// Keys of a telephone as they are sent: their order in time, and how they sound (ITU-T Q.23).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "media/tone.hpp"

namespace cord::media {

/// The RFC 4733 §3.2 event of a key, 0-9, *, #, A-D; none: it is no key.
[[nodiscard]] std::optional<std::uint8_t> event_of_key(char key);

/// What comes every 20 ms while keys are sent: eight frames a key, of which five sound.
class KeySequence {
 public:
  static constexpr std::uint8_t tone_frames = 5;  ///< 100 ms, RFC 4733 §2.5.2.1: 40 ms at least
  static constexpr std::uint8_t end_repeats = 2;  ///< of an event's last packet, §2.5.1.4
  static constexpr std::uint8_t key_frames = 8;   ///< a pause of 60 ms in it
  static constexpr std::uint8_t comma_frames = 25;

  struct Frame {
    std::optional<std::uint8_t> event{};  ///< none: a comma
    std::uint8_t number = 0;              ///< within the key
  };

  /// Of `keys`, what is neither key nor comma is left out.
  explicit KeySequence(std::string_view keys);

  /// How long `keys` take to be sent.
  [[nodiscard]] static Duration duration_of(std::string_view keys);

  /// The next frame; none: that was all.
  [[nodiscard]] std::optional<Frame> next();

 private:
  std::string keys_;
  std::size_t at_ = 0;
  std::uint8_t number_ = 0;
};

/// The two tones of a key. Their levels are -9 and -7 dBm0, as telephones have them.
class KeyTone {
 public:
  /// `event` is at most dtmf_event_max.
  explicit KeyTone(std::uint8_t event);
  /// The next samples.
  void fill(std::span<std::int16_t> out);

 private:
  Tone low_, high_;
};

}  // namespace cord::media
