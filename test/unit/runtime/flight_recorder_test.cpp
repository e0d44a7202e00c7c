// The flight recorder and its replay: docs/flight-recorder.md.
#include "runtime/flight_recorder.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "runtime/flight_replay.hpp"
#include "support/engine_world.hpp"
#include "support/temporary_directory.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::bytes_of;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;

constexpr std::string_view secret_token = "token";  // As EngineWorld::prepare gives it.
constexpr AgentIndex alice = 0, carol = 2;

/// A world that is recorded.
struct Flight {
  explicit Flight(FlightRecorderOptions options = {}) {
    options.file = path;
    auto opened = FlightRecorder::open(options, log, metrics);
    EXPECT_TRUE(opened.has_value());
    recorder = std::move(*opened);
    EngineSetup setup;
    setup.flight = recorder.get();
    setup.engine.snapshot_records = 20;
    world = std::make_unique<EngineWorld>(std::move(setup));
  }

  /// Two agents, a call with tones that is held, and one that comes in meanwhile.
  void live() {
    const Client client = world->log_in_ready(alice);
    world->log_in_ready(carol);
    world->call_arrives();
    world->call_arrives("200");
    world->command(client, AnswerConversation{});
    world->advance(1s);
    world->command(client, SendTones{"4711"});
    world->advance(1s);
    world->command(client, HoldConversation{});
    world->command(client, RetrieveConversation{}, ObjectKind::channel);
    world->handle(ConnectionLost{client.connection});
    world->advance(20s);
    world->resume(client, 3);
    world->advance(2min);
  }

  std::string end() {
    world->engine.finish(world->now);
    recorder->stop();
    return bytes_of(path);
  }

  [[nodiscard]] double metric(std::string_view name) const {
    for (const auto& it : metrics.collect()) {
      if (it.name == name) return it.value;
    }
    return -1;
  }

  test::TemporaryDirectory directory;
  std::filesystem::path path = directory / "flight.bin";
  SilentLog log;
  Metrics metrics;
  std::unique_ptr<FlightRecorder> recorder;
  std::unique_ptr<EngineWorld> world;
};

/// The image without what is masked.
std::string bytes_without_tokens(StateImage image) {
  for (Session& session : image.sessions) session.resume_token.clear();
  return encode_image(image);
}

std::vector<FlightEntry> entries_of(const std::string& file) {
  std::string_view rest = std::string_view(file).substr(flight_magic.size());
  std::vector<FlightEntry> all;
  while (!rest.empty()) {
    auto entry = take_flight_entry(rest);
    EXPECT_TRUE(entry.has_value());
    if (!entry) break;
    all.push_back(std::move(*entry));
  }
  return all;
}

std::string file_of(const std::vector<FlightEntry>& entries) {
  std::string file(flight_magic);
  for (const FlightEntry& it : entries) append_flight_entry(file, it);
  return file;
}

TEST(FlightRecorder, AReplayReachesTheSameStateByteForByte) {
  Flight flight;
  flight.live();
  const auto report = replay_flight(flight.end());
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_EQ(report->difference, "");
  EXPECT_GE(report->checks, 2u) << "one at a snapshot, one at the end";
  EXPECT_GT(report->inputs, 20u);
  EXPECT_GE(report->refusals, 1u);
  EXPECT_EQ(report->last, flight.world->now);
  EXPECT_EQ(bytes_without_tokens(report->state),
            bytes_without_tokens(image_of(flight.world->engine.state())));
}

TEST(FlightRecorder, AnotherCourseOfEventsIsNoticedAndShown) {
  Flight flight;
  flight.live();
  std::vector<FlightEntry> entries = entries_of(flight.end());
  const auto held = std::find_if(entries.begin(), entries.end(), [](const FlightEntry& it) {
    const auto* input = std::get_if<FlightInput>(&it);
    const auto* request = input == nullptr ? nullptr : std::get_if<ClientRequest>(&input->input);
    return request != nullptr && std::holds_alternative<AnswerConversation>(request->command);
  });
  ASSERT_NE(held, entries.end());
  entries.erase(held);
  const auto report = replay_flight(file_of(entries));
  ASSERT_TRUE(report.has_value());
  EXPECT_NE(report->difference.find("recorded: "), std::string::npos);
  EXPECT_NE(report->difference.find("replayed: "), std::string::npos);
}

TEST(FlightRecorder, TokensAndTonesAreNotWritten) {
  Flight flight;
  flight.live();
  const std::string file = flight.end();
  EXPECT_EQ(
      file.find(std::string(1, static_cast<char>(secret_token.size())) + std::string(secret_token)),
      std::string::npos);
  EXPECT_EQ(file.find("4711"), std::string::npos);
  EXPECT_NE(file.find("0000"), std::string::npos);
}

TEST(FlightRecorder, TheFileIsItsOwnersOnlyAndTheOneBeforeIsKept) {
  Flight first;
  first.live();
  const std::string file = first.end();
  SilentLog log;
  Metrics metrics;
  ASSERT_TRUE(FlightRecorder::open({.file = first.path}, log, metrics).has_value());
  EXPECT_EQ(bytes_of(first.path.string() + ".old"), file);
  EXPECT_EQ(bytes_of(first.path), flight_magic);
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(first.path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

// Each file can be replayed by itself: it begins with the state there was.
TEST(FlightRecorder, BeyondItsBytesANewFileBegins) {
  Flight flight({.file = {}, .bytes_max = 2'048});
  for (int round = 0; round < 4; ++round) flight.live();
  const auto last = replay_flight(flight.end());
  const auto before = replay_flight(bytes_of(flight.path.string() + ".old"));
  ASSERT_TRUE(last.has_value()) << last.error().detail;
  ASSERT_TRUE(before.has_value()) << before.error().detail;
  EXPECT_EQ(last->difference, "");
  EXPECT_EQ(before->difference, "");
  EXPECT_GT(before->inputs, 0u);
  EXPECT_LE(before->last, last->first);
  EXPECT_EQ(bytes_without_tokens(last->state),
            bytes_without_tokens(image_of(flight.world->engine.state())));
}

TEST(FlightRecorder, AnEntryTooManyIsLostAndCounted) {
  Flight flight({.file = {}, .entries_max = 0});
  flight.live();
  EXPECT_EQ(flight.end(), flight_magic);
  EXPECT_GT(flight.metric("cord_flight_lost_entries_total"), 20);
  EXPECT_EQ(flight.world->engine.state().sessions().size(), 2u);
}

TEST(FlightRecorder, ADiskThatFailsStopsNothing) {
  Flight flight({.file = {}, .bytes_max = 1});
  std::filesystem::remove_all(flight.directory.path());
  flight.live();
  flight.end();
  EXPECT_EQ(flight.metric("cord_flight_failed"), 1);
  EXPECT_EQ(flight.world->engine.state().sessions().size(), 2u);
}

TEST(FlightRecorder, NamesTheFileItCannotMake) {
  SilentLog log;
  Metrics metrics;
  const auto opened = FlightRecorder::open({.file = "/no/such/flight.bin"}, log, metrics);
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().detail.find("/no/such/flight.bin"), std::string::npos);
}

// --- Files that are not whole -------------------------------------------------------------------

TEST(FlightReplay, AFileThatEndsWithinAnEntryGivesWhatIsBeforeIt) {
  Flight flight;
  flight.live();
  const std::string whole = flight.end();
  for (std::size_t size = flight_magic.size(); size < whole.size(); size += 13) {
    const auto report = replay_flight(std::string_view(whole).substr(0, size));
    ASSERT_TRUE(report.has_value()) << size << report.error().detail;
    EXPECT_EQ(report->difference, "");
  }
}

TEST(FlightReplay, AChangedByteIsNoticed) {
  Flight flight;
  flight.live();
  const std::string whole = flight.end();
  Prng prng(3);
  for (int round = 0; round < 500; ++round) {
    std::string changed = whole;
    const std::size_t at = prng.below(changed.size());
    changed[at] = static_cast<char>(changed[at] ^ (1 << prng.below(8)));
    const auto report = replay_flight(changed);
    EXPECT_TRUE(!report || report->is_cut) << at;
  }
}

TEST(FlightReplay, SaysWhichEntryIsDamaged) {
  Flight flight;
  flight.live();
  std::string file = flight.end();
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 1);
  const auto report = replay_flight(file);
  ASSERT_FALSE(report.has_value());
  EXPECT_NE(report.error().detail.find("entry "), std::string::npos);
  EXPECT_EQ(replay_flight("something else").error().code, Errc::malformed);
  const std::vector<FlightEntry> headless{FlightInput{Instant(1s), ConnectionLost{{1}}}};
  EXPECT_EQ(replay_flight(file_of(headless)).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace cord::runtime
