// What is counted of a queue: of everyone who came in it is known what became of them.
#include "runtime/queue_board.hpp"

#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::runtime {
namespace {

using namespace std::chrono_literals;
using core::MediaType;
using core::QueueCount;
using core::QueueFigures;
using test::Client;
using test::World;

constexpr core::QueueIndex support = 0, sales = 1;

/// As the board has it when all that happened in `world` is over.
QueueFigures figures(const World& world, core::QueueIndex queue,
                     MediaType type = MediaType::telephony) {
  Metrics metrics;
  QueueBoard board(metrics, world.directory());
  core::State state(world.directory());
  for (const auto& [event, time] : world.journal()) {
    board.note(state, event, time);
    core::apply(state, event, time);
  }
  board.publish(state);
  return board.rows().at(queue).media.at(static_cast<std::size_t>(type));
}

/// Of those who came in nobody is forgotten, and nobody is counted twice.
void expect_balance(const QueueFigures& of) {
  EXPECT_EQ(of.count(QueueCount::entered),
            of.waiting + of.count(QueueCount::answered) + of.count(QueueCount::abandoned) +
                of.count(QueueCount::overflowed) + of.count(QueueCount::unserved));
}

TEST(QueueBoard, ACallThatComesBackHasComeInAgain) {
  core::Directory directory = test::call_centre();
  directory.queues[support].wait_max = 30s;
  World world(directory);
  const Client agent = world.log_in_ready(test::eve);
  world.arrive("200", "555");
  world.command(agent, core::AnswerConversation{});
  world.command(agent, core::BlindTransfer{"100"});
  world.advance(31s);
  world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(figures(world, sales).count(QueueCount::entered), 2U);
  EXPECT_EQ(figures(world, sales).count(QueueCount::answered), 2U);
  expect_balance(figures(world, sales));
  EXPECT_EQ(figures(world, support).count(QueueCount::entered), 1U);
  EXPECT_EQ(figures(world, support).count(QueueCount::unserved), 1U);
  expect_balance(figures(world, support));
}

TEST(QueueBoard, ATaskThatWasTakenAndWaitsAgainHasComeInAgain) {
  World world;
  const Client agent = world.log_in(test::alice).on(1);
  world.command(agent, core::AddChannel{{MediaType::chat, "desk"}});
  world.command(agent, core::ActivateChannel{});
  world.command(agent, core::ReadyChannel{});
  world.submit({.type = MediaType::chat, .queue = "support", .from = "ann@example"});
  world.command(agent, core::AcceptInteraction{});
  EXPECT_EQ(figures(world, support, MediaType::chat).count(QueueCount::answered), 1U);
  expect_balance(figures(world, support, MediaType::chat));
  world.run(core::ConnectionLost{agent.connection});
  world.advance(61s);
  const QueueFigures after = figures(world, support, MediaType::chat);
  EXPECT_EQ(after.waiting, 1U);
  EXPECT_EQ(after.count(QueueCount::entered), 2U);
  expect_balance(after);
}

TEST(QueueBoard, WhatIsGivenUpWhileItRingsIsCountedOnce) {
  core::Directory directory = test::call_centre();
  directory.queues[support].strategy = core::Strategy::ring_all;
  World world(directory);
  world.log_in_ready(test::alice);
  world.log_in_ready(test::eve);
  const core::LegId caller = world.arrive("100", "555");
  EXPECT_EQ(figures(world, support).waiting, 1U);
  EXPECT_EQ(figures(world, support).busy, 2U);
  world.report(core::LegReleased{caller, core::Cause::remote, ""});
  EXPECT_EQ(figures(world, support).count(QueueCount::offers), 2U);
  EXPECT_EQ(figures(world, support).count(QueueCount::abandoned), 1U);
  expect_balance(figures(world, support));
}

TEST(QueueBoard, WhatGoesOnLeavesOneQueueForAnother) {
  core::Directory directory = test::call_centre();
  directory.queues[support].wait_max = 30s;
  directory.queues[support].overflow_queue = sales;
  World world(directory);
  world.arrive("100", "555");
  world.advance(31s);
  EXPECT_EQ(figures(world, support).count(QueueCount::overflowed), 1U);
  EXPECT_EQ(figures(world, sales).count(QueueCount::entered), 1U);
  EXPECT_EQ(figures(world, sales).waiting, 1U);
  expect_balance(figures(world, support));
  expect_balance(figures(world, sales));
}

/// A board that follows a world, published whenever it is asked.
struct Followed {
  explicit Followed(core::Directory directory) : world(std::move(directory)) {}

  /// What was published after `version`.
  QueueBoard::Changes changes(std::uint64_t version) {
    for (; seen < world.journal().size(); ++seen) {
      const auto& [event, time] = world.journal()[seen];
      board.note(state, event, time);
      core::apply(state, event, time);
    }
    board.publish(state);
    return board.changes(version);
  }
  std::string calls_in(core::QueueIndex queue) {
    const QueueFigures of = changes(0).queues.at(queue).row.media[0];
    return std::to_string(of.service_level.answered) + "/" + std::to_string(of.service_level.of);
  }

  Metrics metrics;
  World world;
  QueueBoard board{metrics, world.directory()};
  core::State state{world.directory()};
  std::size_t seen = 0;
};

core::Directory with_service_level(Duration service_level) {
  core::Directory directory = test::call_centre();
  directory.queues[support].service_level = service_level;
  directory.queues[support].wait_max = 60s;
  directory.queues[support].overflow_queue = sales;
  return directory;
}

TEST(ServiceLevel, IsOfThoseWhoWereAnsweredOrWaitedLongerForNothing) {
  Followed it(with_service_level(20s));
  const core::LegId impatient = it.world.arrive();
  it.world.advance(20s);
  it.world.report(core::LegReleased{impatient, core::Cause::remote, ""});
  EXPECT_EQ(it.calls_in(support), "0/0") << "who gave up in time";

  const core::LegId patient = it.world.arrive();
  it.world.advance(21s);
  it.world.report(core::LegReleased{patient, core::Cause::remote, ""});
  EXPECT_EQ(it.calls_in(support), "0/1");

  it.world.arrive();
  it.world.advance(61s);
  EXPECT_EQ(it.calls_in(support), "0/2") << "who went on to another queue";
  EXPECT_EQ(it.calls_in(sales), "0/0") << "who still waits";

  const Client agent = it.world.log_in_ready(test::alice);
  it.world.arrive();
  it.world.advance(19s);
  it.world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(it.calls_in(support), "1/3");
}

TEST(ServiceLevel, WhoIsAnsweredLateIsNotInTime) {
  Followed it(with_service_level(5s));
  const Client agent = it.world.log_in_ready(test::alice);
  it.world.arrive();
  it.world.advance(6s);
  it.world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(it.calls_in(support), "0/1");
}

TEST(ServiceLevel, BeginsAnewInTheNextQueue) {
  core::Directory directory = with_service_level(20s);
  Followed it(directory);
  it.world.arrive();
  it.world.advance(61s);
  const Client agent = it.world.log_in_ready(test::eve);
  it.world.command(agent, core::AnswerConversation{});
  EXPECT_EQ(it.calls_in(sales), "1/1");
}

TEST(Quarters, AreKeptApartAndOnlyThoseInWhichSomethingHappened) {
  Followed it(with_service_level(20s));  // From 15:00 on.
  const core::LegId gone = it.world.arrive();
  it.world.report(core::LegReleased{gone, core::Cause::remote, ""});
  const Instant start = it.world.now();
  it.world.advance(45min);
  const Client agent = it.world.log_in_ready(test::alice);
  it.world.arrive();
  it.world.command(agent, core::AnswerConversation{});
  const core::FloorQueue queue = it.changes(0).queues.at(support);
  EXPECT_EQ(queue.quarters[0],
            (std::vector<core::Quarter>{{start, 1, 0, 1}, {start + 45min, 1, 1, 0}}));
  EXPECT_EQ(queue.quarters[1], std::vector<core::Quarter>{});
}

TEST(Quarters, AreGivenAgainOnlyWhereTheyChanged) {
  Followed it(with_service_level(20s));
  it.world.arrive();
  const auto first = it.changes(0);
  EXPECT_EQ(first.queues.size(), 2U) << "everything, whether anything is in it or not";
  EXPECT_EQ(it.changes(first.version).queues.size(), 0U);
  it.world.arrive();
  const auto second = it.changes(first.version);
  ASSERT_EQ(second.queues.size(), 1U);
  EXPECT_EQ(second.queues[0].row.name, "support");
  ASSERT_EQ(second.queues[0].quarters[0].size(), 1U);
  EXPECT_EQ(second.queues[0].quarters[0][0].entered, 2U);
  it.world.advance(15min);  // Both have gone on to the other queue, in the quarter before.
  it.world.arrive("200");
  const auto third = it.changes(second.version);
  ASSERT_EQ(third.queues.size(), 2U);
  EXPECT_EQ(third.queues[0].quarters[0].size(), 0U) << "what left it unanswered is none of it";
  EXPECT_EQ(third.queues[1].quarters[0].size(), 2U);
}

TEST(Quarters, AreThoseOfADay) {
  Followed it(with_service_level(20s));
  const Instant start = it.world.now();
  for (std::size_t i = 0; i <= core::quarters_kept; ++i) {
    it.world.arrive();
    it.changes(0);
    it.world.advance(15min);
  }
  const std::vector<core::Quarter> quarters = it.changes(0).queues.at(support).quarters[0];
  EXPECT_EQ(quarters.size(), core::quarters_kept);
  EXPECT_EQ(quarters.front().start, start + 15min);
}

}  // namespace
}  // namespace cord::runtime
