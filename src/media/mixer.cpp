#include "media/mixer.hpp"

#include <algorithm>
#include <utility>

#include "media/g711.hpp"
#include "media/rtp_reception.hpp"
#include "media/saturated.hpp"

namespace cord::media {
namespace {

// Later than that, the mix goes on from now instead of catching up.
constexpr Duration backlog_max = 5 * frame_duration;

}  // namespace

Mixer::Mixer(Config config, std::size_t streams_max, Metrics& metrics, Send send, Tap tap)
    : config_(config),
      send_(std::move(send)),
      tap_(std::move(tap)),
      voices_(streams_max),
      heard_(streams_max),
      muted_(streams_max),
      ears_gauge_(metrics.gauge("cord_media_mixes", "Streams that hear a mix of others")),
      voices_used_(metrics.bound("media.mixed_voices_max", config.mixed_voices_max)),
      concealed_(metrics.counter("cord_media_concealed_ms_total",
                                 "Lost or late sound that was concealed in mixes, ms")) {}

void Mixer::set_ear(Slot ear, std::vector<Slot> voices, Instant now) {
  voices_used_.raise(static_cast<std::int64_t>(voices.size()));
  if (voices.size() > config_.mixed_voices_max) voices.resize(config_.mixed_voices_max);
  // First the new ones: who stays goes on without a gap.
  for (const Slot it : voices) add_voice(it);
  std::swap(heard_[ear], voices);
  for (const Slot it : voices) drop_voice(it);
  const bool was_ear = !voices.empty(), is_ear = !heard_[ear].empty();
  if (was_ear != is_ear) {
    is_ear ? hearing_.push_back(ear) : void(std::erase(hearing_, ear));
    ears_gauge_.set(static_cast<std::int64_t>(hearing_.size()));
  }
  wind(now);
}

// Ticks while there is somebody to hear it.
void Mixer::wind(Instant now) {
  if (speaking_.empty()) due_.reset();
  if (!speaking_.empty() && !due_) due_ = now;
}

void Mixer::set_tapped(Slot slot, bool tapped, Instant now) {
  if (is_tapped(slot) == tapped) return;
  if (tapped) {
    add_voice(slot);
    voices_[slot]->is_tapped = true;
  } else {
    voices_[slot]->is_tapped = false;
    drop_voice(slot);
  }
  wind(now);
}

bool Mixer::hears(Slot ear, Slot voice) const {
  return std::find(heard_[ear].begin(), heard_[ear].end(), voice) != heard_[ear].end();
}

void Mixer::add_voice(Slot slot) {
  if (!voices_[slot]) {
    voices_[slot] = std::make_unique<Voice>();
    voices_[slot]->is_muted = muted_[slot];
    speaking_.push_back(slot);
  }
  ++voices_[slot]->uses;
}

void Mixer::drop_voice(Slot slot) {
  if (--voices_[slot]->uses > 0) return;
  concealed_.add(voices_[slot]->buffer.concealed_samples() / (media_clock_hz / 1'000));
  voices_[slot].reset();
  std::erase(speaking_, slot);
}

void Mixer::set_muted(Slot slot, bool muted) {
  muted_[slot] = muted;
  if (voices_[slot]) voices_[slot]->is_muted = muted;
}

void Mixer::forget(Slot slot) {
  set_ear(slot, {}, {});
  set_muted(slot, false);
  set_tapped(slot, false, {});
  if (!voices_[slot]) return;
  for (const Slot ear : std::vector(hearing_)) {
    if (!hears(ear, slot)) continue;
    std::vector<Slot> rest = heard_[ear];
    std::erase(rest, slot);
    set_ear(ear, std::move(rest), {});
  }
}

void Mixer::advance(Instant now) {
  if (!due_) return;
  if (now - *due_ > backlog_max) due_ = now;
  for (; due_ && *due_ <= now; *due_ += frame_duration) tick(*due_);
}

void Mixer::tick(Instant now) {
  for (const Slot it : speaking_) {
    sound(*voices_[it], now);
    if (voices_[it]->is_tapped) give_tap(it, now);
  }
  for (const Slot it : hearing_) mix(it, now);
}

void Mixer::sound(Voice& voice, Instant now) {
  voice.buffer.take(now, voice.sound);
  voice.sounds = !voice.is_muted && std::any_of(voice.sound.begin(), voice.sound.end(),
                                                [](std::int16_t it) { return it != 0; });
}

void Mixer::give_tap(Slot slot, Instant now) {
  const Voice& voice = *voices_[slot];
  const auto origin = voice.buffer.origin();
  if (!origin) return;
  std::array<std::uint8_t, frame_samples> octets;
  std::transform(voice.sound.begin(), voice.sound.end(), octets.begin(),
                 [](std::int16_t it) { return encode_sample(Codec::pcmu, it); });
  tap_(slot,
       {.muted = voice.is_muted,
        .timestamp = origin->timestamp,
        .run = origin->run,
        .payload = octets},
       now - origin->age);
}

void Mixer::mix(Slot ear, Instant now) {
  std::array<std::int32_t, frame_samples> sum{};
  for (const Slot it : heard_[ear]) {
    const Voice& voice = *voices_[it];
    if (!voice.sounds) continue;
    for (std::size_t i = 0; i < frame_samples; ++i) sum[i] += voice.sound[i];
  }
  std::array<std::int16_t, frame_samples> out;
  std::transform(sum.begin(), sum.end(), out.begin(), saturated);
  send_(ear, out, now);
}

}  // namespace cord::media
