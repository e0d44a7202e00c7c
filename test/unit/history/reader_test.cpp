// Filters, pages and their bounds; the answers as JSON.
#include "history/reader.hpp"

#include <boost/json.hpp>

#include "history_fixture.hpp"
#include "unit/wire/description.hpp"

namespace cord::history {
namespace {

/// Calls of two agents in two queues, 10 s apart: i-1 to i-6, alice's the odd ones.
void make_six_calls(World& world) {
  const Client alice = world.log_in_ready(test::alice);
  const Client eve = world.log_in(test::eve);
  world.command(eve, core::ActivateChannel{"sales"});
  world.command(eve, core::ReadyChannel{});
  for (int i = 0; i < 3; ++i) {
    for (const auto& [client, number] : {std::pair(alice, "100"), std::pair(eve, "200")}) {
      world.arrive(number);
      world.command(client, core::AnswerConversation{});
      world.command(client, core::ReleaseConversation{});
      world.command(client, core::CompleteInteraction{});
      world.advance(10s);
    }
  }
}

struct ReaderTest : HistoryTest {
  ReaderTest() {
    World world;
    make_six_calls(world);
    keep(world);
  }

  std::vector<std::int64_t> numbers(std::string_view query) {
    const auto filter = parse_filter(query);
    EXPECT_TRUE(filter) << query << ": " << (filter ? "" : filter.error().detail);
    std::vector<std::int64_t> found;
    for (const InteractionRow& it : read(*filter).interactions) found.push_back(it.number);
    return found;
  }
};

using Numbers = std::vector<std::int64_t>;

TEST_F(ReaderTest, GivesTheNewestFirst) {
  EXPECT_EQ(numbers(""), (Numbers{6, 5, 4, 3, 2, 1}));
}

TEST_F(ReaderTest, FiltersByAgentQueueAndCall) {
  EXPECT_EQ(numbers("agent=alice"), (Numbers{5, 3, 1}));
  EXPECT_EQ(numbers("queue=sales"), (Numbers{6, 4, 2}));
  EXPECT_EQ(numbers("agent=alice&queue=sales"), Numbers{});
  EXPECT_EQ(numbers("callId=call-4"), Numbers{4});
  EXPECT_EQ(numbers("agent=nobody"), Numbers{});
}

TEST_F(ReaderTest, FiltersByTime) {
  const std::int64_t third = read({.limit = 4}).interactions.back().began_us;
  Filter filter{.from = Instant(Duration(third))};
  EXPECT_EQ(read(filter).interactions.size(), 4U);
  filter = {.to = Instant(Duration(third))};
  EXPECT_EQ(read(filter).interactions.size(), 2U);
  EXPECT_EQ(numbers("from=2000-01-01").size(), 6U);
  EXPECT_EQ(numbers("to=2000-01-01"), Numbers{});
}

TEST_F(ReaderTest, PagesGoOnWhereTheLastOneEnded) {
  Filter filter{.limit = 2};
  Numbers found;
  int pages = 0;
  do {
    const Page page = read(filter);
    ++pages;
    for (const InteractionRow& it : page.interactions) found.push_back(it.number);
    filter.after = page.next;
  } while (filter.after);
  EXPECT_EQ(found, (Numbers{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(pages, 3);
}

TEST_F(HistoryTest, APageEndsWhereItIsLargeEnough) {
  World world;
  const Client alice = world.log_in_ready(test::alice);
  constexpr std::size_t value_bytes = 30'000;
  for (int i = 0; i < 40; ++i) {
    world.arrive();
    world.command(alice, core::SetInteractionData{
                             {{"k", core::DataValue{false, std::string(value_bytes, 'x')}}}});
    world.command(alice, core::AnswerConversation{});
    world.command(alice, core::ReleaseConversation{});
    world.command(alice, core::CompleteInteraction{});
  }
  keep(world);
  const Page first = read();
  EXPECT_EQ(first.interactions.size(), page_bytes_max / value_bytes + 1);
  ASSERT_TRUE(first.next.has_value());
  EXPECT_EQ(first.interactions.size() + read({.after = first.next}).interactions.size(), 40U);
}

TEST_F(ReaderTest, AQueryThatTakesTooLongIsGivenUp) {
  auto database = open_for_reading(file()).value();
  database.bound_queries(1ms);
  const auto endless = database.read_number(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
  ASSERT_FALSE(endless.has_value());
  EXPECT_EQ(endless.error().detail, "interrupted");
  EXPECT_EQ(database.read_number("SELECT count(*) FROM call").value(), 6);
}

TEST_F(ReaderTest, PrintsWhatThereIs) {
  const Page page = read({.limit = 1});
  const auto json = boost::json::parse(print_json(page)).as_object();
  EXPECT_EQ(json.at("next").as_string(), *page.next);
  const auto& it = json.at("interactions").at(0).as_object();
  EXPECT_EQ(it.at("id"), "i-6");
  EXPECT_EQ(it.at("agent"), "eve");
  EXPECT_EQ(it.at("outcome"), "handled");
  EXPECT_EQ(it.at("holdMs"), 0);
  EXPECT_EQ(it.at("interaction-data").at("Queue"), "sales");
  EXPECT_EQ(it.at("legs").as_array().size(), 2U);
  EXPECT_FALSE(it.contains("disposition"));
}

TEST_F(ReaderTest, WhatIsForTheAgentIsPlain) {
  const Page page = read({.agent = "alice", .limit = 1, .is_plain = true});
  ASSERT_EQ(page.interactions.size(), 1U);
  EXPECT_TRUE(page.interactions[0].legs.empty());
  const auto json = boost::json::parse(print_own_json(page)).as_object();
  EXPECT_EQ(json.at("next").as_string(), *page.next);
  const auto& it = json.at("interactions").at(0).as_object();
  EXPECT_EQ(it.at("id"), "i-5");
  EXPECT_EQ(it.at("outcome"), "handled");
  for (const char* others : {"agent", "legs", "recordings"}) EXPECT_FALSE(it.contains(others));
}

TEST_F(ReaderTest, APageMayBeOfFewerBytes) {
  const Page page = read({.bytes_max = 1});
  EXPECT_EQ(page.interactions.size(), 1U);
  EXPECT_TRUE(page.next.has_value());
}

TEST(OwnHistory, IsPrintedAsItIsDescribed) {
  const InteractionRow row{.row = 1,
                           .number = 5,
                           .call = 1,
                           .agent = "alice",
                           .endpoint = "1001",
                           .type = "Telephony",
                           .direction = "INBOUND",
                           .queue = "support",
                           .from_address = "555",
                           .from_name = "Ann",
                           .to_address = "1800",
                           .call_id = "a84b",
                           .queued_us = 1,
                           .began_us = 2,
                           .answered_us = 3,
                           .ended_us = 4,
                           .completed_us = 5,
                           .outcome = "handled",
                           .cause = "remote",
                           .hold_ms = 1,
                           .wrapup_ms = 1,
                           .disposition = "sold",
                           .notes = "calls again",
                           .data = R"({"crm":42})",
                           .recordings = {{"x.wav", 1, 2, "remote"}},
                           .legs = {{"customer", "", 1, 2, 3}}};
  const auto& described = wire::Description::get();
  EXPECT_EQ(
      wire::shape_of(boost::json::parse(print_own_json({.interactions = {row}, .next = "2-1"}))),
      described.shape_of_schema(described.commands().at("session.request.history").at("x-adds")));
}

TEST(HistoryFilter, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"limit=0", "limit must be a number from 1 to 1000"},
      {"limit=1001", "limit must be a number from 1 to 1000"},
      {"limit=ten", "limit must be a number from 1 to 1000"},
      {"from=yesterday", "from must be a time"},
      {"to=2026-02-30", "to must be a time"},
      {"agent=", "agent must be 1 to 512 bytes"},
      {"agent=%zz", "agent is not percent-encoded"},
      {"agent=%4", "agent is not percent-encoded"},
      {"colour=red", "there is agent, queue"},
  };
  for (const auto& [query, wrong] : rows) {
    const auto filter = parse_filter(query);
    ASSERT_FALSE(filter.has_value()) << query;
    EXPECT_EQ(filter.error().code, Errc::invalid_request);
    EXPECT_NE(filter.error().detail.find(wrong), std::string::npos) << filter.error().detail;
  }
}

TEST(HistoryFilter, ReadsWhatIsEncoded) {
  const auto filter =
      parse_filter("agent=a%20b&queue=x+y&limit=1000&from=2026-11-22T15:04:05Z&&callId=%41%6a");
  ASSERT_TRUE(filter.has_value()) << filter.error().detail;
  EXPECT_EQ(filter->agent, "a b");
  EXPECT_EQ(filter->queue, "x y");
  EXPECT_EQ(filter->limit, 1000U);
  EXPECT_EQ(filter->call_id, "Aj");
  EXPECT_EQ(filter->from->time_since_epoch(), 1'795'359'845s);
}

TEST_F(ReaderTest, AForeignPlaceIsRefused) {
  auto reader = Reader::open(file(), 10s).value();
  for (const char* after : {"x", "1", "1-", "1-2x", "-"}) {
    const auto page = reader.read({.after = after});
    ASSERT_FALSE(page.has_value()) << after;
    EXPECT_EQ(page.error().code, Errc::invalid_request) << after;
  }
}

}  // namespace
}  // namespace cord::history
