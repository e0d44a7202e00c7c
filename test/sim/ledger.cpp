#include "sim/ledger.hpp"

#include <algorithm>

#include "runtime/event_codec.hpp"
#include "sim/violation.hpp"

namespace cord::sim {

void Ledger::take(const journal::Record& record) {
  if (record.is_snapshot) return;
  if (record.sequence != ++sequence_) {
    violated("records are numbered without a hole", "{} after {}", record.sequence, sequence_ - 1);
  }
  const auto content = runtime::decode_record(record.payload);
  if (!content) violated("records can be read back", "{}", content.error().detail);
  for (const core::Event& event : content->events) {
    kinds_.set(event.index());
    note(event, record.time);
    core::apply(state_, event, record.time);
  }
}

void Ledger::note(const core::Event& event, Instant now) {
  if (const auto* queued = std::get_if<core::CallQueued>(&event)) {
    callers_[queued->call] = Caller{.queue = {queued->queue, core::MediaType::telephony}};
  } else if (const auto* dialled = std::get_if<core::CallDialed>(&event)) {
    if (dialled->queue) {
      callers_[dialled->call] = Caller{.queue = {*dialled->queue, core::MediaType::telephony}};
    }
  } else if (const auto* task = std::get_if<core::TaskQueued>(&event)) {
    callers_[task->call] = Caller{.queue = {task->queue, task->type}};
  } else if (const auto* consulted = std::get_if<core::ConsultDialed>(&event)) {
    if (consulted->queue) {
      callers_[consulted->call] = Caller{.queue = {*consulted->queue, core::MediaType::telephony}};
    }
  } else if (const auto* given = std::get_if<core::CallTransferred>(&event)) {
    note_queue(given->call, given->queue);
  } else if (const auto* overflowed = std::get_if<core::CallOverflowed>(&event)) {
    refused_until_.erase(overflowed->call);
    note_queue(overflowed->call, overflowed->queue);
  } else if (const auto* taken = std::get_if<core::OfferTaken>(&event)) {
    note_taken(taken->call, taken->interaction);
  } else if (const auto* failed = std::get_if<core::TransferFailed>(&event)) {
    if (callers_.contains(failed->call)) refused_until_.erase(failed->call);
    note_queue(failed->call, state_.at(failed->call).transfer->home);
  } else if (const auto* joined = std::get_if<core::PartnersJoined>(&event)) {
    callers_.erase(joined->call);
    callers_.erase(joined->partner);
  } else if (const auto* merged = std::get_if<core::CallsMerged>(&event)) {
    callers_.erase(merged->other);
  } else if (const auto* offer = std::get_if<core::OfferMade>(&event)) {
    note_offer(*offer, now);
  } else if (const auto* rejected = std::get_if<core::OfferRejected>(&event)) {
    (void)stops_ringing(rejected->call, rejected->channel);
    note_refusal(rejected->call, rejected->channel, now);
    note_return(rejected->call);
  } else if (const auto* withdrawn = std::get_if<core::OfferWithdrawn>(&event)) {
    if (stops_ringing(withdrawn->call, withdrawn->channel)) return;
    if (withdrawn->cause != core::Cause::remote) {
      note_refusal(withdrawn->call, withdrawn->channel, now);
    }
    note_return(withdrawn->call);
  } else if (const auto* requeued = std::get_if<core::TaskRequeued>(&event)) {
    (void)stops_ringing(requeued->call, requeued->channel);
    note_refusal(requeued->call, requeued->channel, now);
    note_return(requeued->call);
  } else if (const auto* gone = std::get_if<core::CallGone>(&event)) {
    callers_.erase(gone->call);
    refused_until_.erase(gone->call);
  }
}

// It waits in another queue now, or in none.
void Ledger::note_queue(core::CallId call, std::optional<core::QueueIndex> queue) {
  callers_.erase(call);
  if (queue) callers_[call] = Caller{.queue = {*queue, core::MediaType::telephony}};
}

void Ledger::note_offer(const core::OfferMade& offer, Instant now) {
  const auto found = callers_.find(offer.call);
  if (found == callers_.end()) return;  // No queue's call: dialled, or sent by a colleague.
  if (!found->second.is_waiting) {
    violated("no call is offered to two agents", "call {} to channel {} while it is at another",
             offer.call, offer.channel);
  }
  if (offer.cause == core::Cause::transfer_failed) {
    // It comes back to who gave it away, and to nobody else.
    found->second.is_waiting = false;
    return;
  }
  check_turn(found->first, offer, now);
  if (offer.rings_all) {
    found->second.ringing.insert(agent_at(offer.channel));
  } else {
    found->second.is_waiting = false;
  }
}

// Nobody whom the agent serves waits in a queue of higher priority, or came earlier.
void Ledger::check_turn(core::CallId call, const core::OfferMade& offer, Instant now) const {
  const core::Channel& channel = state_.at(offer.channel);
  const auto priority_of = [&](const Caller& it) {
    return directory_.queues[it.queue.queue].priority;
  };
  const std::uint32_t priority = priority_of(callers_.at(call));
  for (const auto& [id, other] : callers_) {
    const auto& queues = channel.queues;
    const bool is_served =
        other.is_waiting && other.queue.type == channel.type &&
        std::find(queues.begin(), queues.end(), other.queue.queue) != queues.end();
    const bool is_first =
        priority_of(other) == priority ? id < call : priority_of(other) > priority;
    if (!is_served || !is_first || other.ringing.contains(channel.agent)) continue;
    if (has_refused(channel.agent, id, now)) continue;
    violated("no caller is passed over", "call {} comes before {}, which is offered to agent {}",
             id, call, channel.agent);
  }
}

bool Ledger::stops_ringing(core::CallId call, core::ChannelId channel) {
  const auto found = callers_.find(call);
  if (found == callers_.end()) return false;
  return found->second.ringing.erase(agent_at(channel)) > 0 && !found->second.is_waiting;
}

void Ledger::note_taken(core::CallId call, core::InteractionId interaction) {
  const auto found = callers_.find(call);
  if (found == callers_.end()) return;
  const core::AgentIndex agent = agent_at(state_.at(interaction).channel);
  if (!found->second.is_waiting || found->second.ringing.erase(agent) == 0) {
    violated("only one of those at whom a call rings has it", "call {} is taken by agent {}", call,
             agent);
  }
  found->second.is_waiting = false;
}

void Ledger::note_refusal(core::CallId call, core::ChannelId channel, Instant now) {
  refused_until_[call][agent_at(channel)] = now + directory_.limits.refusal_rest;
}

bool Ledger::has_refused(core::AgentIndex agent, core::CallId call, Instant now) const {
  const auto refusals = refused_until_.find(call);
  if (refusals == refused_until_.end()) return false;
  const auto refusal = refusals->second.find(agent);
  return refusal != refusals->second.end() && refusal->second > now;
}

void Ledger::note_return(core::CallId call) {
  const auto found = callers_.find(call);
  if (found != callers_.end()) found->second.is_waiting = true;
}

core::AgentIndex Ledger::agent_at(core::ChannelId channel) const {
  return state_.at(channel).agent;
}

}  // namespace cord::sim
