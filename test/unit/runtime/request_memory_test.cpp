#include "runtime/request_memory.hpp"

#include <gtest/gtest.h>

namespace cord::runtime {
namespace {

using Seen = RequestMemory::Seen;
using core::Reply;

constexpr core::SessionId ours{1}, theirs{2};

core::ClientRequest asked(std::uint64_t request, const std::string& id,
                          const std::string& digest = "d", std::uint64_t connection = 1) {
  return {{request}, {connection}, {}, core::HoldConversation{}, {id, digest}};
}

Reply done(std::uint64_t request, std::uint64_t seq = 0) {
  return {{request}, {}, core::Success{}, seq};
}

Reply failed(std::uint64_t request, Errc code) {
  return {{request}, {}, tl::make_unexpected(Error{code, "test", "why"}), 3};
}

Reply data_of(std::uint64_t request, std::size_t bytes) {
  return {{request},
          {},
          core::Success(core::DataAnswer{{{"k", {false, std::string(bytes - 1, 'x')}}}}),
          0};
}

TEST(RequestMemory, KnowsWhatIsPendingAndWhatIsAnswered) {
  RequestMemory memory({});
  EXPECT_EQ(memory.note(ours, asked(5, "1")).seen, Seen::never);
  EXPECT_EQ(memory.note(ours, asked(6, "1", "d", 9)).seen, Seen::pending);
  EXPECT_EQ(memory.note(ours, asked(7, "1", "other")).seen, Seen::other_body);
  ASSERT_EQ(memory.askers({5}).size(), 1u);
  EXPECT_EQ(memory.askers({5})[0].request, core::RequestId{6});
  EXPECT_EQ(memory.askers({5})[0].connection, core::ConnectionId{9});
  memory.finish(done(5, 42));
  EXPECT_TRUE(memory.askers({5}).empty());
  const auto again = memory.note(ours, asked(8, "1", "d", 10));
  ASSERT_EQ(again.seen, Seen::answered);
  EXPECT_TRUE(again.outcome.outcome.has_value());
  EXPECT_EQ(again.outcome.seq, 42u);
  EXPECT_EQ(again.outcome.request, core::RequestId{8});
  EXPECT_EQ(again.outcome.connection, core::ConnectionId{10});
  EXPECT_EQ(memory.note(ours, asked(9, "1", "other")).seen, Seen::other_body);
  EXPECT_EQ(memory.note(ours, asked(10, "\"1\"")).seen, Seen::never);
}

TEST(RequestMemory, AnIdBelongsToItsSession) {
  RequestMemory memory({});
  EXPECT_EQ(memory.note(ours, asked(1, "1")).seen, Seen::never);
  EXPECT_EQ(memory.note(theirs, asked(2, "1", "other")).seen, Seen::never);
  memory.finish(done(1));
  memory.finish(done(2));
  EXPECT_EQ(memory.answers_count(), 2u);
  memory.drop(ours);
  EXPECT_EQ(memory.answers_count(), 1u);
  EXPECT_EQ(memory.note(ours, asked(3, "1")).seen, Seen::never);
  EXPECT_EQ(memory.note(theirs, asked(4, "1", "other")).seen, Seen::answered);
}

TEST(RequestMemory, WhatWasPendingInADroppedSessionIsNoOnesAnyMore) {
  RequestMemory memory({});
  EXPECT_EQ(memory.note(ours, asked(1, "1")).seen, Seen::never);
  memory.drop(ours);
  memory.finish(done(1));
  EXPECT_EQ(memory.answers_count(), 0u);
}

TEST(RequestMemory, KeepsFailuresButNotWhatWasNeverTried) {
  RequestMemory memory({});
  EXPECT_EQ(memory.note(ours, asked(1, "1")).seen, Seen::never);
  memory.finish(failed(1, Errc::invalid_state));
  const auto again = memory.note(ours, asked(2, "1"));
  ASSERT_EQ(again.seen, Seen::answered);
  ASSERT_FALSE(again.outcome.outcome.has_value());
  EXPECT_EQ(again.outcome.outcome.error().code, Errc::invalid_state);
  EXPECT_EQ(again.outcome.outcome.error().detail, "why");
  for (const Errc code : {Errc::rate_limited, Errc::not_accepting}) {
    EXPECT_EQ(memory.note(ours, asked(3, "2")).seen, Seen::never);
    memory.finish(failed(3, code));
  }
  EXPECT_EQ(memory.note(ours, asked(4, "2")).seen, Seen::never);
  memory.forget({4});
  EXPECT_EQ(memory.note(ours, asked(5, "2", "other")).seen, Seen::never);
  memory.finish(done(999));
  EXPECT_EQ(memory.answers_count(), 1u);
}

TEST(RequestMemory, KeepsTheLastThousandAnswers) {
  RequestMemory memory({});
  EXPECT_EQ(memory.note(ours, asked(5'000, "pending")).seen, Seen::never);
  for (std::uint64_t i = 1; i <= 1'001; ++i) {
    EXPECT_EQ(memory.note(ours, asked(i, std::to_string(i))).seen, Seen::never);
    memory.finish(done(i));
  }
  EXPECT_EQ(memory.answers_count(), 1'000u);
  EXPECT_EQ(memory.note(ours, asked(6'000, "2")).seen, Seen::answered);
  EXPECT_EQ(memory.note(ours, asked(6'001, "pending")).seen, Seen::pending);
  EXPECT_EQ(memory.note(ours, asked(6'002, "1")).seen, Seen::never);
}

TEST(RequestMemory, BoundsTheDataInAnswers) {
  RequestMemory memory({.answer_bytes_max = 100});
  for (std::uint64_t id : {1u, 2u}) {
    EXPECT_EQ(memory.note(ours, asked(id, std::to_string(id))).seen, Seen::never);
    memory.finish(data_of(id, 50));
  }
  EXPECT_EQ(memory.note(ours, asked(3, "1")).seen, Seen::answered);
  EXPECT_EQ(memory.note(ours, asked(4, "3")).seen, Seen::never);
  memory.finish(data_of(4, 1));
  EXPECT_EQ(memory.answers_count(), 2u);
  EXPECT_EQ(memory.note(ours, asked(5, "2")).seen, Seen::answered);
  EXPECT_EQ(memory.note(ours, asked(6, "1")).seen, Seen::never);
  memory.finish(data_of(6, 101));
  EXPECT_EQ(memory.answers_count(), 0u);
}

TEST(RequestMemory, BoundsTheAskers) {
  RequestMemory memory({.askers_max = 2});
  EXPECT_EQ(memory.note(ours, asked(1, "1")).seen, Seen::never);
  EXPECT_EQ(memory.note(ours, asked(2, "1")).seen, Seen::pending);
  EXPECT_EQ(memory.note(ours, asked(3, "1")).seen, Seen::pending);
  EXPECT_EQ(memory.note(ours, asked(4, "1")).seen, Seen::too_often);
  EXPECT_EQ(memory.askers({1}).size(), 2u);
}

}  // namespace
}  // namespace cord::runtime
