// What a party of a conference costs the media thread: its packet into the jitter buffer, 20 ms of
// it played, the sum of all others encoded for it and put into a packet. The number after the slash
// is that of the parties of a conference, who all speak; an item is a party and 20 ms. Sockets are
// not in it: what is sent and received costs as much as for a relayed call (media_bench).
#include <array>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "media/g711.hpp"
#include "media/plane.hpp"
#include "media/tone.hpp"

namespace cord::media {
namespace {

class NoNetwork final : public Network {
 public:
  Result<Endpoint> open(Slot slot) override {
    return Endpoint{0x7f00'0001, static_cast<std::uint16_t>(20'000 + 2 * slot)};
  }
  void close(Slot) override {}
  void send(Slot, Channel, Endpoint, std::span<const std::uint8_t> bytes) override {
    benchmark::DoNotOptimize(bytes.data());
  }
};

class NoSink final : public RecordingSink {
 public:
  bool submit(RecordingJob&&) override { return true; }
};

class Conference {
 public:
  explicit Conference(std::size_t parties)
      : parties_(parties),
        plane_({.streams_max = parties}, network_, sink_, metrics_, [](auto&&) {}) {
    for (std::size_t i = 0; i < parties; ++i) {
      plane_.execute(OpenStream{0, id(i)}, now_);
      plane_.execute(
          ConfigureStream{.token = 0, .stream = id(i), .remote = remote(i), .codec = Codec::pcmu},
          now_);
      datagrams_.push_back(make_datagram(i));
    }
    for (std::size_t i = 0; i < parties; ++i) {
      SetSource order{0, id(i), Source::mix, {}, {}};
      for (std::size_t other = 0; other < parties; ++other) order.mixed.push_back(id(other));
      plane_.execute(order, now_);
    }
  }

  void run_frame() {
    ++frame_;
    for (std::size_t i = 0; i < parties_; ++i) {
      write_rtp_header({.sequence = static_cast<std::uint16_t>(frame_),
                        .timestamp = frame_ * static_cast<std::uint32_t>(frame_samples),
                        .ssrc = static_cast<std::uint32_t>(i)},
                       std::span(datagrams_[i]).first<rtp_header_bytes_min>());
      plane_.receive_rtp(static_cast<Slot>(i), remote(i), datagrams_[i], now_);
    }
    plane_.advance(now_);
    now_ += frame_duration;
  }

 private:
  static StreamId id(std::size_t party) { return {party + 1}; }
  static Endpoint remote(std::size_t party) {
    return {0x7f00'0001, static_cast<std::uint16_t>(30'000 + 2 * party)};
  }
  static std::vector<std::uint8_t> make_datagram(std::size_t party) {
    std::vector<std::int16_t> sound(frame_samples);
    Tone(300 + 50 * static_cast<double>(party), 4'000).fill(sound);
    std::vector<std::uint8_t> out(rtp_header_bytes_min);
    const auto payload = encode(Codec::pcmu, sound);
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
  }

  std::size_t parties_;
  NoNetwork network_;
  NoSink sink_;
  Metrics metrics_;
  Plane plane_;
  std::vector<std::vector<std::uint8_t>> datagrams_;
  std::uint32_t frame_ = 0;
  Instant now_{std::chrono::seconds(1'795'000'000)};
};

void bm_mix(benchmark::State& run) {
  const auto parties = static_cast<std::size_t>(run.range(0));
  Conference conference(parties);
  for (auto _ : run) conference.run_frame();
  run.SetItemsProcessed(run.iterations() * run.range(0));
}
BENCHMARK(bm_mix)->Arg(3)->Arg(8)->Arg(32);

}  // namespace
}  // namespace cord::media
