#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

core::SubmitTask chat(std::string key = {}) {
  return {.queue = "support", .from = "ann@example", .key = std::move(key)};
}

// Alice and Bob, each with a chat channel beside the telephone, active and ready on it.
struct Desk {
  World world;
  Client agent = log_in(alice);

  explicit Desk(core::Directory directory = call_centre()) : world(std::move(directory)) {
    world.on_step = [this] { EXPECT_EQ(broken_invariants(world.state()), Lines{}); };
  }
  Client log_in(core::AgentIndex who) {
    const Client client = world.log_in(who);
    world.command(client, core::AddChannel{{core::MediaType::chat, "web"}});
    const Client chats = client.on(world.session_of(client)->channels.size() - 1);
    world.command(chats, core::ActivateChannel{});
    world.command(chats, core::ReadyChannel{});
    (void)world.heard(chats);
    return chats;
  }
  Lines hears(core::Command it) {
    world.command(agent, std::move(it));
    return world.heard(agent);
  }
  core::CallId submit(core::SubmitTask task = chat()) {
    world.submit(std::move(task));
    return world.state().last_ids().call;
  }
  void accept() {
    world.command(agent, core::AcceptInteraction{});
    (void)world.heard(agent);
  }
};

Lines channel_is(const std::string& agent_state, const std::string& cause) {
  return {"channel.infochanged ACTIVE " + agent_state + " queues=support",
          "state(channel) ACTIVE<-ACTIVE " + agent_state + " " + cause};
}

Lines operator+(Lines all, const Lines& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Task, IsOfferedWithoutAConversation) {
  Desk desk;
  core::SubmitTask task = chat("crm-17");
  task.subject = "Hello";
  task.data = {{"tier", {false, "gold"}}, {"Queue", {false, "mine"}}};
  EXPECT_EQ(desk.world.outcome(desk.world.submit(task)), "task 1");
  EXPECT_EQ(desk.world.heard(desk.agent),
            (channel_is("RESERVED", "remote") +
             Lines{"interaction.created i-1", "state(interaction) ALERTING<-ALERTING NONE remote",
                   "interaction.datachanged CallId=crm-17 Direction=INBOUND From=ann@example "
                   "Queue=support QueueTimeMs=0 Subject=Hello tier=gold",
                   "interaction.preview", "interaction.initialized"}));
  EXPECT_EQ(desk.world.ordered(), Lines{});
  EXPECT_EQ(desk.world.interaction_of(desk.agent)->type, core::MediaType::chat);
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

// Proves: interaction.accept, interaction.complete
TEST(Task, IsAcceptedWithoutAPhoneAndEndsWithComplete) {
  Desk desk;
  desk.submit();
  (void)desk.world.heard(desk.agent);
  EXPECT_EQ(
      desk.hears(core::AcceptInteraction{}),
      (Lines{"ok", "interaction.screenpop", "state(interaction) STARTED<-ALERTING NONE request"} +
       channel_is("BUSY", "request")));
  EXPECT_EQ(desk.hears(core::AcceptInteraction{}), Lines{"ok"});
  EXPECT_EQ(desk.hears(core::SetInteractionData{{{"k", core::DataValue{false, "v"}}}}).front(),
            "ok");
  EXPECT_EQ(
      desk.hears(core::CompleteInteraction{}),
      (Lines{"ok", "interaction.ended request", "state(interaction) ENDED<-STARTED NONE request",
             "state(interaction) COMPLETED<-ENDED NONE request", "interaction.disposed"} +
       channel_is("READY", "request")));
  EXPECT_EQ(desk.world.ordered(), Lines{});
  EXPECT_EQ(desk.world.state().calls().size(), 0U);
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(Task, CompletingChecksTheDispositionAndTakesThePendingState) {
  core::Directory directory = call_centre();
  directory.disposition_required = true;
  Desk desk(directory);
  desk.submit();
  desk.accept();
  EXPECT_EQ(desk.hears(core::CompleteInteraction{}), Lines{"disposition.required"});
  desk.world.command(desk.agent, core::NotReadyChannel{"lunch"});
  desk.world.command(desk.agent, core::CompleteInteraction{"sold", ""});
  EXPECT_EQ(desk.world.channel_of(desk.agent)->agent_state, core::AgentState::not_ready);
  EXPECT_EQ(desk.world.channel_of(desk.agent)->reason, "lunch");
}

TEST(Task, CannotBeCompletedBeforeItIsAccepted) {
  Desk desk;
  desk.submit();
  (void)desk.world.heard(desk.agent);
  EXPECT_EQ(desk.hears(core::CompleteInteraction{}), Lines{"invalid.state"});
}

// Proves: interaction.reject
TEST(Task, RejectedOrNotTakenGoesToTheNextInTheOrderOfArrival) {
  Desk desk;
  const core::CallId first = desk.submit();
  desk.submit(chat("second"));
  (void)desk.world.heard(desk.agent);
  EXPECT_EQ(desk.hears(core::RejectInteraction{"no"}),
            (Lines{"ok", "state(interaction) ENDED<-ALERTING NONE request",
                   "interaction.ended request", "interaction.disposed"} +
             channel_is("READY", "request") + channel_is("RESERVED", "remote") +
             Lines{"interaction.created i-2", "state(interaction) ALERTING<-ALERTING NONE remote",
                   "interaction.datachanged CallId=second Direction=INBOUND From=ann@example "
                   "Queue=support QueueTimeMs=0",
                   "interaction.preview", "interaction.initialized"}));
  // Bob has another desk: one agent at a time is active at an endpoint.
  const Client other = desk.world.log_in(bob);
  desk.world.command(other, core::AddChannel{{core::MediaType::chat, "other"}});
  desk.world.command(other.on(1), core::ActivateChannel{});
  desk.world.command(other.on(1), core::ReadyChannel{});
  EXPECT_EQ(desk.world.interaction_of(other.on(1))->call, first);
  desk.world.command(other.on(1), core::AcceptInteraction{});
  desk.world.advance(21s);  // Alice does not take the second.
  EXPECT_EQ(desk.world.channel_of(desk.agent)->reason, "no.answer");
  EXPECT_EQ(desk.world.state().queue({0, core::MediaType::chat}).waiting_count(), 1U);
}

TEST(Task, AndCallsAreIndependent) {
  Desk desk;
  const Client phone = desk.agent.on(0);
  desk.world.command(phone, core::ActivateChannel{});
  desk.world.command(phone, core::ReadyChannel{});
  desk.submit();
  desk.accept();
  desk.world.arrive();
  desk.world.command(phone, core::AnswerConversation{});
  EXPECT_EQ(desk.world.interaction_of(phone)->state, core::InteractionState::started);
  EXPECT_EQ(desk.world.interaction_of(desk.agent)->state, core::InteractionState::started);
  desk.submit();  // One interaction a channel.
  EXPECT_EQ(desk.world.state().queue({0, core::MediaType::chat}).waiting_count(), 1U);
}

TEST(Task, WhatIsForCallsOnlyIsUnsupported) {
  Desk desk;
  desk.submit();
  desk.accept();
  using Verb = core::ControlRecording::Verb;
  EXPECT_EQ(desk.hears(core::ControlRecording{Verb::start}), Lines{"unsupported"});
  EXPECT_EQ(desk.hears(core::ControlRecording{Verb::stop}), Lines{"unsupported"});
  EXPECT_EQ(desk.hears(core::HoldConversation{}), Lines{"target.not.found"});
}

TEST(Task, WithdrawnIsGoneWhereverItIs) {
  Desk desk;
  const core::CallId offered = desk.submit();
  const core::CallId waiting = desk.submit();
  (void)desk.world.heard(desk.agent);
  EXPECT_EQ(desk.world.outcome(desk.world.withdraw(waiting)), "task 2");
  EXPECT_EQ(desk.world.heard(desk.agent), Lines{});
  EXPECT_EQ(desk.world.outcome(desk.world.withdraw(offered)), "task 1");
  EXPECT_EQ(desk.world.heard(desk.agent),
            (Lines{"interaction.ended remote", "state(interaction) ENDED<-ALERTING NONE remote",
                   "interaction.disposed"} +
             channel_is("READY", "remote")));
  const core::CallId started = desk.submit();
  desk.accept();
  EXPECT_EQ(desk.world.outcome(desk.world.withdraw(started)), "task 3");
  EXPECT_EQ(desk.world.heard(desk.agent),
            (Lines{"interaction.ended remote", "state(interaction) ENDED<-STARTED NONE remote"} +
             channel_is("WRAPUP", "remote")));
  EXPECT_EQ(desk.world.outcome(desk.world.withdraw(started)), "target.not.found");
  desk.world.advance(11min);  // Wrap-up completes by itself.
  EXPECT_EQ(desk.world.channel_of(desk.agent)->agent_state, core::AgentState::ready);
  EXPECT_EQ(desk.world.state().deadline_count(), 0U);
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(Task, OnlyTasksAreWithdrawn) {
  Desk desk;
  desk.world.arrive();
  const core::CallId call = desk.world.state().last_ids().call;
  EXPECT_EQ(desk.world.outcome(desk.world.withdraw(call)), "target.not.found");
  EXPECT_EQ(desk.world.outcome(desk.world.withdraw({})), "target.not.found");
}

TEST(Task, TheSameKeyIsTheSameTaskAlsoWhenItHasEnded) {
  core::Directory directory = call_centre();
  directory.limits.task_keys_max = 2;
  Desk desk(directory);
  EXPECT_EQ(desk.world.outcome(desk.world.submit(chat("a"))), "task 1");
  EXPECT_EQ(desk.world.outcome(desk.world.submit(chat("a"))), "task 1");
  EXPECT_EQ(desk.world.state().calls().size(), 1U);
  desk.world.withdraw(core::CallId{1});
  EXPECT_EQ(desk.world.outcome(desk.world.submit(chat("a"))), "task 1");
  EXPECT_TRUE(desk.world.state().calls().empty());
  for (const char* key : {"b", "c"}) desk.world.withdraw(desk.submit(chat(key)));
  EXPECT_EQ(desk.world.outcome(desk.world.submit(chat("a"))), "task 4") << "forgotten by now";
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(Task, HasBounds) {
  core::Directory directory = call_centre();
  directory.limits.tasks_max = 3;
  directory.limits.calls_max = 1;
  directory.limits.call_data_bytes_max = 100;
  directory.queues[0].waiting_max = 2;
  Desk desk(directory);
  core::SubmitTask large = chat();
  large.data = {{"k", {false, std::string(100, 'x')}}};
  EXPECT_EQ(desk.world.outcome(desk.world.submit(large)), "invalid.request");
  core::SubmitTask lost = chat();
  lost.queue = "nowhere";
  EXPECT_EQ(desk.world.outcome(desk.world.submit(lost)), "invalid.request");
  for (int i = 0; i < 3; ++i) desk.submit();  // The first is offered.
  EXPECT_EQ(desk.world.outcome(desk.world.submit(chat())), "rate.limited") << "the queue is full";
  core::SubmitTask other = chat();
  other.type = core::MediaType::email;
  EXPECT_EQ(desk.world.outcome(desk.world.submit(other)), "rate.limited") << "three in all";
  desk.world.arrive();
  EXPECT_EQ(desk.world.state().calls().size(), 4U) << "a call has its own room";
}

TEST(Task, ThatNobodyTakesIsDroppedInTheEnd) {
  core::Directory directory = call_centre();
  directory.limits.task_wait_max = 1h;
  World world(directory);
  world.submit(chat());
  world.advance(59min);
  EXPECT_EQ(world.state().task_count(), 1U);
  world.advance(2min);
  EXPECT_EQ(world.state().task_count(), 0U);
  EXPECT_EQ(world.ordered(), Lines{});
  EXPECT_EQ(world.state().deadline_count(), 0U);
}

TEST(Task, OfAnAgentWhoIsGoneWaitsAgain) {
  Desk desk;
  const core::CallId task = desk.submit();
  desk.accept();
  desk.world.run(core::ConnectionLost{desk.agent.connection});
  desk.world.advance(59s);
  EXPECT_NE(desk.world.session_of(desk.agent), nullptr);
  desk.world.advance(2s);
  EXPECT_EQ(desk.world.session_of(desk.agent), nullptr);
  ASSERT_NE(desk.world.state().find(task), nullptr);
  EXPECT_FALSE(desk.world.state().at(task).interaction);
  const Client other = desk.log_in(carol);
  EXPECT_EQ(desk.world.interaction_of(other)->call, task);
  EXPECT_EQ(desk.world.replayed_dump(), desk.world.state().dump());
}

TEST(Task, SurvivesATakeover) {
  Desk desk;
  desk.submit();
  desk.accept();
  const Client again = desk.world.prepare(alice, true).on(desk.agent.channel);
  desk.world.command(again, core::StartSession{});
  EXPECT_EQ(desk.world.interaction_of(again)->state, core::InteractionState::started);
  (void)desk.world.heard(again);
  desk.world.command(again, core::CompleteInteraction{});
  EXPECT_EQ(desk.world.heard(again).front(), "ok");
}

TEST(Task, KeepsASupervisorFromForcingALogout) {
  core::Directory directory = call_centre();
  directory.agents[eve].may_supervise = true;
  Desk desk(directory);
  const Client boss = desk.world.log_in(eve);
  desk.submit();
  EXPECT_EQ(desk.world.outcome(desk.world.command(boss, core::ForceLogout{"alice", ""})),
            "ongoing.interaction");
}

}  // namespace
}  // namespace cord::test
