// `cordboard demo --check` is a test in itself: here it is only asked whether all went well. Who
// takes a call of `cordboard demo` is a browser: web/desktop/test/browser/demo.test.ts.
#include <csignal>

#include <gtest/gtest.h>

#include "scenario/cli/program.hpp"

namespace cord::scenario {
namespace {

TEST(Demo, ChecksAllItClaimsWithinTwentySeconds) {
  Program program({"demo", "--check"});
  EXPECT_EQ(program.wait(20s), 0) << program.out() << program.err();
  EXPECT_NE(program.out().find(", 0 wrong"), std::string::npos);
  EXPECT_EQ(program.out().find('\x1b'), std::string::npos) << "colours into a pipe";
}

TEST(Demo, SaysWhereItsDesktopIsAndEndsWhenTold) {
  Program program({"demo"});
  EXPECT_TRUE(program.wait_for_line("The desktop: ").starts_with("http://127.0.0.1:"))
      << program.out() << program.err();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(20s), 0) << program.err();
  EXPECT_NE(program.out().find("The recordings are kept in"), std::string::npos);
}

}  // namespace
}  // namespace cord::scenario
