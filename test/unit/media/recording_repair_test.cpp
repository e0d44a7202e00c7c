#include "media/recording_repair.hpp"

#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "media/wav_file.hpp"
#include "support/temporary_directory.hpp"
#include "unit/media/failing_files.hpp"

namespace cord::media {
namespace {

namespace json = boost::json;
using cord::test::TemporaryDirectory;

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

/// A recording of `frames` whose writer died, and whose header tells of fewer.
void leave_behind(const std::filesystem::path& path, std::size_t frames) {
  const auto files = make_file_system();
  auto wav = WavFile::open(*files->create(path.string()));
  ASSERT_TRUE(wav.has_value());
  ASSERT_TRUE((*wav)->append(std::vector<std::int16_t>(2 * 8'000, 7)));
  wav->reset();
  std::ofstream more(path, std::ios::binary | std::ios::app);
  more << std::string(4 * (frames - 8'000), 'x') << "torn"[0];
}

class RecordingRepair : public testing::Test {
 protected:
  RepairReport repair() {
    auto report = repair_recordings(*files_, directory_.path());
    EXPECT_TRUE(report.has_value());
    return std::move(*report);
  }
  [[nodiscard]] std::filesystem::path at(std::string_view name) const {
    return directory_ / std::string(name);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<FileSystem> files_ = make_file_system();
};

TEST_F(RecordingRepair, MakesTheHeaderFitNamesTheFileAndMarksTheSidecar) {
  leave_behind(at("i-1-1-5.wav.part"), 12'000);
  const RepairReport report = repair();
  EXPECT_EQ(report.repaired, (std::vector<std::string>{at("i-1-1-5.wav").string()}));
  EXPECT_TRUE(report.left.empty());
  const std::string wav = read(at("i-1-1-5.wav"));
  EXPECT_EQ(number_at(wav, 40), 4u * 12'000);
  EXPECT_EQ(number_at(wav, 4), 36u + 4 * 12'000);
  const json::object sidecar = json::parse(read(at("i-1-1-5.json"))).as_object();
  EXPECT_TRUE(sidecar.at("recovered").as_bool());
  EXPECT_EQ(sidecar.at("duration_ms").to_number<int>(), 1'500);
  EXPECT_EQ(sidecar.at("sha256").as_string().size(), 64u);
  auto file = files_->open(at("i-1-1-5.wav").string());
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(sidecar.at("sha256").as_string(), *sha256_of(**file));
  EXPECT_FALSE(std::filesystem::exists(at("i-1-1-5.wav.part")));
  EXPECT_FALSE(std::filesystem::exists(at("i-1-1-5.json.part")));
  EXPECT_TRUE(repair().repaired.empty());
}

TEST_F(RecordingRepair, AFileThatDiedBeforeItsHeaderIsAnEmptyRecording) {
  std::ofstream(at("a.wav.part")) << "RI";
  EXPECT_EQ(repair().repaired.size(), 1u);
  EXPECT_EQ(read(at("a.wav")).size(), 44u);
}

TEST_F(RecordingRepair, KeepsWhatTheSidecarHadSaid) {
  leave_behind(at("a.wav.part"), 8'000);
  std::ofstream(at("a.json.part")) << R"({"facts":{"agent":"alice"},"sha256":"old"})";
  repair();
  const json::object sidecar = json::parse(read(at("a.json"))).as_object();
  EXPECT_EQ(sidecar.at("facts").as_object().at("agent").as_string(), "alice");
  EXPECT_NE(sidecar.at("sha256").as_string(), "old");
}

TEST_F(RecordingRepair, OverwritesNothing) {
  leave_behind(at("a.wav.part"), 8'000);
  std::ofstream(at("a.wav")) << "precious";
  leave_behind(at("b.wav.part"), 8'000);
  std::ofstream(at("b.json")) << "precious";
  const RepairReport report = repair();
  EXPECT_TRUE(report.repaired.empty());
  EXPECT_EQ(report.left.size(), 2u);
  EXPECT_EQ(read(at("a.wav")), "precious");
  EXPECT_EQ(read(at("b.json")), "precious");
}

TEST_F(RecordingRepair, LeavesAloneWhatIsNoRecordingAndWhatIsBeingWritten) {
  std::ofstream(at("a.wav.part")) << std::string(100, 'x');
  const auto writer = files_->create(at("b.wav.part").string());
  ASSERT_TRUE(writer.has_value());
  const RepairReport report = repair();
  EXPECT_TRUE(report.repaired.empty());
  EXPECT_EQ(report.left.size(), 2u);
  EXPECT_EQ(read(at("a.wav.part")), std::string(100, 'x'));
}

TEST_F(RecordingRepair, FinishesASidecarWhoseRecordingHasItsName) {
  std::ofstream(at("a.wav")) << "whole";
  std::ofstream(at("a.json.part")) << R"({"sha256":"x"})";
  EXPECT_EQ(repair().repaired.size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(at("a.json")));
}

TEST_F(RecordingRepair, ADirectoryThatIsNotThereHasNone) {
  const auto report = repair_recordings(*files_, at("nothing").string());
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->repaired.empty());
}

// Tried again at the next start, it is repaired.
TEST_F(RecordingRepair, AFailureAtAnyOperationLosesNothing) {
  for (int n = 1;; ++n) {
    const auto plan = std::make_shared<test::FailurePlan>(test::FailurePlan{.fails_at = n});
    const std::string base = fmt::format("r{}", n);
    leave_behind(at(base + ".wav.part"), 9'000);
    test::FailingFileSystem failing(plan);
    const auto report = repair_recordings(failing, directory_.path());
    if (plan->operations < n) break;
    ASSERT_LT(n, 100);
    repair();
    EXPECT_TRUE(std::filesystem::exists(at(base + ".wav"))) << n;
    EXPECT_EQ(number_at(read(at(base + ".wav")), 40), 4u * 9'000) << n;
    EXPECT_TRUE(std::filesystem::exists(at(base + ".json"))) << n;
  }
}

}  // namespace
}  // namespace cord::media
