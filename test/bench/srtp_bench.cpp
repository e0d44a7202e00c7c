// What it costs to protect and to read one packet of G.711 (160 bytes of audio), and as the floor
// what it costs to copy one. The argument is the SrtpSuite.
#include <array>
#include <cstring>

#include <benchmark/benchmark.h>

#include "media/big_endian.hpp"
#include "media/srtp.hpp"

namespace cord::media {
namespace {

constexpr std::size_t packet_bytes = 172;
using Buffer = std::array<std::uint8_t, packet_bytes + srtp_growth_bytes_max>;

SrtpKey key_of(const benchmark::State& run) {
  return {.suite = static_cast<SrtpSuite>(run.range(0)), .key = {1, 2, 3}, .salt = {4, 5, 6}};
}

void bm_copy(benchmark::State& run) {
  Buffer from{}, to{};
  for (auto _ : run) {
    ++from[3];
    std::memcpy(to.data(), from.data(), packet_bytes);
    benchmark::DoNotOptimize(to);
  }
}
BENCHMARK(bm_copy);

void bm_protect(benchmark::State& run) {
  SrtpSender sender(key_of(run));
  Buffer buffer{0x80};
  std::uint16_t sequence = 0;
  for (auto _ : run) {
    store_be16(buffer, 2, ++sequence);
    benchmark::DoNotOptimize(sender.protect_rtp(buffer, packet_bytes));
  }
}
BENCHMARK(bm_protect)->DenseRange(0, 2);

// Protecting is part of it, because no packet can be read twice: subtract bm_protect.
void bm_protect_and_unprotect(benchmark::State& run) {
  SrtpSender sender(key_of(run));
  SrtpReceiver receiver(key_of(run));
  Buffer buffer{0x80};
  std::uint16_t sequence = 0;
  for (auto _ : run) {
    store_be16(buffer, 2, ++sequence);
    const std::size_t bytes = sender.protect_rtp(buffer, packet_bytes).value();
    const auto size = receiver.unprotect_rtp(std::span(buffer).first(bytes));
    if (!size) run.SkipWithError("a packet was not read");
  }
}
BENCHMARK(bm_protect_and_unprotect)->DenseRange(0, 2);

}  // namespace
}  // namespace cord::media
