#include "media/recording_store.hpp"

#include <csignal>
#include <set>

#include <openssl/sha.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failing_files.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

using Kind = RecordingOutcome::Kind;
constexpr RecorderId recorder{5};

RecordingStory story() {
  return {.facts = {{"call", "c-1"}, {"agent", "al\"ice"}, {"call", "twice"}, {"ani", "J\xfcrg"}},
          .actions = {{"start", "alice", at(0s)},
                      {"pause", "bob", at(1s)},
                      {"resume", "bob", at(1500ms)},
                      {"stop", "server", at(2s)}}};
}

// Octet of frame i in mu-law: never zero, and on the right the left's value with the other sign.
std::uint8_t left_octet(std::size_t i) {
  return static_cast<std::uint8_t>(0x80 + i % 127);
}

AppendRecording frames(std::size_t from, std::size_t count) {
  AppendRecording job{recorder, static_cast<std::uint32_t>(count), {}};
  std::vector<std::uint8_t> left, right;
  for (std::size_t i = from; i < from + count; ++i) {
    left.push_back(left_octet(i));
    right.push_back(left_octet(i) & 0x7f);
  }
  EXPECT_TRUE(job.audio.add(Side::left, Codec::pcmu, 0, left));
  EXPECT_TRUE(job.audio.add(Side::right, Codec::pcmu, 0, right));
  return job;
}

void expect_frames(const Wav& wav, std::size_t count) {
  ASSERT_EQ(wav.left.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(wav.left[i], decode_table(Codec::pcmu)[left_octet(i)]) << i;
    ASSERT_EQ(wav.right[i], -wav.left[i]) << i;
  }
}

struct Fixture {
  TemporaryDirectory directory;
  std::shared_ptr<FailurePlan> plan = std::make_shared<FailurePlan>();
  FailingFileSystem files{plan};
  RecordingStore store{files, directory.path()};

  std::string path(const char* name) const { return directory.path() + "/" + name; }
  auto begin(const char* base_name = "call") {
    return store.execute(BeginRecording{1, recorder, base_name});
  }
  auto append(std::size_t from, std::size_t count) { return store.execute(frames(from, count)); }
  auto finish() { return store.execute(FinishRecording{2, recorder, story()}); }
};

std::string sha256_hex(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string hex;
  for (const unsigned char it : digest) hex += fmt::format("{:02x}", it);
  return hex;
}

TEST(RecordingStore, WritesACompleteFileWithItsSidecar) {
  Fixture it;
  const auto started = it.begin();
  EXPECT_EQ(started->kind, Kind::started);
  EXPECT_EQ(started->text, it.path("call.wav"));
  EXPECT_FALSE(it.append(0, 8'000));
  EXPECT_FALSE(it.append(8'000, 8'000));
  EXPECT_EQ(it.finish()->kind, Kind::finished);
  expect_frames(read_wav(it.path("call.wav")), 16'000);
  EXPECT_FALSE(it.files.exists(it.path("call.wav.part")));
  EXPECT_FALSE(it.files.exists(it.path("call.json.part")));
  EXPECT_EQ(read_file(it.path("call.json")),
            R"({"file":"call.wav","sha256":")" + sha256_hex(read_file(it.path("call.wav"))) +
                R"(","started_at":"2026-11-18T11:06:40.000Z")"
                R"(,"stopped_at":"2026-11-18T11:06:42.000Z","duration_ms":2000)"
                R"(,"sample_rate_hz":8000,"channels":{"left":"customer","right":"agent"})"
                R"(,"facts":{"call":"c-1","agent":"al\"ice","ani":"J�rg"},"actions":[)"
                R"({"action":"start","by":"alice","at":"2026-11-18T11:06:40.000Z","offset_ms":0},)"
                R"({"action":"pause","by":"bob","at":"2026-11-18T11:06:41.000Z","offset_ms":1000})"
                R"(,{"action":"resume","by":"bob","at":"2026-11-18T11:06:41.500Z")"
                R"(,"offset_ms":1500},{"action":"stop","by":"server")"
                R"(,"at":"2026-11-18T11:06:42.000Z","offset_ms":2000}]})"
                "\n");
}

TEST(RecordingStore, TheSidecarListsTheMembersOfAConference) {
  Fixture it;
  it.begin();
  RecordingStory conference = story();
  const Instant start = conference.actions.front().at;
  conference.members = {{"+4930", start}, {"1002", start + 500ms, start + 1'500ms}};
  it.store.execute(FinishRecording{2, recorder, conference});
  EXPECT_NE(read_file(it.path("call.json"))
                .find(R"("members":[{"name":"+4930","from_ms":0,"to_ms":2000},)"
                      R"({"name":"1002","from_ms":500,"to_ms":1500}])"),
            std::string::npos);
}

TEST(RecordingStore, AFileOfNoSamplesIsValid) {
  Fixture it;
  it.begin();
  EXPECT_EQ(read_wav(it.path("call.wav.part")).left.size(), 0u) << "while it runs, too";
  it.finish();
  EXPECT_EQ(read_wav(it.path("call.wav")).left.size(), 0u);
}

TEST(RecordingStore, RefusesNamesThatAreNoNames) {
  Fixture it;
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"), std::string("a.b"),
        std::string("\xc3\xa9"), std::string(129, 'a')}) {
    EXPECT_EQ(it.begin(name.c_str())->kind, Kind::failed) << name;
  }
  EXPECT_EQ(it.begin(std::string(128, 'a').c_str())->kind, Kind::started);
}

TEST(RecordingStore, NeverOverwritesAnything) {
  for (const char* name : {"call.wav", "call.wav.part", "call.json"}) {
    Fixture it;
    ASSERT_TRUE((*it.files.create(it.path(name)))->write_at(0, std::as_bytes(std::span("old"))));
    const auto outcome = it.begin();
    EXPECT_EQ(outcome->kind, Kind::failed) << name;
    EXPECT_NE(outcome->text.find("call"), std::string::npos) << outcome->text;
    EXPECT_EQ(read_file(it.path(name)).substr(0, 3), "old");
  }
}

TEST(RecordingStore, AnAbandonedRecordingStaysReadable) {
  Fixture it;
  it.begin();
  it.append(0, 8'000);
  EXPECT_EQ(it.store.execute(AbandonRecording{recorder})->kind, Kind::abandoned);
  expect_frames(read_wav(it.path("call.wav.part")), 8'000);
  EXPECT_EQ(it.finish()->kind, Kind::unfinished) << "and takes no more orders";
}

TEST(RecordingStore, TheFileIsValidAfterEveryAppendForAProcessThatIsKilled) {
  TemporaryDirectory directory;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto files = make_file_system();
    RecordingStore store(*files, directory.path());
    store.execute(BeginRecording{1, recorder, "call"});
    store.execute(frames(0, 8'000));
    store.execute(frames(8'000, 8'000));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  expect_frames(read_wav(directory.path() + "/call.wav.part"), 16'000);
}

// Runs a whole recording; returns its outcomes in order.
std::vector<RecordingOutcome> run_through(Fixture& it) {
  std::vector<RecordingOutcome> outcomes;
  const auto keep = [&](std::optional<RecordingOutcome> outcome) {
    if (outcome) outcomes.push_back(std::move(*outcome));
  };
  keep(it.begin());
  for (std::size_t i = 0; i < 4; ++i) keep(it.append(i * 4'000, 4'000));
  keep(it.finish());
  return outcomes;
}

TEST(RecordingStore, AnyOperationMayFailAndIsToldOnceAndLeavesAReadableFile) {
  int operations = 0;
  {
    Fixture it;
    run_through(it);
    operations = it.plan->operations;
  }
  ASSERT_GT(operations, 12);
  for (const bool for_good : {true, false}) {
    for (int n = 1; n <= operations; ++n) {
      SCOPED_TRACE(n);
      Fixture it;
      it.plan->fails_at = n;
      it.plan->for_good = for_good;
      const auto outcomes = run_through(it);
      std::set<Token> answered;
      int running_failures = 0;
      for (const auto& outcome : outcomes) {
        if (outcome.token == 0) {
          ++running_failures;
          EXPECT_EQ(outcome.kind, Kind::failed);
        } else {
          EXPECT_TRUE(answered.insert(outcome.token).second);
        }
      }
      EXPECT_EQ(answered.size(), 2u) << "each token has one answer";
      EXPECT_LE(running_failures, 1);
      EXPECT_NE(outcomes.back().kind, Kind::finished);
      // Whatever is there by either name can be played, up to the last append that went well.
      const bool renamed = it.files.exists(it.path("call.wav"));
      const std::string file = it.path(renamed ? "call.wav" : "call.wav.part");
      if (outcomes.front().kind != Kind::started) continue;
      const Wav wav = read_wav(file);
      expect_frames(wav, wav.left.size());
      if (running_failures == 0) {
        EXPECT_EQ(wav.left.size(), 16'000u);
      }
    }
  }
}

TEST(RecordingStore, AFullDiskIsAFailureAndKeepsWhatWasWritten) {
  TemporaryDirectory directory;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 40'000, .rlim_max = 40'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto files = make_file_system();
    RecordingStore store(*files, directory.path());
    store.execute(BeginRecording{1, recorder, "call"});
    const bool first = store.execute(frames(0, 8'000)).has_value();
    const auto second = store.execute(frames(8'000, 8'000));
    const bool told = second && second->kind == Kind::failed && second->token == 0 &&
                      second->text.find("File too large") != std::string::npos;
    const bool again = store.execute(frames(0, 10)).has_value();
    ::_exit(!first && told && !again ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const Wav wav = read_wav(directory.path() + "/call.wav.part");
  EXPECT_GE(wav.left.size(), 8'000u);
  expect_frames(wav, wav.left.size());
}

TEST(CheckDirectory, MakesItAndLeavesNothingBehind) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/a/b";
  EXPECT_TRUE(check_directory(path));
  EXPECT_TRUE(std::filesystem::is_empty(path));
}

TEST(CheckDirectory, NamesTheDirectoryThatCannotBeUsed) {
  TemporaryDirectory directory;
  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "x";
  const auto checked = check_directory(file + "/below");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Errc::io_failed);
  EXPECT_NE(checked.error().detail.find(file), std::string::npos);
}

TEST(CheckDirectory, RefusesOneThatCannotBeWritten) {
  const auto checked = check_directory("/proc");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Errc::io_failed);
}

}  // namespace
}  // namespace cord::media::test
