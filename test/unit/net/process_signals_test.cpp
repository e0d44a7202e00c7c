#include "net/process_signals.hpp"

#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support.hpp"

namespace cord::net {
namespace {

using namespace test;

TEST(ProcessSignals, AreToldEachTime) {
  IoThreads io(1);
  Inbox<int> told;
  const auto signals =
      ProcessSignals::watch(io, {SIGHUP, SIGTERM, SIGINT}, [&](int signal) { told.put(signal); });
  ASSERT_TRUE(signals.has_value());
  for (const int signal : {SIGHUP, SIGTERM, SIGTERM, SIGINT}) {
    ::kill(::getpid(), signal);
    EXPECT_EQ(told.take(), signal);
  }
}

TEST(ProcessSignals, CannotBeCaughtIfTheSystemSaysSo) {
  IoThreads io(1);
  const auto signals = ProcessSignals::watch(io, {SIGKILL}, [](int) {});
  ASSERT_FALSE(signals.has_value());
  EXPECT_EQ(signals.error().code, Errc::io_failed);
  EXPECT_EQ(signals.error().detail, "signal 9: invalid argument");
}

TEST(ProcessSignals, MayBeForgottenAfterTheThreadsHaveEnded) {
  IoThreads io(1);
  const auto signals = ProcessSignals::watch(io, {SIGHUP}, [](int) {});
  ASSERT_TRUE(signals.has_value());
  io.stop();
}

}  // namespace
}  // namespace cord::net
