#include "runtime/engine.hpp"

#include <gtest/gtest.h>

#include "runtime/event_codec.hpp"
#include "support/engine_world.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using drivers::sim::LegPhase;
using test::alice;
using test::bob;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;

/// Alice, ready, gets a call and answers it; what was told so far is forgotten.
Client in_a_call(EngineWorld& world) {
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  world.advance(1s);
  const Channel& channel = world.engine.state().channels().begin()->second;
  EXPECT_EQ(channel.agent_state, AgentState::busy);
  world.clients.messages.clear();
  return client;
}

EngineSetup with_latency(Duration latency) {
  EngineSetup setup;
  setup.sim.order_latency = {latency, latency};
  return setup;
}

// Proves: promise 8
TEST(Engine, TellsNothingBeforeTheJournalHasIt) {
  EngineWorld world;
  world.commits_at_once = false;
  world.prepare(alice);
  EXPECT_EQ(world.journal.records.size(), 1u);
  EXPECT_TRUE(world.clients.messages.empty());
  world.commit();
  ASSERT_EQ(world.clients.replies().size(), 1u);
  EXPECT_TRUE(world.clients.replies()[0].outcome.has_value());
}

TEST(Engine, OrdersNothingBeforeTheJournalHasIt) {
  EngineWorld world;
  world.commits_at_once = false;
  const LegId leg = world.call_arrives();
  EXPECT_EQ(world.driver.leg(leg)->phase, LegPhase::arrived);
  world.commit();
  EXPECT_EQ(world.driver.leg(leg)->phase, LegPhase::waiting);
}

TEST(Engine, ReleasesUpToTheCommittedRecordOnly) {
  EngineWorld world;
  world.commits_at_once = false;
  world.prepare(alice);
  world.prepare(bob);
  world.engine.journal_committed(1, world.now);
  EXPECT_EQ(world.clients.replies().size(), 1u);
  world.engine.journal_committed(2, world.now);
  EXPECT_EQ(world.clients.replies().size(), 2u);
}

TEST(Engine, ADecisionWithoutEventsKeepsItsPlaceBehindEarlierOnes) {
  EngineWorld world;
  world.commits_at_once = false;
  world.prepare(alice);
  world.prepare(alice);  // Only asks whether to take over.
  EXPECT_EQ(world.journal.records.size(), 1u);
  EXPECT_TRUE(world.clients.messages.empty());
  world.commit();
  const auto replies = world.clients.replies();
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Prepared>(*replies[0].outcome));
  EXPECT_TRUE(std::holds_alternative<Confirm>(*replies[1].outcome));
}

TEST(Engine, ARefusalWithoutEarlierEventsIsToldAtOnce) {
  EngineWorld world;
  world.commits_at_once = false;
  const RequestId request =
      world.command({{9}, "nobody", alice}, ReadyChannel{}, ObjectKind::channel);
  EXPECT_EQ(world.failure_of(request), Errc::session_not_started);
  EXPECT_TRUE(world.journal.records.empty());
}

// Proves: promise 1, promise 2
TEST(Engine, AReplyComesBeforeItsEventsAndNamesTheLast) {
  EngineWorld world;
  const Client client = world.prepare(alice);
  world.clients.messages.clear();
  const RequestId request = world.command(client, StartSession{}, ObjectKind::session);
  ASSERT_TRUE(std::holds_alternative<Reply>(world.clients.messages.front().what));
  const auto reply = world.reply_to(request);
  const auto events = world.clients.events();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().seq, 1u);
  EXPECT_EQ(reply->seq, events.back().seq);
  EXPECT_EQ(events.size() + 1, world.clients.messages.size());
}

// Proves: promise 1
TEST(Engine, NumbersASessionsEventsWithoutAHole) {
  EngineWorld world;
  const Client client = in_a_call(world);
  const std::uint64_t before = world.reply_to(world.command(client, HoldConversation{}))->seq;
  world.command(client, RetrieveConversation{});
  world.command(client, ReleaseConversation{});
  world.command(client, CompleteInteraction{}, ObjectKind::interaction);
  std::uint64_t next = world.clients.events().front().seq;
  EXPECT_EQ(next, before);  // Holding has one event.
  for (const ClientEvent& event : world.clients.events()) {
    EXPECT_EQ(event.seq, next++);
    EXPECT_EQ(event.time, world.now);
  }
  EXPECT_GT(next, before + 5);
}

TEST(Engine, ALogOutIsAnsweredAfterItsEvents) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  world.clients.messages.clear();
  const RequestId request = world.command(client, LogoutSession{}, ObjectKind::session);
  ASSERT_TRUE(std::holds_alternative<Reply>(world.clients.messages.back().what));
  const auto events = world.clients.events();
  ASSERT_FALSE(events.empty());
  EXPECT_TRUE(std::holds_alternative<SessionEnded>(events.back().data));
  EXPECT_EQ(world.reply_to(request)->seq, events.back().seq);
}

TEST(Engine, TheEventsOfADetachedSessionGoNowhere) {
  EngineWorld world;
  world.log_in_ready(alice);
  world.clients.messages.clear();
  world.handle(ConnectionLost{{1}});
  world.call_arrives();
  world.advance(2min);
  EXPECT_TRUE(world.clients.messages.empty());
  EXPECT_TRUE(world.engine.state().sessions().empty());
}

// Proves: promise 5
TEST(Engine, CommandsOnABusyInteractionRunInTheOrderTheyCame) {
  EngineWorld world(with_latency(50ms));
  const Client client = in_a_call(world);
  const std::vector<RequestId> requests{
      world.command(client, HoldConversation{}), world.command(client, MuteConversation{}),
      world.command(client, UnmuteConversation{}), world.command(client, RetrieveConversation{})};
  EXPECT_TRUE(world.clients.messages.empty());
  world.advance(1s);
  const auto replies = world.clients.replies();
  ASSERT_EQ(replies.size(), requests.size());
  for (std::size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(replies[i].request, requests[i]);
    EXPECT_TRUE(replies[i].outcome.has_value());
  }
}

// Proves: rate.limited
TEST(Engine, OneWaitingCommandTooManyIsRateLimited) {
  EngineSetup setup = with_latency(50ms);
  setup.engine.waiting_commands_max = 2;
  EngineWorld world(std::move(setup));
  const Client client = in_a_call(world);
  world.command(client, HoldConversation{});
  world.command(client, MuteConversation{});
  const RequestId last_with_room = world.command(client, UnmuteConversation{});
  const RequestId too_many = world.command(client, RetrieveConversation{});
  EXPECT_EQ(world.failure_of(too_many), Errc::rate_limited);
  world.advance(1s);
  EXPECT_TRUE(world.reply_to(last_with_room)->outcome.has_value());
}

// Proves: timeout
TEST(Engine, ACommandThatWaitsTooLongTimesOut) {
  EngineSetup setup = with_latency(15s);
  setup.sim.phones_pick_up = true;
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  const RequestId answer = world.command(client, AnswerConversation{});  // Bridging takes 15 s.
  const RequestId waiting = world.command(client, HoldConversation{});
  world.advance(world.directory->limits.request_timeout - 1ms);
  EXPECT_FALSE(world.reply_to(waiting));
  world.advance(2ms);
  EXPECT_EQ(world.failure_of(waiting), Errc::timeout);
  world.advance(10s);
  EXPECT_TRUE(world.reply_to(answer)->outcome.has_value());
}

TEST(Engine, TheCallEndingAnswersWhoWaitsForIt) {
  EngineWorld world(with_latency(50ms));
  const Client client = in_a_call(world);
  const LegId customer = world.engine.state().calls().begin()->second.leg;
  const RequestId pending = world.command(client, HoldConversation{});
  const RequestId waiting = world.command(client, MuteConversation{});
  world.world_does([&](auto& it) { return it.hangs_up(customer, Cause::remote); });
  EXPECT_EQ(world.failure_of(pending), Errc::invalid_state);
  ASSERT_TRUE(world.failure_of(waiting));
}

TEST(Engine, ATakeoverAnswersTheOldConnectionBeforeItCloses) {
  EngineWorld world(with_latency(50ms));
  const Client old = in_a_call(world);
  const RequestId pending = world.command(old, HoldConversation{});
  const RequestId waiting = world.command(old, MuteConversation{});
  world.prepare(alice, true);
  EXPECT_EQ(world.failure_of(pending), Errc::target_not_found);
  EXPECT_EQ(world.failure_of(waiting), Errc::target_not_found);
  std::vector<std::size_t> kinds_to_old;
  for (const ToClient& it : world.clients.messages) {
    if (it.connection == old.connection) kinds_to_old.push_back(it.what.index());
  }
  EXPECT_EQ(kinds_to_old, (std::vector<std::size_t>{0, 0, 1, 2}));  // replies, event, close
}

// Proves: not.accepting
TEST(Engine, RefusesRequestsWhileTooMuchIsHeldBack) {
  EngineSetup setup;
  setup.engine.held_messages_max = 2;
  EngineWorld world(std::move(setup));
  world.commits_at_once = false;
  world.prepare(alice);
  world.prepare(bob);
  EXPECT_TRUE(world.clients.messages.empty());
  world.prepare(test::carol);
  ASSERT_EQ(world.clients.replies().size(), 1u);
  EXPECT_EQ(world.clients.replies()[0].outcome.error().code, Errc::not_accepting);
  world.commit();
  EXPECT_EQ(world.clients.replies().size(), 3u);
  world.prepare(test::carol);
  world.commit();
  EXPECT_TRUE(world.clients.replies().back().outcome.has_value());
}

TEST(Engine, CountsRepliesByOutcomeAndShowsItsLengths) {
  EngineSetup setup = with_latency(50ms);
  EngineWorld world(std::move(setup));
  const Client client = in_a_call(world);
  world.command(client, ControlRecording{ControlRecording::Verb::pause}, ObjectKind::interaction);
  world.commits_at_once = false;
  world.command(client, HoldConversation{});
  world.command(client, MuteConversation{});
  world.call_arrives();
  world.engine.publish_gauges();
  EXPECT_EQ(world.metric("cord_replies_total", "invalid_state"), 1);
  EXPECT_GE(world.metric("cord_replies_total", "success"), 4);
  EXPECT_EQ(world.metric("cord_sessions"), 1);
  EXPECT_EQ(world.metric("cord_interactions"), 1);
  EXPECT_EQ(world.metric("cord_calls"), 2);
  EXPECT_EQ(world.metric("cord_calls_waiting"), 1);
  EXPECT_EQ(world.metric("cord_engine_waiting_commands"), 1);
  EXPECT_EQ(world.metric("cord_journal_lag_records"), 2);
}

TEST(Engine, ReplayingTheJournalGivesTheLiveState) {
  EngineWorld world;
  const Client client = in_a_call(world);
  world.command(client, HoldConversation{});
  State replayed(*world.directory);
  for (const journal::Record& record : world.journal.records) {
    const auto events = decode_record(record.payload);
    ASSERT_TRUE(events.has_value()) << events.error().detail;
    for (const Event& event : events->events) apply(replayed, event, record.time);
  }
  EXPECT_EQ(replayed.dump(), world.engine.state().dump());
}

}  // namespace
}  // namespace cord::runtime
