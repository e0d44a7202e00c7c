// Session descriptions pass through the engine and stay nowhere: docs/adr/0012.
#include <gtest/gtest.h>

#include "runtime/flight_replay.hpp"
#include "support/engine_world.hpp"
#include "support/temporary_directory.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;

constexpr AgentIndex eve = 4;
constexpr std::string_view secret_offer = "a=ice-pwd:a-secret-of-the-browser";
constexpr std::string_view answer = "v=0";  // As the simulated platform gives it.

EngineSetup with_browser() {
  EngineSetup setup;
  setup.directory.agents[eve].phone_mode = PhoneMode::browser;
  return setup;
}

Client log_in(EngineWorld& world) {
  const Client client = world.prepare(eve);
  world.command(client, StartSession{}, ObjectKind::session);
  return client;
}

RequestId ask(EngineWorld& world, const Client& client, RequestKey key = {}) {
  return world.command(client, RequestMedia{std::string(secret_offer)}, ObjectKind::channel,
                       std::move(key));
}

std::string answer_to(const EngineWorld& world, RequestId request) {
  const auto reply = world.reply_to(request);
  const auto* media =
      reply && reply->outcome ? std::get_if<MediaAnswer>(&*reply->outcome) : nullptr;
  return media == nullptr ? std::string() : media->sdp;
}

TEST(EngineMedia, TheJournalHasNeitherOfferNorAnswer) {
  EngineWorld world(with_browser());
  const Client client = log_in(world);
  EXPECT_EQ(answer_to(world, ask(world, client, {"1", "digest"})), answer);
  ASSERT_FALSE(world.journal.records.empty());
  for (const journal::Record& it : world.journal.records) {
    EXPECT_EQ(it.payload.find(secret_offer), std::string::npos);
    EXPECT_EQ(it.payload.find("v=0"), std::string::npos);
  }
}

TEST(EngineMedia, NorHasTheFlightRecorder) {
  test::TemporaryDirectory directory;
  const auto path = directory / "flight.bin";
  SilentLog log;
  Metrics metrics;
  auto recorder = FlightRecorder::open({.file = path}, log, metrics).value();
  EngineSetup setup = with_browser();
  setup.flight = recorder.get();
  EngineWorld world(std::move(setup));
  EXPECT_EQ(answer_to(world, ask(world, log_in(world))), answer);
  world.engine.finish(world.now);
  recorder->stop();
  const std::string file = test::bytes_of(path);
  EXPECT_EQ(file.find(secret_offer), std::string::npos);
  EXPECT_EQ(file.find("v=0"), std::string::npos);
  const auto replayed = replay_flight(file);
  ASSERT_TRUE(replayed.has_value()) << replayed.error().detail;
  EXPECT_EQ(replayed->difference, "");
}

TEST(EngineMedia, TheSameRequestAgainHasTheSameAnswerAndTheOfferIsAnsweredOnce) {
  EngineWorld world(with_browser());
  const Client client = log_in(world);
  ask(world, client, {"1", "digest"});
  EXPECT_EQ(answer_to(world, ask(world, client, {"1", "digest"})), answer);
  EXPECT_EQ(world.engine.state().channels().begin()->second.media_offers.size(), 1U);
}

TEST(EngineMedia, AfterARestartTheSameRequestConnectsAnew) {
  EngineWorld first(with_browser());
  const Client client = log_in(first);
  EXPECT_EQ(answer_to(first, ask(first, client, {"1", "digest"})), answer);
  EngineWorld second(with_browser());
  second.last_connection = second.last_request = 100;
  second.go_on_with(first.journal.records);
  EXPECT_TRUE(second.engine.state().legs().empty());
  const Client back = second.resume(client, 0);
  EXPECT_EQ(answer_to(second, ask(second, back, {"1", "digest"})), answer);
  EXPECT_EQ(second.engine.state().legs().size(), 1U);
}

}  // namespace
}  // namespace cord::runtime
