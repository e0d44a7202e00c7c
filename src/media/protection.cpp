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
    dtls_.reset();
    keys_.reset();
    sender_.reset();
    receiver_.reset();
    success_told_ = failure_told_ = false;
  }
  if (terms.keys) set_keys(*terms.keys);
  if (!terms.ice) {
    ice_.reset();
  } else if (!ice_ || !(ice_->terms() == *terms.ice)) {
    ice_.emplace(*terms.ice);
  }
  terms_ = std::move(terms);
}

// A direction whose key stays goes on: its key stream must not begin anew, nor its replay window.
void Protection::set_keys(const SrtpKeys& keys) {
  if (!keys_ || !(keys_->local == keys.local)) sender_.emplace(keys.local);
  if (!keys_ || !(keys_->remote == keys.remote)) receiver_.emplace(keys.remote);
  keys_ = keys;
}

Protection::Opened Protection::open(bool came_as_rtcp, Endpoint from,
                                    std::span<const std::uint8_t> datagram, Instant now) {
  using Kind = Opened::Kind;
  switch (kind_of(datagram)) {
    case DatagramKind::stun: {
      if (!ice_) return {};
      auto response = ice_->receive(from, datagram, now);
      if (response.empty()) return {};
      output_.push_back({from, std::move(response)});
      return {.kind = Kind::own};
    }
    case DatagramKind::dtls:
      return receive_dtls(from, datagram, now);
    case DatagramKind::unknown:
      return {};
    case DatagramKind::media:
      break;
  }
  if (!receiver_ || datagram.size() > clear_.size()) return {};
  const auto packet = std::span(clear_).first(datagram.size());
  std::copy(datagram.begin(), datagram.end(), packet.begin());
  const bool is_control = came_as_rtcp || (terms_.rtcp_mux && is_rtcp(packet));
  const auto bytes =
      is_control ? receiver_->unprotect_rtcp(packet) : receiver_->unprotect_rtp(packet);
  if (!bytes) return {};
  return {.kind = is_control ? Kind::rtcp : Kind::rtp, .packet = packet.first(*bytes)};
}

Protection::Opened Protection::receive_dtls(Endpoint from, std::span<const std::uint8_t> datagram,
                                            Instant now) {
  using Kind = Opened::Kind;
  if (!terms_.dtls || shared_.identity == nullptr) return {};
  if (!dtls_) {
    if (terms_.dtls->is_client || !is_client_hello(datagram)) return {};
    if (!shared_.handshakes->take(now)) return {.kind = Kind::postponed};
    dtls_.emplace(*shared_.identity, terms_.dtls->remote, false);
  }
  dtls_peer_ = from;
  dtls_->receive(datagram);
  look_at_handshake();
  return {.kind = Kind::own};
}

void Protection::look_at_handshake() {
  if (dtls_->state() == DtlsAssociation::State::done && !keys_) set_keys(*dtls_->keys());
  if (dtls_->state() != DtlsAssociation::State::failed) return;
  sender_.reset();
  receiver_.reset();
}

std::size_t Protection::seal_rtp(std::span<std::uint8_t> buffer, std::size_t bytes) {
  return sender_ ? sender_->protect_rtp(buffer, bytes).value_or(0) : 0;
}

std::size_t Protection::seal_rtcp(std::span<std::uint8_t> buffer, std::size_t bytes) {
  return sender_ ? sender_->protect_rtcp(buffer, bytes).value_or(0) : 0;
}

std::vector<Protection::Own> Protection::take_output(Endpoint usual, Instant now) {
  if (dtls_) {
    const Endpoint to = ice_ ? ice_->remote(now).value_or(Endpoint{}) : dtls_peer_.value_or(usual);
    for (auto& datagram : dtls_->take_output()) {
      if (to.port != 0) output_.push_back({to, std::move(datagram)});
    }
  }
  return std::exchange(output_, {});
}

void Protection::advance(Endpoint usual, Instant now) {
  if (terms_.dtls && terms_.dtls->is_client && !dtls_ && shared_.identity != nullptr) {
    const bool has_way = ice_ ? ice_->remote(now).has_value() : usual.port != 0;
    if (has_way && shared_.handshakes->take(now)) {
      dtls_.emplace(*shared_.identity, terms_.dtls->remote, true);
    }
  }
  if (!dtls_) return;
  dtls_->advance();
  look_at_handshake();
}

std::optional<Instant> Protection::due(Instant now) const {
  constexpr Duration try_again = std::chrono::milliseconds(200);
  if (dtls_) {
    const auto left = dtls_->due();
    return left ? std::optional(now + *left) : std::nullopt;
  }
  const bool begins = terms_.dtls && terms_.dtls->is_client && shared_.identity != nullptr;
  return begins ? std::optional(now + try_again) : std::nullopt;
}

bool Protection::take_success() {
  const bool is_done = dtls_ && dtls_->state() == DtlsAssociation::State::done;
  return is_done && !std::exchange(success_told_, true);
}

std::optional<std::string_view> Protection::take_failure() {
  const bool has_failed = dtls_ && dtls_->state() == DtlsAssociation::State::failed;
  if (!has_failed || std::exchange(failure_told_, true)) return std::nullopt;
  return dtls_->failure();
}

}  // namespace cord::media
