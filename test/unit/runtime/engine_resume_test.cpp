// Delivery over lost connections: what comes after session.resume, and requests that are sent
// again.
#include <gtest/gtest.h>

#include "support/engine_world.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::Client;
using test::EngineWorld;

constexpr AgentIndex alice = 0;

std::vector<std::uint64_t> seqs(const std::vector<ClientEvent>& events) {
  std::vector<std::uint64_t> all;
  for (const ClientEvent& event : events) all.push_back(event.seq);
  return all;
}

std::vector<std::uint64_t> count_up(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> all;
  for (; from <= to; ++from) all.push_back(from);
  return all;
}

const Reply& first_reply(const std::vector<ToClient>& told) {
  return std::get<Reply>(told.at(0).what);
}

// Proves: session.resume, promise 1
TEST(EngineResume, SendsExactlyWhatWasMissedAndThenWhatIsNew) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  const std::uint64_t seen = world.events_to(client).back().seq;
  world.handle(ConnectionLost{client.connection});
  world.call_arrives();
  world.advance(2s);
  const Client back = world.resume(client, seen - 3);
  const auto told = world.told(back);
  const Reply& reply = first_reply(told);
  ASSERT_TRUE(reply.outcome.has_value());
  const auto& resumed = std::get<Resumed>(*reply.outcome);
  EXPECT_EQ(resumed.from, seen - 2);
  EXPECT_GT(resumed.to, seen + 10);
  EXPECT_EQ(reply.seq, resumed.to);
  const auto events = world.events_to(back);
  EXPECT_EQ(seqs(events), count_up(resumed.from, resumed.to + 1));
  EXPECT_TRUE(std::holds_alternative<SessionStateUpdated>(events.back().data));
  EXPECT_EQ(events.front().target.session, client.session);
  world.command(back, AnswerConversation{});
  EXPECT_GT(world.events_to(back).back().seq, resumed.to + 1);
  EXPECT_EQ(seqs(world.events_to(back)), count_up(resumed.from, world.events_to(back).back().seq));
}

TEST(EngineResume, NothingMissedIsNothingSent) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  const std::uint64_t seen = world.events_to(client).back().seq;
  const Client back = world.resume(client, seen);
  ASSERT_EQ(world.told(back).size(), 1u);
  const auto resumed = std::get<Resumed>(*first_reply(world.told(back)).outcome);
  EXPECT_EQ(resumed.from, seen + 1);
  EXPECT_EQ(resumed.to, seen);
}

// What is held back for the journal is sent to the old connection, and again to the new one.
TEST(EngineResume, HeldBackEventsComeOnce) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  const std::uint64_t seen = world.events_to(client).back().seq;
  world.commits_at_once = false;
  world.call_arrives();
  const Client back = world.resume(client, seen);
  EXPECT_TRUE(world.told(back).empty());
  world.commit();
  const auto events = world.events_to(back);
  EXPECT_EQ(seqs(events), count_up(seen + 1, events.back().seq));
  EXPECT_GT(events.size(), 10u);
}

// Proves: resume.gap
TEST(EngineResume, WhatIsNoLongerKeptIsAGap) {
  test::EngineSetup setup;
  setup.engine.session_events_max = 10;
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  for (int i = 0; i < 100; ++i) {
    world.command(client, NotReadyChannel{}, ObjectKind::channel);
    world.command(client, ReadyChannel{}, ObjectKind::channel);
  }
  const std::uint64_t last = world.events_to(client).back().seq;
  const Client back = world.resume(client, 1);
  ASSERT_EQ(world.told(back).size(), 1u);
  EXPECT_EQ(first_reply(world.told(back)).outcome.error().code, Errc::resume_gap);
  EXPECT_EQ(world.failure_of(world.command(back, ReadyChannel{}, ObjectKind::channel)),
            Errc::session_not_started);
  world.command(back, StartSession{}, ObjectKind::session);
  const auto anew = world.events_to(back);
  ASSERT_FALSE(anew.empty());
  EXPECT_EQ(anew.front().seq, last + 1);
  EXPECT_TRUE(std::holds_alternative<ChannelCreated>(anew.front().data));
  EXPECT_TRUE(std::holds_alternative<SessionInitialized>(anew.back().data));
  const Client again = world.resume(back, last);
  EXPECT_EQ(seqs(world.events_to(again)), count_up(last + 1, anew.back().seq));
}

TEST(EngineResume, ANumberThatIsYetToComeIsAGap) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  const Client back = world.resume(client, world.events_to(client).back().seq + 1);
  EXPECT_EQ(first_reply(world.told(back)).outcome.error().code, Errc::resume_gap);
}

TEST(EngineResume, ARefusedOneChangesNothing) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  const std::string before = world.engine.state().dump();
  const std::size_t records = world.journal.records.size();
  EXPECT_EQ(first_reply(world.told(world.resume(client, 0, "Token"))).outcome.error().code,
            Errc::authentication_failed);
  EXPECT_EQ(world.engine.state().dump(), before);
  EXPECT_EQ(world.journal.records.size(), records);
}

TEST(EngineResume, IsTakenWhileDraining) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  world.handle(ConnectionLost{client.connection});
  world.engine.drain(world.now);
  const Client back = world.resume(client, 0);
  EXPECT_TRUE(first_reply(world.told(back)).outcome.has_value());
}

TEST(EngineResume, EventsOfEndedSessionsAreForgotten) {
  EngineWorld world;
  const Client client = world.log_in_ready(alice);
  world.engine.publish_gauges();
  EXPECT_GT(world.metric("cord_session_events"), 5);
  EXPECT_GT(world.metric("cord_session_event_bytes"), 50);
  world.command(client, LogoutSession{}, ObjectKind::session, {"1", "d"});
  world.engine.publish_gauges();
  EXPECT_EQ(world.metric("cord_session_events"), 0);
  EXPECT_EQ(world.metric("cord_session_event_bytes"), 0);
  EXPECT_EQ(world.metric("cord_session_answers"), 0);
}

// --- Requests that are sent again -----------------------------------------------------------

struct OnACall {
  OnACall() {
    client = world.log_in_ready(alice);
    world.call_arrives();
    world.command(client, AnswerConversation{});
    world.advance(10s);
  }
  EngineWorld world;
  Client client;
};

// Proves: promise 6
TEST(EngineRepeats, AnAnsweredRequestIsNotCarriedOutAgainOverAnotherConnection) {
  OnACall it;
  const RequestKey key{"7", "digest"};
  const auto first = it.world.command(it.client, MuteConversation{}, ObjectKind::conversation, key);
  it.world.advance(1s);
  ASSERT_TRUE(it.world.reply_to(first)->outcome.has_value());
  it.world.command(it.client, UnmuteConversation{});
  it.world.advance(1s);
  const std::uint64_t seen = it.world.events_to(it.client).back().seq;
  const Client back = it.world.resume(it.client, seen);
  const auto again = it.world.command(back, MuteConversation{}, ObjectKind::conversation, key);
  ASSERT_TRUE(it.world.reply_to(again).has_value());
  EXPECT_TRUE(it.world.reply_to(again)->outcome.has_value());
  EXPECT_EQ(it.world.reply_to(again)->seq, it.world.reply_to(first)->seq);
  it.world.advance(1s);
  EXPECT_TRUE(it.world.events_to(back).empty()) << "it was carried out again";
  EXPECT_EQ(it.world.metric("cord_requests_repeated_total"), 1);
}

TEST(EngineRepeats, APendingRequestAnswersTheNewConnectionBeforeItsEvents) {
  test::EngineSetup setup;
  setup.sim.order_latency = {2s, 2s};
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  world.advance(30s);
  const RequestKey key{"7", "digest"};
  const std::uint64_t seen = world.events_to(client).back().seq;
  const auto first = world.command(client, HoldConversation{}, ObjectKind::conversation, key);
  EXPECT_FALSE(world.reply_to(first).has_value());
  world.handle(ConnectionLost{client.connection});
  const Client back = world.resume(client, seen);
  const auto again = world.command(back, HoldConversation{}, ObjectKind::conversation, key);
  EXPECT_FALSE(world.reply_to(again).has_value());
  world.advance(5s);
  ASSERT_TRUE(world.reply_to(again).has_value());
  EXPECT_TRUE(world.reply_to(again)->outcome.has_value());
  const auto told = world.told(back);
  const auto place = std::find_if(told.begin(), told.end(), [&](const ToClient& each) {
    const auto* reply = std::get_if<Reply>(&each.what);
    return reply != nullptr && reply->request == again;
  });
  ASSERT_NE(place, told.end());
  ASSERT_NE(place + 1, told.end());
  const auto& held = std::get<ClientEvent>((place + 1)->what);
  EXPECT_EQ(std::get<ConversationStateUpdated>(held.data).state, ConversationState::held);
  EXPECT_EQ(std::get<Reply>(place->what).seq, held.seq);
}

// Proves: promise 6, invalid.request
TEST(EngineRepeats, TheSameIdWithAnotherBodyIsRefused) {
  OnACall it;
  it.world.command(it.client, MuteConversation{}, ObjectKind::conversation, {"7", "a"});
  it.world.advance(1s);
  const auto other =
      it.world.command(it.client, UnmuteConversation{}, ObjectKind::conversation, {"7", "b"});
  EXPECT_EQ(it.world.failure_of(other), Errc::invalid_request);
}

TEST(EngineRepeats, WhatWaitedForItsTurnWhenTheConnectionWasLostIsCarriedOutWhenAskedAgain) {
  test::EngineSetup setup;
  setup.sim.order_latency = {2s, 2s};
  EngineWorld world(std::move(setup));
  const Client client = world.log_in_ready(alice);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  world.advance(30s);
  const RequestKey key{"8", "digest"};
  world.command(client, HoldConversation{});
  const auto waiting = world.command(client, MuteConversation{}, ObjectKind::conversation, key);
  const Client back = world.resume(client, world.events_to(client).back().seq);
  EXPECT_EQ(world.failure_of(waiting), Errc::target_not_found);
  const auto again = world.command(back, MuteConversation{}, ObjectKind::conversation, key);
  world.advance(10s);
  ASSERT_TRUE(world.reply_to(again).has_value());
  EXPECT_TRUE(world.reply_to(again)->outcome.has_value());
}

TEST(EngineRepeats, AnIdCanBeUsedAnewInTheNextSession) {
  EngineWorld world;
  const Client client = world.prepare(alice);
  const RequestKey key{"1", "digest"};
  world.command(client, StartSession{}, ObjectKind::session, key);
  const Client fresh = world.prepare(alice, true);
  const auto start = world.command(fresh, StartSession{}, ObjectKind::session, key);
  ASSERT_TRUE(world.reply_to(start).has_value());
  EXPECT_FALSE(world.events_to(fresh).empty());
}

}  // namespace
}  // namespace cord::runtime
