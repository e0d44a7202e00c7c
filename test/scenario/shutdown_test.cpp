// SIGTERM, with a call that is talked on, one that waits, and an agent at rest.
#include <csignal>
#include <fstream>

#include "scenario/support/fixture.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

class ShutDown : public Scenario {
 protected:
  void start(const std::string& drain) {
    phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
    settings_ = {.agents = {{"alice", "1001", phone_->port()}, {"bob", "1002", 9}},
                 .server = "drain = \"" + drain + "\"\n",
                 .record_automatically = true};
    start_server(settings_);
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
    talking_ = std::make_unique<Sipp>(directory("customer"), customer(party_));
    desktop_->await_offer();
    expect_success(desktop_->request("conversation.answer", desktop_->conversation));
    party_.send_to(talking_->remote_media_port(5s));
    expect_tone(party_.listen(400ms), agent_hz);
  }

  ServerSettings settings_;
  ToneParty party_{customer_hz};
  std::unique_ptr<Baresip> phone_;
  std::unique_ptr<Desktop> desktop_;
  std::unique_ptr<Sipp> talking_;
};

std::string reason_of_end(Desktop& desktop) {
  return text(desktop.await("session.ended"), "data", "reason");
}

TEST_F(ShutDown, WhoWaitsIsTurnedAwayAtOnceAndCallsAreCutWhenTheTimeIsUp) {
  start("4s");
  Desktop resting(server->http());
  resting.log_in("bob");
  ToneParty other(customer_hz);
  Sipp waiting(directory("waiting"), customer(other, "turned_away.xml"));
  ASSERT_TRUE(eventually([&] { return server->metric("cord_calls_waiting") >= 1; }, 5s));

  server->process().signal(SIGTERM);
  EXPECT_EQ(waiting.wait(3s), 0) << waiting.output();
  expect_tone(party_.listen(400ms), agent_hz);
  EXPECT_FALSE(desktop_->has_seen("session.ended"));

  const object cut = desktop_->await_state(desktop_->conversation, "DISCONNECTED");
  EXPECT_EQ(text(cut, "data", "cause"), "shutdown");
  EXPECT_EQ(reason_of_end(*desktop_), "shutdown");
  EXPECT_TRUE(desktop_->is_contiguous());
  EXPECT_EQ(reason_of_end(resting), "shutdown");
  EXPECT_EQ(talking_->wait(5s), 0) << "no BYE came: " << talking_->output();
  EXPECT_TRUE(
      eventually([&] { return phone_->output().find("terminated") != std::string::npos; }, 5s));
  EXPECT_EQ(server->process().wait(10s), 0);
  EXPECT_NE(server->process().output().find("calls_cut=yes"), std::string::npos);
}

TEST_F(ShutDown, RecordingsAreCompleteAndNothingIsLeftForTheNextProcess) {
  start("0s");
  party_.listen(1500ms);
  server->process().signal(SIGTERM);
  EXPECT_EQ(reason_of_end(*desktop_), "shutdown");
  EXPECT_EQ(talking_->wait(5s), 0) << "no BYE came: " << talking_->output();
  ASSERT_EQ(server->process().wait(10s), 0);

  auto wav_file = only_wav_in(server->recordings());
  const StereoWav wav = read_stereo_wav(wav_file);
  EXPECT_GE(wav.left.size(), 8'000u);
  std::ifstream sidecar(wav_file.replace_extension(".json"));
  const std::string content{std::istreambuf_iterator<char>(sidecar), {}};
  EXPECT_FALSE(boost::json::parse(content).as_object().contains("recovered"));

  server.reset();
  start_server(settings_);
  Desktop back(server->http());
  back.log_in("alice");
  EXPECT_EQ(server->metric("cord_sessions"), 1);
  EXPECT_EQ(server->metric("cord_calls"), 0);
}

}  // namespace
}  // namespace cord::scenario
