#include "media/g711.hpp"

// The library's headers need this order.
// clang-format off
#include <spandsp/telephony.h>
#include <spandsp/bit_operations.h>
#include <spandsp/g711.h>
// clang-format on

namespace cord::media {
namespace {

template <class T, class Make>
std::array<T, 256> make_table(Make make) {
  std::array<T, 256> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    table[i] = static_cast<T>(make(static_cast<std::uint8_t>(i)));
  }
  return table;
}

const auto from_ulaw = make_table<std::int16_t>([](std::uint8_t it) { return ulaw_to_linear(it); });
const auto from_alaw = make_table<std::int16_t>([](std::uint8_t it) { return alaw_to_linear(it); });
const auto ulaw_as_alaw =
    make_table<std::uint8_t>([](std::uint8_t it) { return ulaw_to_alaw(it); });
const auto alaw_as_ulaw =
    make_table<std::uint8_t>([](std::uint8_t it) { return alaw_to_ulaw(it); });

}  // namespace

const std::array<std::int16_t, 256>& decode_table(Codec codec) {
  return codec == Codec::pcmu ? from_ulaw : from_alaw;
}

const std::array<std::uint8_t, 256>& transcode_table(Codec from) {
  return from == Codec::pcmu ? ulaw_as_alaw : alaw_as_ulaw;
}

std::uint8_t encode_sample(Codec codec, std::int16_t sample) {
  return codec == Codec::pcmu ? linear_to_ulaw(sample) : linear_to_alaw(sample);
}

std::vector<std::uint8_t> encode(Codec codec, std::span<const std::int16_t> samples) {
  std::vector<std::uint8_t> octets;
  octets.reserve(samples.size());
  for (const std::int16_t it : samples) octets.push_back(encode_sample(codec, it));
  return octets;
}

std::vector<std::int16_t> decode(Codec codec, std::span<const std::uint8_t> octets) {
  const auto& table = decode_table(codec);
  std::vector<std::int16_t> samples;
  samples.reserve(octets.size());
  for (const std::uint8_t it : octets) samples.push_back(table[it]);
  return samples;
}

}  // namespace cord::media
