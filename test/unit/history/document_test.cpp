// docs/history.md says what one can ask with plain SQL: here it is asked.
#include <fstream>
#include <iterator>

#include "history_fixture.hpp"

namespace cord::history {
namespace {

std::vector<std::string> queries_in(const std::string& document) {
  constexpr std::string_view begin = "```sql\n";
  std::vector<std::string> queries;
  for (std::size_t at = document.find(begin); at != std::string::npos;
       at = document.find(begin, at)) {
    at += begin.size();
    queries.push_back(document.substr(at, document.find("```", at) - at));
  }
  return queries;
}

struct HistoryDocument : HistoryTest {
  /// The rows of the document's query of that number, each with its columns behind each other.
  test::Lines ask(std::size_t number, int columns) {
    std::ifstream file_of_docs(CORD_TEST_DATA "/../../docs/history.md");
    const auto queries = queries_in(
        {std::istreambuf_iterator<char>(file_of_docs), std::istreambuf_iterator<char>()});
    EXPECT_EQ(queries.size(), 5U);
    auto database = open_for_reading(file()).value();
    auto rows = database.query(queries.at(number - 1), {});
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().detail);
    test::Lines lines;
    while (rows->next().value()) {
      std::string& line = lines.emplace_back();
      for (int i = 0; i < columns; ++i) line += (i > 0 ? "|" : "") + rows->text(i);
    }
    return lines;
  }
};

TEST_F(HistoryDocument, EveryQueryAnswersItsQuestion) {
  World world;
  const core::LegId given_up = world.arrive("100", "777");
  world.advance(40s);
  world.report(core::LegReleased{given_up, core::Cause::remote, ""});
  world.arrive();
  world.advance(10s);
  const Client alice = world.log_in_ready(test::alice);
  world.command(alice, core::AnswerConversation{});
  world.command(alice, core::ControlRecording{core::ControlRecording::Verb::start});
  world.advance(30s);
  world.command(alice, core::HoldConversation{});
  world.advance(10s);
  world.command(alice, core::ReleaseConversation{});
  world.advance(5s);
  world.command(alice, core::CompleteInteraction{"sold", ""});
  keep(world);
  const InteractionRow call = read().interactions.front();
  auto database = open_for_reading(file()).value();
  const auto text = [&](std::int64_t us) {
    auto rows = database.query("SELECT datetime(?1 / 1000000, 'unixepoch')", {us}).value();
    EXPECT_TRUE(rows.next().value());
    return rows.text(0);
  };
  EXPECT_EQ(ask(1, 9),
            test::Lines{text(call.began_us) + "|Telephony|support|555|handled|40|10|5|sold"});
  EXPECT_EQ(ask(2, 5), test::Lines{"support|2|1|10.0|50.0"});
  EXPECT_EQ(ask(3, 5),
            test::Lines{text(call.queued_us - 40 * 1'000'000) + "|support|777|40|remote"});
  EXPECT_EQ(ask(4, 4),
            test::Lines{call.recordings.at(0).file + "|alice|" + text(call.began_us) + "|40"});
  EXPECT_EQ(ask(5, 4), test::Lines{"support|sold|1|45.0"});
}

}  // namespace
}  // namespace cord::history
