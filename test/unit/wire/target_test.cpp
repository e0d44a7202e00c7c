#include "wire/target.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cord::wire {
namespace {

TEST(PathText, HasTheGroupIfThereIsOne) {
  EXPECT_EQ(path_text({"S", {}, {}, {}, {}}), "S");
  EXPECT_EQ(path_text({"S", {}, {1}, {2}, {3}}), "S.ch-1.i-2.c-3");
  EXPECT_EQ(path_text({"S", {4}, {1}, {2}, {3}}), "S.g-4.ch-1.i-2.c-3");
  EXPECT_EQ(id_text(core::MemberId{5}), "m-5");
}

struct TargetRow {
  std::string text;
  std::string session;
  std::vector<core::TargetSegment> below;
};

TEST(ParseTarget, ReadsPaths) {
  using K = core::ObjectKind;
  const std::vector<TargetRow> rows{
      {"abc_DEF-9", "abc_DEF-9", {}},
      {"s.ch-1", "s", {{K::channel, 1}}},
      {"s.g-4.ch-1.i-2.c-3",
       "s",
       {{K::group, 4}, {K::channel, 1}, {K::interaction, 2}, {K::conversation, 3}}},
      {"s.ch-18446744073709551615", "s", {{K::channel, 18446744073709551615u}}},
      {"s.ch-18446744073709551616", "s", {{K::channel, 0}}},
      {"s.ch-01", "s", {{K::channel, 0}}},
      {"s.ch-0", "s", {{K::channel, 0}}},
      {"s.ch-", "s", {{K::channel, 0}}},
      {"s.ch--1", "s", {{K::channel, 0}}},
      {"s.ch-1x", "s", {{K::channel, 0}}},
      {"s.nothing", "s", {{K::channel, 0}}},
      {"s.m-1", "s", {{K::channel, 0}}},
  };
  for (const TargetRow& row : rows) {
    const auto target = parse_target(row.text);
    ASSERT_TRUE(target) << row.text;
    EXPECT_EQ(target->session, row.session) << row.text;
    EXPECT_EQ(target->below, row.below) << row.text;
  }
}

TEST(ParseTarget, RefusesWhatIsNoPath) {
  for (const std::string& text :
       std::vector<std::string>{"", ".", "s.", ".s", "s..ch-1", "s ", "s.ch 1", "s.\xc3\xa4", "s/x",
                                std::string(65, 'x'), "s." + std::string(65, 'x')}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, Errc::invalid_request) << text;
  }
  ASSERT_TRUE(parse_target(std::string(64, 'x')));
  ASSERT_FALSE(parse_target("s.g-1.ch-1.i-1.c-1.m-1"));
  EXPECT_EQ(parse_target("s.g-1.ch-1.i-1.c-1.m-1").error().code, Errc::target_not_found);
}

}  // namespace
}  // namespace cord::wire
