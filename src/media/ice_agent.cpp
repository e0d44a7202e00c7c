#include "media/ice_agent.hpp"

namespace cord::media {

// RFC 5389 §10.1.2, RFC 8445 §7.3.
std::vector<std::uint8_t> IceAgent::receive(Endpoint from, std::span<const std::uint8_t> datagram,
                                            Instant now) {
  const auto message = parse_stun(datagram);
  if (!message || message->kind != StunKind::request) return {};
  if (!message->integrity_at) return stun_error(message->transaction, 400, {});
  const std::string expected = terms_.local_ufrag + ":" + terms_.remote_ufrag;
  if (message->username != expected || !is_authentic(datagram, *message, terms_.local_pwd)) {
    return stun_error(message->transaction, 401, {});
  }
  if (message->has_unknown) {
    return stun_error(message->transaction, 420, terms_.local_pwd, message->unknown);
  }
  // Who is lite never nominates: a far end that waits for that has to change its mind.
  if (message->is_controlled) return stun_error(message->transaction, 487, terms_.local_pwd);
  if (message->use_candidate) nominated_ = from;
  if (nominated_ == from) checked_at_ = now;
  return stun_success(message->transaction, from, terms_.local_pwd);
}

std::optional<Endpoint> IceAgent::remote(Instant now) const {
  return now - checked_at_ <= ice_consent ? nominated_ : std::nullopt;
}

}  // namespace cord::media
