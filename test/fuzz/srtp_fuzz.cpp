// Fuzz target of SRTP and SRTCP. Input: packets, each with a length byte in front. Each is given
// as it is, and nothing of it may be taken; and as the payload of an authentic one, which must
// come out as it went in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "media/srtp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cord::media;
  std::span<const std::uint8_t> in(data, size);
  const SrtpKey key{.suite = static_cast<SrtpSuite>(size % 3), .key = {1}, .salt = {2}};
  SrtpSender sender(key);
  SrtpReceiver receiver(key);
  while (!in.empty()) {
    const auto datagram = in.subspan(1).first(std::min<std::size_t>(in.size() - 1, in[0]));
    in = in.subspan(1 + datagram.size());
    std::vector<std::uint8_t> forged(datagram.begin(), datagram.end());
    CORD_ASSERT(!receiver.unprotect_rtp(forged));
    forged.assign(datagram.begin(), datagram.end());
    CORD_ASSERT(!receiver.unprotect_rtcp(forged));
    std::vector<std::uint8_t> sent(datagram.begin(), datagram.end());
    sent.resize(sent.size() + srtp_growth_bytes_max);
    const auto bytes = sender.protect_rtp(sent, datagram.size());
    if (!bytes) continue;
    const auto read = receiver.unprotect_rtp(std::span(sent).first(*bytes));
    if (!read) continue;  // Its SSRC is one too many.
    CORD_ASSERT(*read == datagram.size());
    CORD_ASSERT(std::equal(datagram.begin(), datagram.end(), sent.begin()));
  }
  return 0;
}
