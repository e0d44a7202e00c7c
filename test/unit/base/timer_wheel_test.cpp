#include "base/timer_wheel.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cord {
namespace {

using namespace std::chrono_literals;

constexpr Instant epoch_2026 = Instant(1'795'000'000s);

/// What the wheel must do, in the dullest way: a list, searched from end to end.
class NaiveTimers {
 public:
  void start(Instant due, int value) {
    const std::int64_t due_ms =
        std::chrono::ceil<std::chrono::milliseconds>(due.time_since_epoch()).count();
    waiting_.push_back({std::max(due_ms, hand_ms_), value});
  }
  void cancel(int value) {
    std::erase_if(waiting_, [&](const Entry& it) { return it.value == value; });
  }
  std::vector<int> advance(Instant now) {
    hand_ms_ = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
    std::vector<Entry> due;
    for (const Entry& it : waiting_) {
      if (it.due_ms <= hand_ms_) due.push_back(it);
    }
    std::stable_sort(due.begin(), due.end(),
                     [](const Entry& a, const Entry& b) { return a.due_ms < b.due_ms; });
    std::erase_if(waiting_, [&](const Entry& it) { return it.due_ms <= hand_ms_; });
    std::vector<int> values;
    for (const Entry& it : due) values.push_back(it.value);
    return values;
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  struct Entry {
    std::int64_t due_ms;
    int value;
  };
  std::vector<Entry> waiting_;
  std::int64_t hand_ms_ = 0;
};

std::vector<int> advance_all(TimerWheel<int>& wheel, Instant now) {
  std::vector<int> fired;
  while (const auto value = wheel.advance(now)) fired.push_back(*value);
  return fired;
}

Duration random_span(Prng& prng) {
  constexpr std::array spans_us{1ULL,
                                1'000ULL,
                                256'000ULL,
                                70'000'000ULL,
                                20'000'000'000ULL,
                                6'000'000'000'000ULL,
                                40'000'000'000'000ULL};
  return Duration(static_cast<std::int64_t>(prng.below(spans_us[prng.below(spans_us.size())]) + 1));
}

/// One world: random starts (some in the past), cancels and jumps, side by side with the model.
void run_world(std::uint64_t seed, Instant epoch) {
  Prng prng(seed);
  TimerWheel<int> wheel;
  NaiveTimers model;
  std::vector<TimerHandle> handles;
  Instant now = epoch;
  for (int step = 0; step < 400; ++step) {
    const std::uint64_t choice = prng.below(10);
    if (choice < 6) {
      const Instant due = choice == 0 ? now - random_span(prng) : now + random_span(prng);
      model.start(due, static_cast<int>(handles.size()));
      handles.push_back(wheel.start(due, static_cast<int>(handles.size())));
    } else if (choice < 8 && !handles.empty()) {
      const std::size_t which = prng.below(handles.size());
      wheel.cancel(handles[which]);
      model.cancel(static_cast<int>(which));
      ASSERT_FALSE(wheel.is_live(handles[which]));
    } else {
      now += random_span(prng);
      ASSERT_EQ(advance_all(wheel, now), model.advance(now)) << "seed " << seed;
      const auto next = wheel.next_due();
      ASSERT_EQ(next.has_value(), model.size() > 0);
      ASSERT_TRUE(!next || *next > now) << "seed " << seed;
    }
    ASSERT_EQ(wheel.size(), model.size());
  }
}

TEST(TimerWheel, BehavesAsAListOfTimersFrom1970) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    ASSERT_NO_FATAL_FAILURE(run_world(seed, Instant(5s)));
  }
}

TEST(TimerWheel, BehavesAsAListOfTimersIn2026) {
  for (std::uint64_t seed = 1'000; seed <= 1'150; ++seed) {
    ASSERT_NO_FATAL_FAILURE(run_world(seed, epoch_2026));
  }
}

TEST(TimerWheel, StartedBeforeTheFirstAdvanceFiresInOrderOfDueTime) {
  TimerWheel<int> wheel;
  wheel.start(epoch_2026 + 3s, 3);
  wheel.start(epoch_2026 + 1s, 1);
  wheel.start(epoch_2026 + 2s, 2);
  EXPECT_EQ(advance_all(wheel, epoch_2026 + 10s), (std::vector{1, 2, 3}));
}

TEST(TimerWheel, FollowingNextDueFiresInTimeWithFewWakeUps) {
  TimerWheel<int> wheel;
  const Instant start = epoch_2026 + 123'456us;
  ASSERT_FALSE(wheel.advance(start));
  const Instant due = start + 26h + 17min + 31ms;
  wheel.start(due, 7);
  int wakeups = 0;
  for (;;) {
    const Instant now = *wheel.next_due();
    ASSERT_LE(now, due + 1ms);
    ++wakeups;
    if (wheel.advance(now)) break;
    ASSERT_LT(now, due);
  }
  EXPECT_LE(wakeups, 5);
  EXPECT_FALSE(wheel.next_due());
}

TEST(TimerWheel, NeverFiresEarly) {
  TimerWheel<int> wheel;
  const Instant due = epoch_2026 + 5'001us;
  wheel.start(due, 1);
  EXPECT_FALSE(wheel.advance(epoch_2026 + 5'000us));
  EXPECT_FALSE(wheel.advance(epoch_2026 + 5'999us));
  EXPECT_TRUE(wheel.advance(epoch_2026 + 6'000us));
}

TEST(TimerWheel, StaleHandlesAreNoOps) {
  TimerWheel<int> wheel;
  TimerHandle first = wheel.start(epoch_2026, 1);
  TimerHandle copy = first;
  ASSERT_TRUE(wheel.advance(epoch_2026));
  const TimerHandle second = wheel.start(epoch_2026 + 1s, 2);  // Takes the slot of the first.
  wheel.cancel(first);
  wheel.cancel(copy);
  EXPECT_TRUE(wheel.is_live(second));
  EXPECT_EQ(wheel.size(), 1u);
}

TEST(TimerWheel, BeyondOneTurnOfTheTopLevelWaitsForItsTurn) {
  TimerWheel<int> wheel;
  ASSERT_FALSE(wheel.advance(epoch_2026));
  const Instant due = epoch_2026 + 24h * 365 * 35;
  wheel.start(due, 1);
  EXPECT_GT(*wheel.next_due(), epoch_2026);
  EXPECT_FALSE(wheel.advance(due - 1s));
  EXPECT_TRUE(wheel.advance(due));
}

}  // namespace
}  // namespace cord
