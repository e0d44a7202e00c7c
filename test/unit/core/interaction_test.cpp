#include <gtest/gtest.h>

#include "support/core_world.hpp"

namespace cord::test {
namespace {

// An agent whose call has ended.
struct WrapUp {
  World world;
  Client client;

  explicit WrapUp(core::Directory directory = call_centre()) : world(std::move(directory)) {
    client = world.log_in_ready(alice);
    world.arrive();
    world.command(client, core::AnswerConversation{});
    world.command(client, core::ReleaseConversation{});
    (void)world.heard(client);
  }
  std::string complete(std::optional<std::string> disposition) {
    return world.outcome(
        world.command(client, core::CompleteInteraction{std::move(disposition), "notes"}));
  }
};

Lines completed(const std::string& cause) {
  return {"state(interaction) COMPLETED<-ENDED NONE " + cause, "interaction.disposed",
          "channel.infochanged ACTIVE READY queues=support",
          "state(channel) ACTIVE<-ACTIVE READY " + cause};
}

// Proves: interaction.complete, interaction.disposed
TEST(WrapUp, EndsWithComplete) {
  WrapUp it;
  EXPECT_EQ(it.complete("sold"), "ok");
  Lines expected = completed("request");
  expected.insert(expected.begin(), "ok");
  EXPECT_EQ(it.world.heard(it.client), expected);
  EXPECT_EQ(it.world.state().deadline_count(), 0U);
}

TEST(WrapUp, EndsByItself) {
  WrapUp it;
  it.world.advance(10min - 1s);
  EXPECT_EQ(it.world.heard(it.client), Lines{});
  it.world.advance(2s);
  EXPECT_EQ(it.world.heard(it.client), completed("timeout"));
}

// Proves: disposition.required
TEST(WrapUp, ChecksTheDisposition) {
  core::Directory directory = call_centre();
  directory.dispositions = {{"sold", "Sold"}};
  directory.disposition_required = true;
  WrapUp it(directory);
  EXPECT_EQ(it.complete(std::nullopt), "disposition.required");
  EXPECT_EQ(it.complete("lost"), "invalid.request");
  EXPECT_EQ(it.complete("sold"), "ok");
}

TEST(WrapUp, BeginsOnlyWhenTheCallHasEnded) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  const auto outcome = [&] {
    return world.outcome(world.command(client, core::CompleteInteraction{}));
  };
  EXPECT_EQ(outcome(), "invalid.state");
  world.command(client, core::AnswerConversation{});
  EXPECT_EQ(outcome(), "invalid.state");
}

TEST(WrapUp, TheNextCallComesAfterIt) {
  WrapUp it;
  it.world.arrive();
  EXPECT_EQ(it.world.interaction_of(it.client)->state, core::InteractionState::ended);
  it.complete(std::nullopt);
  ASSERT_NE(it.world.interaction_of(it.client), nullptr);
  EXPECT_EQ(it.world.interaction_of(it.client)->state, core::InteractionState::alerting);
}

// Proves: interaction.getdata, interaction.setdata, interaction.datachanged
TEST(InteractionData, IsReadMergedAndRemoved) {
  World world;
  const Client client = world.log_in_ready(alice);
  world.arrive();
  (void)world.heard(client);
  using core::DataValue;
  world.command(client, core::SetInteractionData{{{"a", DataValue{false, "1"}},
                                                  {"b", DataValue{true, "{}"}},
                                                  {"ANI", std::nullopt},
                                                  {"CallId", std::nullopt},
                                                  {"none", std::nullopt}}});
  world.command(client, core::GetInteractionData{});
  const std::string data = "DNIS=100 Direction=INBOUND Queue=support QueueTimeMs=0 a=1 b={}";
  EXPECT_EQ(world.heard(client), (Lines{"ok", "interaction.datachanged " + data, "data " + data}));
  world.command(client, core::SetInteractionData{{{"a", DataValue{false, "1"}}}});
  EXPECT_EQ(world.heard(client), (Lines{"ok"}));
}

TEST(InteractionData, IsBounded) {
  core::Directory directory = call_centre();
  directory.limits.call_data_bytes_max = 200;
  World world(directory);
  const Client client = world.log_in_ready(alice);
  world.arrive();
  const auto outcome = [&](std::size_t bytes) {
    return world.outcome(world.command(
        client,
        core::SetInteractionData{{{"k", core::DataValue{false, std::string(bytes, 'x')}}}}));
  };
  EXPECT_EQ(outcome(201), "invalid.request");
  std::size_t used = 1;
  for (const auto& [key, value] : world.interaction_of(client)->data) {
    used += key.size() + value.text.size();
  }
  EXPECT_EQ(outcome(200 - used + 1), "invalid.request");
  EXPECT_EQ(outcome(200 - used), "ok");
}

}  // namespace
}  // namespace cord::test
