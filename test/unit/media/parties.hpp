// Four phones with a tone each, on a plane: who hears whom, and what is recorded of it.
#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "media/goertzel.hpp"
#include "media/telephone_event.hpp"
#include "plane_support.hpp"

namespace cord::media::test {
inline constexpr std::size_t parties = 4;
inline constexpr std::array<double, parties> tones_hz{400, 700, 1'100, 1'700};

// Four phones, each with a tone of its own; slot and stream follow their number.
struct Party {
  explicit Party(double hz, Codec law = Codec::pcmu) : tone(hz, 6'000), codec(law) {}
  Tone tone;
  Codec codec;
  std::uint16_t sequence = 1;
  std::vector<std::int16_t> heard;
  std::vector<RtpHeader> headers;
};

class Mixes : public ::testing::Test {
 protected:
  explicit Mixes(std::size_t voices_max = 40)
      : plane_({.mixer = {.mixed_voices_max = voices_max}}, network_, sink_, metrics_,
               [this](Report&& it) { reports_.push_back(std::move(it)); }) {
    for (std::size_t i = 0; i < parties; ++i) {
      parties_.emplace_back(tones_hz[i], i == 3 ? Codec::pcma : Codec::pcmu);
      plane_.execute(OpenStream{0, stream(i)}, now_);
      plane_.execute(ConfigureStream{.token = 0,
                                     .stream = stream(i),
                                     .remote = remote(i),
                                     .codec = parties_[i].codec,
                                     .dtmf_payload_type = 101},
                     now_);
    }
  }

  static StreamId stream(std::size_t party) { return {party + 1}; }
  static Endpoint remote(std::size_t party) {
    return {0x0a000001, static_cast<std::uint16_t>(4'000 + 2 * party)};
  }

  void mix(std::size_t ear, const std::vector<std::size_t>& voices) {
    SetSource order{0, stream(ear), Source::mix};
    for (const std::size_t it : voices) order.mixed.push_back(stream(it));
    plane_.execute(order, now_);
  }
  void mix_all() {
    mix(0, {1, 2});
    mix(1, {0, 2});
    mix(2, {0, 1});
  }

  void say(std::size_t party) {
    Party& it = parties_[party];
    std::vector<std::int16_t> sound(frame_samples);
    it.tone.fill(sound);
    const auto datagram = packet({.payload_type = static_cast<std::uint8_t>(it.codec),
                                  .sequence = it.sequence,
                                  .timestamp = it.sequence * 160u,
                                  .ssrc = static_cast<std::uint32_t>(party)},
                                 encode(it.codec, sound));
    ++it.sequence;
    plane_.receive_rtp(static_cast<Slot>(party), remote(party), datagram, now_);
  }

  // All speak for that long; what they hear replaces what they heard before.
  void talk(Duration span) {
    for (Party& it : parties_) it.heard.clear();
    for (const Instant end = now_ + span; now_ < end; now_ += 20ms) {
      for (std::size_t i = 0; i < parties; ++i) say(i);
      plane_.advance(now_);
      take_sent();
    }
  }

  void take_sent() {
    for (const auto& it : network_.take_rtp()) {
      const auto packet = parse_rtp(it.bytes);
      Party& party = parties_[it.slot];
      party.headers.push_back(packet->header);
      if (packet->header.payload_type == 101) continue;
      const auto sound = decode(party.codec, packet->payload);
      party.heard.insert(party.heard.end(), sound.begin(), sound.end());
    }
  }

  // The party hears exactly these, each as loud as it spoke.
  void expect_heard(std::size_t party, const std::set<std::size_t>& voices) {
    SCOPED_TRACE("party " + std::to_string(party));
    const auto& heard = parties_[party].heard;
    ASSERT_GE(heard.size(), 8'000u);
    const auto sound = std::span(heard).last(4'000);
    double energy = 0;
    for (const double it : sound) energy += it * it;
    const double voice_energy = 0.5 * 6'000 * 6'000 * static_cast<double>(sound.size());
    EXPECT_NEAR(energy / voice_energy, static_cast<double>(voices.size()), 0.15);
    for (std::size_t i = 0; i < parties; ++i) {
      const double share = tone_share(sound, tones_hz[i]) * energy / voice_energy;
      EXPECT_NEAR(share, voices.contains(i) ? 1 : 0, 0.05) << "voice " << i;
    }
  }

  [[nodiscard]] std::size_t discontinuities(std::size_t party) const {
    const auto& all = parties_[party].headers;
    std::size_t count = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      const bool goes_on = all[i].ssrc == all[0].ssrc &&
                           all[i].sequence == static_cast<std::uint16_t>(all[i - 1].sequence + 1) &&
                           distance(all[i - 1].timestamp, all[i].timestamp) > 0;
      if (!goes_on) ++count;
    }
    return count;
  }

  [[nodiscard]] double metric(std::string_view name, std::string_view kind = {}) const {
    for (const auto& it : metrics_.collect()) {
      if (it.name == name && it.label == kind) return it.value;
    }
    return -1;
  }

  Instant now_ = at(0s);
  Metrics metrics_;
  FakeNetwork network_;
  FakeSink sink_;
  std::vector<Report> reports_;
  Plane plane_;
  std::vector<Party> parties_;
};

}  // namespace cord::media::test
