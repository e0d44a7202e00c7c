// The process dies at some moment and another goes on with its journal (docs/journal.md, "After a
// restart").
#include <gtest/gtest.h>

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

constexpr AgentIndex alice = 0, carol = 2;

Client in_a_call(EngineWorld& world, AgentIndex agent = alice) {
  const Client client = world.log_in_ready(agent);
  world.call_arrives();
  world.command(client, AnswerConversation{});
  world.advance(1s);
  return client;
}

/// The next process, `down` after the last one died.
std::unique_ptr<EngineWorld> restarted(const EngineWorld& before, Duration down = 3s,
                                       Directory directory = test::call_centre()) {
  auto after = std::make_unique<EngineWorld>(EngineSetup{.directory = std::move(directory)});
  after->now = before.now + down;
  after->last_connection = 0;  // The next front counts its connections from 1 again.
  after->last_request = 0;
  after->go_on_with(before.journal.records);
  EXPECT_EQ(test::broken_after_restart(after->engine.state(), after->now),
            std::vector<std::string>{});
  return after;
}

std::vector<std::string> texts(const std::vector<ClientEvent>& events) {
  std::vector<std::string> all;
  for (const ClientEvent& it : events) all.push_back(test::text(it));
  return all;
}

bool has(const std::vector<std::string>& lines, std::string_view part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(EngineRestart, ACallEndsWithCauseRecoveryAndTheNumbersGoOn) {
  EngineWorld before;
  const Client client = in_a_call(before);
  before.command(client, SetInteractionData{{{"crm", DataValue{false, "42"}}}},
                 ObjectKind::interaction);
  const std::uint64_t last = before.events_to(client).back().seq;
  const auto after = restarted(before);
  const Client back = after->resume(client, last);
  const auto events = after->events_to(back);
  ASSERT_FALSE(events.empty());
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, last + 1 + i);
  EXPECT_TRUE(has(texts(events), "recovery")) << fmt::format("{}", fmt::join(texts(events), "\n"));
  const State& state = after->engine.state();
  const Interaction& interaction = state.interactions().begin()->second;
  EXPECT_EQ(interaction.state, InteractionState::ended);
  EXPECT_EQ(interaction.data.at("crm").text, "42");
  EXPECT_EQ(state.channels().begin()->second.agent_state, AgentState::wrapup);
  const auto done = after->command(back, CompleteInteraction{{}, "notes"}, ObjectKind::interaction);
  EXPECT_TRUE(after->reply_to(done)->outcome.has_value());
}

TEST(EngineRestart, WhatWasToldBeforeIsToldAgainAsItWas) {
  EngineWorld before;
  const Client client = in_a_call(before);
  const auto told = before.events_to(client);
  const auto after = restarted(before);
  const auto again = after->events_to(after->resume(client, 0));
  ASSERT_GT(again.size(), told.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(test::text(again[i]), test::text(told[i]));
    EXPECT_EQ(again[i].time, told[i].time);
    EXPECT_EQ(again[i].seq, told[i].seq);
  }
}

TEST(EngineRestart, RestartsAfterRestartsLoseNothing) {
  EngineWorld before;
  const Client client = in_a_call(before);
  const auto once = restarted(before);
  const auto twice = restarted(*once);
  const auto events = twice->events_to(twice->resume(client, 0));
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, i + 1);
  EXPECT_EQ(twice->engine.state().sessions().size(), 1u);
}

TEST(EngineRestart, ARequestSentAgainGetsItsFirstAnswer) {
  EngineWorld before;
  const Client client = in_a_call(before);
  const RequestKey key{"7", "digest\xff"};
  const auto first = before.command(client, HoldConversation{}, ObjectKind::conversation, key);
  before.advance(1s);
  const auto reply = before.reply_to(first);
  ASSERT_TRUE(reply && reply->outcome);
  const auto after = restarted(before);
  const Client back = after->resume(client, 0);
  const auto again =
      after->reply_to(after->command(back, HoldConversation{}, ObjectKind::conversation, key));
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->outcome.has_value());
  EXPECT_EQ(again->seq, reply->seq);
  const auto other =
      after->command(back, HoldConversation{}, ObjectKind::conversation, {"7", "another body"});
  EXPECT_EQ(after->failure_of(other), Errc::invalid_request);
}

TEST(EngineRestart, APendingRequestHasAnOutcomeAndIsNotCarriedOutAgain) {
  EngineSetup silent;
  silent.sim.silent_permille = 0;
  EngineWorld before(silent);
  const Client client = in_a_call(before);
  before.commits_at_once = false;
  const RequestKey key{"8", "digest"};
  const auto asked = before.command(client, MuteConversation{}, ObjectKind::conversation, key);
  EXPECT_FALSE(before.reply_to(asked).has_value());
  const auto after = restarted(before);
  const Client back = after->resume(client, 0);
  const auto records = after->journal.records.size();
  const auto again = after->command(back, MuteConversation{}, ObjectKind::conversation, key);
  EXPECT_TRUE(after->failure_of(again).has_value());
  EXPECT_EQ(after->journal.records.size(), records);
}

TEST(EngineRestart, TheTimeInWhichTheServerWasDownDoesNotCount) {
  EngineWorld before;
  const Client client = in_a_call(before);
  before.command(client, ReleaseConversation{});
  before.advance(1s);
  const Duration down = 2h;
  const auto after = restarted(before, down);
  const Client back = after->resume(client, 0);
  after->advance(after->directory->limits.wrapup_max - 5s);
  EXPECT_EQ(after->engine.state().interactions().size(), 1u);
  after->advance(10s);
  EXPECT_TRUE(after->engine.state().interactions().empty());
  EXPECT_EQ(after->engine.state().sessions().size(), 1u);
}

TEST(EngineRestart, NobodyWhoComesBackIsLoggedOutAfterTheGrace) {
  EngineWorld before;
  before.log_in_ready(alice);
  const auto after = restarted(before);
  after->advance(after->directory->limits.detached_not_ready_after + 1s);
  const Channel& channel = after->engine.state().channels().begin()->second;
  EXPECT_EQ(channel.agent_state, AgentState::not_ready);
  EXPECT_EQ(channel.reason, "connection.lost");
  after->advance(after->directory->limits.detached_grace);
  EXPECT_TRUE(after->engine.state().sessions().empty());
}

TEST(EngineRestart, APersistentPhoneIsGoneAndItsChannelInactive) {
  EngineWorld before;
  const Client client = before.log_in_ready(carol);
  before.advance(5s);
  const auto after = restarted(before);
  const Channel& channel = after->engine.state().channels().begin()->second;
  EXPECT_EQ(channel.state, ChannelState::inactive);
  EXPECT_EQ(channel.reason, "phone.lost");
  const Client back = after->resume(client, 0);
  const auto again = after->command(back, ActivateChannel{}, ObjectKind::channel);
  after->advance(10s);
  EXPECT_TRUE(after->reply_to(again)->outcome.has_value());
}

// --- What clients heard and the journal never had (make sim SEED=1580) ---------------------------

/// A client hears two events more than are written before the process dies.
struct LostFuture {
  LostFuture() {
    client = world.log_in_ready(alice);
    written = world.events_to(client).back().seq;
    const std::size_t records = world.journal.records.size();
    world.command(client, NotReadyChannel{}, ObjectKind::channel);
    heard = world.events_to(client).back().seq;
    world.journal.records.resize(records);
  }
  /// Until the next process has events of the numbers that were lost: the client is away.
  static void catch_up(EngineWorld& after) {
    after.advance(after.directory->limits.detached_not_ready_after + 1s);
  }
  EngineWorld world;
  Client client;
  std::uint64_t written = 0;
  std::uint64_t heard = 0;
};

bool is_told_of_a_gap(EngineWorld& world) {
  return world.failure_of(RequestId{world.last_request}) == Errc::resume_gap;
}

// Proves: resume.gap
TEST(EngineRestart, WhoHeardWhatTheDiskNeverHadStartsOver) {
  LostFuture before;
  const auto after = restarted(before.world);
  LostFuture::catch_up(*after);
  const Client back = after->resume(before.client, before.heard);
  EXPECT_TRUE(is_told_of_a_gap(*after));
  EXPECT_TRUE(after->events_to(back).empty());
  after->command(back, StartSession{}, ObjectKind::session);
  const auto anew = after->events_to(back);
  ASSERT_FALSE(anew.empty());
  EXPECT_GT(anew.front().seq, before.heard);
  for (std::size_t i = 0; i < anew.size(); ++i) EXPECT_EQ(anew[i].seq, anew.front().seq + i);
  EXPECT_TRUE(std::holds_alternative<SessionInitialized>(anew.back().data));
  const Client again = after->resume(back, anew.front().seq);
  EXPECT_FALSE(is_told_of_a_gap(*after));
  EXPECT_EQ(after->events_to(again).size(), anew.size() - 1);
}

TEST(EngineRestart, WhoHasOnlyWhatWasWrittenHearsTheRestThen) {
  LostFuture before;
  const auto after = restarted(before.world);
  LostFuture::catch_up(*after);
  const Client back = after->resume(before.client, before.written);
  const auto events = after->events_to(back);
  ASSERT_FALSE(events.empty());
  EXPECT_GE(events.back().seq, before.heard) << "the numbers have not met";
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, before.written + 1 + i);
  after->resume(back, events.back().seq);
  EXPECT_FALSE(is_told_of_a_gap(*after));
}

TEST(EngineRestart, WhoIsToldOfAGapAndDoesNotHearItIsToldAgain) {
  LostFuture before;
  const auto after = restarted(before.world);
  LostFuture::catch_up(*after);
  const Client deaf = after->resume(before.client, before.heard);
  const Client still_deaf = after->resume(deaf, before.heard);
  EXPECT_TRUE(is_told_of_a_gap(*after));
  after->command(still_deaf, StartSession{}, ObjectKind::session);
  after->resume(still_deaf, before.heard);
  EXPECT_TRUE(is_told_of_a_gap(*after));
}

TEST(EngineRestart, NumbersGoOnBehindAllThatTheClientHas) {
  LostFuture before;
  const auto after = restarted(before.world);
  const std::uint64_t heard = before.heard + 1'000;
  const Client back = after->resume(before.client, heard);
  EXPECT_TRUE(is_told_of_a_gap(*after));
  after->command(back, StartSession{}, ObjectKind::session);
  ASSERT_FALSE(after->events_to(back).empty());
  EXPECT_GT(after->events_to(back).front().seq, heard);
}

TEST(EngineRestart, WhatTheDiskNeverHadIsUnknownAfterTwoRestartsToo) {
  LostFuture before;
  const auto once = restarted(before.world);
  LostFuture::catch_up(*once);
  const auto twice = restarted(*once);
  twice->resume(before.client, before.heard);
  EXPECT_TRUE(is_told_of_a_gap(*twice));
  twice->resume(before.client, before.written);
  EXPECT_TRUE(is_told_of_a_gap(*twice)) << "what is told anew does not follow from it";
}

// --- What the configuration says meanwhile -------------------------------------------------------

/// As the program does: what only the journal knows is added as gone.
std::unique_ptr<EngineWorld> restarted_with(const EngineWorld& before, Directory directory) {
  const auto disk = std::make_shared<test::MemoryDisk>();
  disk->begin_with(before.journal.records);
  test::MemoryStorage storage(disk);
  SilentLog log;
  Metrics metrics;
  const auto survey = survey_journal(storage, directory, log, metrics);
  EXPECT_TRUE(survey.has_value());
  EXPECT_EQ(survey->records, before.journal.records.size());
  return restarted(before, 3s, std::move(directory));
}

TEST(EngineRestart, TheSessionOfAnAgentWhoIsGoneEnds) {
  EngineWorld before;
  in_a_call(before);
  const Client other = before.log_in_ready(4);
  Directory directory = test::call_centre();
  directory.agents.erase(directory.agents.begin());
  const auto after = restarted_with(before, std::move(directory));
  ASSERT_EQ(after->engine.state().sessions().size(), 1u);
  EXPECT_EQ(after->engine.state().sessions().begin()->second.name, other.session);
  EXPECT_EQ(after->engine.state().sessions().begin()->second.agent, 3u);
  EXPECT_FALSE(after->directory->find_agent("alice").has_value());
}

TEST(EngineRestart, AQueueThatIsGoneIsServedByNobody) {
  EngineWorld before;
  const Client eve = before.log_in_ready(4);
  before.call_arrives("100");
  Directory directory = test::call_centre();
  directory.queues.erase(directory.queues.begin());
  for (Agent& agent : directory.agents) agent.queues = {0};
  const auto after = restarted_with(before, std::move(directory));
  const Channel& channel = after->engine.state().channels().begin()->second;
  EXPECT_EQ(channel.queues, (std::vector<QueueIndex>{0}));
  EXPECT_FALSE(after->directory->find_queue("support").has_value());
}

TEST(EngineRestart, AnExtensionThatIsNotTheAgentsAnyMoreEndsTheSession) {
  EngineWorld before;
  before.log_in_ready(carol);
  Directory directory = test::call_centre();
  directory.agents[2].extension = "2003";
  EXPECT_TRUE(restarted_with(before, std::move(directory))->engine.state().sessions().empty());
}

// --- What the journal may be -------------------------------------------------------------------

struct Survey {
  explicit Survey(std::vector<journal::Record> records) { disk->begin_with(std::move(records)); }

  Result<JournalSurvey> look() {
    test::MemoryStorage storage(disk);
    return survey_journal(storage, directory, log, metrics);
  }

  std::shared_ptr<test::MemoryDisk> disk = std::make_shared<test::MemoryDisk>();
  Directory directory = test::call_centre();
  SilentLog log;
  Metrics metrics;
};

TEST(JournalSurvey, WhatIsBehindAHoleIsKeptAsideAndCounted) {
  EngineWorld before;
  in_a_call(before);
  std::vector<journal::Record> records = before.journal.records;
  ASSERT_GT(records.size(), 6u);
  records.erase(records.begin() + 3);
  Survey survey(records);
  const auto seen = survey.look();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->records, 3u);
  EXPECT_EQ(seen->set_aside, records.size() - 3);
  EXPECT_EQ(survey.disk->set_aside().size(), records.size() - 3);
  EXPECT_EQ(survey.disk->committed().size(), 3u);
}

TEST(JournalSurvey, ARecordOfAnotherVersionEndsTheStartAndChangesNothing) {
  EngineWorld before;
  in_a_call(before);
  std::vector<journal::Record> records = before.journal.records;
  records[2].payload = R"({"v":9,"events":[]})";
  Survey survey(records);
  const auto seen = survey.look();
  ASSERT_FALSE(seen.has_value());
  EXPECT_EQ(seen.error().code, Errc::bad_version);
  EXPECT_NE(seen.error().detail.find("record 3"), std::string::npos) << seen.error().detail;
  EXPECT_EQ(survey.disk->committed().size(), records.size());
}

TEST(JournalSurvey, AFailureOfTheDiskAtAnyOperationIsSaid) {
  EngineWorld before;
  in_a_call(before);
  std::vector<journal::Record> records = before.journal.records;
  records.erase(records.begin() + 3);
  for (std::uint64_t n = 1; n <= 4; ++n) {
    Survey survey(records);
    survey.disk->fail_at({n});
    const auto seen = survey.look();
    ASSERT_FALSE(seen.has_value()) << n;
    EXPECT_EQ(seen.error().code, Errc::io_failed);
    EXPECT_EQ(survey.disk->committed().size(), records.size());
  }
}

}  // namespace
}  // namespace cord::runtime
