// The rows that supervisors are shown are those that the state has, whatever happens.
#include "runtime/floor_board.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "support/core_world.hpp"

namespace cord::runtime {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::World;

constexpr Instant started{std::chrono::seconds(1'795'000'000)};

/// A board that follows a world as the engine has it follow.
struct Followed {
  explicit Followed(core::Directory directory = test::call_centre())
      : world(std::move(directory)), board(world.directory(), started, [this] { ++woken; }) {}

  void catch_up() {
    for (; seen < world.journal().size(); ++seen) {
      const auto& [event, time] = world.journal()[seen];
      board.note(state, event, time);
      core::apply(state, event, time);
      board.note(state, event, time);
    }
    board.publish(state);
  }
  /// The ids of those who have changed since.
  std::vector<std::string> changed(std::uint64_t& version) {
    catch_up();
    const auto changes = board.changes(version);
    std::vector<std::string> ids;
    if (!changes) return {"unknown"};
    version = changes->version;
    for (const core::FloorAgent& it : changes->agents) ids.push_back(it.id);
    return ids;
  }

  World world;
  int woken = 0;
  FloorBoard board;
  core::State state{world.directory()};
  std::size_t seen = 0;
};

using Ids = std::vector<std::string>;

TEST(FloorBoard, TellsWhoHasChanged) {
  Followed it;
  std::uint64_t version = 0;
  it.board.watch();
  EXPECT_EQ(it.woken, 1);
  EXPECT_EQ(it.changed(version), (Ids{"alice", "bob", "carol", "dave", "eve"}));
  EXPECT_EQ(it.changed(version), Ids{});
  const Client agent = it.world.log_in_ready(test::alice);
  EXPECT_EQ(it.changed(version), Ids{"alice"});
  it.world.arrive();
  EXPECT_EQ(it.changed(version), Ids{"alice"});
  it.world.command(agent, core::SetInteractionData{{{"crm", core::DataValue{false, "1"}}}});
  EXPECT_EQ(it.changed(version), Ids{}) << "nothing of that is shown";
  std::uint64_t from_the_beginning = 0;
  EXPECT_EQ(it.changed(from_the_beginning).size(), 5U);
}

TEST(FloorBoard, KnowsNothingUntilSomebodyWatchesAndItHasLooked) {
  Followed it;
  it.world.log_in(test::alice);
  std::uint64_t version = 0;
  EXPECT_EQ(it.changed(version), Ids{"unknown"});
  it.board.watch();
  EXPECT_FALSE(it.board.changes(0)) << "the engine has not looked yet";
  EXPECT_EQ(it.changed(version).size(), 5U);
  it.board.end_watch();
  it.world.log_in(test::bob);
  it.catch_up();
  it.board.watch();
  EXPECT_FALSE(it.board.changes(version)) << "what it knew may be old";
  EXPECT_EQ(it.changed(version), Ids{"bob"});
}

TEST(FloorBoard, LooksAgainForWhoWatchesAgainAtOnce) {
  Followed it;
  std::uint64_t version = 0;
  it.board.watch();
  EXPECT_EQ(it.changed(version).size(), 5U);
  it.board.end_watch();
  it.board.watch();
  EXPECT_FALSE(it.board.changes(0));
  EXPECT_EQ(it.changed(version), Ids{}) << "known again, and nothing has changed";
}

TEST(FloorBoard, RemembersSinceWhenAnAgentIsLoggedOut) {
  Followed it;
  const Client agent = it.world.log_in(test::alice);
  it.world.advance(7s);
  it.world.command(agent, core::LogoutSession{});
  it.catch_up();
  it.board.watch();
  it.catch_up();
  const auto all = it.board.changes(0)->agents;
  EXPECT_EQ(all[test::alice].since, it.world.now());
  EXPECT_EQ(all[test::bob].since, started);
}

TEST(FloorBoard, ShowsNobodyWhoIsConfiguredNoMore) {
  core::Directory directory = test::call_centre();
  (void)directory.place_of_agent("zoe");
  Followed it(directory);
  it.board.watch();
  it.catch_up();
  EXPECT_EQ(it.board.changes(0)->agents.size(), 5U);
}

TEST(FloorBoard, ALargeFloorComesInParts) {
  core::Directory directory;
  constexpr std::size_t count = 2 * FloorBoard::agents_at_a_time + 1;
  for (std::size_t i = 0; i < count; ++i) {
    directory.agents.emplace_back().id = std::to_string(i);
  }
  const core::State state(directory);
  FloorBoard board(directory, started, [] {});
  board.watch();
  board.publish(state);
  std::uint64_t version = 0;
  std::size_t next = 0;
  for (const std::size_t part : {FloorBoard::agents_at_a_time, FloorBoard::agents_at_a_time,
                                 std::size_t{1}, std::size_t{0}}) {
    const auto changes = board.changes(version);
    ASSERT_EQ(changes->agents.size(), part);
    for (const core::FloorAgent& it : changes->agents) EXPECT_EQ(it.id, std::to_string(next++));
    version = changes->version;
  }
}

/// What the board has told so far, each in the place of the one before, is what there is.
void expect_the_truth(Followed& it, std::vector<core::FloorAgent>& known, std::uint64_t& version,
                      std::vector<Instant>& logged_out) {
  it.catch_up();
  const auto changes = it.board.changes(version);
  ASSERT_TRUE(changes);
  version = changes->version;
  for (const core::FloorAgent& row : changes->agents) {
    known.at(*it.world.directory().find_agent(row.id)) = row;
  }
  for (core::AgentIndex agent = 0; agent < known.size(); ++agent) {
    if (it.world.state().session_of(agent) == nullptr) logged_out[agent] = known[agent].since;
    EXPECT_EQ(known[agent], core::floor_agent(it.world.state(), agent, logged_out[agent]))
        << known[agent].id;
  }
}

core::Command random_command(Prng& prng) {
  const std::string numbers[] = {"1002", "9555", "100", "1005"};
  const std::string number = numbers[prng.below(4)];
  const std::string agents[] = {"alice", "bob", "eve"};
  switch (prng.below(20)) {
    case 0:
      return core::NotReadyChannel{};
    case 1:
      return core::HoldConversation{};
    case 2:
      return core::RetrieveConversation{};
    case 3:
      return core::MuteConversation{};
    case 4:
      return core::ConsultNumber{number};
    case 5:
      return core::TransferInteraction{};
    case 6:
      return core::ConferenceInteraction{};
    case 7:
      return core::BlindTransfer{number};
    case 8:
      return core::MonitorAgent{agents[prng.below(3)], core::MonitorMode::monitor};
    case 9:
      return core::EndMonitor{agents[prng.below(3)]};
    case 10:
      return core::InterceptCall{agents[prng.below(3)]};
    case 11:
      return core::DialNumber{number};
    case 12:
      return core::RejectInteraction{};
    case 13:
      return core::LogoutSession{};
    case 14:
      return core::AlternateInteraction{};
    case 15:
      return core::ReleaseConversation{};
    case 16:
      return core::CompleteInteraction{};
    case 17:
      return core::ReadyChannel{};
    default:
      return core::AnswerConversation{};
  }
}

/// Also if the agent has a session, which is taken over.
Client log_in_again(World& world, const Client& client) {
  Client fresh = world.prepare(client.agent, true);
  world.command(fresh, core::StartSession{});
  world.command(fresh, core::ActivateChannel{});
  world.command(fresh, core::ReadyChannel{});
  return fresh;
}

// The events that concern an agent are found by their members. That none is overlooked is not to be
// seen in the code, so it is tried.
TEST(FloorBoard, MissesNothingOfWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    core::Directory directory = test::call_centre();
    for (core::Agent& agent : directory.agents) agent.may_supervise = true;
    Followed it(directory);
    it.board.watch();
    Prng prng(seed);
    std::vector<Client> clients;
    for (const core::AgentIndex agent : {test::alice, test::bob, test::carol, test::eve}) {
      clients.push_back(it.world.log_in_ready(agent));
    }
    std::vector<core::FloorAgent> known(5);
    std::vector<Instant> logged_out(5, started);
    std::uint64_t version = 0;
    for (int step = 0; step < 150 && !testing::Test::HasFailure(); ++step) {
      Client& client = clients[prng.below(clients.size())];
      const auto what = prng.below(12);
      if (what == 0) it.world.arrive(prng.below(2) == 0 ? "100" : "200");
      if (what == 1) it.world.advance(Duration(static_cast<std::int64_t>(prng.below(9'000'000))));
      if (what == 2) client = log_in_again(it.world, client);
      if (what == 3) it.world.run(core::ConnectionLost{client.connection});
      if (what == 4 && it.world.session_of(client) != nullptr) client = it.world.resume(client);
      if (what > 4) it.world.command(client, random_command(prng));
      expect_the_truth(it, known, version, logged_out);
    }
  }
}

}  // namespace
}  // namespace cord::runtime
