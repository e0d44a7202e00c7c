// What is counted of a queue: of everyone who came in it is known what became of them.
#include "runtime/queue_board.hpp"

#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::runtime {
namespace {

using namespace std::chrono_literals;
using core::MediaType;
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
    board.note(state, event);
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

}  // namespace
}  // namespace cord::runtime
