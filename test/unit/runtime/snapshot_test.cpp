// Snapshots: a state as bytes and back, when one is taken, and a restart that begins with one
// (docs/journal.md, "Snapshots").
#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "runtime/place_book.hpp"
#include "runtime/recovery.hpp"
#include "support/core_invariants.hpp"
#include "support/engine_world.hpp"
#include "support/memory_storage.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;
using Records = std::vector<journal::Record>;

constexpr AgentIndex alice = 0, carol = 2, eve = 4;

EngineSetup often() {
  EngineSetup setup;
  setup.engine.snapshot_records = 10;
  return setup;
}

/// Calls in every state that two agents and three callers give, for as long as `rounds`.
void live(EngineWorld& world, int rounds) {
  const Client first = world.log_in_ready(alice);
  world.log_in_ready(carol);
  for (int round = 0; round < rounds; ++round) {
    world.call_arrives("100");
    world.call_arrives("100");
    world.call_arrives("200");
    world.command(first, AnswerConversation{});
    world.advance(1s);
    world.command(first, HoldConversation{});
    world.advance(20s);
    world.command(first, ReleaseConversation{});
    world.advance(20s);
    world.command(first, CompleteInteraction{{}, "notes"}, ObjectKind::interaction);
    world.command(first, ReadyChannel{}, ObjectKind::channel);
  }
}

Records snapshots_in(const Records& records) {
  Records all;
  for (const journal::Record& it : records) {
    if (it.is_snapshot) all.push_back(it);
  }
  return all;
}

Records without_snapshots(Records records) {
  std::erase_if(records, [](const journal::Record& it) { return it.is_snapshot; });
  return records;
}

std::string dump_after(const EngineWorld& before, const Records& records) {
  EngineWorld after;
  after.now = before.now + 3s;
  after.go_on_with(records);
  return after.engine.state().dump();
}

// --- The codec ----------------------------------------------------------------------------------

TEST(SnapshotCodec, WhatIsMadeAgainGivesTheSameBytesAndTheSameState) {
  EngineWorld world(often());
  live(world, 5);
  const Records taken = snapshots_in(world.journal.records);
  ASSERT_GE(taken.size(), 2u);
  for (const journal::Record& it : taken) {
    auto image = decode_snapshot(it.payload);
    ASSERT_TRUE(image.has_value()) << image.error().detail;
    State state(*world.directory);
    restore(state, StateImage(image->state));
    State replayed(*world.directory);
    for (const journal::Record& record : without_snapshots(world.journal.records)) {
      if (record.sequence > it.sequence) break;
      const auto content = decode_record(record.payload);
      ASSERT_TRUE(content.has_value());
      for (const Event& event : content->events) apply(replayed, event, record.time);
    }
    EXPECT_EQ(state.dump(), replayed.dump());
    EXPECT_EQ(test::broken_invariants(state), std::vector<std::string>{});
    EXPECT_EQ(encode_snapshot(std::move(*image), *world.directory), it.payload);
  }
}

TEST(SnapshotCodec, PlacesMoveWithTheirNames) {
  EngineWorld world(often());
  live(world, 5);
  Directory other = test::call_centre();
  std::swap(other.agents[alice], other.agents[eve]);
  std::swap(other.queues[0], other.queues[1]);
  auto image = decode_snapshot(snapshots_in(world.journal.records).back().payload);
  ASSERT_TRUE(image.has_value());
  ASSERT_TRUE(PlaceBook(other).relocate(*image).has_value());
  EXPECT_EQ(image->state.sessions.front().agent, eve);
  EXPECT_EQ(image->state.channels.front().queues, (std::vector<QueueIndex>{1}));
  other.agents.erase(other.agents.begin() + 4);
  image = decode_snapshot(snapshots_in(world.journal.records).back().payload);
  const auto lost = PlaceBook(other).relocate(*image);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, Errc::corrupt);
}

TEST(SnapshotCodec, BytesThatAreNotOneAreRefused) {
  EngineWorld world(often());
  live(world, 5);
  const std::string whole = snapshots_in(world.journal.records).back().payload;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_snapshot(whole.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_snapshot(whole + '\0').has_value());
  Prng prng(7);
  for (int round = 0; round < 2'000; ++round) {
    std::string changed = whole;
    changed[prng.below(changed.size())] = static_cast<char>(prng.below(256));
    static_cast<void>(decode_snapshot(changed));  // Whatever it says, it ends.
  }
  std::string newer = whole;
  newer[0] = static_cast<char>(snapshot_codec_version + 1);
  const auto refused = decode_snapshot(newer);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::bad_version);
}

// --- When one is taken --------------------------------------------------------------------------

TEST(EngineSnapshot, IsTakenWhenThereAreEnoughRecordsAndNoClientCanBeAwayLonger) {
  EngineWorld world(often());
  const Limits& limits = world.directory->limits;
  live(world, 8);
  const Records taken = snapshots_in(world.journal.records);
  ASSERT_GE(taken.size(), 3u);
  EXPECT_GE(taken.front().sequence, 10u);
  for (std::size_t i = 1; i < taken.size(); ++i) {
    EXPECT_GE(taken[i].sequence - taken[i - 1].sequence, 10u);
    EXPECT_GE(taken[i].time - taken[i - 1].time, limits.detached_grace + limits.request_timeout);
  }
  EXPECT_EQ(world.metric("cord_journal_snapshots_total"), taken.size());
  EXPECT_EQ(world.metric("cord_journal_snapshot_bytes"), taken.back().payload.size());
}

TEST(EngineSnapshot, IsNotTakenAgainBecauseOfARestart) {
  EngineWorld before(often());
  live(before, 5);
  const std::size_t count = snapshots_in(before.journal.records).size();
  EngineWorld after(often());
  after.now = before.now;
  after.go_on_with(before.journal.records);
  after.log_in_ready(eve);
  EXPECT_EQ(snapshots_in(after.journal.records).size(), count);
}

// --- A restart ----------------------------------------------------------------------------------

TEST(EngineSnapshot, ARestartFromOneEqualsARestartFromTheBeginning) {
  EngineWorld before(often());
  live(before, 8);
  const Records all = before.journal.records;
  ASSERT_GE(snapshots_in(all).size(), 3u);
  for (std::size_t size = 1; size <= all.size(); ++size) {
    const Records some(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_EQ(dump_after(before, some), dump_after(before, without_snapshots(some))) << size;
  }
}

TEST(EngineSnapshot, AClientWhoWasAwayForLessThanTheGraceMissesNothing) {
  EngineWorld before(often());
  live(before, 7);
  const Client client = before.log_in_ready(eve);
  const std::uint64_t heard = before.events_to(client).back().seq;
  before.handle(ConnectionLost{client.connection});
  before.advance(before.directory->limits.detached_grace - 1s);
  before.call_arrives("100");
  EngineWorld after;
  after.now = before.now + 1h;
  after.go_on_with(before.journal.records);
  const Client back = after.resume(client, heard);
  const auto events = after.events_to(back);
  ASSERT_FALSE(events.empty());
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, heard + 1 + i);
}

TEST(EngineSnapshot, WhoseEventsAreFromBeforeItIsToldSo) {
  EngineWorld before(often());
  live(before, 8);
  const Client client{ConnectionId{1}, "session-1", alice};
  ASSERT_GE(snapshots_in(before.journal.records).size(), 3u);
  EngineWorld after;
  after.now = before.now;
  after.go_on_with(before.journal.records);
  after.resume(client, 0);
  EXPECT_EQ(after.failure_of(RequestId{after.last_request}), Errc::resume_gap);
}

TEST(EngineSnapshot, ARequestThatIsPendingInItIsNotCarriedOutAgain) {
  EngineSetup setup = often();
  setup.sim.silent_permille = 1'000;
  EngineWorld before(setup);
  const Client client = before.log_in_ready(alice);
  const RequestKey key{"5", "digest"};
  before.advance(5min);
  before.call_arrives();
  before.command(client, AnswerConversation{}, ObjectKind::conversation, key);
  Records records = before.journal.records;
  ASSERT_FALSE(before.reply_to(RequestId{before.last_request}).has_value());
  records.push_back({records.back().sequence, before.now,
                     encode_snapshot({.state = image_of(before.engine.state()),
                                      .streams = {{before.engine.state().sessions().begin()->first,
                                                   before.events_to(client).back().seq}},
                                      .pending = {{before.engine.state().sessions().begin()->first,
                                                   RequestId{before.last_request}, "5", "digest"}}},
                                     *before.directory),
                     true});
  records.push_back(records.back());  // The older and the newer: all records are needless.
  EngineWorld after;
  after.now = before.now;
  after.go_on_with(records);
  const Client back = after.resume(client, before.events_to(client).back().seq);
  const auto size = after.journal.records.size();
  const auto again = after.command(back, AnswerConversation{}, ObjectKind::conversation, key);
  EXPECT_TRUE(after.failure_of(again).has_value());
  EXPECT_EQ(after.journal.records.size(), size);
}

// --- A damaged journal --------------------------------------------------------------------------

Result<JournalSurvey> survey_of(const std::shared_ptr<test::MemoryDisk>& disk) {
  test::MemoryStorage storage(disk);
  Directory directory = test::call_centre();
  SilentLog log;
  Metrics metrics;
  return survey_journal(storage, directory, log, metrics);
}

TEST(JournalSurvey, DamageBeforeTheNewestSnapshotCostsNothing) {
  EngineWorld before(often());
  live(before, 8);
  Records records = before.journal.records;
  const Records taken = snapshots_in(records);
  const std::uint64_t hole = taken.back().sequence - 2;
  std::erase_if(records, [&](const auto& it) { return !it.is_snapshot && it.sequence == hole; });
  const auto disk = std::make_shared<test::MemoryDisk>();
  disk->begin_with(records);
  const auto survey = survey_of(disk);
  ASSERT_TRUE(survey.has_value());
  EXPECT_EQ(survey->snapshot, taken.back().sequence);
  EXPECT_EQ(survey->set_aside, 0u);
  EXPECT_EQ(dump_after(before, records), dump_after(before, before.journal.records));
}

TEST(JournalSurvey, BeginsWithTheOlderOfTwoSnapshots) {
  EngineWorld before(often());
  live(before, 8);
  const Records taken = snapshots_in(before.journal.records);
  const auto disk = std::make_shared<test::MemoryDisk>();
  disk->begin_with(before.journal.records);
  const auto survey = survey_of(disk);
  ASSERT_TRUE(survey.has_value());
  EXPECT_EQ(survey->snapshot, taken[taken.size() - 2].sequence);
  EXPECT_EQ(survey->records, before.engine.last_sequence() - survey->snapshot);
}

TEST(JournalSurvey, ASnapshotOfAnotherVersionEndsTheStartAndChangesNothing) {
  EngineWorld before(often());
  live(before, 8);
  Records records = before.journal.records;
  for (journal::Record& it : records) {
    if (it.is_snapshot) it.payload[0] = 99;
  }
  const auto disk = std::make_shared<test::MemoryDisk>();
  disk->begin_with(records);
  const std::size_t size = disk->committed().size();
  const auto survey = survey_of(disk);
  ASSERT_FALSE(survey.has_value());
  EXPECT_EQ(survey.error().code, Errc::bad_version);
  EXPECT_NE(survey.error().detail.find("snapshot"), std::string::npos) << survey.error().detail;
  EXPECT_EQ(disk->committed().size(), size);
}

}  // namespace
}  // namespace cord::runtime
