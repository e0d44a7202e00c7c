#include "front/lost_connections.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "unit/front/front_fixture.hpp"

namespace cord::front {
namespace {

TEST(LostConnections, TellsAtOnceIfItCan) {
  PlayedEngine engine;
  LostConnections lost(engine);
  lost.add({7});
  EXPECT_EQ(engine.count<core::ConnectionLost>(), 1u);
}

TEST(LostConnections, TriesAgainUntilTheEngineTakesIt) {
  PlayedEngine engine;
  engine.set_full(true);
  LostConnections lost(engine);
  lost.add({7});
  lost.add({8});
  while (engine.submissions() < 6) std::this_thread::yield();
  engine.set_full(false);
  EXPECT_EQ(engine.next<core::ConnectionLost>()->connection, core::ConnectionId{7});
  EXPECT_EQ(engine.next<core::ConnectionLost>()->connection, core::ConnectionId{8});
  lost.stop();
  EXPECT_EQ(engine.count<core::ConnectionLost>(), 2u);
}

TEST(LostConnections, TriesOnceMoreAtTheEnd) {
  PlayedEngine engine;
  engine.set_full(true);
  LostConnections lost(engine);
  lost.add({7});
  engine.set_full(false);
  lost.stop();
  lost.stop();
  EXPECT_EQ(engine.count<core::ConnectionLost>(), 1u);
}

}  // namespace
}  // namespace cord::front
