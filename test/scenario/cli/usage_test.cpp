// The command line of the built program: what it prints, and how it exits.
#include <algorithm>

#include <gtest/gtest.h>

#include "scenario/cli/program.hpp"

namespace cord::scenario {
namespace {

TEST(Usage, HelpNamesEveryCommandAndSucceeds) {
  Program program({"--help"});
  EXPECT_EQ(program.wait(), 0);
  for (const char* word :
       {"serve", "demo", "check-config", "passwd", "agent", "load", "--version"}) {
    EXPECT_NE(program.out().find(word), std::string::npos) << word;
  }
  EXPECT_EQ(program.err(), "");
}

TEST(Usage, VersionIsOneLine) {
  Program program({"--version"});
  EXPECT_EQ(program.wait(), 0);
  EXPECT_TRUE(program.out().starts_with("cordboard ")) << program.out();
  EXPECT_EQ(std::count(program.out().begin(), program.out().end(), '\n'), 1);
}

struct Mistake {
  std::string what;
  std::vector<std::string> arguments;
  std::string told;  ///< somewhere in what it says on stderr
};

class UsageMistake : public testing::TestWithParam<Mistake> {};

TEST_P(UsageMistake, ExitsWithTwoAndSaysWhy) {
  Program program(GetParam().arguments);
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find(GetParam().told), std::string::npos) << program.err();
  EXPECT_EQ(program.out(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, UsageMistake,
    testing::Values(
        Mistake{"NoCommand", {}, "no command is given"},
        Mistake{"UnknownOption", {"--nope"}, "--nope"},
        Mistake{"UnknownCommand", {"dance"}, "dance"},
        Mistake{"ServeWithoutConfig", {"serve"}, "--config"},
        Mistake{"ServeUnknownOption", {"serve", "--config", "x", "--nope"}, "--nope"},
        Mistake{"CheckWithoutFile", {"check-config"}, "file"},
        Mistake{"DemoWithExtra", {"demo", "extra"}, "extra"},
        Mistake{"LoadWithoutAgents", {"load", "--agents", "0"}, "--agents"},
        Mistake{"LoadMix", {"load", "--mix", "dance=1"}, "allowed: conversation.hold"},
        Mistake{"LoadWeight", {"load", "--mix", "conversation.hold=0"}, "conversation.hold=WEIGHT"},
        Mistake{"LoadServer", {"load", "--server", "nowhere"}, "has no port"},
        Mistake{"LoadPassword",
                {"load", "--password-file", "/nonexistent"},
                "/nonexistent: has no password"},
        Mistake{"ConfigNotThere",
                {"serve", "--config", "/nonexistent/c.toml"},
                "/nonexistent/c.toml: cannot be read"}),
    [](const auto& it) { return it.param.what; });

TEST(Passwd, PrintsAnArgon2idHashAndNotThePassword) {
  Program program({"passwd"}, "correct horse\n");
  EXPECT_EQ(program.wait(), 0);
  EXPECT_TRUE(program.out().starts_with("$argon2id$")) << program.out();
  EXPECT_EQ(program.out().find("horse"), std::string::npos);
  EXPECT_EQ(program.err().find("horse"), std::string::npos);
}

TEST(Passwd, SaltsEachHash) {
  Program one({"passwd"}, "same\n");
  Program two({"passwd"}, "same\n");
  EXPECT_EQ(one.wait(), 0);
  EXPECT_EQ(two.wait(), 0);
  EXPECT_NE(one.out(), two.out());
}

TEST(Passwd, RefusesAnEmptyPassword) {
  Program program({"passwd"}, "\n");
  EXPECT_EQ(program.wait(), 2);
  EXPECT_EQ(program.out(), "");
}

}  // namespace
}  // namespace cord::scenario
