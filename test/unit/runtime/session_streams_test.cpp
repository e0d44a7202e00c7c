#include "runtime/session_streams.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "support/core_world.hpp"
#include "support/every_client_event.hpp"

namespace cord::runtime {
namespace {

using namespace core;

constexpr SessionId session{1};

void tell(SessionStreams& streams, int count) {
  for (; count > 0; --count) {
    ClientEvent event = test::every_client_event().front();
    event.session = session;
    streams.number(event);
  }
}

struct Restarted {
  Restarted() {
    tell(streams, 3);
    streams.note(state, ServerRestarted{});
    tell(streams, 4);
  }
  const Directory directory = test::call_centre();
  const State state{directory};
  SessionStreams streams{100};
};

TEST(SessionStreams, UntilSomebodyIsBackNobodyHasMoreThanTheJournalHad) {
  Restarted it;
  EXPECT_TRUE(it.streams.reaches_back_to(session, 3));
  for (std::uint64_t seq = 4; seq <= 8; ++seq) {
    EXPECT_FALSE(it.streams.reaches_back_to(session, seq)) << seq;
  }
  it.streams.note(it.state, SessionResumed{.session = session});
  EXPECT_TRUE(it.streams.reaches_back_to(session, 7));
  EXPECT_EQ(it.streams.last_seq(session), 7u);
}

TEST(SessionStreams, AnotherRestartAddsNothingToWhatHasBeenTold) {
  Restarted it;
  it.streams.note(it.state, ServerRestarted{});
  EXPECT_TRUE(it.streams.reaches_back_to(session, 3));
  EXPECT_FALSE(it.streams.reaches_back_to(session, 4));
}

TEST(SessionStreams, ASnapshotKnowsWhatHasBeenTold) {
  Restarted it;
  SessionStreams next(100);
  next.go_on_from(it.streams.positions());
  EXPECT_FALSE(next.reaches_back_to(session, 7));
  next.note(it.state, SessionResumed{.session = session});
  EXPECT_TRUE(next.reaches_back_to(session, 7));
}

TEST(SessionStreams, WhoStartsOverGetsNumbersItCannotHaveHeard) {
  Restarted it;
  EXPECT_EQ(it.streams.beyond(session, 5), 8u);
  ASSERT_EQ(it.streams.beyond(session, 20), 21u);
  it.streams.note(it.state, SessionResumed{.session = session, .numbers_after = 21});
  EXPECT_EQ(it.streams.last_seq(session), 21u);
  EXPECT_EQ(it.streams.events_count(), 0u);
  EXPECT_EQ(it.streams.events_bytes(), 0u);
  tell(it.streams, 2);
  EXPECT_EQ(it.streams.last_seq(session), 23u);
  EXPECT_EQ(it.streams.events_count(), 2u);
  for (const std::uint64_t seq : {0, 3, 7, 8, 20}) {
    EXPECT_FALSE(it.streams.reaches_back_to(session, seq)) << seq;
  }
  EXPECT_TRUE(it.streams.reaches_back_to(session, 22));
}

TEST(SessionStreams, NobodyCanHaveHeardMoreThanTheMost) {
  Restarted it;
  EXPECT_EQ(it.streams.beyond(session, 7 + lost_events_max), 8 + lost_events_max);
  EXPECT_EQ(it.streams.beyond(session, 8 + lost_events_max), 8u);
  EXPECT_EQ(it.streams.beyond(session, std::numeric_limits<std::uint64_t>::max()), 8u);
}

TEST(SessionStreams, OnceSomebodyIsBackNumbersGoOnWithTheNext) {
  Restarted it;
  it.streams.note(it.state, SessionResumed{.session = session});
  EXPECT_EQ(it.streams.beyond(session, 20), 0u);
  it.streams.note(it.state, SessionResumed{.session = session, .starts_over = true});
  EXPECT_EQ(it.streams.last_seq(session), 7u);
  EXPECT_EQ(it.streams.events_count(), 7u);
}

}  // namespace
}  // namespace cord::runtime
