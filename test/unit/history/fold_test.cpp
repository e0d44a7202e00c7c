// What the core's events mean to the history.
#include "history_fixture.hpp"

namespace cord::history {
namespace {

using core::AnswerConversation;
using core::CompleteInteraction;
using core::ControlRecording;

constexpr std::int64_t second_us = 1'000'000;

/// A call that alice takes: 5 s in the queue, 60 s of talk of which 20 on hold, 10 s of wrap-up.
void handle_a_call(World& world) {
  world.arrive();
  world.advance(5s);
  const Client alice = world.log_in_ready(test::alice);
  world.command(alice, AnswerConversation{});
  world.command(alice, ControlRecording{ControlRecording::Verb::start});
  world.advance(20s);
  world.command(alice, core::HoldConversation{});
  world.advance(20s);
  world.command(alice, core::RetrieveConversation{});
  world.command(alice, core::SetInteractionData{{{"crm", core::DataValue{true, R"({"id":42})"}},
                                                 {"apiToken", core::DataValue{false, "hidden"}},
                                                 {"ANI", std::nullopt}}});
  world.advance(20s);
  world.command(alice, core::ReleaseConversation{});
  world.advance(10s);
  world.command(alice, CompleteInteraction{"sold", "calls again"});
  world.command(alice, core::LogoutSession{});
}

using Fold = HistoryTest;

TEST_F(Fold, ACallIsARowWithAllItsTimes) {
  World world;
  handle_a_call(world);
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 1U);
  const InteractionRow& it = page.interactions.front();
  EXPECT_EQ(it.number, 1);
  EXPECT_EQ(it.agent, "alice");
  EXPECT_EQ(it.endpoint, "1001");
  EXPECT_EQ(it.type, "Telephony");
  EXPECT_EQ(it.direction, "INBOUND");
  EXPECT_EQ(it.queue, "support");
  EXPECT_EQ(it.from_address, "555");
  EXPECT_EQ(it.to_address, "100");
  EXPECT_EQ(it.call_id, "call-1");
  EXPECT_EQ(it.began_us - it.queued_us, 5 * second_us);
  EXPECT_EQ(*it.answered_us, it.began_us);
  EXPECT_EQ(*it.ended_us - *it.answered_us, 60 * second_us);
  EXPECT_EQ(it.hold_ms, 20'000);
  EXPECT_EQ(it.wrapup_ms, 10'000);
  EXPECT_EQ(it.outcome, "handled");
  EXPECT_EQ(it.cause, "request");
  EXPECT_EQ(it.disposition, "sold");
  EXPECT_EQ(it.notes, "calls again");
}

TEST_F(Fold, DataIsKeptAsItWasLastWithItsSecretsMasked) {
  World world;
  handle_a_call(world);
  keep(world);
  const std::string data = read().interactions.front().data;
  EXPECT_NE(data.find(R"("crm":{"id":42})"), std::string::npos) << data;
  EXPECT_NE(data.find(R"("apiToken":"***")"), std::string::npos) << data;
  EXPECT_EQ(data.find("hidden"), std::string::npos) << data;
  EXPECT_EQ(data.find("ANI"), std::string::npos) << data;
}

TEST_F(Fold, DataIsLeftOutIfSoConfigured) {
  World world;
  handle_a_call(world);
  options.fold.keeps_data = false;
  keep(world);
  EXPECT_EQ(read().interactions.front().data, "");
}

TEST_F(Fold, ItsRecordingAndItsLegsAreWithIt) {
  World world;
  handle_a_call(world);
  keep(world);
  const InteractionRow it = read().interactions.front();
  ASSERT_EQ(it.recordings.size(), 1U);
  EXPECT_NE(it.recordings[0].file, "");
  EXPECT_EQ(*it.recordings[0].ended_us, *it.ended_us);
  EXPECT_EQ(it.recordings[0].cause, "request");
  ASSERT_EQ(it.legs.size(), 2U);
  EXPECT_EQ(it.legs[0].kind, "customer");
  EXPECT_EQ(*it.legs[0].ended_us, *it.ended_us);
  EXPECT_EQ(it.legs[1].kind, "phone");
  EXPECT_EQ(it.legs[1].agent, "alice");
  EXPECT_TRUE(it.legs[1].answered_us && it.legs[1].ended_us);
}

TEST_F(Fold, EachOfferIsARowAndOnlyTheCallKnowsThatItWasAbandoned) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  const core::LegId leg = world.arrive();
  world.command(alice, core::RejectInteraction{"busy"});
  world.advance(10s);  // It is offered again, and not answered.
  world.advance(10s);
  world.report(core::LegReleased{leg, core::Cause::remote, ""});
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 2U);
  EXPECT_EQ(page.interactions[0].outcome, "unanswered");
  EXPECT_EQ(page.interactions[0].cause, "remote");
  EXPECT_FALSE(page.interactions[0].answered_us);
  EXPECT_EQ(page.interactions[1].outcome, "rejected");
  EXPECT_EQ(page.interactions[1].notes, "busy");
  EXPECT_EQ(page.interactions[1].completed_us, page.interactions[1].ended_us);
  auto database = open_for_reading(file()).value();
  EXPECT_EQ(database.read_number("SELECT count(*) FROM call WHERE cause = 'remote'").value(), 1);
}

TEST_F(Fold, WhatAnAgentDialsIsOutbound) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  world.command(alice, core::DialNumber{"9555"});
  world.advance(3s);
  world.report(core::LegAnswered{world.customer_leg(alice)});
  world.advance(7s);
  world.command(alice, core::ReleaseConversation{});
  keep(world);
  const InteractionRow it = read().interactions.front();
  EXPECT_EQ(it.direction, "OUTBOUND");
  EXPECT_EQ(it.from_address, "1001");
  EXPECT_EQ(it.to_address, "9555");
  EXPECT_EQ(*it.answered_us - it.began_us, 3 * second_us);
  EXPECT_EQ(it.outcome, "handled");
  EXPECT_FALSE(it.completed_us);
  ASSERT_EQ(it.legs.size(), 2U);
  EXPECT_EQ(it.legs[0].kind, "phone");
  EXPECT_EQ(it.legs[1].kind, "dialled");
  EXPECT_EQ(*it.legs[1].answered_us, *it.answered_us);
  EXPECT_TRUE(it.legs[1].ended_us);
}

TEST_F(Fold, ACallBetweenAgentsIsARowForEach) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  const Client bob = world.log_in_ready(test::bob);
  world.command(alice, core::DialNumber{"1002"});
  world.command(bob, AnswerConversation{});
  world.command(bob, core::ReleaseConversation{});
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 2U);
  for (const InteractionRow& it : page.interactions) {
    EXPECT_EQ(it.direction, "INTERNAL") << it.agent;
    EXPECT_EQ(it.outcome, "handled") << it.agent;
  }
  EXPECT_EQ(page.interactions[0].call, page.interactions[1].call);
}

/// Alice has had a call for 5 s and consults Carol about it, who answers after 2 s.
struct Consult {
  explicit Consult(World& world) : alice(world.log_in_ready(test::alice)) {
    world.arrive();
    world.command(alice, AnswerConversation{});
    carol = world.log_in_ready(test::carol);
    world.advance(5s);
    world.command(alice, core::ConsultNumber{"1003"});
    world.advance(2s);
    world.command(carol, AnswerConversation{});
    world.advance(8s);
  }
  Client alice;
  Client carol;
};

TEST_F(Fold, AConsultIsACallOfItsOwnWhileTheCustomerIsHeld) {
  World world;
  const Consult consult(world);
  world.command(consult.alice, core::ReconnectInteraction{});
  world.advance(5s);
  world.command(consult.alice, core::ReleaseConversation{});
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 2U);
  const InteractionRow& carols = page.interactions[0];
  EXPECT_EQ(carols.agent, "carol");
  EXPECT_EQ(carols.from_address, "1001");
  EXPECT_EQ(*carols.ended_us - *carols.answered_us, 8 * second_us);
  EXPECT_EQ(carols.hold_ms, 0);
  const InteractionRow& alices = page.interactions[1];
  EXPECT_EQ(alices.hold_ms, 10'000);
  EXPECT_EQ(*alices.ended_us - *alices.answered_us, 20 * second_us);
  auto database = open_for_reading(file()).value();
  EXPECT_EQ(database
                .read_number("SELECT count(*) FROM call WHERE direction = 'INTERNAL'"
                             " AND ended_us IS NOT NULL")
                .value(),
            1);
}

TEST_F(Fold, WhoTookOverACallHasItsRow) {
  World world;
  const Consult consult(world);
  world.command(consult.alice, core::TransferInteraction{});
  world.advance(5s);
  world.command(consult.carol, core::ReleaseConversation{});
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 2U);
  EXPECT_EQ(page.interactions[1].cause, "transfer");
  EXPECT_EQ(page.interactions[1].hold_ms, 10'000);
  EXPECT_NE(page.interactions[0].data.find(R"("ANI":"555")"), std::string::npos);
  auto database = open_for_reading(file()).value();
  EXPECT_EQ(database
                .read_number("SELECT count(DISTINCT call) FROM interaction JOIN call"
                             " ON call.row = interaction.call WHERE call.from_address = '555'")
                .value(),
            1);
  EXPECT_EQ(database.read_number("SELECT count(*) FROM call WHERE cause = 'transfer'").value(), 1);
}

TEST_F(Fold, ANumberGivenACallIsALegOfACallOfItsOwn) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  world.arrive();
  world.command(alice, AnswerConversation{});
  world.command(alice, core::BlindTransfer{"9555"});
  world.report(core::LegAnswered{core::LegId{2}});
  world.advance(5s);
  world.report(core::LegReleased{core::LegId{2}, core::Cause::remote, ""});
  keep(world);
  auto database = open_for_reading(file()).value();
  EXPECT_EQ(database
                .read_number("SELECT leg.ended_us - leg.answered_us FROM leg JOIN call"
                             " ON call.row = leg.call WHERE call.to_address = '9555'"
                             " AND call.from_address = '555' AND leg.kind = 'dialled'")
                .value(),
            5 * second_us);
}

// What a queue sends on: to a number it has dialled itself, or to another queue.
core::Directory overflowing(bool to_number) {
  core::Directory directory = test::call_centre();
  directory.queues[0].wait_max = 30s;
  if (to_number) directory.queues[0].overflow_number = "9555";
  if (!to_number) directory.queues[0].overflow_queue = 1;
  return directory;
}

TEST_F(Fold, ANumberThatAQueueSendsACallOnToHasALegOnce) {
  World world(overflowing(true));
  world.arrive();
  world.advance(31s);
  world.report(core::LegAnswered{core::LegId{1}});
  world.advance(5s);
  world.report(core::LegReleased{core::LegId{1}, core::Cause::remote, ""});
  keep(world);
  constexpr auto talked =
      "SELECT sum(leg.ended_us - leg.answered_us) FROM leg JOIN call ON call.row = leg.call"
      " WHERE call.to_address = '9555' AND call.from_address = '555' AND leg.kind = 'dialled'";
  EXPECT_EQ(open_for_reading(file()).value().read_number(talked).value(), 5 * second_us);
  for (const journal::Record& record : records_of(world)) {
    auto database = open_for_writing(file()).value();
    ASSERT_TRUE(apply(database, record, {}).has_value());
  }
  EXPECT_EQ(open_for_reading(file()).value().read_number(talked).value(), 5 * second_us);
}

TEST_F(Fold, ACallIsOfTheQueueItWentOnTo) {
  World world(overflowing(false));
  world.arrive();
  world.advance(31s);
  const Client agent = world.log_in_ready(test::eve);
  world.command(agent, AnswerConversation{});
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 1U);
  EXPECT_EQ(page.interactions.front().queue, "sales");
}

TEST_F(Fold, AConferenceIsOneCall) {
  World world;
  const Consult consult(world);
  world.command(consult.alice, core::ConferenceInteraction{});
  world.advance(5s);
  world.command(consult.alice, core::ReleaseConversation{});
  world.advance(5s);
  world.command(consult.carol, core::ReleaseConversation{});
  keep(world);
  const Page page = read();
  ASSERT_EQ(page.interactions.size(), 2U);
  const InteractionRow& carols = page.interactions[0];
  const InteractionRow& alices = page.interactions[1];
  EXPECT_EQ(alices.hold_ms, 10'000);
  EXPECT_EQ(*carols.ended_us - *alices.ended_us, 5 * second_us);
  auto database = open_for_reading(file()).value();
  EXPECT_EQ(database.read_number("SELECT count(DISTINCT call) FROM interaction").value(), 1);
  EXPECT_EQ(database.read_number("SELECT count(*) FROM call WHERE cause = 'conference'").value(),
            1);
  EXPECT_EQ(database.read_number("SELECT count(*) FROM leg WHERE ended_us IS NULL").value(), 1)
      << "Carol's phone stays";
}

TEST_F(Fold, AHistoryOfFormat1IsTakenOver) {
  {
    World world;
    handle_a_call(world);
    keep(world);
    auto database = Database::open(file(), Database::Access::write).value();
    ASSERT_TRUE(
        database.execute("DROP INDEX interaction_consult;"
                         "ALTER TABLE interaction DROP COLUMN consult;"
                         "PRAGMA user_version = 1"));
  }
  ASSERT_TRUE(open_for_writing(file()));
  ASSERT_TRUE(open_for_writing(file()));
  EXPECT_EQ(read().interactions.size(), 1U);
}

TEST_F(Fold, AChatHasNoLegs) {
  World world;
  const Client alice = world.log_in(test::alice);
  world.command(alice, core::AddChannel{{core::MediaType::chat, "web"}});
  const Client chats = alice.on(1);
  world.command(chats, core::ActivateChannel{});
  world.command(chats, core::ReadyChannel{});
  world.submit({.queue = "support", .from = "ann@example", .key = "crm-17"});
  world.command(chats, core::AcceptInteraction{});
  world.advance(9s);
  world.command(chats, CompleteInteraction{"sold", ""});
  keep(world);
  const InteractionRow it = read().interactions.front();
  EXPECT_EQ(it.type, "Chat");
  EXPECT_EQ(it.from_address, "ann@example");
  EXPECT_EQ(it.call_id, "crm-17");
  EXPECT_EQ(it.endpoint, "web");
  EXPECT_EQ(it.outcome, "handled");
  EXPECT_EQ(it.wrapup_ms, 0);
  EXPECT_TRUE(it.legs.empty());
}

TEST_F(Fold, APersistentPhonesLegIsNoCallsOwn) {
  World world;
  const Client carol = world.log_in_ready(test::carol);
  world.command(carol, core::DialNumber{"9555"});
  keep(world);
  const InteractionRow it = read().interactions.front();
  ASSERT_EQ(it.legs.size(), 1U);
  EXPECT_EQ(it.legs[0].kind, "dialled");
  auto database = open_for_reading(file()).value();
  EXPECT_EQ(database.read_number("SELECT count(*) FROM leg WHERE kind = 'persistent'").value(), 1);
}

TEST_F(Fold, ATakeoverIsASessionOfTheSameAgent) {
  World world;
  (void)world.log_in(test::alice);
  (void)world.prepare(test::alice, true);
  keep(world);
  auto database = open_for_reading(file()).value();
  auto rows = database.query("SELECT agent, how_ended FROM session ORDER BY row", {}).value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.text(0) + " " + rows.text(1), "alice replaced");
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.text(0) + " " + rows.text(1), "alice ");
}

// Wherever the process dies, what it has not written is taken from the journal.
TEST_F(Fold, AfterADeathAtAnyRecordTheRowsAreTheSame) {
  World world;
  handle_a_call(world);
  const auto all = records_of(world);
  keep(world);
  const std::string expected = dump_of(file());
  for (std::size_t count = 0; count <= all.size(); ++count) {
    std::filesystem::remove(file());
    std::filesystem::remove(file().string() + "-wal");
    std::filesystem::remove(file().string() + "-shm");
    open_behind({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
    open_behind(all);
    ASSERT_EQ(dump_of(file()), expected) << "after record " << count;
  }
}

// As it is after records that were left to the next start: those behind them are applied twice.
TEST_F(Fold, ApplyingAgainChangesNothing) {
  World world;
  handle_a_call(world);
  const auto all = records_of(world);
  keep(world);
  const std::string expected = dump_of(file());
  for (std::size_t from = 0; from < all.size(); from += 3) {
    auto database = open_for_writing(file()).value();
    for (std::size_t i = from; i < all.size(); ++i) {
      ASSERT_TRUE(apply(database, all[i], {}).has_value());
    }
    ASSERT_EQ(dump_of(file()), expected) << "from record " << from;
  }
}

}  // namespace
}  // namespace cord::history
