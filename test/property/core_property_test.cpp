// The core under random worlds: whatever agents, phones, callers and time do, and whatever nonsense
// is reported, the invariants hold after each step, each request has exactly one reply, and the
// journal replayed gives the state that lived.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

// One thing that happens. What `a`, `b` and `c` mean depends on `kind`; any values are good.
struct Step {
  int kind = 0;
  unsigned a = 0, b = 0, c = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{" << step.kind << ", " << step.a << ", " << step.b << ", " << step.c << "}";
}

rc::Gen<Step> any_step() {
  // Commands are the most of it.
  const auto kind = rc::gen::weightedElement<int>(
      {{12, 0}, {2, 1}, {2, 2}, {3, 3}, {3, 4}, {4, 5}, {2, 6}, {2, 7}, {1, 8}, {1, 9}, {3, 10}});
  const auto number = rc::gen::inRange(0U, 1000U);
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind), rc::gen::set(&Step::a, number),
                              rc::gen::set(&Step::b, number), rc::gen::set(&Step::c, number));
}

core::Command command_number(unsigned n) {
  using Verb = core::ControlRecording::Verb;
  const std::vector<core::Command> all{
      core::StartSession{},
      core::LogoutSession{},
      core::SetAgentState{.agent = "alice", .ready = true, .reason = {}, .type = {}},
      core::SetAgentState{.agent = "bob", .ready = false, .reason = "lunch", .type = {}},
      core::ForceLogout{"carol", ""},
      core::MonitorAgent{"alice", core::MonitorMode::monitor},
      core::MonitorAgent{"alice", core::MonitorMode::whisper},
      core::MonitorAgent{"bob", core::MonitorMode::barge},
      core::MonitorAgent{"carol", core::MonitorMode::monitor},
      core::EndMonitor{"alice"},
      core::InterceptCall{"alice"},
      core::InterceptCall{"carol"},
      core::ListDispositions{},
      core::AddChannel{{core::MediaType::chat, "desk"}},
      core::AddChannel{{core::MediaType::telephony, "1001"}},
      core::AddGroup{"web", {{core::MediaType::email, "a"}, {core::MediaType::chat, "b"}}},
      core::AddGroup{"phones", {{core::MediaType::telephony, "1003"}}},
      core::RemoveChannel{core::ChannelId{n % 20}},
      core::RemoveGroup{core::GroupId{n % 10}},
      core::EachChannel<core::ActivateChannel>{},
      core::EachChannel<core::ActivateChannel>{{"support"}},
      core::EachChannel<core::DeactivateChannel>{},
      core::EachChannel<core::ReadyChannel>{},
      core::EachChannel<core::NotReadyChannel>{{"lunch"}},
      core::ActivateChannel{},
      core::ActivateChannel{"support"},
      core::ActivateChannel{"sales"},
      core::DeactivateChannel{},
      core::RequestMedia{"offer"},
      core::RequestMedia{"offer"},
      core::ReadyChannel{},
      core::ReadyChannel{},
      core::NotReadyChannel{},
      core::NotReadyChannel{"lunch"},
      core::DialNumber{"100"},
      core::DialNumber{"200"},
      core::DialNumber{"1001"},
      core::DialNumber{"1002"},
      core::DialNumber{"1003"},
      core::DialNumber{"9555"},
      core::DialNumber{"9555"},
      core::DialNumber{"5"},
      core::AcceptInteraction{},
      core::AcceptInteraction{},
      core::RejectInteraction{},
      core::CompleteInteraction{},
      core::CompleteInteraction{},
      core::GetInteractionData{},
      core::SetInteractionData{{{"note", core::DataValue{false, "x"}}}},
      core::ControlRecording{Verb::start},
      core::ControlRecording{Verb::stop},
      core::ControlRecording{Verb::pause},
      core::ControlRecording{Verb::resume},
      core::ConsultNumber{"1003"},
      core::ConsultNumber{"1002"},
      core::ConsultNumber{"9555"},
      core::ConsultNumber{"9555"},
      core::ConsultNumber{"200"},
      core::ConferenceInteraction{},
      core::ConferenceInteraction{},
      core::BlindConference{"1003"},
      core::BlindConference{"9557"},
      core::BlindConference{"200"},
      core::DropMember{core::MemberId{1 + n / 7 % 12}},
      core::AlternateInteraction{},
      core::AlternateInteraction{},
      core::ReconnectInteraction{},
      core::TransferInteraction{},
      core::TransferInteraction{},
      core::BlindTransfer{"1003"},
      core::BlindTransfer{"200"},
      core::BlindTransfer{"9556"},
      core::AnswerConversation{},
      core::AnswerConversation{},
      core::AnswerConversation{},
      core::ReleaseConversation{},
      core::HoldConversation{},
      core::RetrieveConversation{},
      core::MuteConversation{},
      core::UnmuteConversation{},
      core::SendTones{"12#"}};
  return all[n % all.size()];
}

core::Cause cause_number(unsigned n) {
  return static_cast<core::Cause>(n % 15);
}

// Plays steps on a world. Several agents of each kind of phone; small limits, so that they are met.
class Play {
 public:
  Play() : world_(make_directory()) {
    world_.on_step = [this] {
      const auto broken = broken_here();
      RC_ASSERT(broken == std::vector<std::string>{});
    };
    for (core::AgentIndex agent = 0; agent < world_.directory().agents.size(); ++agent) {
      clients_.push_back({{}, "nobody", agent});
    }
  }

  void operator()(const Step& step) {
    switch (step.kind) {
      case 0:
        return command(step);
      case 1:
        return prepare(step.a, step.b % 2 == 0);
      case 2:
        return (void)world_.run(core::ConnectionLost{any_client(step.a).connection});
      case 3:
        return (void)world_.arrive(step.a % 4 == 0 ? "200" : "100", "555");
      case 4:
        return world_.advance(std::chrono::milliseconds(step.a * step.b / 10));
      case 5:
        return world_.report(leg_report(step));
      case 6:
        return world_.report(recording_report(step));
      case 7:
        world_.mood = static_cast<Mood>(step.a % 3);
        return;
      case 8:
        return answer_old_orders();
      case 10:
        return task(step);
      default:
        return stray_input(step);
    }
  }

  void log_everybody_in() {
    for (unsigned agent = 0; agent < clients_.size(); ++agent) {
      prepare(agent, false);
      world_.command(clients_[agent], core::StartSession{});
      world_.command(clients_[agent], core::RequestMedia{"offer"});
      world_.command(clients_[agent], core::ActivateChannel{});
      world_.command(clients_[agent], core::ReadyChannel{});
    }
  }

  void finish() {
    // Everybody hangs up: two agents who talk would go on for ever.
    std::vector<core::LegId> legs;
    for (const auto& [id, leg] : world_.state().legs()) legs.push_back(id);
    std::sort(legs.begin(), legs.end());
    for (const core::LegId leg : legs) {
      world_.report(core::LegReleased{leg, core::Cause::remote, "",
                                      core::LegQuality{{1, 0, 0, 440}, std::nullopt, 0}});
    }
    withdraw_tasks();
    world_.advance(std::chrono::hours(8 * 24));
    for (const auto& [request, replies] : world_.outcomes()) RC_ASSERT(replies.size() == 1U);
    RC_ASSERT(world_.state().calls().empty());
    RC_ASSERT(world_.state().interactions().empty());
    RC_ASSERT(world_.state().deadline_count() == 0U);
    RC_ASSERT(world_.replayed_dump() == world_.state().dump());
  }

  /// The server ends at once, in at most as many rounds as the engine gives it.
  void shut_down() {
    world_.mood = Mood::silent;
    auto steps = core::steps_to_shut_down(world_.state());
    for (int round = 0; round < 8 && !steps.empty(); ++round) {
      for (const core::Input& it : steps) world_.run(it);
      steps = core::steps_to_shut_down(world_.state());
    }
    for (const auto& [request, replies] : world_.outcomes()) RC_ASSERT(replies.size() == 1U);
    RC_ASSERT(world_.state().sessions().empty());
    RC_ASSERT(world_.state().phone_call_count() == 0U);
    RC_ASSERT(world_.state().legs().empty());
    RC_ASSERT(world_.state().interactions().empty());
    RC_ASSERT(world_.state().recordings().empty());
    RC_ASSERT(world_.replayed_dump() == world_.state().dump());
    withdraw_tasks();
    RC_ASSERT(world_.state().calls().empty());
    RC_ASSERT(world_.state().deadline_count() == 0U);
  }

 private:
  // Chats and e-mails outlive what is done to calls.
  void withdraw_tasks() {
    std::vector<core::CallId> tasks;
    for (const auto& [id, call] : world_.state().calls()) {
      if (call.type != core::MediaType::telephony) tasks.push_back(id);
    }
    std::sort(tasks.begin(), tasks.end());
    for (const core::CallId task : tasks) world_.withdraw(task);
  }

  static core::Directory make_directory() {
    core::Directory directory = call_centre();
    directory.record_automatically = true;
    directory.agents[dave].phone_mode = core::PhoneMode::browser;
    directory.limits.media_offers_max = 3;
    // Dave, who shares a phone, and two whose phones are of different kinds.
    for (const core::AgentIndex agent : {bob, dave, eve}) {
      directory.agents[agent].may_supervise = true;
    }
    directory.limits.monitors_max = 1;
    directory.limits.calls_max = 6;
    directory.limits.refusals_max = 2;
    directory.limits.sessions_max = 4;
    directory.limits.tasks_max = 4;
    directory.limits.task_keys_max = 2;
    directory.limits.channels_max = 4;
    directory.limits.groups_max = 2;
    directory.queues[0].waiting_max = 3;
    // Each of a kind of its own; agents who are in both have calls of both.
    directory.queues[0].strategy = core::Strategy::ring_all;
    directory.queues[0].overflow_queue = 1;
    directory.queues[1].strategy = core::Strategy::round_robin;
    directory.queues[1].overflow_number = "9555";
    directory.queues[1].priority = 1;
    for (core::Queue& queue : directory.queues) queue.wait_max = 1min;
    return directory;
  }

  // Within a step, a deadline that was taken may not have been decided: those are none of ours.
  std::vector<std::string> broken_here() {
    for (const auto& [request, replies] : world_.outcomes()) RC_ASSERT(replies.size() <= 1U);
    return broken_invariants(world_.state());
  }

  Client& any_client(unsigned n) { return clients_[n % clients_.size()]; }

  void prepare(unsigned n, bool takes_over) {
    Client& client = any_client(n);
    const Client fresh = world_.prepare(client.agent, takes_over);
    if (world_.session_of(fresh) != nullptr) client = fresh;
  }

  void command(const Step& step) {
    const Client& desktop = any_client(step.a);
    const core::Session* session = world_.session_of(desktop);
    const std::size_t channels = session == nullptr ? 0 : session->channels.size();
    const Client client = desktop.on(channels == 0 ? 0 : step.c / 8 % channels);
    core::Command command = command_number(step.b);
    if (step.c % 8 != 0) {
      core::Target target = world_.target(client, core::target_kind(command));
      const core::Interaction* interaction = world_.interaction_of(client);
      const bool has_two = interaction != nullptr && interaction->consult;
      if (has_two && step.c % 2 == 0 && !target.below.empty() &&
          target.below.back().kind == core::ObjectKind::conversation) {
        target.below.back().number = interaction->consult.value;
      }
      world_.command_at(client, std::move(target), std::move(command));
    } else {
      // Somebody else's target, or one of the wrong kind.
      const auto kind = static_cast<core::ObjectKind>(step.c / 8 % 5);
      core::Target target = world_.target(any_client(step.c), kind);
      if (step.c % 16 == 0) target.session = client.session;
      world_.command_at(client, std::move(target), std::move(command));
    }
  }

  void task(const Step& step) {
    if (step.a % 3 == 0) return (void)world_.withdraw(core::CallId{step.b % 12});
    (void)world_.submit({.type = step.b % 2 == 0 ? core::MediaType::chat : core::MediaType::email,
                         .queue = "support",
                         .from = "ann@example",
                         .key = step.c % 2 == 0 ? "" : std::to_string(step.c % 7)});
  }

  core::LegId any_leg(unsigned n) {
    std::vector<core::LegId> all{core::LegId{999'999}};
    for (const auto& [id, leg] : world_.state().legs()) all.push_back(id);
    std::sort(all.begin(), all.end());
    return all[n % all.size()];
  }

  static core::CallId any_mix(unsigned n) { return core::CallId{n % 4}; }

  core::Report leg_report(const Step& step) {
    const core::LegId leg = any_leg(step.a);
    switch (step.b % 21) {
      case 0:
        return core::LegRinging{leg};
      case 1:
        return core::LegAnswered{leg};
      case 2:
      case 3:
        return core::LegReleased{leg, cause_number(step.c), "",
                                 core::LegQuality{{1, 0, 0, 440}, std::nullopt, 0}};
      case 4:
        return core::LegsBridged{leg, any_leg(step.c)};
      case 5:
        return core::LegHeld{leg, any_leg(step.c), any_mix(step.c)};
      case 6:
        return core::LegRetrieved{leg, any_leg(step.c), any_mix(step.c)};
      case 7:
        return core::LegMuted{leg};
      case 8:
        return core::LegUnmuted{leg};
      case 9:
      case 10:
        return core::LegHeldByPhone{leg};
      case 11:
        return core::LegRetrievedByPhone{leg};
      case 13:
        return core::LegDialed{leg, "id"};
      case 14:
        return core::TonesSent{leg};
      case 15:
        return core::LegMonitored{leg, any_leg(step.c), static_cast<core::MonitorMode>(step.c % 3)};
      case 16:
        return core::LegsMixed{leg};
      case 17:
        return core::LegTransferRequested{
            leg, core::RequestId{core::phone_request_bit | ++phone_requests_},
            step.c % 3 == 0   ? "1003"
            : step.c % 3 == 1 ? "9555"
                              : "200",
            step.c % 4 == 0 ? any_leg(step.c / 4) : core::LegId{}};
      case 18:
        return core::LegMediaUp{leg};
      case 19:
        return core::LegMediaLost{leg};
      case 12:
        return core::CallArrived{leg, "100", "1", "", ""};
      default:
        return core::LegOrderFailed{leg, static_cast<core::LegOrderFailed::Order>(step.c % 8), ""};
    }
  }

  core::Report recording_report(const Step& step) {
    const core::RecordingId last = world_.state().last_ids().recording;
    const core::RecordingId recording{last.value - std::min<std::uint64_t>(last.value, step.a % 4)};
    switch (step.b % 5) {
      case 0:
        return core::RecordingStarted{recording, "f"};
      case 1:
        return core::RecordingPaused{recording};
      case 2:
        return core::RecordingResumed{recording};
      case 3:
        return core::RecordingStopped{recording};
      default:
        return core::RecordingFailed{recording, "disk full"};
    }
  }

  // A platform that wakes up late: every order so far is answered, once more or for the first time.
  void answer_old_orders() {
    const std::vector<core::Effect> old = std::exchange(world_.orders, {});
    for (const core::Effect& order : old) world_.answer(order);
    world_.run(core::ConnectionLost{core::ConnectionId{999'999}});
  }

  void stray_input(const Step& step) {
    if (step.a % 2 == 0) {
      world_.run(core::OfferCall{core::CallId{step.b % 10}, core::ChannelId{step.c % 10}});
    } else {
      const auto kind = static_cast<core::DeadlineKind>(step.a / 2 % 15);
      world_.run(core::DeadlineReached{{kind, step.b % 10, step.c % 20}});
    }
  }

  World world_;
  std::uint64_t phone_requests_ = 0;
  std::vector<Client> clients_;
};

RC_GTEST_PROP(CoreProperty, InvariantsHoldAndEveryRequestIsAnsweredOnce, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  Play play;
  play.log_everybody_in();
  for (const Step& step : steps) play(step);
  play.finish();
}

RC_GTEST_PROP(CoreProperty, WhateverLivesCanBeEndedAtOnce, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  Play play;
  play.log_everybody_in();
  for (const Step& step : steps) play(step);
  play.shut_down();
}

RC_GTEST_PROP(CoreProperty, FromNothing, ()) {
  const auto steps = *rc::gen::scale(3.0, rc::gen::container<std::vector<Step>>(any_step()));
  Play play;
  for (const Step& step : steps) play(step);
  play.finish();
}

}  // namespace
}  // namespace cord::test
