// What the name system says of trunks: who may call from now on, and where we register.
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

void SipDriver::Impl::add_registrars() {
  for (const Trunk& trunk : config_.trunks) {
    if (!trunk.registers) continue;
    const Peer registrar = registrar_of(trunk);
    if (!registrar.address) registrars_.emplace_back(trunk.name, names_.add(registrar.server));
  }
}

void SipDriver::Impl::read(const DnsAnswered& it, Instant now) {
  if (!names_.take(it, now)) return;
  trunks_.refresh_sources();
  const std::vector<sip::Endpoint> callers = trunks_.sources();
  std::vector<std::uint32_t> addresses;
  for (const sip::Endpoint& caller : callers) addresses.push_back(caller.address);
  agent_.set_callers(callers);
  outside_.transport.know(std::move(addresses));
  for (const auto& [trunk, name] : registrars_) {
    agent_.set_registrars(trunk, names_.next_hops(name));
  }
}

}  // namespace cord::drivers
