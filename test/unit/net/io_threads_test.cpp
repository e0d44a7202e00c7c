#include "net/io_threads.hpp"

#include <array>
#include <latch>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

#include "support.hpp"

namespace cord::net {
namespace {

using namespace test;

TEST(IoThreads, RunWorkAtTheSameTime) {
  IoThreads io(2);
  EXPECT_EQ(io.threads(), 2u);
  std::latch both(2);
  Inbox<std::thread::id> done;
  for (int i = 0; i < 2; ++i) {
    io.post([&] {
      both.arrive_and_wait();  // Passes only with a thread for each.
      done.put(std::this_thread::get_id());
    });
  }
  const auto first = done.take();
  const auto second = done.take();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_NE(*first, std::this_thread::get_id());
}

TEST(IoThreads, AreNamed) {
  IoThreads io(1, "cord-twelve!");
  Inbox<std::string> name;
  io.post([&] {
    std::array<char, 16> raw{};
    pthread_getname_np(pthread_self(), raw.data(), raw.size());
    name.put(raw.data());
  });
  EXPECT_EQ(name.take(), "cord-twelve!-0");
}

TEST(IoThreads, RunNothingAfterStop) {
  IoThreads io(1);
  EXPECT_FALSE(io.stopped());
  io.stop();
  io.stop();
  EXPECT_TRUE(io.stopped());
  io.post([] { FAIL() << "ran after stop()"; });
}

}  // namespace
}  // namespace cord::net
