// What customers and trunks do: hang up, give up, move, come by TCP, offer another codec, fall
// silent; and the order in which they are served.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "media/tone.hpp"
#include "scenario/support/fixture.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

/// What is heard in turn, one letter for each stretch: the letter of its tone, or "." for others.
std::string turns(const std::vector<std::int16_t>& samples, const std::map<char, double>& tones) {
  constexpr std::size_t block = 800;
  std::string turns;
  char last = 0;
  for (std::size_t i = 0; i + block <= samples.size(); i += block) {
    const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(i);
    const std::vector<std::int16_t> part(begin, begin + block);
    const auto tone = std::find_if(tones.begin(), tones.end(), [&](const auto& it) {
      return share_of_tone(part, it.second) > 0.9;
    });
    const char now = tone == tones.end() ? '.' : tone->first;
    // A block may be half of one and half of the other: two make a turn.
    if (now == last && (turns.empty() || turns.back() != now)) turns += now;
    last = now;
  }
  return turns;
}

class Customers : public Scenario {
 protected:
  std::string tone_file(double hz, std::size_t samples) {
    std::vector<std::int16_t> tone(samples);
    media::Tone(hz, 8'000).fill(tone);
    const auto file = directory("sounds") / fmt::format("{}.wav", hz);
    write_wav(file, tone);
    return file.string();
  }

  void start(const std::string& queue_lines = {}, const std::string& rtp_timeout = "30s") {
    phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
    start_server({.agents = {{"alice", "1001", phone_->port()}},
                  .queue = queue_lines,
                  .rtp_timeout = rtp_timeout});
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
  }

  void answer(const Sipp& call) {
    desktop_->await_offer();
    expect_success(desktop_->request("conversation.answer", desktop_->conversation));
    customer_.send_to(call.remote_media_port(5s));
    expect_tone(customer_.listen(400ms), agent_hz);
  }

  void expect_remote_end() {
    const object ended = desktop_->await_state(desktop_->conversation, "DISCONNECTED");
    EXPECT_EQ(text(ended, "data", "cause"), "remote");
  }

  ToneParty customer_{customer_hz};
  std::unique_ptr<Baresip> phone_;
  std::unique_ptr<Desktop> desktop_;
};

TEST_F(Customers, HangUp) {
  start();
  auto options = customer(customer_, "customer_hangs_up.xml");
  options.more = {"-d", "1500"};
  Sipp call(directory("customer"), options);
  answer(call);
  expect_remote_end();
  EXPECT_EQ(call.wait(10s), 0) << call.output();
  EXPECT_TRUE(
      eventually([&] { return phone_->output().find("terminated") != std::string::npos; }, 5s))
      << "the agent's phone is released too";
  expect_success(desktop_->request("interaction.complete", desktop_->interaction));
}

TEST_F(Customers, GiveUpWhileRinging) {
  start();
  auto options = customer(customer_, "customer_gives_up.xml");
  options.more = {"-d", "700"};
  Sipp call(directory("customer"), options);
  desktop_->await_offer();
  expect_remote_end();
  desktop_->await("interaction.disposed");
  EXPECT_EQ(call.wait(10s), 0) << call.output();
  desktop_->await("channel.infochanged", [](const object& it) {
    return text(it.at("data").as_object().at("channel").as_object(), "agentState") == "READY";
  });
}

TEST_F(Customers, HoldUsAndMoveToAnotherAddress) {
  start();
  ToneParty elsewhere(600);
  auto options = customer(customer_, "customer_moves.xml");
  options.more = {"-d", "1200", "-key", "second_port", std::to_string(elsewhere.port())};
  Sipp call(directory("customer"), options);
  answer(call);
  expect_tone(phone_->listen(300ms), customer_hz);
  // The scenario goes on by itself: hold at 1.2 s, the move at 2.4 s.
  ASSERT_TRUE(eventually([&] { return elsewhere.packets() > 0; }, 10s));
  customer_.send_to(0);
  elsewhere.send_to(call.remote_media_port(1s));
  expect_tone(elsewhere.listen(400ms), agent_hz);
  expect_tone(phone_->listen(400ms), 600);
  EXPECT_EQ(elsewhere.discontinuities(), 0u);
  expect_success(desktop_->request("conversation.release", desktop_->conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Customers, ComeByTcp) {
  start();
  auto options = customer(customer_);
  options.to_port = server->sip_tcp();
  options.tcp = true;
  Sipp call(directory("customer"), options);
  answer(call);
  expect_tone(phone_->listen(400ms), customer_hz);
  expect_success(desktop_->request("conversation.release", desktop_->conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Customers, ARefusedNumberAndAStranger) {
  start();
  auto unknown = customer(customer_, "unknown_number.xml");
  unknown.called = "999";
  Sipp wrong_number(directory("customer"), unknown);
  EXPECT_EQ(wrong_number.wait(10s), 0) << wrong_number.output();
  auto options = customer(customer_, "stranger.xml");
  options.address = "127.0.0.2";
  Sipp stranger(directory("stranger"), options);
  EXPECT_EQ(stranger.wait(10s), 0) << stranger.output();
  Sipp pinging(directory("customer"), customer(customer_, "options.xml"));
  EXPECT_EQ(pinging.wait(10s), 0) << pinging.output();
  EXPECT_FALSE(desktop_->has_seen("interaction.created"));
}

TEST_F(Customers, HearMusicWhileTheyWait) {
  start("waiting = \"music\"\n");
  expect_success(desktop_->request("channel.notready", desktop_->channel));
  Sipp call(directory("customer"), customer(customer_));
  customer_.send_to(call.remote_media_port(5s));
  const auto music = customer_.listen(800ms);
  EXPECT_GT(loudness(music), 200);
  expect_success(desktop_->request("channel.ready", desktop_->channel));
  answer(call);
  EXPECT_EQ(customer_.discontinuities(), 0u);
  expect_success(desktop_->request("conversation.release", desktop_->conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Customers, HearAnnouncementsAndAFarewellWhenNobodyComes) {
  start(
      fmt::format("waiting = \"music\"\nwait-limit = \"8s\"\ngreeting = \"{}\"\n"
                  "announcement = \"{}\"\nannouncement-every = \"5s\"\nfarewell = \"{}\"\n",
                  tone_file(700, 8'000), tone_file(1'500, 6'400), tone_file(2'100, 8'000)));
  expect_success(desktop_->request("channel.notready", desktop_->channel));
  const auto began = WallClock::now();
  Sipp call(directory("customer"), customer(customer_));
  EXPECT_EQ(call.wait(20s), 0) << call.output();
  const auto heard = customer_.heard(began, WallClock::now());
  EXPECT_EQ(turns(heard, {{'g', 700}, {'a', 1'500}, {'f', 2'100}}), "g.a.f");
  EXPECT_EQ(customer_.discontinuities(), 0u);
  EXPECT_FALSE(desktop_->has_seen("interaction.created"));
}

TEST_F(Customers, WhoAreAnsweredHearNoMoreAnnouncements) {
  start(fmt::format("waiting = \"music\"\ngreeting = \"{}\"\nfarewell = \"{}\"\n",
                    tone_file(700, 16'000), tone_file(2'100, 8'000)));
  Sipp call(directory("customer"), customer(customer_));
  answer(call);
  expect_success(desktop_->request("conversation.hold", desktop_->conversation));
  (void)customer_.listen(200ms);
  const auto held = customer_.listen(400ms);
  EXPECT_GT(loudness(held), 200) << "music";
  expect_no_tone(held, 700);
  expect_success(desktop_->request("conversation.retrieve", desktop_->conversation));
  expect_success(desktop_->request("conversation.release", desktop_->conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Customers, HearTheRingingToneAsEarlyMedia) {
  start("waiting = \"tone\"\n");
  Sipp call(directory("customer"), customer(customer_));
  customer_.send_to(call.remote_media_port(5s));
  expect_tone(customer_.listen(400ms), 425);
  answer(call);
  expect_success(desktop_->request("conversation.release", desktop_->conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Customers, DeadAudioEndsTheCall) {
  start({}, "2s");
  Sipp call(directory("customer"), customer(customer_));
  answer(call);
  customer_.send_to(0);
  desktop_->await_state(desktop_->conversation, "DISCONNECTED");
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Customers, AreServedInTheOrderTheyCameAndOfferedOnWhenNobodyAnswers) {
  Baresip bobs(directory("bobs"), "1002");
  phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", phone_->port()}, {"bob", "1002", bobs.port()}},
                .queue = "ring-timeout = \"5s\"\n"});
  desktop_ = std::make_unique<Desktop>(server->http());
  desktop_->be_ready("alice");
  auto first_options = customer(customer_);
  first_options.caller = "first";
  Sipp first(directory("customer"), first_options);
  desktop_->await_offer();
  ToneParty second_party(customer_hz);
  auto second_options = customer(second_party);
  second_options.caller = "second";
  Sipp second(directory("second"), second_options);
  ASSERT_TRUE(eventually([&] { return server->metric("cord_calls_waiting") >= 1; }, 5s));

  Desktop bob(server->http());
  bob.be_ready("bob");
  bob.await_offer();
  const auto ani = [](Desktop& desktop) {
    const object got = desktop.request("interaction.getdata", desktop.interaction);
    return text(got.at("data").as_object().at("interaction-data").as_object(), "ANI");
  };
  EXPECT_EQ(ani(*desktop_), "first");
  EXPECT_EQ(ani(bob), "second");
  expect_success(bob.request("interaction.reject", bob.interaction));
  // Alice does not answer: the first caller goes on to Bob, before the second one.
  EXPECT_EQ(text(desktop_->await_state(desktop_->interaction, "ENDED"), "data", "cause"),
            "timeout");
  bob.await_offer();
  EXPECT_EQ(ani(bob), "first");
  expect_success(bob.request("interaction.accept", bob.interaction));
  customer_.send_to(first.remote_media_port(5s));
  expect_tone(customer_.listen(400ms), agent_hz);
  expect_success(bob.request("conversation.release", bob.conversation));
  EXPECT_EQ(first.wait(10s), 0) << first.output();
  second.signal(SIGKILL);
}

TEST_F(Customers, ALawCustomerMeetsMuLawPhone) {
  start();
  Sipp call(directory("customer"), customer(customer_, "customer_pcma.xml"));
  desktop_->await_offer();
  expect_success(desktop_->request("conversation.answer", desktop_->conversation));
  EXPECT_NE(call.messages().find("a=rtpmap:8 PCMA/8000"), std::string::npos);
  expect_success(desktop_->request("conversation.release", desktop_->conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

}  // namespace
}  // namespace cord::scenario
