// More than two in a call, and who listens to one, with real phones and desktops: what each of them
// hears, and what the recording holds.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "scenario/support/fixture.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

constexpr double bob_hz = 700, sue_hz = 1'400;

class Conferences : public Scenario {
 protected:
  struct Phone {
    explicit Phone(double hz) : party(hz) {}
    ToneParty party;
    std::uint16_t port = free_port();
    std::unique_ptr<Sipp> sipp;
  };

  void begin(const std::string& customer_scenario = "customer.xml") {
    for (const auto& [name, phone] : phones_) {
      phone->sipp = std::make_unique<Sipp>(directory(name),
                                           this->phone("phone.xml", phone->port, phone->party, 50));
    }
    start_server({.agents = {{"alice", "1001", phones_.at("alice")->port},
                             {"bob", "1002", phones_.at("bob")->port},
                             {.id = "sue",
                              .extension = "1003",
                              .phone_port = phones_.at("sue")->port,
                              .more = "permissions = [\"supervise\"]\n"}}});
    alice_ = std::make_unique<Desktop>(server->http());
    alice_->be_ready("alice");
    customer_call_ =
        std::make_unique<Sipp>(directory("customer"), customer(customer_, customer_scenario));
    alice_->await_offer();
    expect_success(alice_->request("conversation.answer", alice_->conversation));
    talk(customer_, *customer_call_);
    talk("alice");
    expect_heard(customer_, {agent_hz});
    expect_heard("alice", {customer_hz});
  }

  // Its own audio flows once it knows where to.
  static void talk(ToneParty& party, const Sipp& sipp) {
    const auto port = sipp.remote_media_port(5s);
    ASSERT_NE(port, 0);
    party.send_to(port);
  }
  void talk(const std::string& name) { talk(phones_.at(name)->party, *phones_.at(name)->sipp); }

  // Exactly these, each as loud as it is sent. What was before fades out of the jitter buffers.
  static void expect_heard(const ToneParty& party, const std::set<double>& tones) {
    (void)party.listen(250ms);
    const auto heard = party.listen(500ms);
    ASSERT_FALSE(heard.empty());
    for (const double hz : {customer_hz, agent_hz, bob_hz, sue_hz}) {
      const double loud = loudness_of_tone(heard, hz);
      if (tones.contains(hz)) {
        EXPECT_GT(loud, 0.75) << hz << " Hz";
        EXPECT_LT(loud, 1.25) << hz << " Hz";
      } else {
        EXPECT_LT(loud, 0.1) << hz << " Hz";
      }
    }
  }
  void expect_heard(const std::string& name, const std::set<double>& tones) {
    SCOPED_TRACE(name);
    expect_heard(phones_.at(name)->party, tones);
  }

  object of_alice(const std::string& command, object data = {}) {
    const bool is_of_interaction = command.starts_with("interaction.");
    return alice_->request(command, is_of_interaction ? alice_->interaction : alice_->conversation,
                           std::move(data));
  }

  void bob_comes() {
    bob_ = std::make_unique<Desktop>(server->http());
    bob_->log_in("bob");
    expect_success(bob_->request("channel.activate", bob_->channel));
  }

  void confer() {
    bob_comes();
    expect_success(of_alice("interaction.consult", {{"destination", "1002"}}));
    bob_->await_offer();
    expect_success(bob_->request("conversation.answer", bob_->conversation));
    talk("bob");
    alice_->await("state.updated", [](const object& event) {
      return text(event, "data", "state") == "CONNECTED" &&
             text(event, "data", "previous") == "DIALING";
    });
    expect_success(of_alice("interaction.consultconference"));
  }

  void expect_all_three() {
    expect_heard(customer_, {agent_hz, bob_hz});
    expect_heard("alice", {customer_hz, bob_hz});
    expect_heard("bob", {customer_hz, agent_hz});
  }

  void sue_comes() {
    sue_ = std::make_unique<Desktop>(server->http());
    sue_->log_in("sue");
    expect_success(sue_->request("channel.activate", sue_->channel));
  }
  void supervise(const std::string& mode) {
    expect_success(
        sue_->request("channel.request." + mode, sue_->channel, {{"agent", {{"id", "alice"}}}}));
  }

  ToneParty customer_{customer_hz};
  std::map<std::string, std::shared_ptr<Phone>> phones_{
      {"alice", std::make_shared<Phone>(agent_hz)},
      {"bob", std::make_shared<Phone>(bob_hz)},
      {"sue", std::make_shared<Phone>(sue_hz)}};
  std::unique_ptr<Desktop> alice_, bob_, sue_;
  std::unique_ptr<Sipp> customer_call_;
};

// Proves: interaction.consultconference, conversation.dropmember
TEST_F(Conferences, EachOfThreeHearsExactlyTheTwoOthers) {
  begin();
  confer();
  expect_all_three();
  const object added = alice_->await("conversation.member.added", [](const object& it) {
    return text(it.at("data").as_object(), "member", "role") == "agent";
  });
  const std::string id = text(added.at("data").as_object(), "member", "id");
  expect_success(of_alice("conversation.dropmember", {{"member", {{"id", id}}}}));
  expect_heard(customer_, {agent_hz});
  expect_heard("alice", {customer_hz});
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
  expect_success(of_alice("conversation.release"));
  EXPECT_EQ(customer_call_->wait(10s), 0) << customer_call_->output();
  EXPECT_EQ(customer_.discontinuities(), 0U) << "one RTP stream through all of it";
  EXPECT_EQ(phones_.at("alice")->party.discontinuities(), 0U);
  EXPECT_EQ(server->metric("cord_media_mixes"), 0);
}

TEST_F(Conferences, HoldAndMuteAreEachMembersOwn) {
  begin();
  confer();
  expect_success(of_alice("conversation.hold"));
  expect_heard(customer_, {bob_hz});
  expect_heard("bob", {customer_hz});
  EXPECT_LT(loudness(phones_.at("alice")->party.listen(300ms)), 20) << "nothing";
  expect_success(of_alice("conversation.retrieve"));
  expect_all_three();
  expect_success(bob_->request("conversation.mute", bob_->conversation));
  expect_heard(customer_, {agent_hz});
  expect_heard("alice", {customer_hz});
  expect_heard("bob", {customer_hz, agent_hz});
  expect_success(bob_->request("conversation.unmute", bob_->conversation));
  expect_all_three();
}

// Proves: conversation.blindconference
TEST_F(Conferences, WhoIsCalledToJoinIsHeardWhenThere) {
  begin();
  bob_comes();
  expect_success(of_alice("conversation.blindconference", {{"destination", "1002"}}));
  bob_->await_offer();
  expect_heard(customer_, {agent_hz});
  expect_success(bob_->request("conversation.answer", bob_->conversation));
  talk("bob");
  expect_all_three();
  // The agent leaves; the others go on.
  expect_success(of_alice("conversation.release"));
  expect_heard(customer_, {bob_hz});
  expect_heard("bob", {customer_hz});
}

// Proves: channel.monitor, channel.whisper, channel.barge, channel.endmonitor
TEST_F(Conferences, ASupervisorIsHeardByWhomTheModeSays) {
  begin();
  sue_comes();
  supervise("monitor");
  talk("sue");
  expect_heard("sue", {customer_hz, agent_hz});
  expect_heard("alice", {customer_hz});
  expect_heard(customer_, {agent_hz});

  supervise("whisper");
  expect_heard("alice", {customer_hz, sue_hz});
  expect_heard(customer_, {agent_hz});
  expect_heard("sue", {customer_hz, agent_hz});

  supervise("barge");
  expect_heard("alice", {customer_hz, sue_hz});
  expect_heard(customer_, {agent_hz, sue_hz});
  expect_heard("sue", {customer_hz, agent_hz});

  supervise("monitor");
  expect_heard("alice", {customer_hz});
  expect_heard(customer_, {agent_hz});

  supervise("endmonitor");
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
  expect_heard("alice", {customer_hz});
  expect_heard(customer_, {agent_hz});
  EXPECT_EQ(customer_.discontinuities(), 0U);
  EXPECT_EQ(phones_.at("alice")->party.discontinuities(), 0U);
}

TEST_F(Conferences, ASupervisorHearsTheAgentOnHoldAndLeavesWithTheCall) {
  begin();
  sue_comes();
  supervise("whisper");
  talk("sue");
  expect_success(of_alice("conversation.hold"));
  expect_heard("sue", {agent_hz});
  expect_heard("alice", {sue_hz});
  expect_success(of_alice("conversation.release"));
  sue_->await("channel.infochanged", [](const object& it) {
    return !it.at("data").as_object().at("channel").as_object().contains("monitoring");
  });
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 0; }, 5s));
}

// Proves: conversation.senddtmf
TEST_F(Conferences, TheAgentsKeysReachTheCustomerAsEvents) {
  begin();
  expect_success(of_alice("conversation.senddtmf", {{"digits", "159,#A"}}));
  EXPECT_TRUE(eventually([&] { return customer_.keys() == "159#A"; }, 2s)) << customer_.keys();
  expect_heard(customer_, {agent_hz});
  EXPECT_EQ(customer_.discontinuities(), 0U);
  EXPECT_EQ(phones_.at("alice")->party.keys(), "");
}

TEST_F(Conferences, TheAgentsKeysReachAPhoneWithoutEventsAsTones) {
  begin("customer_without_events.xml");
  const auto from = WallClock::now();
  expect_success(of_alice("conversation.senddtmf", {{"digits", "5"}}));
  const auto heard = customer_.heard(from, WallClock::time_point::max());
  // 100 ms of both tones somewhere in there, and the agent's voice before and after.
  double loudest = 0;
  for (std::size_t i = 0; i + 400 <= heard.size(); i += 80) {
    const std::vector<std::int16_t> part(heard.begin() + static_cast<std::ptrdiff_t>(i),
                                         heard.begin() + static_cast<std::ptrdiff_t>(i + 400));
    loudest = std::max(loudest, share_of_tone(part, 770) + share_of_tone(part, 1'336));
  }
  EXPECT_GT(loudest, 0.95);
  EXPECT_EQ(customer_.keys(), "");
  expect_heard(customer_, {agent_hz});
  EXPECT_EQ(customer_.discontinuities(), 0U);
}

TEST_F(Conferences, TheRecordingHasTheAgentRightAndAllOthersLeft) {
  begin();
  expect_success(of_alice("interaction.request.recording.start"));
  expect_heard(customer_, {agent_hz});
  confer();
  expect_all_three();
  expect_success(of_alice("interaction.request.recording.pause"));
  (void)customer_.listen(600ms);
  expect_success(of_alice("interaction.request.recording.resume"));
  (void)customer_.listen(1'000ms);
  expect_success(of_alice("interaction.request.recording.stop"));
  const auto file = only_wav_in(server->recordings());
  const StereoWav wav = read_stereo_wav(file);
  const auto last = [](const std::vector<std::int16_t>& all) {
    return std::vector<std::int16_t>(all.end() - 6'000, all.end() - 2'000);
  };
  ASSERT_GT(wav.left.size(), 16'000U);
  for (const double hz : {customer_hz, bob_hz}) {
    EXPECT_NEAR(loudness_of_tone(last(wav.left), hz), 1, 0.1) << hz;
    EXPECT_LT(loudness_of_tone(last(wav.right), hz), 0.02) << hz;
  }
  EXPECT_NEAR(loudness_of_tone(last(wav.right), agent_hz), 1, 0.1);
  EXPECT_LT(loudness_of_tone(last(wav.left), agent_hz), 0.02);
  // The pause is digital silence on both sides at once.
  std::size_t longest = 0, run = 0;
  for (std::size_t i = 0; i < wav.left.size() && i < wav.right.size(); ++i) {
    run = wav.left[i] == 0 && wav.right[i] == 0 ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  EXPECT_GT(longest, 4'000U);
  std::ifstream sidecar(std::filesystem::path(file).replace_extension(".json"));
  std::stringstream content;
  content << sidecar.rdbuf();
  const object facts = boost::json::parse(content.str()).as_object();
  std::set<std::string> names;
  for (const auto& it : facts.at("members").as_array()) names.insert(text(it.as_object(), "name"));
  EXPECT_EQ(names, (std::set<std::string>{"4930123456", "1002"})) << content.str();
}

}  // namespace
}  // namespace cord::scenario
