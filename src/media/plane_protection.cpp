// The plane's network edge: a protected stream sees packets in the clear only.
#include <string>
#include <utility>

#include "media/plane.hpp"

namespace cord::media {
namespace {

bool is_plain(const ProtectionTerms& terms) {
  return !terms.keys && !terms.dtls;
}

Protection::Usual usual_of(const Stream& stream) {
  return {stream.rtp_remote(), stream.rtcp_remote()};
}

}  // namespace

void Plane::run(const SetProtection& order, Instant now) {
  if (const auto slot = find(order.stream)) {
    Entry& it = entry(*slot);
    if (is_plain(order.terms)) {
      it.protection.reset();
      timers_.cancel(it.timers[static_cast<std::size_t>(Work::handshake)]);
    } else if (it.protection) {
      it.protection->change(order.terms);
    } else {
      it.protection = std::make_unique<Protection>(
          Protection::Shared{.identity = config_.identity.get(), .handshakes = &handshakes_},
          order.terms);
    }
    if (it.protection) tend_protection(*slot, now);
  }
  done(order.token);
}

// What is not for the stream is dealt with here; none is left then.
std::optional<Plane::Arrival> Plane::open(Slot slot, const Arrival& arrival, Instant now) {
  using Kind = Protection::Opened::Kind;
  Entry& it = entry(slot);
  const auto opened = it.protection->open({arrival.channel, arrival.from, arrival.packet},
                                          usual_of(it.stream), now);
  switch (opened.kind) {
    case Kind::refused:
      unauthentic_.add();
      return std::nullopt;
    case Kind::postponed:
      handshakes_postponed_.add();
      return std::nullopt;
    case Kind::own:
      tend_protection(slot, now);
      if (it.timed_out && it.stream.hears_checks() && it.protection->checked_at() == now) {
        end_silence(slot);
      }
      return std::nullopt;
    case Kind::rtp:
    case Kind::rtcp:
      break;
  }
  // With ICE the way may change, and whoever has the key may take it: the stream always hears from
  // where the SDP said.
  const Endpoint from = it.protection->has_ice() ? it.stream.rtp_remote() : arrival.from;
  return Arrival{.channel = opened.kind == Kind::rtcp ? Channel::rtcp : Channel::rtp,
                 .from = from,
                 .packet = opened.packet};
}

bool Plane::seal(Slot slot, Channel channel, std::span<std::uint8_t> buffer, std::size_t& bytes) {
  Protection* const protection = entry(slot).protection.get();
  if (protection == nullptr) return true;
  bytes = channel == Channel::rtp ? protection->seal_rtp(buffer, bytes)
                                  : protection->seal_rtcp(buffer, bytes);
  if (bytes == 0) unprotected_.add();
  return bytes != 0;
}

// The channel becomes the one that it goes through.
Endpoint Plane::remote_of(Slot slot, Channel& channel, Instant now) {
  const Entry& it = entry(slot);
  if (it.protection && it.protection->muxes_rtcp()) channel = Channel::rtp;
  if (it.protection && it.protection->has_ice()) {
    return it.protection->remote(now).value_or(Endpoint{});
  }
  return channel == Channel::rtp ? it.stream.rtp_remote() : it.stream.rtcp_remote();
}

void Plane::tend_protection(Slot slot, Instant now) {
  Entry& it = entry(slot);
  const Protection::Usual usual = usual_of(it.stream);
  it.protection->advance(usual, now);
  for (const auto& own : it.protection->take_output(usual, now)) {
    if (own.bytes.size() <= datagram_bytes_max) {
      network_.send(slot, own.channel, own.to, own.bytes);
    }
  }
  handshakes_used_.raise(static_cast<std::int64_t>(handshakes_.used()));
  if (it.protection->take_success()) report_(StreamProtected{it.id});
  if (const auto why = it.protection->take_failure()) {
    protection_failures_.add();
    report_(ProtectionFailed{it.id, std::string(*why)});
  }
  if (const auto due = it.protection->due(now)) {
    arm(slot, Work::handshake, *due);
  } else {
    timers_.cancel(it.timers[static_cast<std::size_t>(Work::handshake)]);
  }
}

}  // namespace cord::media
