#include "sim/ledger.hpp"

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
    callers_[queued->call] =
        Caller{.queue = {queued->queue, core::MediaType::telephony}, .refused_until = {}};
  } else if (const auto* dialled = std::get_if<core::CallDialed>(&event)) {
    if (dialled->queue) {
      callers_[dialled->call] =
          Caller{.queue = {*dialled->queue, core::MediaType::telephony}, .refused_until = {}};
    }
  } else if (const auto* task = std::get_if<core::TaskQueued>(&event)) {
    callers_[task->call] = Caller{.queue = {task->queue, task->type}, .refused_until = {}};
  } else if (const auto* consulted = std::get_if<core::ConsultDialed>(&event)) {
    if (consulted->queue) {
      callers_[consulted->call] =
          Caller{.queue = {*consulted->queue, core::MediaType::telephony}, .refused_until = {}};
    }
  } else if (const auto* given = std::get_if<core::CallTransferred>(&event)) {
    note_queue(given->call, given->queue);
  } else if (const auto* failed = std::get_if<core::TransferFailed>(&event)) {
    note_queue(failed->call, state_.at(failed->call).transfer->home);
  } else if (const auto* joined = std::get_if<core::PartnersJoined>(&event)) {
    callers_.erase(joined->call);
    callers_.erase(joined->partner);
  } else if (const auto* merged = std::get_if<core::CallsMerged>(&event)) {
    callers_.erase(merged->other);
  } else if (const auto* offer = std::get_if<core::OfferMade>(&event)) {
    note_offer(*offer, now);
  } else if (const auto* rejected = std::get_if<core::OfferRejected>(&event)) {
    note_refusal(rejected->call, rejected->channel, now);
    note_return(rejected->call);
  } else if (const auto* withdrawn = std::get_if<core::OfferWithdrawn>(&event)) {
    if (withdrawn->cause != core::Cause::remote) {
      note_refusal(withdrawn->call, withdrawn->channel, now);
    }
    note_return(withdrawn->call);
  } else if (const auto* requeued = std::get_if<core::TaskRequeued>(&event)) {
    note_refusal(requeued->call, requeued->channel, now);
    note_return(requeued->call);
  } else if (const auto* gone = std::get_if<core::CallGone>(&event)) {
    callers_.erase(gone->call);
  }
}

// It waits in another queue now, or in none.
void Ledger::note_queue(core::CallId call, std::optional<core::QueueIndex> queue) {
  callers_.erase(call);
  if (queue)
    callers_[call] = Caller{.queue = {*queue, core::MediaType::telephony}, .refused_until = {}};
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
  const core::AgentIndex agent = agent_at(offer.channel);
  for (auto it = callers_.begin(); it != found; ++it) {
    const Caller& earlier = it->second;
    if (!earlier.is_waiting || earlier.queue != found->second.queue) continue;
    const auto refused = earlier.refused_until.find(agent);
    if (refused != earlier.refused_until.end() && refused->second > now) continue;
    violated("no caller is passed over", "call {} came before {}, which is offered to agent {}",
             it->first, offer.call, agent);
  }
  found->second.is_waiting = false;
}

void Ledger::note_refusal(core::CallId call, core::ChannelId channel, Instant now) {
  const auto found = callers_.find(call);
  if (found == callers_.end()) return;
  found->second.refused_until[agent_at(channel)] = now + directory_.limits.refusal_rest;
}

void Ledger::note_return(core::CallId call) {
  const auto found = callers_.find(call);
  if (found != callers_.end()) found->second.is_waiting = true;
}

core::AgentIndex Ledger::agent_at(core::ChannelId channel) const {
  return state_.at(channel).agent;
}

}  // namespace cord::sim
