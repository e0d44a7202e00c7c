// What dialling, consulting and transferring share: where a number leads, and the calls that agents
// make there.
#pragma once

#include <string>
#include <utility>

#include "core/steps.hpp"

namespace cord::core {

/// Where `number` leads, if `channel` can have a call go there now. Errors: invalid_request (it
/// leads nowhere, or to the agent), endpoint_unreachable, not_accepting.
[[nodiscard]] Result<Destination> find_destination(const Draft& draft, const Channel& channel,
                                                   const std::string& number);
/// Whether the core has room for one more call.
[[nodiscard]] Result<void> check_room(const Draft& draft);
/// The colleague or the queue that a found `number` leads to, as a member.
[[nodiscard]] Member far_end(const Draft& draft, const Destination& destination,
                             const std::string& number);
/// Whom the present holder of a found extension is offered `offer` on.
[[nodiscard]] const Channel& colleague_at(const Draft& draft, const std::string& number);

/// A call that an agent makes, as far as it is known.
struct Dialled {
  std::string number;
  LegId leg = {};  ///< zero: to a colleague or a queue
  std::optional<QueueIndex> queue = {};
  std::string call_id = {};
  Member far = {};  ///< without id, address and leg
};
[[nodiscard]] CallData data_of(const Draft& draft, const Channel& channel, const Dialled& dialled);

/// CallDialed or ConsultDialed, but for the interaction and what only one of them has.
template <class Event>
[[nodiscard]] Event dialled_event(Draft& draft, const Channel& channel, const Dialled& dialled) {
  Event event;
  event.call = draft.next(&LastIds::call);
  event.conversation = draft.next(&LastIds::conversation);
  event.leg = dialled.leg;
  event.queue = dialled.queue;
  event.far = dialled.far;
  event.far.id = draft.next(&LastIds::member);
  event.far.address = dialled.number;
  event.far.leg = dialled.leg;
  event.number = dialled.number;
  event.call_id = dialled.call_id;
  event.data = data_of(draft, channel, dialled);
  return event;
}

/// The agent of `channel`, as others see it; without id.
[[nodiscard]] Member agent_member(const State& state, const Channel& channel);

/// A call to a colleague.
struct InternalCall {
  CallId call;
  std::string number;
  CallData data;
};
/// What `channel` has made is offered there.
void offer_to_colleague(Draft& draft, const Channel& channel, InternalCall call);

/// The order to call `number` outside, for the agent of `channel`.
[[nodiscard]] DialLeg dial_order(const Draft& draft, const Channel& channel, LegId leg,
                                 const std::string& number);

/// The platform has the number of a blind transfer on its way: the call is given away to it.
void transfer_outside(Draft& draft, const Interaction& interaction, const Dialled& dialled);
/// Likewise that of a blind conference: it is called to join in.
void invite_outside(Draft& draft, const Interaction& interaction, const Dialled& dialled);

}  // namespace cord::core
