#include "drivers/sip/trunks.hpp"

#include <algorithm>

namespace cord::drivers {
namespace {

// RFC 3263 §4.3 leaves open how long a failed server is left alone.
constexpr Duration avoided = std::chrono::seconds(30);

constexpr std::string_view refusals = "cord_sip_trunk_refusals_total";
constexpr std::string_view refusals_help = "Calls to and from trunks beyond a limit, by limit";

}  // namespace

Trunks::Trunks(const std::vector<Trunk>& trunks, Metrics& metrics)
    : full_(metrics.counter(refusals, refusals_help, "calls_max")),
      fast_(metrics.counter(refusals, refusals_help, "calls_per_second")) {
  for (const Trunk& trunk : trunks) {
    State state{.config = &trunk};
    for (const std::string& it : trunk.peers) state.peers.push_back(parse_peer(it).value());
    state.avoided_until.resize(state.peers.size());
    state.shown =
        &metrics.gauge("cord_sip_trunk_calls", "Calls to and from each trunk", trunk.name);
    states_.push_back(std::move(state));
  }
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
    for (const sip::Endpoint& it : states_[i].peers) {
      if (it == flow.remote) return i;
      if (!by_address && sip::may_be_of(flow, it)) by_address = i;
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

std::vector<PeerIndex> Trunks::peers(TrunkIndex trunk, Instant now) const {
  const State& state = states_.at(trunk);
  std::vector<PeerIndex> order(state.peers.size());
  for (PeerIndex i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_partition(order.begin(), order.end(),
                        [&](PeerIndex i) { return state.avoided_until[i] <= now; });
  return order;
}

sip::Endpoint Trunks::peer(TrunkIndex trunk, PeerIndex peer) const {
  return states_.at(trunk).peers.at(peer);
}

void Trunks::peer_failed(TrunkIndex trunk, PeerIndex peer, Instant now) {
  states_.at(trunk).avoided_until.at(peer) = now + avoided;
}

}  // namespace cord::drivers
