// Where trunks are, by address or by name: who may call, where we register, and whom a TLS
// connection has to lead to.
#include <algorithm>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {

std::vector<sip::Transport> transports_of(const std::vector<sip::Listener>& listeners) {
  std::vector<sip::Transport> out;
  for (const sip::Listener& it : listeners) {
    if (std::find(out.begin(), out.end(), it.transport) == out.end()) out.push_back(it.transport);
  }
  return out;
}

void SipDriver::Impl::begin_names() {
  for (const Trunk& trunk : config_.trunks) {
    if (!trunk.tls_verify) outside_.log.warn("sip.tls_not_verified", {{"trunk", trunk.name}});
    if (!trunk.registers) continue;
    const Peer at = registrar_of(trunk);
    const auto name = at.address ? std::nullopt : std::optional(names_.add(at.server));
    registrars_.push_back({&trunk, at, name});
  }
  tell_servers();
}

void SipDriver::Impl::tell_servers() {
  agent_.set_callers(trunks_.sources());
  std::vector<KnownServer> servers = trunks_.servers();
  for (const auto& [trunk, at, name] : registrars_) {
    for (const sip::NextHop& it : name ? names_.known(*name) : std::vector{next_hop(at)}) {
      servers.push_back({it.endpoint.address, at.server.host, trunk->tls_verify});
    }
  }
  outside_.transport.know(servers);
}

void SipDriver::Impl::read(const DnsAnswered& it, Instant now) {
  if (!names_.take(it, now)) return;
  trunks_.refresh_sources();
  tell_servers();
  for (const RegistrarPlace& at : registrars_) {
    if (at.name) agent_.set_registrars(at.trunk->name, names_.next_hops(*at.name));
  }
}

}  // namespace cord::drivers
