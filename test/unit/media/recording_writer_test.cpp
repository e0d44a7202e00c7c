#include "media/recording_writer.hpp"

#include <condition_variable>
#include <mutex>

#include "failing_files.hpp"
#include "support.hpp"

namespace cord::media::test {
namespace {

constexpr RecorderId recorder{1};

// A disk that hangs until it is told to go on.
class HangingFileSystem final : public FileSystem {
 public:
  struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    void set_open() {
      {
        const std::lock_guard lock(mutex);
        open = true;
      }
      opened.notify_all();
    }
  };
  explicit HangingFileSystem(Gate& gate) : gate_(gate) {}
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    std::unique_lock lock(gate_.mutex);
    gate_.opened.wait(lock, [&] { return gate_.open; });
    return files_->create(path);
  }
  Result<std::unique_ptr<File>> open(const std::string& path) override {
    return files_->open(path);
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return files_->list(directory);
  }
  bool exists(const std::string& path) override { return files_->exists(path); }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return files_->rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return files_->remove(path); }
  Result<void> sync_directory(const std::string& directory) override {
    return files_->sync_directory(directory);
  }

 private:
  Gate& gate_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST(RecordingWriter, DoesAllThatWasSubmittedBeforeItStops) {
  TemporaryDirectory directory;
  Metrics metrics;
  RecordingWriter writer({.directory = directory.path()}, make_file_system(), metrics, [] {});
  ASSERT_TRUE(writer.submit(BeginRecording{1, recorder, "x"}));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(writer.submit(AppendRecording{recorder, 160, {}}));
  }
  ASSERT_TRUE(writer.submit(
      FinishRecording{2, recorder, {.facts = {}, .actions = {{"start", "a", at(0s)}}}}));
  writer.stop();
  std::vector<RecordingOutcome> outcomes;
  writer.take_outcomes(outcomes);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[1].kind, RecordingOutcome::Kind::finished);
  EXPECT_EQ(read_wav(directory.path() + "/x.wav").left.size(), 16'000u);
}

TEST(RecordingWriter, TakesSamplesUpToTheBoundAndOtherJobsBeyond) {
  TemporaryDirectory directory;
  Metrics metrics;
  HangingFileSystem::Gate gate;
  RecordingWriter writer({.directory = directory.path(), .blocks_max = 4, .controls_max = 6},
                         std::make_unique<HangingFileSystem>(gate), metrics, [] {});
  ASSERT_TRUE(writer.submit(BeginRecording{1, recorder, "x"}));
  int taken = 0;
  while (writer.submit(AppendRecording{recorder, 160, {}})) ++taken;
  EXPECT_GE(taken, 3);
  EXPECT_LE(taken, 8) << "some may have left with the first job";
  EXPECT_TRUE(writer.submit(AbandonRecording{recorder}));
  gate.set_open();
  writer.stop();
  std::vector<RecordingOutcome> outcomes;
  writer.take_outcomes(outcomes);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[1].kind, RecordingOutcome::Kind::abandoned);
  EXPECT_EQ(metrics.gauge("cord_media_recording_queued_jobs", "").value(), 0);
}

}  // namespace
}  // namespace cord::media::test
