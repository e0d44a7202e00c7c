// A supervisor's part in another agent's call (docs/protocol.md, section 6): monitor, whisper and
// barge, which belong to the two phones and change nothing of the agent's; and intercept, which
// takes the call away.
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

constexpr const char* where = "channel.monitor";

// The channel on which the agent talks.
const Channel* find_talking(const State& state, const Session& session) {
  for (const Channel* channel : channels_of(state, session)) {
    const Interaction* interaction = state.find(channel->interaction);
    const bool is_call = channel->type == MediaType::telephony && channel->leg;
    if (is_call && interaction != nullptr && interaction->state == InteractionState::started) {
      return channel;
    }
  }
  return nullptr;
}

// The supervisor's own channel. It may have a part in a call already.
Result<void> check_own(const Channel& channel) {
  if (channel.type != MediaType::telephony || channel.state != ChannelState::active) {
    return refuse(Errc::invalid_state, where, "It takes an active telephony channel.");
  }
  if (channel.interaction) {
    return refuse(Errc::ongoing_interaction, where, "An interaction has not been completed.");
  }
  if (channel.dial) return refuse(Errc::invalid_state, where, "The channel is dialling.");
  return {};
}

// Whose call it is, for the supervisor on `own`. `is_able`: whether the platform can what is asked.
// Errors: those of supervised_session(), unsupported, invalid_request (one's own), invalid_state
// (no call; another agent's is listened to).
Result<const Channel*> find_supervised(const Draft& draft, const Asked& asked,
                                       const std::string& agent, const Channel& own, bool is_able) {
  const Result<const Session*> session = supervised_session(draft, asked, agent);
  if (!session) return tl::make_unexpected(session.error());
  if (!is_able) return refuse(Errc::unsupported, where, "The platform cannot do that.");
  if ((*session)->id == asked.session.id) {
    return refuse(Errc::invalid_request, where, "It is your own session.");
  }
  const Channel* talking = find_talking(draft.state(), **session);
  if (talking == nullptr) return refuse(Errc::invalid_state, where, "The agent has no call.");
  if (own.monitoring && own.monitoring->agent_channel != talking->id) {
    return refuse(Errc::invalid_state, where, "It is another agent who is listened to: end that.");
  }
  return talking;
}

// Whether there is room for one more, or for another command of the one there is.
Result<void> check_room(const Draft& draft, const Channel& own, const Channel& agent) {
  if (own.monitoring && own.monitoring->timer.runs()) {
    return refuse(Errc::invalid_state, where, "Another command for it is being done.");
  }
  if (!own.monitoring && agent.monitors.size() >= draft.limits().monitors_max) {
    return refuse(Errc::invalid_state, where, "As many listen to the agent as may.");
  }
  return {};
}

void order(Draft& draft, const Channel& channel, const Channel& agent, MonitorMode mode) {
  draft.order(MonitorLeg{agent.leg, channel.leg, mode});
}

// Whoever waits for it is told that it does not come about.
void refuse_pending(Draft& draft, const Monitoring& monitoring, Error why) {
  if (!monitoring.timer.runs()) return;
  draft.reply(monitoring.request, monitoring.connection, tl::make_unexpected(std::move(why)));
}

}  // namespace

Result<void> carry_out(Draft& draft, const Asked& asked, const MonitorAgent& command) {
  const Channel& own = draft.state().at(asked.path.channel);
  const auto found =
      find_supervised(draft, asked, command.agent, own, draft.directory().capabilities.monitor);
  if (!found) return tl::make_unexpected(found.error());
  const Channel& agent = **found;
  if (const Result<void> is_able = check_own(own); !is_able) return is_able;
  if (const Result<void> has_room = check_room(draft, own, agent); !has_room) return has_room;
  if (own.monitoring && own.monitoring->mode == command.mode) {
    succeed(draft, asked);
    return {};
  }
  draft.emit(MonitorAsked{own.id, agent.id, command.mode, asked.request, asked.connection});
  if (own.leg) {
    order(draft, own, agent, command.mode);
  } else {
    call_phone(draft, own,
               {.caller = agent_of(draft, agent).extension,
                .caller_name = agent_of(draft, agent).name,
                .ring_max = draft.limits().phone_pickup_max});
  }
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const EndMonitor& command) {
  const State& state = draft.state();
  const Result<const Session*> session = supervised_session(draft, asked, command.agent);
  if (!session) return tl::make_unexpected(session.error());
  const Channel& own = state.at(asked.path.channel);
  const bool is_theirs =
      own.monitoring && state.at(own.monitoring->agent_channel).session == (*session)->id;
  if (is_theirs) {
    refuse_pending(draft, *own.monitoring, Error{Errc::invalid_state, where, "It was ended."});
  }
  succeed(draft, asked);
  if (!is_theirs) return {};
  draft.emit(MonitorEnded{own.id, own.monitoring->is_set, Cause::request});
  leave_phone(draft, own, Cause::request);
  return {};
}

Result<void> carry_out(Draft& draft, const Asked& asked, const InterceptCall& command) {
  const State& state = draft.state();
  const Channel& own = state.at(asked.path.channel);
  const auto found =
      find_supervised(draft, asked, command.agent, own, draft.directory().capabilities.transfer);
  if (!found) return tl::make_unexpected(found.error());
  if (const Result<void> is_able = check_own(own); !is_able) return is_able;
  const Interaction& interaction = state.at((*found)->interaction);
  if (interaction.consult || interaction.operation) {
    return refuse(Errc::invalid_state, where, "The agent consults, or is about to do something.");
  }
  if (!state.at(interaction.call).leg) {
    return refuse(Errc::invalid_state, where, "Only a call from or to outside can be taken.");
  }
  succeed(draft, asked);
  give_to(draft, interaction, own, Cause::supervisor);
  return {};
}

void go_on_monitoring(Draft& draft, const Channel& channel) {
  const Monitoring& monitoring = *channel.monitoring;
  order(draft, channel, draft.state().at(monitoring.agent_channel), monitoring.wish);
}

void on_report(Draft& draft, const LegMonitored& report) {
  const State& state = draft.state();
  const Leg* leg = state.find(report.leg);
  const Channel* channel = leg == nullptr ? nullptr : state.find(leg->channel);
  if (channel == nullptr || !channel->monitoring || !leg->is_answered) return;
  const Monitoring& monitoring = *channel->monitoring;
  // A late word about an earlier order is not what is waited for.
  const bool is_awaited = monitoring.timer.runs() && monitoring.wish == report.mode &&
                          state.at(monitoring.agent_channel).leg == report.agent;
  if (!is_awaited) return;
  draft.reply(monitoring.request, monitoring.connection, Success{});
  draft.emit(MonitorSet{channel->id});
}

void fail_monitoring(Draft& draft, const Channel& channel, Error why) {
  const Monitoring& monitoring = *channel.monitoring;
  if (!monitoring.is_set) {
    end_monitoring(draft, channel, std::move(why), Cause::failed);
    return leave_phone(draft, channel, Cause::request);
  }
  refuse_pending(draft, monitoring, std::move(why));
  draft.emit(MonitorKept{channel.id});
  // The platform may have done it after all, and not said so.
  order(draft, channel, draft.state().at(monitoring.agent_channel), monitoring.mode);
}

void end_monitoring(Draft& draft, const Channel& channel, Error why, Cause cause) {
  refuse_pending(draft, *channel.monitoring, std::move(why));
  draft.begin_block();
  draft.emit(MonitorEnded{channel.id, channel.monitoring->is_set, cause});
}

void end_monitors(Draft& draft, const Channel& channel, Cause cause) {
  const bool is_of_process = cause == Cause::recovery || cause == Cause::shutdown;
  const Cause told = is_of_process ? cause : Cause::remote;
  for (const ChannelId id : channel.monitors) {
    const Channel& supervisor = draft.state().at(id);
    end_monitoring(draft, supervisor,
                   Error{Errc::invalid_state, where, "The agent's call has ended."}, told);
    leave_phone(draft, supervisor, told);
  }
}

}  // namespace cord::core
