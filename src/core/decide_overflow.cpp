// Who has waited in a queue for as long as that lets them (docs/queues.md, "Overflow").
#include "core/dial_steps.hpp"

namespace cord::core {

namespace {

const Queue& queue_of(const Draft& draft, const Call& call) {
  return draft.directory().queues[*call.queue];
}

// It waits elsewhere; false if it cannot.
bool move_on(Draft& draft, const Call& call) {
  const std::optional<QueueIndex> to = queue_of(draft, call).overflow_queue;
  if (!to) return false;
  const Queue& queue = draft.directory().queues[*to];
  if (draft.state().queue({*to, call.type}).waiting_count() >= queue.waiting_max) return false;
  withdraw_offers(draft, call, Cause::transfer);
  CallOverflowed overflowed{.call = call.id, .queue = to, .data = call.data};
  overflowed.data["Queue"] = {.is_json = false, .text = queue.name};
  draft.emit(std::move(overflowed));
  return true;
}

// It is called on, as after a blind transfer; false if that cannot be. Who waits on an agent's
// behalf has no leg of its own to be joined.
bool call_on(Draft& draft, const Call& call) {
  const std::string& number = queue_of(draft, call).overflow_number;
  const Capabilities& can = draft.directory().capabilities;
  if (number.empty() || !call.leg || !can.dial || !can.transfer || !check_room(draft)) return false;
  const std::optional<Destination> to = draft.directory().find_destination(number);
  if (!to || to->kind != Destination::Kind::outside) return false;
  withdraw_offers(draft, call, Cause::transfer);
  draft.emit(CallOverflowed{.call = call.id, .data = call.data});
  const LegId leg = draft.next(&LastIds::leg);
  draft.emit(TransferDialed{
      .call = draft.next(&LastIds::call), .partner = call.id, .leg = leg, .number = number});
  draft.order(DialLeg{.leg = leg,
                      .trunk = to->trunk,
                      .number = number,
                      .caller = call.caller,
                      .caller_name = call.caller_name,
                      .ring_max = draft.limits().dial_ring_max});
  return true;
}

}  // namespace

void end_waiting(Draft& draft, const Call& call) {
  const bool is_task = call.type != MediaType::telephony;
  if (!is_task && (move_on(draft, call) || call_on(draft, call))) return;
  give_up_waiting(draft, call, Cause::timeout);
}

}  // namespace cord::core
