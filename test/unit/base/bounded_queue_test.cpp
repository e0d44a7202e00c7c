#include "base/bounded_queue.hpp"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace cord {
namespace {

using namespace std::chrono_literals;

TEST(BoundedQueue, RefusesOneMoreThanItsBoundAndLeavesTheItem) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(queue.push(std::move(third)));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(*third, 3);
  EXPECT_EQ(queue.size(), 2u);

  std::vector<std::unique_ptr<int>> taken;
  queue.take_all(taken);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(*taken[0], 1);
  EXPECT_EQ(*taken[1], 2);
  EXPECT_TRUE(queue.push(std::move(third)));
}

TEST(BoundedQueue, AShareLeavesRoomToOthers) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.push(1, 1));
  EXPECT_FALSE(queue.push(2, 1));
  EXPECT_TRUE(queue.push(3));
  EXPECT_TRUE(queue.push(4));
  EXPECT_FALSE(queue.push(5));
}

TEST(BoundedQueue, WaitsForTheFirstItem) {
  BoundedQueue<int> queue(4);
  std::thread producer([&] { EXPECT_TRUE(queue.push(7)); });
  std::vector<int> taken;
  EXPECT_TRUE(queue.wait_and_take_all(taken, Duration::max()));
  EXPECT_EQ(taken, std::vector{7});
  producer.join();
}

TEST(BoundedQueue, IsWokenWithNothing) {
  BoundedQueue<int> queue(4);
  std::thread waker([&] { queue.wake(); });
  std::vector<int> taken{1};
  EXPECT_FALSE(queue.wait_and_take_all(taken, 1h));
  EXPECT_TRUE(taken.empty());
  waker.join();
}

TEST(BoundedQueue, DoesNotWaitWithoutPatience) {
  BoundedQueue<int> queue(4);
  std::vector<int> taken;
  EXPECT_FALSE(queue.wait_and_take_all(taken, -5s));
  EXPECT_FALSE(queue.wait_and_take_all(taken, 0s));
}

TEST(BoundedQueue, KeepsTheOrderOfEachProducer) {
  constexpr int producers = 4;
  constexpr int items_each = 5'000;
  BoundedQueue<std::pair<int, int>> queue(64);
  std::vector<std::thread> threads;
  for (int who = 0; who < producers; ++who) {
    threads.emplace_back([&queue, who] {
      for (int n = 0; n < items_each; ++n) {
        while (!queue.push({who, n})) std::this_thread::yield();
      }
    });
  }
  std::vector<int> next(producers, 0);
  std::vector<std::pair<int, int>> taken;
  for (int total = 0; total < producers * items_each;) {
    ASSERT_TRUE(queue.wait_and_take_all(taken, 30s));
    ASSERT_LE(taken.size(), 64u);
    for (const auto& [who, n] : taken) ASSERT_EQ(next[static_cast<std::size_t>(who)]++, n);
    total += static_cast<int>(taken.size());
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace cord
