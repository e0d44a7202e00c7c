#include "drivers/sip/trunks.hpp"

#include <algorithm>

namespace cord::drivers {
namespace {

// RFC 3263 §4.3 leaves open how long a failed server is left alone.
constexpr Duration avoided = std::chrono::seconds(30);

constexpr std::string_view refusals = "cord_sip_trunk_refusals_total";
constexpr std::string_view refusals_help = "Calls to and from trunks beyond a limit, by limit";

}  // namespace

Trunks::Trunks(const std::vector<Trunk>& trunks, NameBook& names, Metrics& metrics)
    : names_(names),
      full_(metrics.counter(refusals, refusals_help, "calls_max")),
      fast_(metrics.counter(refusals, refusals_help, "calls_per_second")) {
  for (const Trunk& trunk : trunks) {
    State state{.config = &trunk};
    for (const std::string& it : trunk.peers) {
      PeerState peer{parse_peer(it).value()};
      if (!peer.config.address) peer.name = names_.add(peer.config.server);
      state.peers.push_back(std::move(peer));
    }
    state.shown =
        &metrics.gauge("cord_sip_trunk_calls", "Calls to and from each trunk", trunk.name);
    states_.push_back(std::move(state));
  }
  refresh_sources();
}

std::optional<TrunkIndex> Trunks::find(std::string_view name) const {
  for (TrunkIndex i = 0; i < states_.size(); ++i) {
    if (states_[i].config->name == name) return i;
  }
  return std::nullopt;
}

std::optional<TrunkIndex> Trunks::of(const sip::Flow& flow) const {
  std::optional<TrunkIndex> by_address;
  for (TrunkIndex i = 0; i < states_.size(); ++i) {
    for (const auto& [at, needs_tls] : states_[i].sources) {
      // Without TLS anybody could have forged it.
      if (needs_tls && flow.transport != sip::Transport::tls) continue;
      if (at == flow.remote) return i;
      if (!by_address && sip::may_be_of(flow, at)) by_address = i;
    }
  }
  return by_address;
}

bool Trunks::admit(TrunkIndex trunk, Instant now) {
  State& state = states_.at(trunk);
  const Trunk& config = *state.config;
  if (config.calls != 0 && state.calls >= config.calls) {
    full_.add();
    return false;
  }
  if (config.calls_per_second != 0) {
    // As many as there may be in a second may come at once: ITU-T I.371.
    const Duration whole = std::chrono::seconds(1);
    const Instant next = std::max(state.pace, now) + whole / config.calls_per_second;
    if (next - now > whole) {
      fast_.add();
      return false;
    }
    state.pace = next;
  }
  ++state.calls;
  state.shown->set(state.calls);
  return true;
}

void Trunks::release(TrunkIndex trunk) {
  State& state = states_.at(trunk);
  --state.calls;
  state.shown->set(state.calls);
}

std::vector<TrunkHop> Trunks::next_hops(TrunkIndex trunk, Instant now) const {
  const State& state = states_.at(trunk);
  std::vector<TrunkHop> order;
  for (const PeerState& peer : state.peers) {
    for (const sip::NextHop& hop : peer.name ? names_.next_hops(*peer.name) : known(peer)) {
      order.push_back({&peer.config, hop});
    }
  }
  const auto is_avoided = [&](const TrunkHop& it) {
    return std::any_of(state.avoided_until.begin(), state.avoided_until.end(),
                       [&](const auto& bad) { return bad.first == it.hop && now < bad.second; });
  };
  std::stable_partition(order.begin(), order.end(),
                        [&](const TrunkHop& it) { return !is_avoided(it); });
  return order;
}

void Trunks::hop_failed(TrunkIndex trunk, const sip::NextHop& hop, Instant now) {
  auto& them = states_.at(trunk).avoided_until;
  std::erase_if(them, [&](const auto& it) { return it.first == hop || it.second <= now; });
  them.emplace_back(hop, now + avoided);
}

std::vector<sip::NextHop> Trunks::known(const PeerState& peer) const {
  return peer.name ? names_.known(*peer.name) : std::vector{next_hop(peer.config)};
}

void Trunks::refresh_sources() {
  for (State& state : states_) {
    state.sources.clear();
    for (const PeerState& peer : state.peers) {
      const bool needs_tls = peer.config.server.transport == sip::Transport::tls;
      // SRV records name the port that a server listens on, not the one that it sends from.
      const std::uint16_t port = peer.config.server.port;
      for (const sip::NextHop& it : known(peer)) {
        state.sources.push_back({{it.endpoint.address, port}, needs_tls});
      }
    }
  }
}

std::vector<sip::Endpoint> Trunks::sources(TrunkIndex trunk) const {
  std::vector<sip::Endpoint> out;
  for (const Source& it : states_.at(trunk).sources) out.push_back(it.endpoint);
  return out;
}

std::vector<sip::Endpoint> Trunks::sources() const {
  std::vector<sip::Endpoint> out;
  for (const State& state : states_) {
    for (const Source& it : state.sources) out.push_back(it.endpoint);
  }
  return out;
}

std::vector<KnownServer> Trunks::servers() const {
  std::vector<KnownServer> out;
  for (const State& state : states_) {
    for (const PeerState& peer : state.peers) {
      for (const sip::NextHop& it : known(peer)) {
        out.push_back({it.endpoint.address, peer.config.server.host, state.config->tls_verify});
      }
    }
  }
  return out;
}

}  // namespace cord::drivers
