#include "core/directory.hpp"

#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

TEST(Directory, FindsAgentsAndQueues) {
  const core::Directory directory = call_centre();
  EXPECT_EQ(directory.find_agent("carol"), carol);
  EXPECT_EQ(directory.find_agent("nobody"), std::nullopt);
  EXPECT_EQ(directory.find_queue("sales"), 1U);
  EXPECT_EQ(directory.find_queue("Sales"), std::nullopt);
  EXPECT_EQ(directory.find_queue_by_number("100"), 0U);
  EXPECT_EQ(directory.find_queue_by_number("10"), std::nullopt);
}

TEST(Directory, NamesWhatThePlatformCan) {
  EXPECT_EQ(core::Capabilities{}.names(), (Lines{"hold", "mute", "recording", "recording.pause"}));
  EXPECT_EQ((core::Capabilities{true, false, true, false}.names()), (Lines{"hold", "recording"}));
}

}  // namespace
}  // namespace cord::test
