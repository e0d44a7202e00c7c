// Properties of SRTP: whatever the key and the network's order, an authentic packet is read once,
// as it was; nothing else is.
#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "media/big_endian.hpp"
#include "media/srtp.hpp"

namespace cord::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

rc::Gen<SrtpKey> key() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::container<std::array<std::uint8_t, 30>>(
                                                rc::gen::arbitrary<std::uint8_t>())),
      [](const auto& drawn) {
        SrtpKey out;
        out.suite = static_cast<SrtpSuite>(drawn.first);
        std::copy_n(drawn.second.begin(), out.key.size(), out.key.begin());
        std::copy_n(drawn.second.begin() + 16, srtp_salt_bytes(out.suite), out.salt.begin());
        return out;
      });
}

Bytes packet(std::uint32_t number, std::uint32_t ssrc, const Bytes& payload) {
  Bytes out(12 + payload.size());
  out[0] = 0x80;
  store_be16(out, 2, static_cast<std::uint16_t>(number));
  store_be32(out, 4, number * 160);
  store_be32(out, 8, ssrc);
  std::copy(payload.begin(), payload.end(), out.begin() + 12);
  return out;
}

Bytes protect(SrtpSender& sender, Bytes clear) {
  const std::size_t bytes = clear.size();
  clear.resize(bytes + srtp_growth_bytes_max);
  clear.resize(sender.protect_rtp(clear, bytes).value());
  return clear;
}

// Numbers go up by one from anywhere, so that the 16 bits come round in many runs; the network
// loses, delays by less than the window, and repeats.
RC_GTEST_PROP(SrtpProperty, EveryPacketIsReadOnceWhateverTheNetworkDoes, ()) {
  const SrtpKey shared = *key();
  const std::uint32_t first = *rc::gen::inRange(0xff00, 0x10000);
  const std::uint32_t ssrc = *rc::gen::arbitrary<std::uint32_t>();
  const auto fates = *rc::gen::container<std::vector<int>>(400, rc::gen::inRange(0, 60));
  SrtpSender sender(shared);
  SrtpReceiver receiver(shared);
  std::vector<std::pair<std::size_t, std::size_t>> arrivals;  // when, which
  std::vector<Bytes> clear, sent;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    clear.push_back(packet(first + static_cast<std::uint32_t>(i), ssrc,
                           Bytes(static_cast<std::size_t>(fates[i]), 0x55)));
    sent.push_back(protect(sender, clear.back()));
    const auto delay = static_cast<std::size_t>(fates[i]);
    if (i == 0 || delay % 10 != 0) arrivals.emplace_back(i == 0 ? 0 : i + delay, i);
    if (delay % 7 == 0) arrivals.emplace_back(i + delay + 1, i);
  }
  std::stable_sort(arrivals.begin(), arrivals.end());
  std::set<std::size_t> read;
  for (const auto& [when, i] : arrivals) {
    Bytes got = sent[i];
    const auto size = receiver.unprotect_rtp(got);
    RC_ASSERT(size.has_value() == read.insert(i).second);
    if (!size) continue;
    got.resize(*size);
    RC_ASSERT(got == clear[i]);
  }
}

RC_GTEST_PROP(SrtpProperty, AnotherKeyReadsNothing, ()) {
  const SrtpKey ours = *key(), theirs = *key();
  RC_PRE(!(ours == theirs));
  SrtpSender sender(ours);
  SrtpReceiver receiver(theirs);
  Bytes sent = protect(sender, packet(1, 2, *rc::gen::arbitrary<Bytes>()));
  RC_ASSERT(!receiver.unprotect_rtp(sent));
}

RC_GTEST_PROP(SrtpProperty, NoiseIsRefused, ()) {
  SrtpReceiver receiver(*key());
  Bytes noise = *rc::gen::arbitrary<Bytes>();
  if (!noise.empty()) noise[0] = 0x80;
  Bytes copy = noise;
  RC_ASSERT(!receiver.unprotect_rtp(noise));
  RC_ASSERT(!receiver.unprotect_rtcp(copy));
}

}  // namespace
}  // namespace cord::media
