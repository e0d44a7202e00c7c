// Two calls with outside that talk to each other without an agent: after a transfer.
#include "core/steps.hpp"

namespace cord::core {

namespace {

bool is_ringing(const Call& call) {
  return call.wait.runs() && call.wait.kind == DeadlineKind::far_ring;
}

}  // namespace

void partner_answered(Draft& draft, const Call& call) {
  if (!is_ringing(call) || draft.state().at(call.leg).is_answered) return;
  draft.emit(PhoneAnswered{call.leg});
  draft.order(BridgeLegs{draft.state().at(call.partner).leg, call.leg});
}

void partners_bridged(Draft& draft, const Call& call, LegId other) {
  const Call* partner = draft.state().find(call.partner);
  if (partner == nullptr || partner->leg != other || !is_ringing(call)) return;
  draft.emit(PartnersJoined{partner->id, call.id});
}

void partner_failed(Draft& draft, const Call& call, Cause cause, bool is_released) {
  if (!is_released) draft.order(ReleaseLeg{call.leg, cause});
  const Call& given = draft.state().at(call.partner);
  draft.emit(CallGone{call.id, cause});
  return_transferred(draft, given, cause);
}

void partner_released(Draft& draft, const Call& call, Cause cause) {
  if (is_ringing(call)) return partner_failed(draft, call, cause, true);
  const Call& other = draft.state().at(call.partner);
  draft.order(ReleaseLeg{other.leg, cause});
  draft.emit(CallGone{call.id, cause});
  draft.emit(CallGone{other.id, cause});
}

}  // namespace cord::core
