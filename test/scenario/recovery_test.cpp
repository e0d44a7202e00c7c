// The program is killed in the middle of a call and started again on the same files: what its
// desktop, its caller and its recordings are left with.
#include <csignal>
#include <fstream>

#include "scenario/support/fixture.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

class Recovery : public Scenario {
 protected:
  void SetUp() override {
    phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
    settings_ = {.agents = {{"alice", "1001", phone_->port()}}, .record_automatically = true};
    start_server(settings_);
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
    customer_call_ = std::make_unique<Sipp>(directory("customer"), customer(customer_));
    desktop_->await_offer();
    expect_success(desktop_->request("conversation.answer", desktop_->conversation));
    customer_.send_to(customer_call_->remote_media_port(5s));
    expect_tone(customer_.listen(400ms), agent_hz);
  }

  void kill_and_start_again() {
    server->process().signal(SIGKILL);
    ASSERT_EQ(server->process().wait(5s), 128 + SIGKILL);
    server.reset();
    start_server(settings_);
  }

  ServerSettings settings_;
  ToneParty customer_{customer_hz};
  std::unique_ptr<Baresip> phone_;
  std::unique_ptr<Desktop> desktop_;
  std::unique_ptr<Sipp> customer_call_;
};

TEST_F(Recovery, ADesktopResumesItsSessionAndItsCallHasEndedWithCauseRecovery) {
  expect_success(desktop_->request("interaction.setdata", desktop_->interaction,
                                   {{"interaction-data", object{{"crm", "42"}}}}));
  // Both sides have a second on the disk by then: the recorder hands over every second.
  customer_.listen(2500ms);
  desktop_->read_for(100ms);
  const auto after = desktop_->last_seq();
  kill_and_start_again();

  Desktop back(server->http());
  const object resumed = back.request("session.resume", desktop_->session,
                                      {{"resumeToken", desktop_->resume_token}, {"after", after}});
  expect_success(resumed);
  const object ended = back.await_state(desktop_->conversation, "DISCONNECTED");
  EXPECT_EQ(text(ended, "data", "cause"), "recovery");
  EXPECT_GT(ended.at("seq").to_number<std::int64_t>(), after);
  back.await_state(desktop_->interaction, "ENDED");
  const object data = back.request("interaction.getdata", desktop_->interaction);
  expect_success(data);
  EXPECT_EQ(text(data.at("data").as_object(), "interaction-data", "crm"), "42");
  expect_success(back.request("interaction.complete", desktop_->interaction));
  expect_success(back.request("session.request.logout", desktop_->session));

  auto wav_file = only_wav_in(server->recordings());
  const StereoWav wav = read_stereo_wav(wav_file);
  ASSERT_GE(wav.left.size(), 8'000u);
  expect_tone({wav.left.begin() + 4'000, wav.left.begin() + 8'000}, customer_hz);
  expect_tone({wav.right.begin() + 4'000, wav.right.begin() + 8'000}, agent_hz);
  std::ifstream sidecar(wav_file.replace_extension(".json"));
  const std::string content{std::istreambuf_iterator<char>(sidecar), {}};
  const object story = boost::json::parse(content).as_object();
  EXPECT_TRUE(story.at("recovered").as_bool());
  EXPECT_EQ(server->metric("cord_media_recordings_repaired_total"), 1);
}

TEST_F(Recovery, WhoDoesNotComeBackMayLogInAnewAndTakesOverWhatIsLeft) {
  kill_and_start_again();
  Desktop back(server->http());
  back.log_in("alice", true);
  const object snapshot = back.request("session.snapshot", back.session);
  expect_success(snapshot);
  EXPECT_NE(boost::json::serialize(snapshot).find("WRAPUP"), std::string::npos);
}

}  // namespace
}  // namespace cord::scenario
