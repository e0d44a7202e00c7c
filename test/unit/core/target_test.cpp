#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

using core::ObjectKind;
using core::Target;

// Carol, in a group, with a call; and Alice, with another.
struct Two {
  World world;
  Client grouped;
  Client other;

  Two() {
    grouped = world.log_in_ready(carol);
    world.arrive();
    other = world.log_in_ready(alice);
    world.arrive();
  }
  [[nodiscard]] Result<core::ObjectPath> resolve(const Target& target, ObjectKind kind) const {
    return world.state().resolve(target, *world.session_of(grouped), kind);
  }
  [[nodiscard]] std::string error(const Target& target, ObjectKind kind) const {
    const auto path = resolve(target, kind);
    return path ? "found" : std::string(name_of(path.error().code));
  }
};

TEST(Target, WithAndWithoutTheGroupIsOneObject) {
  const Two two;
  const Target with = two.world.target(two.grouped, ObjectKind::conversation);
  ASSERT_EQ(with.below.size(), 4U);
  Target without = with;
  without.below.erase(without.below.begin());
  for (const Target& target : {with, without}) {
    const auto path = two.resolve(target, ObjectKind::conversation);
    ASSERT_TRUE(path.has_value());
    EXPECT_EQ(text(*path), "g-1.ch-1.i-1.c-1");
    EXPECT_EQ(path->session, two.grouped.session);
  }
}

TEST(Target, OfEachKindIsFound) {
  const Two two;
  for (const ObjectKind kind : {ObjectKind::session, ObjectKind::group, ObjectKind::channel,
                                ObjectKind::interaction, ObjectKind::conversation}) {
    const Target target = kind == ObjectKind::session ? Target{two.grouped.session, {}}
                                                      : two.world.target(two.grouped, kind);
    EXPECT_EQ(two.error(target, kind), "found") << static_cast<int>(kind);
  }
}

// Proves: invalid.target
TEST(Target, OfAnotherKindIsInvalid) {
  const Two two;
  const Target channel = two.world.target(two.grouped, ObjectKind::channel);
  EXPECT_EQ(two.error(channel, ObjectKind::conversation), "invalid.target");
  EXPECT_EQ(two.error(channel, ObjectKind::session), "invalid.target");
  EXPECT_EQ(two.error({two.grouped.session, {}}, ObjectKind::channel), "invalid.target");
}

// Proves: target.not.found
TEST(Target, OfAnotherSessionIsNotFound) {
  const Two two;
  const Target foreign = two.world.target(two.other, ObjectKind::conversation);
  EXPECT_EQ(two.error(foreign, ObjectKind::conversation), "target.not.found");
  Target mixed = foreign;
  mixed.session = two.grouped.session;
  EXPECT_EQ(two.error(mixed, ObjectKind::conversation), "target.not.found");
  Target grafted = two.world.target(two.grouped, ObjectKind::channel);
  grafted.below.push_back(foreign.below[1]);
  EXPECT_EQ(two.error(grafted, ObjectKind::interaction), "target.not.found");
}

TEST(Target, ThatIsNonsenseIsNotFound) {
  const Two two;
  const std::string& session = two.grouped.session;
  const std::vector<std::vector<core::TargetSegment>> nonsense{
      {{ObjectKind::channel, 0}},
      {{ObjectKind::channel, 99}},
      {{ObjectKind::group, 99}, {ObjectKind::channel, 1}},
      {{ObjectKind::interaction, 1}},
      {{ObjectKind::group, 1}, {ObjectKind::interaction, 1}},
      {{ObjectKind::channel, 1}, {ObjectKind::conversation, 1}},
      {{ObjectKind::channel, 1}, {ObjectKind::channel, 1}},
      {{ObjectKind::channel, 1}, {ObjectKind::group, 1}},
      {{ObjectKind::session, 1}},
  };
  for (const auto& below : nonsense) {
    EXPECT_EQ(two.error({session, below}, ObjectKind::channel), "target.not.found");
  }
  EXPECT_EQ(two.error({"", {}}, ObjectKind::session), "target.not.found");
}

TEST(Target, IsCheckedBeforeTheCommand) {
  Two two;
  const Target foreign = two.world.target(two.other, ObjectKind::conversation);
  const auto request = two.world.command_at(two.grouped, foreign, core::AnswerConversation{});
  EXPECT_EQ(two.world.outcome(request), "target.not.found");
  EXPECT_EQ(two.world.conversation_of(two.other)->state, core::ConversationState::alerting);
}

}  // namespace
}  // namespace cord::test
