#include "media/protection.hpp"

#include <algorithm>
#include <utility>

namespace cord::media {

DatagramKind kind_of(std::span<const std::uint8_t> datagram) {
  if (datagram.empty()) return DatagramKind::unknown;
  const std::uint8_t first = datagram.front();
  if (first <= 3) return DatagramKind::stun;
  if (first >= 20 && first <= 63) return DatagramKind::dtls;
  if (first >= 128 && first <= 191) return DatagramKind::media;
  return DatagramKind::unknown;
}

bool is_rtcp(std::span<const std::uint8_t> packet) {
  return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223;
}

bool HandshakeBudget::take(Instant now) {
  if (now - second_begins_ >= std::chrono::seconds(1)) {
    second_begins_ = now;
    used_ = 0;
  }
  if (used_ >= per_second_) return false;
  ++used_;
  return true;
}

Protection::Protection(const Shared& shared, ProtectionTerms terms) : shared_(shared) {
  change(std::move(terms));
}

void Protection::change(ProtectionTerms terms) {
  const bool is_same_peer = terms.dtls && terms_.dtls && terms.dtls->remote == terms_.dtls->remote;
  if ((terms.dtls || terms_.dtls) && !is_same_peer) {
    for (Flow& it : flows_) it = Flow{it.channel};
    success_told_ = failure_told_ = false;
  }
  if (terms.keys) flows_.front().set_keys(*terms.keys);
  if (!terms.ice) {
    ice_.reset();
  } else if (!ice_ || !(ice_->terms() == *terms.ice)) {
    ice_.emplace(*terms.ice);
  }
  terms_ = std::move(terms);
}

// A direction whose key stays goes on: its key stream must not begin anew, nor its replay window.
void Protection::Flow::set_keys(const SrtpKeys& given) {
  if (!keys || !(keys->local == given.local)) sender.emplace(given.local);
  if (!keys || !(keys->remote == given.remote)) receiver.emplace(given.remote);
  keys = given;
}

Protection::Opened Protection::open(const Arrival& arrival, const Usual& usual, Instant now) {
  using Kind = Opened::Kind;
  const auto& datagram = arrival.datagram;
  switch (kind_of(datagram)) {
    case DatagramKind::stun: {
      if (!ice_) return {};
      auto response = ice_->receive(arrival.from, datagram, now);
      if (response.empty()) return {};
      output_.push_back({arrival.channel, arrival.from, std::move(response)});
      return {.kind = Kind::own};
    }
    case DatagramKind::dtls:
      return receive_dtls(arrival, usual, now);
    case DatagramKind::unknown:
      return {};
    case DatagramKind::media:
      break;
  }
  auto& receiver = flow_of(arrival.channel).receiver;
  if (!receiver || datagram.size() > clear_.size()) return {};
  const auto packet = std::span(clear_).first(datagram.size());
  std::copy(datagram.begin(), datagram.end(), packet.begin());
  const bool is_control = arrival.channel == Channel::rtcp || (terms_.rtcp_mux && is_rtcp(packet));
  const auto bytes =
      is_control ? receiver->unprotect_rtcp(packet) : receiver->unprotect_rtp(packet);
  if (!bytes) return {};
  return {.kind = is_control ? Kind::rtcp : Kind::rtp, .packet = packet.first(*bytes)};
}

Endpoint Protection::expected(Channel channel, const Usual& usual, Instant now) const {
  if (ice_) return ice_->remote(now).value_or(Endpoint{});
  return channel == Channel::rtp ? usual.rtp : usual.rtcp;
}

// Behind a NAT the far end is not where its SDP says, so that anybody may begin a handshake. Nobody
// but the far end ends one well, and with others nothing is lost but a second, until it tries
// again.
Protection::Opened Protection::receive_dtls(const Arrival& arrival, const Usual& usual,
                                            Instant now) {
  using Kind = Opened::Kind;
  if (!terms_.dtls || shared_.identity == nullptr) return {};
  if (arrival.channel == Channel::rtcp && terms_.rtcp_mux) return {};
  const Endpoint from = arrival.from;
  const Endpoint far_end = expected(arrival.channel, usual, now);
  Flow& it = flow_of(arrival.channel);
  const bool is_beginning = !terms_.dtls->is_client && is_client_hello(arrival.datagram);
  if (is_beginning && it.gives_way_to(from, far_end)) {
    if (!shared_.handshakes->take(now)) return {.kind = Kind::postponed};
    it.dtls.emplace(*shared_.identity, terms_.dtls->remote, false);
    it.dtls_peer = from;
  }
  if (!it.dtls || (from != far_end && from != it.dtls_peer)) return {};
  it.dtls->receive(arrival.datagram);
  it.look_at_handshake(far_end);
  return {.kind = it.dtls ? Kind::own : Kind::refused};
}

bool Protection::Flow::gives_way_to(Endpoint from, Endpoint expected) const {
  if (!dtls) return true;
  return dtls->state() == DtlsAssociation::State::shaking_hands && dtls_peer != expected &&
         dtls_peer != from;
}

void Protection::Flow::look_at_handshake(Endpoint expected) {
  if (dtls->state() == DtlsAssociation::State::done && !keys) set_keys(*dtls->keys());
  if (dtls->state() != DtlsAssociation::State::failed) return;
  sender.reset();
  receiver.reset();
  if (dtls_peer && dtls_peer != expected) dtls.reset();
}

std::size_t Protection::seal_rtp(std::span<std::uint8_t> buffer, std::size_t bytes) {
  auto& sender = flow_of(Channel::rtp).sender;
  return sender ? sender->protect_rtp(buffer, bytes).value_or(0) : 0;
}

std::size_t Protection::seal_rtcp(std::span<std::uint8_t> buffer, std::size_t bytes) {
  auto& sender = flow_of(Channel::rtcp).sender;
  return sender ? sender->protect_rtcp(buffer, bytes).value_or(0) : 0;
}

std::vector<Protection::Own> Protection::take_output(const Usual& usual, Instant now) {
  for (Flow& it : flows()) {
    if (!it.dtls) continue;
    const Endpoint far_end = expected(it.channel, usual, now);
    const Endpoint to = ice_ ? far_end : it.dtls_peer.value_or(far_end);
    for (auto& datagram : it.dtls->take_output()) {
      if (to.port != 0) output_.push_back({it.channel, to, std::move(datagram)});
    }
  }
  return std::exchange(output_, {});
}

bool Protection::begins() const {
  return terms_.dtls && terms_.dtls->is_client && shared_.identity != nullptr;
}

void Protection::advance(const Usual& usual, Instant now) {
  for (Flow& it : flows()) {
    const Endpoint far_end = expected(it.channel, usual, now);
    if (begins() && !it.dtls && far_end.port != 0 && shared_.handshakes->take(now)) {
      it.dtls.emplace(*shared_.identity, terms_.dtls->remote, true);
    }
    if (!it.dtls) continue;
    it.dtls->advance();
    it.look_at_handshake(far_end);
  }
}

std::optional<Instant> Protection::due(Instant now) const {
  constexpr Duration try_again = std::chrono::milliseconds(200);
  std::optional<Duration> least;
  for (const Flow& it : flows()) {
    const auto left = it.dtls ? it.dtls->due() : begins() ? std::optional(try_again) : std::nullopt;
    if (left && (!least || *left < *least)) least = left;
  }
  return least ? std::optional(now + *least) : std::nullopt;
}

bool Protection::take_success() {
  const auto& dtls = flows_.front().dtls;
  const bool is_done = dtls && dtls->state() == DtlsAssociation::State::done;
  return is_done && !std::exchange(success_told_, true);
}

std::optional<std::string_view> Protection::take_failure() {
  const auto& dtls = flows_.front().dtls;
  const bool has_failed = dtls && dtls->state() == DtlsAssociation::State::failed;
  if (!has_failed || std::exchange(failure_told_, true)) return std::nullopt;
  return dtls->failure();
}

}  // namespace cord::media
