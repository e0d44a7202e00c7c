// The transfer keys of agents' phones: a REFER becomes a request to the core, and what the core
// says of it becomes the REFER's answer and NOTIFYs. Who is no agent's phone has nothing to give
// away.
#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

constexpr std::uint16_t decline = 603;

core::RequestId request_of(sip::TransferHandle transfer) {
  return {core::phone_request_bit | transfer.value};
}

sip::TransferHandle transfer_of(core::RequestId request) {
  return {request.value & ~core::phone_request_bit};
}

std::uint16_t status_of(core::TransferEnd end) {
  switch (end) {
    case core::TransferEnd::done:
      return 200;
    case core::TransferEnd::forbidden:
      return 403;
    case core::TransferEnd::no_route:
      return 404;
    case core::TransferEnd::timeout:
      return 408;
    case core::TransferEnd::unreachable:
      return 480;
    case core::TransferEnd::unknown:
      return 481;
    case core::TransferEnd::busy:
      return 486;
    case core::TransferEnd::gone:
      return 487;
    case core::TransferEnd::pending:
      return 491;
    case core::TransferEnd::failed:
      return 503;
    case core::TransferEnd::refused:
    case core::TransferEnd::rejected:
      return decline;
  }
  return decline;
}

}  // namespace

// Only the user part counts, as what was dialled on the phone: the host is that of whatever the
// phone takes for its registrar.
void SipDriver::Impl::take(const sip::TransferAsked& it, Instant now) {
  const Leg* leg = find_by_call(it.call);
  const bool is_phone = leg != nullptr && leg->is_phone() && leg->phase == LegPhase::up;
  if (!is_phone) return agent_.end_transfer(it.transfer, decline, now);
  const Leg* replaced = it.replaced ? find_by_call(it.replaced) : nullptr;
  if (it.replaced && replaced == nullptr) return agent_.end_transfer(it.transfer, decline, now);
  outside_.log.info("leg.transfer_asked", {{"leg", leg->id}});
  report(
      core::LegTransferRequested{.leg = leg->id,
                                 .request = request_of(it.transfer),
                                 .to = it.to.user_text(),
                                 .replaced = replaced == nullptr ? core::LegId{} : replaced->id});
}

void SipDriver::Impl::run(const core::AcceptTransfer& it, Instant now) {
  agent_.accept_transfer(transfer_of(it.request), now);
}

void SipDriver::Impl::run(const core::EndTransfer& it, Instant now) {
  agent_.end_transfer(transfer_of(it.request), status_of(it.end), now);
}

}  // namespace cord::drivers
