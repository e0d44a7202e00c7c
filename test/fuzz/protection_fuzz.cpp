// Fuzz target of what comes to a protected stream's port: STUN, DTLS records and SRTP told apart,
// while a real far end shakes hands. Input: steps of a byte that says what happens, one that says
// how many bytes belong to it, and those: a datagram of the far end passes whole or damaged, or a
// stranger's comes. Nothing of a stranger may be taken for media.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "media/protection.hpp"

namespace {

using namespace cord;
using namespace cord::media;
using Bytes = std::vector<std::uint8_t>;
using Kind = Protection::Opened::Kind;

constexpr Endpoint here{0x7f000001, 20000}, there{0x0a000001, 4000};
constexpr Endpoint here_rtcp{0x7f000001, 20001}, there_rtcp{0x0a000001, 4001};
constexpr Endpoint stranger{0x0a000009, 9};
constexpr Protection::Usual our_usual{there, there_rtcp}, their_usual{here, here_rtcp};

Endpoint their(Channel channel) {
  return channel == Channel::rtp ? there : there_rtcp;
}

const DtlsIdentity& identity_of(bool is_ours) {
  static const auto ours = DtlsIdentity::make().value();
  static const auto theirs = DtlsIdentity::make().value();
  return is_ours ? *ours : *theirs;
}

// Ours may begin the handshake or wait for it; with ICE, or without.
ProtectionTerms terms(bool is_ours, std::uint8_t how) {
  ProtectionTerms out;
  const bool we_begin = (how & 1) != 0;
  out.dtls = DtlsTerms{identity_of(!is_ours).fingerprint(), is_ours == we_begin};
  out.rtcp_mux = (how & 2) != 0;
  if (is_ours && (how & 4) != 0) out.ice = IceTerms{"here", "0123456789012345678901", "there"};
  return out;
}

class Wire {
 public:
  explicit Wire(std::uint8_t how)
      : ours_({&identity_of(true), &budget_}, terms(true, how)),
        theirs_({&identity_of(false), &budget_}, terms(false, how)) {
    exchange();
  }

  void step(std::uint8_t what, std::span<const std::uint8_t> bytes) {
    switch (what % 4) {
      case 0:
        return pass({});
      case 1:
        return pass(bytes);
      case 2:
        return inject((what & 0x10) != 0 ? Channel::rtcp : Channel::rtp,
                      (what & 0x20) != 0 ? stranger : there, bytes);
      default:
        now_ += std::chrono::milliseconds(what);
        return exchange();
    }
  }

 private:
  void pass(std::span<const std::uint8_t> damage) {
    if (coming_.empty()) return;
    const Channel channel = coming_.front().channel;
    Bytes datagram = std::move(coming_.front().bytes);
    coming_.pop_front();
    for (std::size_t i = 0; i + 1 < damage.size() && !datagram.empty(); i += 2) {
      datagram[damage[i] % datagram.size()] ^= damage[i + 1];
    }
    (void)ours_.open({channel, their(channel), datagram}, our_usual, now_);
    exchange();
  }

  void inject(Channel channel, Endpoint from, std::span<const std::uint8_t> datagram) {
    const Kind kind = ours_.open({channel, from, datagram}, our_usual, now_).kind;
    CORD_ASSERT(kind != Kind::rtp && kind != Kind::rtcp);
    exchange();
  }

  void exchange() {
    ours_.advance(our_usual, now_);
    theirs_.advance(their_usual, now_);
    for (const auto& it : ours_.take_output(our_usual, now_)) {
      const Endpoint from = it.channel == Channel::rtp ? here : here_rtcp;
      (void)theirs_.open({it.channel, from, it.bytes}, their_usual, now_);
    }
    for (auto& it : theirs_.take_output(their_usual, now_)) coming_.push_back(std::move(it));
    (void)ours_.take_failure();
  }

  HandshakeBudget budget_{100};
  Instant now_{};
  Protection ours_, theirs_;
  std::deque<Protection::Own> coming_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Wire wire(data[0]);
  std::span<const std::uint8_t> in(data + 1, size - 1);
  while (in.size() >= 2) {
    const auto bytes = in.subspan(2).first(std::min<std::size_t>(in.size() - 2, in[1]));
    wire.step(in[0], bytes);
    in = in.subspan(2 + bytes.size());
  }
  return 0;
}
