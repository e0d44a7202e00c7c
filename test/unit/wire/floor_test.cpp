#include "wire/floor.hpp"

#include <gtest/gtest.h>

#include "unit/wire/whole_floor.hpp"

namespace cord::wire {
namespace {

using namespace std::chrono_literals;

TEST(PrintFloor, HasEverythingThereIsToSay) {
  core::FloorUpdate floor = whole_floor();
  const std::string text = print_floor(floor, three_o_clock + 41s);
  const std::string agents =
      R"({"whole":true,"agents":[{"id":"alice","name":"Alice","endpoint":"1001",)"
      R"("session":"DETACHED","since":"2026-11-22T15:00:07.000Z",)"
      R"("queues":["support","sales"],"channel":"ACTIVE",)"
      R"("agentState":"BUSY","reason":{"code":"lunch","name":"Lunch break"},)"
      R"("pending":"NOT_READY","monitoredBy":["bob"],"work":[{"type":"Telephony",)"
      R"("direction":"INBOUND","state":"STARTED","since":"2026-11-22T15:00:03.000Z",)"
      R"("from":"555","queue":"support","held":true,"muted":true}]}],)";
  const std::string queue =
      R"("queues":[{"name":"support","Telephony":{"waiting":2,"longestWaitMs":41000,)"
      R"("agents":{"ready":1,"busy":3,"notReady":4},"entered":10,"offers":12,"answered":5,)"
      R"("abandoned":2,"overflowed":1,"unserved":0,)"
      R"("serviceLevel":{"withinMs":20000,"answered":4,"of":6},)"
      R"("oldest":"2026-11-22T15:00:00.000Z","quarters":[{"start":"2026-11-22T15:00:00.000Z",)"
      R"("entered":10,"answered":5,"abandoned":2}]},"Chat":{"waiting":0,)";
  EXPECT_EQ(text.substr(0, agents.size()), agents);
  EXPECT_EQ(text.substr(agents.size(), queue.size()), queue);
  EXPECT_TRUE(text.ends_with("]}}]}")) << text;
}

TEST(PrintFloor, LeavesOutWhatThereIsNot) {
  core::FloorUpdate floor;
  floor.agents = {{"bob", "B\"ob", "1002"}};
  floor.queues = {{{"sales", 5s, {}}}};
  const std::string text = print_floor(floor, three_o_clock);
  const std::string agent =
      R"({"agents":[{"id":"bob","name":"B\"ob","endpoint":"1002","session":"LOGGED_OUT",)"
      R"("since":"1970-01-01T00:00:00.000Z"}],"queues":[{"name":"sales","Telephony":)"
      R"({"waiting":0,"longestWaitMs":0,)";
  EXPECT_EQ(text.substr(0, agent.size()), agent);
  EXPECT_NE(text.find(R"("serviceLevel":{"withinMs":5000,"answered":0,"of":0},"quarters":[]})"),
            std::string::npos)
      << text;
  EXPECT_EQ(print_floor({}, three_o_clock), R"({"agents":[],"queues":[]})");
}

TEST(PrintFloor, TheEventHasNoNumber) {
  EXPECT_EQ(print_floor_event("S", R"({"agents":[],"queues":[]})", three_o_clock),
            R"({"messageType":"objectEvent","target":"S","name":"floor.updated",)"
            R"("data":{"agents":[],"queues":[]},"time":"2026-11-22T15:00:00.000Z"})");
}

TEST(PrintQueues, IsWhatWallBoardsGet) {
  const std::string text = print_queues({whole_floor().queues[0].row}, three_o_clock + 1s);
  const std::string begin =
      R"({"queues":[{"name":"support","Telephony":{"waiting":2,"longestWaitMs":1000,)"
      R"("agents":{"ready":1,"busy":3,"notReady":4},"entered":10,"offers":12,"answered":5,)"
      R"("abandoned":2,"overflowed":1,"unserved":0,)"
      R"("serviceLevel":{"withinMs":20000,"answered":4,"of":6}},"Chat":{)";
  EXPECT_EQ(text.substr(0, begin.size()), begin);
  EXPECT_EQ(print_queues({}, three_o_clock), R"({"queues":[]})");
}

}  // namespace
}  // namespace cord::wire
