// An agent with a customer, and somebody to consult: what the tests of consults and of transfers
// have in common.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {

inline Lines with(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

class TwoCalls : public ::testing::Test {
 protected:
  explicit TwoCalls(core::Directory directory = call_centre()) : world_(std::move(directory)) {
    world_.on_step = [this] { EXPECT_EQ(broken_invariants(world_.state()), Lines{}); };
    alice_ = world_.log_in_ready(alice);
    customer_ = world_.arrive();
    world_.command(alice_, core::AnswerConversation{});
    forget();
  }

  void forget() {
    (void)world_.heard(alice_);
    (void)world_.ordered();
  }
  void forget(const Client& other) {
    (void)world_.heard(other);
    forget();
  }

  core::RequestId consult(const std::string& number) {
    return world_.command(alice_, core::ConsultNumber{number});
  }
  // Carol, whose phone is up, is logged in.
  Client carol_ready() {
    const Client client = world_.log_in_ready(carol);
    forget(client);
    return client;
  }
  // Alice consults Carol, who has answered.
  Client carol_consulted() {
    const Client client = carol_ready();
    consult("1003");
    world_.command(client, core::AnswerConversation{});
    forget(client);
    return client;
  }
  // Alice consults 9555, who has answered. Gives the leg.
  core::LegId outside_consulted() {
    consult("9555");
    const core::LegId leg = world_.state().far_leg(consult_part());
    world_.report(core::LegAnswered{leg});
    forget();
    return leg;
  }

  const core::Interaction& interaction() { return *world_.interaction_of(alice_); }
  const core::Conversation& primary() { return world_.state().at(interaction().conversation); }
  const core::Conversation& consult_part() { return world_.state().at(interaction().consult); }
  core::LegId phone() { return world_.phone_leg(alice_); }

  // A command to one of Alice's conversations.
  core::RequestId command_part(core::ConversationId part, core::Command command) {
    core::Target target = world_.target(alice_, core::ObjectKind::conversation);
    target.below.back().number = part.value;
    return world_.command_at(alice_, target, std::move(command));
  }

  // Nothing of any call is left but what agents wrap up.
  void expect_all_over() {
    EXPECT_TRUE(world_.state().calls().empty());
    EXPECT_TRUE(world_.state().conversations().empty());
    EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
  }

  World world_;
  Client alice_;
  core::LegId customer_;
};

}  // namespace cord::test
