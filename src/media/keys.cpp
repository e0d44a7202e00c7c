#include "media/keys.hpp"

#include <array>
#include <vector>

#include "base/assert.hpp"
#include "media/telephone_event.hpp"

namespace cord::media {
namespace {

constexpr std::string_view keys_by_event = "0123456789*#ABCD";
constexpr std::int16_t low_amplitude = 7'900, high_amplitude = 9'950;

struct Pair {
  double low_hz, high_hz;
};

Pair pair_of(std::uint8_t event) {
  constexpr std::array<std::string_view, 4> rows{"123A", "456B", "789C", "*0#D"};
  constexpr std::array<double, 4> low{697, 770, 852, 941};
  constexpr std::array<double, 4> high{1209, 1336, 1477, 1633};
  CORD_ASSERT(event <= dtmf_event_max);
  const char key = keys_by_event[event];
  std::size_t row = 0;
  while (rows[row].find(key) == std::string_view::npos) ++row;
  return {low[row], high[rows[row].find(key)]};
}

}  // namespace

std::optional<std::uint8_t> event_of_key(char key) {
  const std::size_t found = keys_by_event.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(found);
}

KeySequence::KeySequence(std::string_view keys) {
  for (const char key : keys) {
    if (key == ',' || event_of_key(key)) keys_.push_back(key);
  }
}

std::optional<KeySequence::Frame> KeySequence::next() {
  if (at_ == keys_.size()) return std::nullopt;
  const Frame frame{event_of_key(keys_[at_]), number_};
  if (++number_ == (frame.event ? key_frames : comma_frames)) {
    number_ = 0;
    ++at_;
  }
  return frame;
}

Duration KeySequence::duration_of(std::string_view keys) {
  KeySequence sequence(keys);
  Duration duration{};
  while (sequence.next()) duration += Duration(20'000);
  return duration;
}

KeyTone::KeyTone(std::uint8_t event)
    : low_(pair_of(event).low_hz, low_amplitude), high_(pair_of(event).high_hz, high_amplitude) {}

void KeyTone::fill(std::span<std::int16_t> out) {
  std::vector<std::int16_t> high(out.size());
  low_.fill(out);
  high_.fill(high);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int16_t>(out[i] + high[i]);
}

}  // namespace cord::media
