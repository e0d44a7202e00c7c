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
  EXPECT_EQ(core::Capabilities{}.names(),
            (Lines{"hold", "mute", "recording", "recording.pause", "dial", "dtmf", "consult",
                   "transfer", "monitor", "conference"}));
  EXPECT_EQ((core::Capabilities{true, false, true, false, true, false, false, true, false, false}
                 .names()),
            (Lines{"hold", "recording", "dial", "transfer"}));
}

std::string trunk_for(const core::Directory& directory, std::string_view number) {
  const auto found = directory.find_destination(number);
  if (!found) return "nowhere";
  if (found->kind == core::Destination::Kind::colleague) return "colleague";
  if (found->kind == core::Destination::Kind::queue) return directory.queues[found->queue].name;
  return found->trunk;
}

TEST(Directory, KnowsWhereANumberLeads) {
  core::Directory directory = call_centre();
  directory.routes = {{{"9*", "1*"}, "carrier"},
                      {{"900*", "1002*"}, "dear"},
                      {{"911"}, "rescue"},
                      {{"9*"}, "late"}};
  EXPECT_EQ(trunk_for(directory, "1002"), "colleague");
  EXPECT_EQ(trunk_for(directory, "10021"), "dear");
  EXPECT_EQ(trunk_for(directory, "200"), "sales");
  EXPECT_EQ(trunk_for(directory, "9"), "carrier");
  EXPECT_EQ(trunk_for(directory, "9005"), "dear");
  EXPECT_EQ(trunk_for(directory, "911"), "rescue");
  EXPECT_EQ(trunk_for(directory, "9110"), "carrier");
  EXPECT_EQ(trunk_for(directory, "8"), "nowhere");
  EXPECT_EQ(trunk_for(directory, ""), "nowhere");
  directory.routes.push_back({{"*"}, "rest"});
  EXPECT_EQ(trunk_for(directory, "8"), "rest");
  EXPECT_EQ(trunk_for(directory, "91"), "carrier");
}

}  // namespace
}  // namespace cord::test
