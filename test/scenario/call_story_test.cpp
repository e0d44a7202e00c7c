// The first working whole: a customer's call through SIPp, an agent's phone that is a real baresip,
// a desktop on a real WebSocket; every command, and the audio at both ends and in the file.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "scenario/support/offered_call.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

using Samples = std::vector<std::int16_t>;

Samples slice(const Samples& all, double from_s, double to_s) {
  const auto at = [&](double s) {
    return all.begin() +
           static_cast<std::ptrdiff_t>(std::min(s * 8'000, static_cast<double>(all.size())));
  };
  return {at(from_s), at(to_s)};
}

bool is_digital_silence(const Samples& samples) {
  return std::all_of(samples.begin(), samples.end(), [](std::int16_t it) { return it == 0; });
}

/// The longest run of exact zeros, as {first, length} in samples.
std::pair<std::size_t, std::size_t> longest_silence(const Samples& samples) {
  std::pair<std::size_t, std::size_t> longest{0, 0};
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= samples.size(); ++i) {
    if (i < samples.size() && samples[i] == 0) continue;
    if (i - begin > longest.second) longest = {begin, i - begin};
    begin = i + 1;
  }
  return longest;
}

class CallStory : public OfferedCall {
 protected:
  object command(const std::string& name, const std::string& target) {
    object response = desktop_->request(name, target);
    expect_success(response);
    return response;
  }

  void release_and_log_out() {
    command("conversation.release", desktop_->conversation);
    EXPECT_EQ(call_->wait(10s), 0) << call_->output();
    command("interaction.complete", desktop_->interaction);
    command("session.request.logout", desktop_->session);
    EXPECT_TRUE(desktop_->is_contiguous());
  }
};

// Proves: conversation.hold, conversation.retrieve, conversation.mute, conversation.unmute
TEST_F(CallStory, HoldAndMuteDoWhatTheySay) {
  answer();

  command("conversation.request.mute", desktop_->conversation);
  const Samples muted = customer_.listen(400ms);
  expect_no_tone(muted, agent_hz);
  EXPECT_LT(loudness(muted), 10) << "a muted agent is silence at the customer";
  expect_tone(phone_->listen(300ms), customer_hz);

  command("conversation.hold", desktop_->conversation);
  const Samples music = customer_.listen(1s);
  EXPECT_GT(loudness(music), 200) << "music on hold";
  expect_no_tone(music, agent_hz);
  expect_no_tone(phone_->listen(400ms), customer_hz);

  command("conversation.request.unmute", desktop_->conversation);
  expect_no_tone(customer_.listen(400ms), agent_hz);

  command("conversation.retrieve", desktop_->conversation);
  expect_tone(customer_.listen(400ms), agent_hz);
  expect_tone(phone_->listen(400ms), customer_hz);
  EXPECT_EQ(customer_.discontinuities(), 0u) << "one RTP stream through mute, hold and retrieve";
  release_and_log_out();
}

// Proves: interaction.recording.start, interaction.recording.pause, interaction.recording.resume
// Proves: interaction.recording.stop
TEST_F(CallStory, RecordingHoldsBothSidesAndNothingWhilePaused) {
  answer();
  command("interaction.request.recording.start", desktop_->interaction);
  const auto started = WallClock::now();
  customer_.listen(1s);
  const auto pause_asked = WallClock::now();
  command("interaction.request.recording.pause", desktop_->interaction);
  const auto paused = WallClock::now();
  customer_.listen(1s);
  const auto resume_asked = WallClock::now();
  command("interaction.request.recording.resume", desktop_->interaction);
  const auto resumed = WallClock::now();
  customer_.listen(1s);
  command("interaction.request.recording.stop", desktop_->interaction);
  command("interaction.request.recording.stop", desktop_->interaction);

  auto wav_file = only_wav_in(server->recordings());
  const StereoWav wav = read_stereo_wav(wav_file);
  const auto seconds = [&](WallClock::time_point t) {
    return std::chrono::duration<double>(t - started).count();
  };
  // The file begins a moment before `started`: margins of a tenth of a second.
  expect_tone(slice(wav.left, 0.2, seconds(pause_asked) - 0.1), customer_hz);
  expect_tone(slice(wav.right, 0.2, seconds(pause_asked) - 0.1), agent_hz);
  expect_no_tone(wav.left, agent_hz);
  expect_no_tone(wav.right, customer_hz);
  const double silent_from = seconds(paused) + 0.1, silent_to = seconds(resume_asked) - 0.1;
  EXPECT_TRUE(is_digital_silence(slice(wav.left, silent_from, silent_to)));
  EXPECT_TRUE(is_digital_silence(slice(wav.right, silent_from, silent_to)));
  for (const Samples* side : {&wav.left, &wav.right}) {
    const auto [first, length] = longest_silence(*side);
    EXPECT_NEAR(static_cast<double>(length) / 8'000, seconds(resumed) - seconds(pause_asked), 0.15);
    EXPECT_NEAR(static_cast<double>(first) / 8'000, seconds(pause_asked), 0.15);
  }
  expect_tone(slice(wav.left, seconds(resumed) + 0.1, seconds(resumed) + 0.8), customer_hz);
  expect_tone(slice(wav.right, seconds(resumed) + 0.1, seconds(resumed) + 0.8), agent_hz);

  std::ostringstream sidecar;
  sidecar << std::ifstream(wav_file.replace_extension(".json")).rdbuf();
  const auto facts = boost::json::parse(sidecar.str()).as_object();
  EXPECT_EQ(text(facts, "sha256").size(), 64u);
  release_and_log_out();
}

TEST_F(CallStory, RecordingSurvivesHoldAndEndsWithTheCall) {
  answer();
  command("interaction.request.recording.start", desktop_->interaction);
  customer_.listen(500ms);
  command("conversation.hold", desktop_->conversation);
  customer_.listen(500ms);
  command("conversation.retrieve", desktop_->conversation);
  customer_.listen(500ms);
  release_and_log_out();

  std::vector<std::filesystem::path> files;
  const bool finished = eventually(
      [&] {
        files.clear();
        for (const auto& it : std::filesystem::directory_iterator(server->recordings())) {
          if (it.path().extension() == ".wav") files.push_back(it.path());
        }
        return files.size() == 1;
      },
      5s);
  ASSERT_TRUE(finished);
  const StereoWav wav = read_stereo_wav(files[0]);
  const auto [first, length] = longest_silence(wav.right);
  EXPECT_GT(length, 8'000u * 4 / 10) << "held: what does not pass between the parties is silence";
  expect_tone(slice(wav.right, 0.1, 0.4), agent_hz);
  const double total_s = static_cast<double>(wav.right.size()) / 8'000;
  expect_tone(slice(wav.right, total_s - 0.4, total_s - 0.1), agent_hz);
}

// Proves: promise 2
TEST_F(CallStory, EventsComeInTheDocumentedOrder) {
  const auto answered = command("conversation.answer", desktop_->conversation);
  desktop_->await_state(desktop_->channel, "ACTIVE");
  const auto seq = answered.at("seq").to_number<std::int64_t>();
  const auto names = desktop_->names_after(seq - 3);
  ASSERT_GE(names.size(), 3u);
  EXPECT_EQ(names[0], "state.updated CONNECTED");
  EXPECT_EQ(names[1], "interaction.screenpop");
  EXPECT_EQ(names[2], "state.updated STARTED");

  const auto held = command("conversation.hold", desktop_->conversation);
  EXPECT_TRUE(desktop_->request("conversation.request.hold", desktop_->conversation).at("seq") ==
              held.at("seq"))
      << "holding a held call changes nothing";
  command("conversation.request.retrieve", desktop_->conversation);

  const auto released = command("conversation.release", desktop_->conversation);
  desktop_->await("channel.infochanged", [](const object& it) {
    const auto& channel = it.at("data").as_object().at("channel").as_object();
    return text(channel, "agentState") == "WRAPUP";
  });
  const auto after = desktop_->names_after(released.at("seq").to_number<std::int64_t>() - 4);
  ASSERT_GE(after.size(), 4u);
  EXPECT_EQ(after[0], "state.updated DISCONNECTED");
  EXPECT_EQ(after[1], "conversation.disposed");
  EXPECT_EQ(after[2], "interaction.ended");
  EXPECT_EQ(after[3], "state.updated ENDED");
  EXPECT_EQ(call_->wait(10s), 0);
}

// Proves: interaction.setdata
TEST_F(CallStory, DataFollowsTheInteraction) {
  expect_success(desktop_->request("interaction.setdata", desktop_->interaction,
                                   {{"interaction-data", object{{"order", 4711}}}}));
  const auto got = command("interaction.getdata", desktop_->interaction);
  const auto& data = got.at("data").as_object().at("interaction-data").as_object();
  EXPECT_EQ(data.at("order"), 4711);
  EXPECT_EQ(text(data, "ANI"), "4930123456");
  EXPECT_EQ(text(data, "DNIS"), queue_number);
  answer();
  release_and_log_out();
}

// Proves: prepareSession
TEST_F(CallStory, TakeoverDoesNotTouchTheCall) {
  answer();
  Desktop second(server->http());
  second.log_in("alice", true);
  EXPECT_TRUE(second.has_seen("interaction.initialized")) << "the call came along";
  expect_tone(customer_.listen(400ms), agent_hz);
  const std::string conversation =
      second.session + desktop_->conversation.substr(desktop_->conversation.find('.'));
  expect_failure(second.request("conversation.hold", desktop_->conversation), "target.not.found");
  expect_success(second.request("conversation.hold", conversation));
  expect_no_tone(customer_.listen(400ms), agent_hz);
  expect_success(second.request("conversation.release", conversation));
  EXPECT_EQ(call_->wait(10s), 0);
}

}  // namespace
}  // namespace cord::scenario
