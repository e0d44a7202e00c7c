#include "support/core_invariants.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/decide.hpp"
#include "support/queue_invariants.hpp"

namespace cord::test {
namespace {

// Collects what is broken. Call check(), then read the list; empty is good.
class CoreInvariants {
 public:
  explicit CoreInvariants(const core::State& state) : state_(state) {}

  std::vector<std::string> check() {
    for (const auto& [id, it] : state_.sessions()) check(it);
    for (const auto& [id, it] : state_.groups()) check(it);
    for (const auto& [id, it] : state_.channels()) check(it);
    for (const auto& [id, it] : state_.interactions()) check(it);
    for (const auto& [id, it] : state_.conversations()) check(it);
    for (const auto& [id, it] : state_.calls()) check(it);
    for (const auto& [id, it] : state_.legs()) check(it);
    for (const auto& [id, owner] : state_.recordings()) {
      const core::Interaction* interaction = state_.find(owner);
      expect(interaction != nullptr && interaction->recording == id, "recording", id,
             "has an owner that does not know it");
    }
    for (std::string& it : broken_queues(state_)) broken_.push_back(std::move(it));
    // A timer without an owner would be one more in the wheel; one that is gone, one less.
    if (timers_ != state_.deadline_count()) {
      broken_.push_back(
          fmt::format("{} deadlines run, {} have owners", state_.deadline_count(), timers_));
    }
    return std::move(broken_);
  }

 private:
  template <class Id>
  void expect(bool holds, std::string_view kind, Id id, std::string_view what) {
    if (!holds) broken_.push_back(fmt::format("{} {} {}", kind, id, what));
  }

  bool count(const core::Timer& timer, std::uint64_t subject) {
    if (!timer.runs()) return false;
    ++timers_;
    return state_.is_current({timer.kind, subject, timer.number});
  }

  void check(const core::Session& it) {
    const bool lives = count(it.lifetime, it.id.value);
    const bool rests = count(it.rest, it.id.value);
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "session", it.id, what);
    };
    e(state_.session_of(it.agent) == &it, "is not its agent's");
    e(!it.connection || state_.session_of(it.connection) == &it, "is not its connection's");
    e(it.state != core::SessionState::logged_out, "is logged out and still there");
    const bool is_started = it.state == core::SessionState::logged_in;
    const bool waits = !is_started || !it.connection;
    const bool has_call = has_live_call(it);
    e(!waits || lives || (it.overdue && has_call), "waits without a deadline");
    e(waits || (!lives && !rests), "is attended and has a deadline");
    e(!rests || lives || it.overdue, "rests without a grace");
    e(!is_started || it.is_furnished, "is started and was given nothing");
    check_structure(it);
  }

  void check_structure(const core::Session& it) {
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "session", it.id, what);
    };
    const core::Limits& limits = state_.directory().limits;
    e(it.channels.size() <= limits.channels_max, "has too many channels");
    e(it.groups.size() <= limits.groups_max, "has too many groups");
    e(std::is_sorted(it.channels.begin(), it.channels.end()), "has channels out of order");
    e(std::is_sorted(it.groups.begin(), it.groups.end()), "has groups out of order");
    for (const core::ChannelId id : it.channels) {
      const core::Channel* channel = state_.find(id);
      e(channel != nullptr && channel->session == it.id, "has a channel that is not its own");
    }
  }

  bool has_live_call(const core::Session& it) const {
    return std::any_of(it.channels.begin(), it.channels.end(), [&](core::ChannelId id) {
      const core::Interaction* interaction = state_.find(state_.at(id).interaction);
      return interaction != nullptr && interaction->state != core::InteractionState::ended;
    });
  }

  void check(const core::ChannelGroup& it) {
    const core::Session* session = state_.find(it.session);
    expect(session != nullptr && count_of(session->groups, it.id) == 1, "group", it.id,
           "is nobody's");
  }

  void check(const core::Channel& it) {
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "channel", it.id, what);
    };
    const core::Session* session = state_.find(it.session);
    e(session != nullptr && count_of(session->channels, it.id) == 1 && session->agent == it.agent,
      "is not its session's");
    const core::ChannelGroup* group = state_.find(it.group);
    e(!it.group || (group != nullptr && group->session == it.session), "is of a foreign group");
    check_endpoint(it);
    check_agent_state(it);
    check_phone(it);
    if (it.activation) {
      e(count(it.activation->timer, it.id.value), "is being activated without a deadline");
      e(it.state != core::ChannelState::active, "is active and being activated");
      e(static_cast<bool>(it.leg), "is being activated without a leg");
    }
    if (it.dial) {
      e(count(it.dial->timer, it.id.value), "dials without a deadline");
      e(it.state == core::ChannelState::active && it.leg && !it.interaction && !it.activation,
        "dials and cannot");
      const core::Leg* leg = state_.find(it.dial->leg);
      const core::Leg* phone = state_.find(it.leg);
      e(!it.dial->leg || (leg != nullptr && leg->channel == it.id), "dials a leg of another");
      e(!it.dial->leg || (phone != nullptr && phone->is_answered),
        "dials before its phone is there");
    }
    check_monitoring(it);
    check_monitors(it);
    check_media(it);
  }

  // A browser's audio, and its offers.
  void check_media(const core::Channel& it) {
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "channel", it.id, what);
    };
    if (it.media_request) {
      e(count(it.media_request->timer, it.id.value), "has an offer without a deadline");
      const core::LegId leg = it.media_request->leg;
      e(leg == it.leg || state_.find(leg) == nullptr, "has an offer for another's leg");
    }
    e(it.media_offers.size() <= state_.directory().limits.media_offers_max, "has too many offers");
    const bool waits = count(it.media_wait, it.id.value);
    const core::Leg* leg = state_.find(it.leg);
    e(!waits || (has_browser(it) && leg != nullptr), "waits for audio on no leg");
    e(!has_browser(it) || leg == nullptr || leg->is_answered || waits,
      "has a browser without audio and without a deadline");
  }

  [[nodiscard]] bool has_browser(const core::Channel& it) const {
    return it.type == core::MediaType::telephony &&
           state_.directory().agents[it.agent].phone_mode == core::PhoneMode::browser;
  }

  // A supervisor's part in the call of another.
  void check_monitoring(const core::Channel& it) {
    if (!it.monitoring) return;
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "channel", it.id, what);
    };
    const core::Channel* agent = state_.find(it.monitoring->agent_channel);
    e(agent != nullptr && count_of(agent->monitors, it.id) == 1, "listens and nobody knows");
    e(agent != &it && (agent == nullptr || agent->session != it.session), "listens to itself");
    e(it.state == core::ChannelState::active && it.leg && !it.interaction && !it.activation &&
          !it.dial,
      "listens and cannot");
    const bool is_pending = count(it.monitoring->timer, it.id.value);
    e(it.monitoring->is_set || is_pending, "is to listen without a deadline");
    const core::Leg* leg = state_.find(it.leg);
    e(!it.monitoring->is_set || (leg != nullptr && leg->is_answered), "listens without a phone");
  }

  void check_monitors(const core::Channel& it) {
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "channel", it.id, what);
    };
    e(it.monitors.size() <= state_.directory().limits.monitors_max, "has too many listeners");
    for (const core::ChannelId id : it.monitors) {
      const core::Channel* supervisor = state_.find(id);
      e(supervisor != nullptr && supervisor->monitoring &&
            supervisor->monitoring->agent_channel == it.id,
        "has a listener who does not listen");
    }
    const core::Interaction* interaction = state_.find(it.interaction);
    const bool is_talking =
        interaction != nullptr && interaction->state == core::InteractionState::started;
    e(it.monitors.empty() || is_talking, "is listened to without a call");
  }

  void check_endpoint(const core::Channel& it) {
    const auto& all = state_.channels_at(it);
    std::size_t active = 0;
    for (const core::ChannelId id : all) {
      active += state_.at(id).state == core::ChannelState::active ? 1 : 0;
    }
    const bool is_active = it.state == core::ChannelState::active;
    expect(count_of(all, it.id) == 1, "channel", it.id, "is not once at its endpoint");
    expect(active <= 1, "channel", it.id, "shares its endpoint with an active one");
    expect(is_active || (active == 1) == (it.state == core::ChannelState::unavailable), "channel",
           it.id, "is unavailable without another, or available in spite of one");
  }

  void check_agent_state(const core::Channel& it) {
    using core::AgentState;
    using core::InteractionState;
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "channel", it.id, what);
    };
    const core::Interaction* interaction = state_.find(it.interaction);
    e(!it.interaction || interaction != nullptr, "has an interaction that is gone");
    e(!it.pending || interaction != nullptr, "has something pending and no work");
    e(it.state == core::ChannelState::active || it.agent_state == AgentState::not_ready,
      "is not active and in an agent state");
    if (interaction == nullptr) {
      e(it.agent_state == AgentState::ready || it.agent_state == AgentState::not_ready,
        "is at work without an interaction");
      return;
    }
    switch (interaction->state) {
      case InteractionState::alerting:
        return e(it.agent_state == AgentState::reserved, "has an offer and is not reserved");
      case InteractionState::dialing:
      case InteractionState::started:
        return e(it.agent_state == AgentState::busy, "has a call and is not busy");
      case InteractionState::ended:
        return e(it.agent_state == AgentState::wrapup || it.agent_state == AgentState::not_ready,
                 "wraps up and may be offered calls");
      default:
        return e(false, "has an interaction in a state it cannot be in");
    }
  }

  void check_phone(const core::Channel& it) {
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "channel", it.id, what);
    };
    const core::Leg* leg = state_.find(it.leg);
    e(!it.leg || (leg != nullptr && leg->channel == it.id), "has a leg that is not its own");
    const bool is_persistent =
        it.type == core::MediaType::telephony &&
        state_.directory().agents[it.agent].phone_mode == core::PhoneMode::persistent;
    if (is_persistent || has_browser(it)) {
      e((it.state != core::ChannelState::active) || (leg != nullptr && leg->is_answered),
        "is active without its persistent leg");
    } else {
      const core::Interaction* interaction = state_.find(it.interaction);
      e(leg == nullptr ||
            (interaction != nullptr && interaction->state != core::InteractionState::ended) ||
            it.dial || it.monitoring,
        "has a phone's leg without a call");
    }
  }

  void check(const core::Interaction& it) {
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "interaction", it.id, what);
    };
    const core::Channel* channel = state_.find(it.channel);
    e(channel != nullptr && channel->interaction == it.id, "is not its channel's");
    const bool has_timer = count(it.timer, it.id.value);
    const bool rings = it.state == core::InteractionState::alerting;
    const bool dials = it.state == core::InteractionState::dialing;
    e(!has_timer || (it.timer.kind == core::DeadlineKind::ring) == (rings || dials),
      "has another's deadline");
    check_operation(it);
    e((it.recording_state == core::RecordingState::none) || it.recording, "records with nothing");
    e(!it.recording || state_.find(it.recording) != nullptr, "has a recording that is gone");
    const bool starts = is_busy_with(it, core::OperationKind::recording_start);
    e((it.recording && it.recording_state == core::RecordingState::none) == starts,
      "has a recorder that nobody waits for");
    const core::Call* call = state_.find(it.call);
    const core::Conversation* conversation = state_.find(it.conversation);
    if (it.state == core::InteractionState::ended) {
      e(has_timer, "wraps up without a deadline");
      e(!it.call && !it.conversation && !it.recording, "has ended and still has a call");
      return;
    }
    const bool is_task = it.type != core::MediaType::telephony;
    const bool is_origin = call != nullptr && call->origin == it.id;
    e(call != nullptr && (is_origin || call->interaction == it.id || confers(*call, channel) ||
                          count_of(call->ringing, it.id) == 1),
      "has no call");
    if (is_task) {
      e(!it.conversation && !it.recording && !it.operation, "is a task and has a call's things");
    } else {
      e(conversation != nullptr && conversation->interaction == it.id, "has no conversation");
      check_consult(it);
    }
    if (dials) {
      e(call == nullptr || call->leg || !has_timer,
        "has a deadline that is a colleague's or a queue's");
      e(call == nullptr || is_origin || has_timer != it.operation.has_value(),
        "dials without a deadline");
      e((channel != nullptr && channel->leg) || is_busy_with(it, core::OperationKind::release),
        "dials without a phone");
    } else if (rings) {
      e(has_timer != is_busy_with(it, core::OperationKind::answer), "rings without a deadline");
    } else {
      e(!has_timer, "is started and has a deadline");
      e(is_task || (channel != nullptr && channel->leg) ||
            is_busy_with(it, core::OperationKind::release),
        "is started without a phone");
    }
  }

  // Two conversations, of which the phone has one.
  void check_consult(const core::Interaction& it) {
    using core::ConversationState;
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "interaction", it.id, what);
    };
    e(!it.consult == !it.consult_call, "has a consult without a call, or a call without");
    e(!it.focus || it.focus == it.conversation || it.focus == it.consult, "has a foreign focus");
    const core::Conversation* primary = state_.find(it.conversation);
    const core::Conversation* consult = state_.find(it.consult);
    if (!it.consult || primary == nullptr) return;
    const core::Call* call = state_.find(it.consult_call);
    e(call != nullptr && (call->origin == it.id || call->interaction == it.id ||
                          confers(*call, state_.find(it.channel))),
      "consults without a call");
    e(consult != nullptr && consult->type == core::ConversationType::consult,
      "consults without a conversation");
    e(it.state == core::InteractionState::started && it.focus, "consults and cannot");
    if (consult == nullptr) return;
    const core::Conversation& other = it.focus == it.consult ? *primary : *consult;
    e(other.state == ConversationState::held, "speaks in two conversations");
  }

  static bool is_busy_with(const core::Interaction& it, core::OperationKind kind) {
    return it.operation && it.operation->kind == kind;
  }

  void check_operation(const core::Interaction& it) {
    if (!it.operation) return;
    expect(count(it.operation->timer, it.id.value), "interaction", it.id,
           "waits for the platform without a deadline");
    const bool is_started = it.state == core::InteractionState::started;
    const bool dials = it.state == core::InteractionState::dialing;
    const core::Operation& operation = *it.operation;
    const bool is_of_consult = it.consult && operation.conversation == it.consult;
    const bool is_right =
        operation.kind == core::OperationKind::answer
            ? !is_started || is_of_consult
            : is_started || (dials && operation.kind == core::OperationKind::release);
    expect(is_right, "interaction", it.id, "has an operation of another state");
    expect(is_of_consult || operation.conversation == it.conversation, "interaction", it.id,
           "has an operation about nothing of its own");
    const core::Leg* leg = state_.find(operation.leg);
    expect(!operation.leg || (leg != nullptr && leg->channel == it.channel), "interaction", it.id,
           "calls a number on a leg that is gone");
  }

  void check(const core::Conversation& it) {
    using core::ConversationState;
    const auto e = [&](bool holds, std::string_view what) {
      expect(holds, "conversation", it.id, what);
    };
    const core::Interaction* interaction = state_.find(it.interaction);
    const bool is_consult = interaction != nullptr && interaction->consult == it.id;
    e(interaction != nullptr && (is_consult || interaction->conversation == it.id),
      "is not its interaction's");
    if (interaction == nullptr) return;
    const bool rings = it.state == ConversationState::alerting;
    const bool dials = it.state == ConversationState::dialing;
    e(is_consult ? !rings : rings == (interaction->state == core::InteractionState::alerting),
      "and interaction differ");
    e(is_consult || dials == (interaction->state == core::InteractionState::dialing),
      "and interaction differ");
    e(rings || dials || it.state == ConversationState::connected ||
          it.state == ConversationState::held,
      "is in a state it cannot be in");
    e(!it.held_by_phone || it.state == ConversationState::held, "is held by a phone and not held");
    e(!it.phone_hold_wish || interaction->operation, "has a wish that nobody will fulfil");
    check_members(it);
  }

  void check_members(const core::Conversation& it) {
    const auto e = [&](bool is, std::string_view s) { expect(is, "conversation", it.id, s); };
    const core::Call& call = state_.call_of(it);
    const core::Call* invited = state_.find(it.inviting);
    e(!it.inviting || (invited != nullptr && invited->joins == it.id), "invites nobody");
    const std::size_t extra = it.inviting ? 1 : 0;
    if (call.conference.empty()) {
      e(it.members.size() == 1 + extra && it.members.front().leg == call.leg,
        "has other members than its far end");
      return;
    }
    const core::LegId own = state_.at(state_.at(it.interaction).channel).leg;
    e(it.members.size() + 1 == call.conference.size() + extra, "has a member too many, or too few");
    for (const core::LegId leg : call.conference) {
      const auto is_it = [&](const core::Member& member) { return member.leg == leg; };
      e(std::count_if(it.members.begin(), it.members.end(), is_it) == (leg == own ? 0 : 1),
        "does not know who talks in it");
    }
  }

  // The agent of `channel` is one of several who talk in `call`.
  static bool confers(const core::Call& call, const core::Channel* channel) {
    return channel != nullptr && channel->leg && count_of(call.conference, channel->leg) == 1;
  }

  void check(const core::Call& it) {
    const auto e = [&](bool holds, std::string_view what) { expect(holds, "call", it.id, what); };
    const core::Leg* leg = state_.find(it.leg);
    const bool is_task = it.type != core::MediaType::telephony;
    const bool has_several = !it.conference.empty();
    const bool is_inside = it.joins && !it.leg;
    e(is_task || has_several || is_inside ? !it.leg && !it.origin
                                          : !it.leg == static_cast<bool>(it.origin),
      "has a leg and an origin, or neither");
    check_conference(it);
    e(!it.leg || (leg != nullptr && leg->call == it.id), "has a leg that is not its own");
    if (is_task && !it.call_id.empty()) {
      const core::CallId* known = state_.find_task(it.call_id);
      e(known != nullptr && *known == it.id, "is not known by its key");
    }
    check_ends(it);
    const bool waits = count(it.wait, it.id.value);
    const bool rests = count(it.rest, it.id.value);
    static const core::QueueTable none;
    const core::QueueTable& queue = it.queue ? state_.queue({*it.queue, it.type}) : none;
    const bool is_waiting = it.queue && !it.interaction && !it.partner;
    const bool is_refused = !it.refusals.empty();
    e(it.refusals.size() <= state_.directory().limits.refusals_max, "remembers too many refusals");
    e((is_waiting || rings_outside(it)) == waits,
      "waits without a deadline, or has one and does not wait");
    e(!it.transfer || is_waiting || it.interaction || it.partner, "is given away to nobody");
    const core::Call* partner = state_.find(it.partner);
    e(!it.partner || (partner != nullptr && partner->partner == it.id && it.leg), "has no partner");
    e(!it.partner || (!it.interaction && !it.origin), "has a partner and an agent");
    e((is_waiting && is_refused) == rests, "rests without a deadline");
    e(queue.fresh.contains(it.id) == (is_waiting && !is_refused), "is not in its place (fresh)");
    e(queue.refused.contains(it.id) == (is_waiting && is_refused), "is not in its place (refused)");
    e(it.queue || it.interaction || it.partner || has_several || (it.joins && it.leg),
      "waits nowhere");
  }

  // Dialled for a consult or a transfer, and neither answered nor being joined to an agent.
  [[nodiscard]] bool rings_outside(const core::Call& it) const {
    if (!it.leg) return false;
    if (it.partner) return !it.transfer && state_.at(it.partner).transfer.has_value();
    if (it.joins) return true;
    const core::Interaction* interaction = state_.find(it.interaction);
    if (interaction == nullptr || interaction->consult_call != it.id) return false;
    const bool is_joined = is_busy_with(*interaction, core::OperationKind::answer) &&
                           interaction->operation->conversation == interaction->consult;
    return !is_joined && state_.at(interaction->consult).state == core::ConversationState::dialing;
  }

  static bool is_answered(const core::Conversation& it) {
    return it.state == core::ConversationState::connected ||
           it.state == core::ConversationState::held;
  }

  // The part of `it` in `call`, or null.
  [[nodiscard]] const core::Conversation* part_of(const core::Interaction* it,
                                                  core::CallId call) const {
    if (it == nullptr || (it->call != call && it->consult_call != call)) return nullptr;
    return state_.find(it->call == call ? it->conversation : it->consult);
  }

  void check_conference(const core::Call& it) {
    const auto e = [&](bool holds, std::string_view what) { expect(holds, "call", it.id, what); };
    const core::Conversation* asker = state_.find(it.joins);
    e(!it.joins || (asker != nullptr && asker->inviting == it.id), "joins nobody");
    if (it.conference.empty()) return;
    const std::size_t legs_max = state_.directory().limits.conference_legs_max;
    e(it.conference.size() > 1 && it.conference.size() <= legs_max, "is too small, or too large");
    e(!it.interaction && !it.partner && !it.queue && !it.joins, "is a conference, and more");
    for (const core::LegId id : it.conference) {
      const core::Leg* leg = state_.find(id);
      const core::Channel* channel = leg == nullptr ? nullptr : state_.find(leg->channel);
      const core::Interaction* interaction =
          channel == nullptr ? nullptr : state_.find(channel->interaction);
      e(leg != nullptr && (leg->call == it.id || part_of(interaction, it.id) != nullptr),
        "has somebody in it who is not");
    }
  }

  // Both ends of a call know it, and what one waits for the other does.
  void check_ends(const core::Call& it) {
    const auto e = [&](bool holds, std::string_view what) { expect(holds, "call", it.id, what); };
    const core::Interaction* interaction = state_.find(it.interaction);
    const core::Conversation* reached = part_of(interaction, it.id);
    const bool is_task = it.type != core::MediaType::telephony;
    const bool has_reached = is_task ? interaction != nullptr : reached != nullptr;
    e(!it.interaction || has_reached, "is offered to nobody");
    if (!it.origin) return;
    const core::Conversation* origin = part_of(state_.find(it.origin), it.id);
    e(origin != nullptr, "was dialled by nobody");
    if (origin == nullptr) return;
    e(it.origin != it.interaction, "has reached who dialled it");
    const bool is_talked_on = reached != nullptr && is_answered(*reached);
    e(is_talked_on == is_answered(*origin), "has ends that differ");
    e(is_answered(*origin) || origin->state == core::ConversationState::dialing,
      "is at its end for who dialled it");
  }

  void check(const core::Leg& it) {
    const core::Call* call = state_.find(it.call);
    const core::Channel* channel = state_.find(it.channel);
    const bool is_customers =
        call != nullptr && (call->leg == it.id || count_of(call->conference, it.id) == 1);
    const bool is_phones = channel != nullptr && channel->leg == it.id;
    const bool is_dialled = channel != nullptr && channel->dial && channel->dial->leg == it.id;
    const core::Interaction* interaction =
        channel == nullptr ? nullptr : state_.find(channel->interaction);
    const bool is_placed =
        interaction != nullptr && interaction->operation && interaction->operation->leg == it.id;
    expect(is_customers + is_phones + is_dialled + is_placed == 1, "leg", it.id,
           "belongs to nobody, or to two");
  }

  template <class List, class Id>
  static std::ptrdiff_t count_of(const List& list, Id id) {
    return std::count(list.begin(), list.end(), id);
  }

  const core::State& state_;
  std::vector<std::string> broken_;
  std::size_t timers_ = 0;
};

}  // namespace

std::vector<std::string> broken_invariants(const core::State& state) {
  return CoreInvariants(state).check();
}

std::vector<std::string> broken_after_restart(const core::State& state, Instant now) {
  std::vector<std::string> broken = broken_invariants(state);
  const auto expect = [&](bool holds, std::string_view kind, std::uint64_t id,
                          std::string_view what) {
    if (!holds) broken.push_back(fmt::format("after a restart {} {} {}", kind, id, what));
  };
  const auto runs_on = [&](const core::Timer& timer, std::string_view kind, std::uint64_t id) {
    if (!timer.runs()) return;
    expect(!core::waits_for_platform(timer.kind), kind, id, "waits for the platform");
    expect(timer.due + std::chrono::milliseconds(2) >= now, kind, id, "has a deadline that passed");
  };
  expect(core::steps_after_restart(state).empty(), "the state", 0, "is not wound up");
  expect(state.connections().empty(), "a connection", state.connections().size(), "is there");
  expect(state.legs().empty(), "legs", state.legs().size(), "are there");
  expect(state.recordings().empty(), "recordings", state.recordings().size(), "are there");
  const core::Directory& directory = state.directory();
  for (const auto& [id, it] : state.sessions()) {
    expect(!it.connection, "session", id.value, "is attached");
    expect(!directory.agents[it.agent].is_gone, "session", id.value, "is of an agent who is gone");
    runs_on(it.lifetime, "session", id.value);
    runs_on(it.rest, "session", id.value);
  }
  for (const auto& [id, it] : state.channels()) {
    expect(!it.activation, "channel", id.value, "is being activated");
    expect(!it.dial, "channel", id.value, "is dialling");
    expect(!it.monitoring, "channel", id.value, "listens to an agent");
    expect(!it.media_request, "channel", id.value, "has an offer");
    expect(!it.media_wait.runs(), "channel", id.value, "waits for audio");
    for (const core::QueueIndex queue : it.queues) {
      expect(!directory.queues[queue].is_gone, "channel", id.value, "serves a queue that is gone");
    }
  }
  for (const auto& [id, it] : state.interactions()) {
    expect(!it.operation, "interaction", id.value, "waits for the platform");
    expect(it.type != core::MediaType::telephony || it.state == core::InteractionState::ended,
           "interaction", id.value, "is a call that lives");
    runs_on(it.timer, "interaction", id.value);
  }
  for (const auto& [id, it] : state.calls()) {
    runs_on(it.wait, "call", id.value);
    runs_on(it.rest, "call", id.value);
  }
  return broken;
}

}  // namespace cord::test
