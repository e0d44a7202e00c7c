#include "front/id_memory.hpp"

#include <string>

#include <gtest/gtest.h>

namespace cord::front {
namespace {

using Seen = IdMemory::Seen;

core::Reply done(std::uint64_t seq) {
  return {{}, {}, core::Success{}, seq};
}

core::Reply failed(Errc code) {
  return {{}, {}, tl::make_unexpected(Error{code, "test", "why"}), 0};
}

core::Reply data_of(std::size_t bytes) {
  return {
      {}, {}, core::Success(core::DataAnswer{{{"k", {false, std::string(bytes - 1, 'x')}}}}), 0};
}

TEST(IdMemory, KnowsWhatIsPendingAndWhatIsAnswered) {
  IdMemory memory(1000, 1000);
  EXPECT_EQ(memory.find("1", "body").seen, Seen::never);
  memory.begin("1", "body", {5});
  EXPECT_EQ(memory.find("1", "body").seen, Seen::pending);
  EXPECT_EQ(memory.find("1", "body").request, core::RequestId{5});
  EXPECT_EQ(memory.find("1", "other").seen, Seen::other_body);
  memory.finish("1", done(42));
  const auto found = memory.find("1", "body");
  ASSERT_EQ(found.seen, Seen::answered);
  EXPECT_EQ(found.outcome->seq, 42u);
  EXPECT_EQ(memory.find("1", "other").seen, Seen::other_body);
  EXPECT_EQ(memory.find("\"1\"", "body").seen, Seen::never);
}

TEST(IdMemory, KeepsFailuresButNotWhatWasNeverTried) {
  IdMemory memory(1000, 1000);
  memory.begin("1", "b", {1});
  memory.finish("1", failed(Errc::invalid_state));
  EXPECT_EQ(memory.find("1", "b").seen, Seen::answered);
  for (const Errc code : {Errc::rate_limited, Errc::not_accepting}) {
    memory.begin("2", "b", {2});
    memory.finish("2", failed(code));
    EXPECT_EQ(memory.find("2", "b").seen, Seen::never);
  }
  memory.finish("never begun", done(1));
  EXPECT_EQ(memory.size(), 1u);
}

TEST(IdMemory, KeepsTheLastThousandAnswers) {
  IdMemory memory(1000, 1000);
  memory.begin("pending", "b", {1});
  for (int i = 0; i <= 1000; ++i) {
    memory.begin(std::to_string(i), "b", {2});
    memory.finish(std::to_string(i), done(1));
  }
  EXPECT_EQ(memory.size(), 1001u);
  EXPECT_EQ(memory.find("0", "b").seen, Seen::never);
  EXPECT_EQ(memory.find("1", "b").seen, Seen::answered);
  EXPECT_EQ(memory.find("pending", "b").seen, Seen::pending);
}

TEST(IdMemory, BoundsTheDataInAnswers) {
  IdMemory memory(1000, 100);
  for (const char* id : {"1", "2"}) {
    memory.begin(id, "b", {1});
    memory.finish(id, data_of(50));
  }
  EXPECT_EQ(memory.find("1", "b").seen, Seen::answered);
  memory.begin("3", "b", {1});
  memory.finish("3", data_of(1));
  EXPECT_EQ(memory.find("1", "b").seen, Seen::never);
  EXPECT_EQ(memory.find("2", "b").seen, Seen::answered);
  memory.begin("4", "b", {1});
  memory.finish("4", data_of(101));
  EXPECT_EQ(memory.size(), 0u);
}

}  // namespace
}  // namespace cord::front
