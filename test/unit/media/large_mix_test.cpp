// As many as may be in one conference, each with a tone of its own: every one of them hears all the
// others, and not itself.
#include <array>
#include <vector>

#include "media/goertzel.hpp"
#include "plane_support.hpp"

namespace cord::media::test {
namespace {

constexpr std::size_t parties = 32;
constexpr std::int16_t amplitude = 800;  // All of them at once are not clipped.

class LargeMix : public ::testing::Test {
 protected:
  LargeMix()
      : plane_({}, network_, sink_, metrics_,
               [this](Report&& it) { reports_.push_back(std::move(it)); }) {
    for (std::size_t i = 0; i < parties; ++i) {
      tones_.emplace_back(hz(i), amplitude);
      plane_.execute(OpenStream{0, stream(i)}, now_);
      plane_.execute(
          ConfigureStream{
              .token = 0, .stream = stream(i), .remote = remote(i), .codec = Codec::pcmu},
          now_);
    }
  }

  static double hz(std::size_t party) { return 300.0 + 97.0 * static_cast<double>(party); }
  static StreamId stream(std::size_t party) { return {party + 1}; }
  static Endpoint remote(std::size_t party) {
    return {0x0a000001, static_cast<std::uint16_t>(4'000 + 2 * party)};
  }

  void mix_all() {
    for (std::size_t ear = 0; ear < parties; ++ear) {
      SetSource order{0, stream(ear), Source::mix};
      for (std::size_t i = 0; i < parties; ++i) {
        if (i != ear) order.mixed.push_back(stream(i));
      }
      plane_.execute(order, now_);
    }
  }

  void say(std::size_t party, std::uint16_t sequence) {
    std::vector<std::int16_t> sound(frame_samples);
    tones_[party].fill(sound);
    const auto datagram = packet({.payload_type = 0,
                                  .sequence = sequence,
                                  .timestamp = sequence * 160u,
                                  .ssrc = static_cast<std::uint32_t>(party)},
                                 encode(Codec::pcmu, sound));
    plane_.receive_rtp(static_cast<Slot>(party), remote(party), datagram, now_);
  }

  void talk(int frames) {
    for (int frame = 0; frame < frames; ++frame, now_ += 20ms) {
      for (std::size_t i = 0; i < parties; ++i) say(i, static_cast<std::uint16_t>(frame + 1));
      plane_.advance(now_);
      for (const auto& it : network_.take_rtp()) {
        const auto sound = decode(Codec::pcmu, parse_rtp(it.bytes)->payload);
        heard_[it.slot].insert(heard_[it.slot].end(), sound.begin(), sound.end());
      }
    }
  }

  void expect_all_others(std::size_t ear) {
    ASSERT_GE(heard_[ear].size(), 8'000U);
    const auto sound = std::span(heard_[ear]).last(4'000);
    double energy = 0;
    for (const double it : sound) energy += it * it;
    const double voice = 0.5 * amplitude * amplitude * static_cast<double>(sound.size());
    for (std::size_t i = 0; i < parties; ++i) {
      EXPECT_NEAR(tone_share(sound, hz(i)) * energy / voice, i == ear ? 0 : 1, 0.1)
          << "ear " << ear << ", voice " << i;
    }
  }

  Instant now_ = at(0s);
  Metrics metrics_;
  FakeNetwork network_;
  FakeSink sink_;
  std::vector<Report> reports_;
  Plane plane_;
  std::vector<Tone> tones_;
  std::array<std::vector<std::int16_t>, parties> heard_;
};

TEST_F(LargeMix, EachOfThirtyTwoHearsTheOthers) {
  mix_all();
  talk(100);
  for (std::size_t ear = 0; ear < parties; ++ear) expect_all_others(ear);
}

}  // namespace
}  // namespace cord::media::test
