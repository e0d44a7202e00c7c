// `cordboard demo` is a test in itself: here it is only asked whether all went well.
#include <gtest/gtest.h>

#include "scenario/cli/program.hpp"

namespace cord::scenario {
namespace {

TEST(Demo, ChecksAllItClaimsWithinTwentySeconds) {
  Program program({"demo"});
  EXPECT_EQ(program.wait(20s), 0) << program.out() << program.err();
  EXPECT_NE(program.out().find(", 0 wrong"), std::string::npos);
  EXPECT_EQ(program.out().find('\x1b'), std::string::npos) << "colours into a pipe";
}

}  // namespace
}  // namespace cord::scenario
