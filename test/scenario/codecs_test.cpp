// Phones that speak G.722 or Opus, towards a customer of G.711 and towards each other: what is
// heard at both ends, and what is recorded.
#include "scenario/support/fixture.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

const std::string opus = "opus/48000/2", g722 = "G722/16000/1";

class Codecs : public Scenario {
 protected:
  static std::string account(const std::string& codec) {
    return "answermode=auto;audio_codecs=" + codec;
  }
  void expect_transcoded(double streams) {
    EXPECT_TRUE(
        eventually([&] { return server->metric("cord_media_transcoded_streams") == streams; }, 5s))
        << server->metric("cord_media_transcoded_streams");
  }
};

class PhoneWith : public Codecs, public ::testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    phone_ = std::make_unique<Baresip>(directory("phone"), "1001", account(GetParam()));
    start_server({.agents = {{"alice", "1001", phone_->port()}}, .record_automatically = true});
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
    call_ = std::make_unique<Sipp>(directory("customer"), customer(customer_));
    desktop_->await_offer();
    command("conversation.answer");
    const std::uint16_t port = call_->remote_media_port(5s);
    ASSERT_NE(port, 0);
    customer_.send_to(port);
  }
  void command(const std::string& name) {
    expect_success(desktop_->request(name, desktop_->conversation));
  }
  void expect_both_hear_each_other() {
    expect_tone(customer_.listen(600ms), agent_hz);
    expect_tone(phone_->listen(600ms), customer_hz);
  }

  ToneParty customer_{customer_hz};
  std::unique_ptr<Baresip> phone_;
  std::unique_ptr<Desktop> desktop_;
  std::unique_ptr<Sipp> call_;
};

TEST_P(PhoneWith, TalksToACustomerOfG711) {
  (void)customer_.listen(300ms);
  expect_both_hear_each_other();
  expect_transcoded(2);

  command("conversation.request.mute");
  (void)customer_.listen(200ms);
  EXPECT_LT(loudness(customer_.listen(400ms)), 10) << "a muted agent is silence at the customer";
  expect_tone(phone_->listen(300ms), customer_hz);
  command("conversation.request.unmute");

  command("conversation.hold");
  (void)customer_.listen(200ms);
  const auto music = customer_.listen(1s);
  EXPECT_GT(loudness(music), 200) << "music on hold";
  expect_no_tone(music, agent_hz);
  (void)phone_->listen(200ms);
  expect_no_tone(phone_->listen(400ms), customer_hz);
  expect_transcoded(0);

  command("conversation.retrieve");
  (void)customer_.listen(200ms);
  expect_both_hear_each_other();
  EXPECT_EQ(customer_.discontinuities(), 0u) << "one RTP stream through all of that";

  expect_success(desktop_->request("interaction.request.recording.stop", desktop_->interaction));
  const StereoWav wav = read_stereo_wav(only_wav_in(server->recordings()));
  const auto end_of = [](const std::vector<std::int16_t>& side) {
    EXPECT_GT(side.size(), 8'000u);
    return std::vector<std::int16_t>(side.end() - 6'000, side.end() - 2'000);
  };
  expect_tone(end_of(wav.left), customer_hz);
  expect_tone(end_of(wav.right), agent_hz);
  expect_no_tone(wav.left, agent_hz);
  expect_no_tone(wav.right, customer_hz);
}

INSTANTIATE_TEST_SUITE_P(Codecs, PhoneWith, ::testing::Values(opus, g722),
                         [](const auto& it) { return it.param.substr(0, it.param.find('/')); });

// Alice calls bob; both are heard.
class Colleagues : public Codecs {
 protected:
  void talk(const std::string& alices, const std::string& bobs) {
    Baresip one(directory("one"), "1001", account(alices), 0, customer_hz);
    Baresip other(directory("other"), "1002", account(bobs), 0, agent_hz);
    start_server({.agents = {{"alice", "1001", one.port()}, {"bob", "1002", other.port()}}});
    Desktop alice(server->http()), bob(server->http());
    for (Desktop* it : {&alice, &bob}) {
      it->log_in(it == &alice ? "alice" : "bob");
      expect_success(it->request("channel.activate", it->channel));
    }
    expect_success(alice.request("channel.dial", alice.channel, {{"destination", "1002"}}));
    alice.await_offer();
    bob.await_offer();
    expect_success(bob.request("conversation.answer", bob.conversation));
    (void)one.listen(400ms);  // What rang until then is still in the phone's jitter buffer.
    expect_tone(one.listen(600ms), agent_hz);
    expect_tone(other.listen(600ms), customer_hz);
    expect_transcoded(alices == bobs ? 0 : 2);
  }
};

TEST_F(Colleagues, OfTwoCodecsAreTranscoded) {
  talk(opus, g722);
}

TEST_F(Colleagues, OfOneCodecAreRelayed) {
  talk(opus, opus);
}

}  // namespace
}  // namespace cord::scenario
