// What a party of a conference costs the media thread: its packet into the jitter buffer, 20 ms of
// it played, the sum of all others encoded for it and put into a packet. The number after the slash
// is that of the parties of a conference, who all speak. And what the two of a call cost that is
// transcoded, or relayed because they speak the same codec. An item is a party and 20 ms. Sockets
// are not in it: what is sent and received costs as much as for a relayed call (media_bench).
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/prng.hpp"
#include "media/audio_codec.hpp"
#include "media/g711.hpp"
#include "media/plane.hpp"

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

// Something like a voice: a hum with its harmonics, now and then a hiss.
class Voice {
 public:
  explicit Voice(double hz) : hz_(hz), random_(static_cast<std::uint64_t>(hz)) {}

  std::vector<std::int16_t> next() {
    std::vector<std::int16_t> sound(frame_samples);
    const bool hisses = ++frame_ % 7 == 0;
    for (std::int16_t& it : sound) {
      double sum = 0;
      const double turn = 2 * std::numbers::pi * hz_ * at_++ / media_clock_hz;
      for (int i = 1; i <= 8; ++i) sum += std::sin(i * turn) / i;
      const auto noise = static_cast<double>(random_.below(2'000)) - 1'000;
      it = static_cast<std::int16_t>(hisses ? 2 * noise : 4'000 * sum + 0.1 * noise);
    }
    return sound;
  }

 private:
  double hz_;
  Prng random_;
  int at_ = 0, frame_ = 0;
};

constexpr std::uint8_t opus_type = 96;
constexpr std::size_t frames_before_repeat = 100;

class Parties {
 public:
  explicit Parties(std::vector<Codec> codecs)
      : codecs_(std::move(codecs)),
        plane_({.streams_max = codecs_.size()}, network_, sink_, metrics_, [](auto&&) {}) {
    for (std::size_t i = 0; i < codecs_.size(); ++i) {
      plane_.execute(OpenStream{0, id(i)}, now_);
      plane_.execute(ConfigureStream{.token = 0,
                                     .stream = id(i),
                                     .remote = remote(i),
                                     .codec = codecs_[i],
                                     .opus_payload_type = opus_type,
                                     .takes_g722 = true},
                     now_);
      payloads_.push_back(speak(i));
    }
  }

  void confer() {
    for (std::size_t i = 0; i < codecs_.size(); ++i) {
      SetSource order{0, id(i), Source::mix, {}, {}};
      for (std::size_t other = 0; other < codecs_.size(); ++other) order.mixed.push_back(id(other));
      plane_.execute(order, now_);
    }
  }
  void connect_two() {
    plane_.execute(SetSource{0, id(0), Source::peer, id(1), {}}, now_);
    plane_.execute(SetSource{0, id(1), Source::peer, id(0), {}}, now_);
  }

  void run_frame() {
    ++frame_;
    for (std::size_t i = 0; i < codecs_.size(); ++i) {
      std::vector<std::uint8_t>& datagram = payloads_[i][frame_ % frames_before_repeat];
      const bool is_opus = codecs_[i] == Codec::opus;
      write_rtp_header({.payload_type = is_opus ? opus_type : static_cast<std::uint8_t>(codecs_[i]),
                        .sequence = static_cast<std::uint16_t>(frame_),
                        .timestamp = frame_ * static_cast<std::uint32_t>(frame_samples) *
                                     clock_factor(codecs_[i]),
                        .ssrc = static_cast<std::uint32_t>(i)},
                       std::span(datagram).first<rtp_header_bytes_min>());
      plane_.receive_rtp(static_cast<Slot>(i), remote(i), datagram, now_);
    }
    plane_.advance(now_);
    now_ += frame_duration;
  }

 private:
  static StreamId id(std::size_t party) { return {party + 1}; }
  static Endpoint remote(std::size_t party) {
    return {0x7f00'0001, static_cast<std::uint16_t>(30'000 + 2 * party)};
  }
  // What a party says, as datagrams whose headers are still to be written.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> speak(std::size_t party) const {
    const Codec codec = codecs_[party];
    const auto encoder = has_memory(codec) ? make_encoder(codec) : nullptr;
    Voice voice(100 + 10 * static_cast<double>(party));
    std::vector<std::vector<std::uint8_t>> all;
    for (std::size_t i = 0; i < frames_before_repeat; ++i) {
      const auto sound = voice.next();
      std::vector<std::uint8_t> payload(encoded_bytes_max);
      if (encoder) payload.resize(encoder->encode(sound, payload));
      if (!encoder) payload = encode(codec, sound);
      payload.insert(payload.begin(), rtp_header_bytes_min, 0);
      all.push_back(std::move(payload));
    }
    return all;
  }

  std::vector<Codec> codecs_;
  NoNetwork network_;
  NoSink sink_;
  Metrics metrics_;
  Plane plane_;
  std::vector<std::vector<std::vector<std::uint8_t>>> payloads_;
  std::uint32_t frame_ = 0;
  Instant now_{std::chrono::seconds(1'795'000'000)};
};

void bm_mix(benchmark::State& run) {
  Parties conference(std::vector(static_cast<std::size_t>(run.range(0)), Codec::pcmu));
  conference.confer();
  for (auto _ : run) conference.run_frame();
  run.SetItemsProcessed(run.iterations() * run.range(0));
}
BENCHMARK(bm_mix)->Arg(3)->Arg(8)->Arg(32);

void bm_call(benchmark::State& run, Codec one, Codec other) {
  Parties call({one, other});
  call.connect_two();
  for (auto _ : run) call.run_frame();
  run.SetItemsProcessed(run.iterations() * 2);
}
BENCHMARK_CAPTURE(bm_call, pcmu_pcmu, Codec::pcmu, Codec::pcmu);
BENCHMARK_CAPTURE(bm_call, pcmu_pcma, Codec::pcmu, Codec::pcma);
BENCHMARK_CAPTURE(bm_call, opus_opus, Codec::opus, Codec::opus);
BENCHMARK_CAPTURE(bm_call, pcmu_g722, Codec::pcmu, Codec::g722);
BENCHMARK_CAPTURE(bm_call, pcmu_opus, Codec::pcmu, Codec::opus);

}  // namespace
}  // namespace cord::media
