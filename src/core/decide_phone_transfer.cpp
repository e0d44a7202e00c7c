// The transfer key of an agent's phone (REFER): what it asks for is what the agent's desktop could
// have asked for, and is done in the same way.
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

constexpr const char* where = "phone.transfer";

// The call that the agent has on the phone `leg`. Errors: target_not_found, invalid_state,
// rate_limited (something else is being done with it).
Result<const Interaction*> call_on(const State& state, LegId leg) {
  const Leg* phone = state.find(leg);
  const Channel* channel = phone == nullptr ? nullptr : state.find(phone->channel);
  if (channel == nullptr || channel->leg != leg) {
    return refuse(Errc::target_not_found, where, "It is no agent's phone.");
  }
  const Interaction* interaction = state.find(channel->interaction);
  if (interaction == nullptr || interaction->state != InteractionState::started) {
    return refuse(Errc::invalid_state, where, "The phone has no call that is talked on.");
  }
  if (interaction->operation) {
    return refuse(Errc::rate_limited, where, "A command for the call is being done.");
  }
  return interaction;
}

// A phone has one dialog for both calls of its agent, so that one means whom the agent consults, as
// does the number that was called for it.
bool means_consulted(const State& state, const Interaction& interaction,
                     const LegTransferRequested& asked) {
  if (asked.replaced) return asked.replaced == asked.leg;
  const Conversation* consult = state.find(interaction.consult);
  return consult != nullptr && consult->members.front().address == asked.to;
}

Result<void> transfer(Draft& draft, const LegTransferRequested& it) {
  const State& state = draft.state();
  const Result<const Interaction*> interaction = call_on(state, it.leg);
  if (!interaction) return tl::make_unexpected(interaction.error());
  const Channel& channel = state.at((*interaction)->channel);
  Asked asked{it.request, {}, state.at(channel.session), state.path_of(**interaction)};
  asked.path.conversation = state.focus_of(**interaction).id;
  if (means_consulted(state, **interaction, it)) {
    return carry_out(draft, asked, TransferInteraction{});
  }
  if (it.replaced) return refuse(Errc::target_not_found, where, "It is no call of this agent.");
  return carry_out(draft, asked, BlindTransfer{it.to});
}

TransferEnd transfer_end_of(Cause why) {
  switch (why) {
    case Cause::busy:
      return TransferEnd::busy;
    case Cause::rejected:
      return TransferEnd::rejected;
    case Cause::unreachable:
    case Cause::phone:
      return TransferEnd::unreachable;
    case Cause::timeout:
      return TransferEnd::timeout;
    default:
      return TransferEnd::failed;
  }
}

// What `event` means to the phone that has given a call away, if it means that.
struct Told {
  CallId call;
  TransferEnd end;
};
std::optional<Told> told_by(const State& state, const Event& event) {
  if (const auto* it = std::get_if<CallAnswered>(&event)) {
    const Interaction* interaction = state.find(it->interaction);
    return Told{interaction == nullptr ? CallId{} : interaction->call, TransferEnd::done};
  }
  if (const auto* it = std::get_if<PartnersJoined>(&event)) {
    return Told{it->call, TransferEnd::done};
  }
  if (const auto* it = std::get_if<TransferFailed>(&event)) {
    return Told{it->call, transfer_end_of(it->cause)};
  }
  if (const auto* it = std::get_if<CallGone>(&event)) return Told{it->call, TransferEnd::gone};
  return std::nullopt;
}

bool has_end(const Decision& decision, RequestId request) {
  return std::any_of(decision.effects.begin(), decision.effects.end(), [&](const Effect& it) {
    const auto* end = std::get_if<EndTransfer>(&it);
    return end != nullptr && end->request == request;
  });
}

}  // namespace

void on_report(Draft& draft, const LegTransferRequested& report) {
  // The phone hears first that its wish is granted, and then what comes of it.
  draft.order(AcceptTransfer{report.request});
  const Result<void> done = transfer(draft, report);
  if (done) return;
  draft.drop();
  draft.reply(report.request, {}, tl::make_unexpected(done.error()));
}

void tell_phones(const State& state, Decision& decision) {
  for (const Block& block : decision.blocks) {
    for (const Event& event : block.events) {
      const std::optional<Told> told = told_by(state, event);
      const Call* call = told ? state.find(told->call) : nullptr;
      const RequestId request =
          call == nullptr || !call->transfer ? RequestId{} : call->transfer->request;
      // Who comes back in vain is let go: it is the first word that counts.
      if (!request || has_end(decision, request)) continue;
      decision.effects.push_back(EndTransfer{request, told->end});
    }
  }
}

}  // namespace cord::core
