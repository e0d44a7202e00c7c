// Fuzz target of STUN and of what tells datagrams apart in front of a stream: STUN, DTLS records,
// SRTP and SRTCP. Input: datagrams, each with a length byte in front. None is authentic, so none
// may come out of the protection.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.hpp"
#include "media/protection.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cord::media;
  static const auto identity = DtlsIdentity::make().value();
  constexpr Endpoint peer{0x7f000001, 4000};
  const cord::Instant now{std::chrono::seconds(1'795'000'000)};
  HandshakeBudget handshakes(4);
  Protection protection({identity.get(), &handshakes},
                        {.keys = {},
                         .dtls = DtlsTerms{},
                         .ice = IceTerms{"ours", "ourourourourourourouro", "them"},
                         .rtcp_mux = true});
  std::span<const std::uint8_t> in(data, size);
  if (const auto message = parse_stun(in)) {
    CORD_ASSERT(message->username.size() <= in.size());
    static_cast<void>(is_authentic(in, *message, "secret"));
  }
  while (!in.empty()) {
    const auto datagram = in.subspan(1).first(std::min<std::size_t>(in.size() - 1, in[0]));
    in = in.subspan(1 + datagram.size());
    const auto opened = protection.open({Channel::rtp, peer, datagram}, {.rtp = peer}, now);
    CORD_ASSERT(opened.kind != Protection::Opened::Kind::rtp);
    CORD_ASSERT(opened.kind != Protection::Opened::Kind::rtcp);
    static_cast<void>(protection.take_output({.rtp = peer}, now));
  }
  CORD_ASSERT(!protection.remote(now));
  return 0;
}
