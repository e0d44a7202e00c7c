// Agents' phones in each mode, and phones that do not come.
#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

class Phones : public Scenario {
 protected:
  void expect_conversation(ToneParty& customer, const Sipp& call) {
    customer.send_to(call.remote_media_port(10s));
    expect_tone(customer.listen(400ms), agent_hz);
  }

  ToneParty customer_{customer_hz};
  ToneParty agent_{agent_hz};
};

TEST_F(Phones, PersistentLegCarriesOneCallAfterTheOther) {
  Baresip phone(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", phone.port(), "persistent"}}});
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  for (int call = 0; call < 2; ++call) {
    ToneParty party(customer_hz);
    Sipp customer_call(directory("customer"), customer(party));
    desktop.await_offer();
    expect_success(desktop.request("conversation.answer", desktop.conversation));
    expect_conversation(party, customer_call);
    expect_tone(phone.listen(400ms), customer_hz);
    expect_success(desktop.request("conversation.release", desktop.conversation));
    EXPECT_EQ(customer_call.wait(10s), 0);
    expect_success(desktop.request("interaction.complete", desktop.interaction));
  }
  const std::string log = phone.output();
  const auto first = log.find("Call established");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("Call established", first + 1), std::string::npos) << "one leg for both calls";
  expect_success(desktop.request("session.request.logout", desktop.session));
  EXPECT_TRUE(
      eventually([&] { return phone.output().find("terminated") != std::string::npos; }, 5s));
}

TEST_F(Phones, RingModeAnswersWhenTheHandsetIsPickedUp) {
  const std::uint16_t port = free_port();
  start_server({.agents = {{"alice", "1001", port, "ring"}}});
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  Sipp handset(directory("phone"), phone("phone.xml", port, agent_, 800));
  Sipp customer_call(directory("customer"), customer(customer_));
  desktop.await_offer();
  const object connected = desktop.await_state(desktop.conversation, "CONNECTED");
  EXPECT_EQ(text(connected, "data", "cause"), "phone");
  agent_.send_to(handset.remote_media_port(5s));
  expect_conversation(customer_, customer_call);
  expect_tone(agent_.listen(400ms), customer_hz);
  expect_success(desktop.request("conversation.release", desktop.conversation));
  EXPECT_EQ(handset.wait(10s), 0) << handset.output();
  EXPECT_EQ(customer_call.wait(10s), 0) << customer_call.output();
}

TEST_F(Phones, ThePhoneHangingUpEndsTheCall) {
  Baresip phone(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", phone.port()}}});
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  Sipp customer_call(directory("customer"), customer(customer_));
  desktop.await_offer();
  expect_success(desktop.request("conversation.answer", desktop.conversation));
  expect_conversation(customer_, customer_call);
  phone.command("hangup");
  const object ended = desktop.await_state(desktop.conversation, "DISCONNECTED");
  EXPECT_EQ(text(ended, "data", "cause"), "phone");
  EXPECT_EQ(customer_call.wait(10s), 0) << customer_call.output();
}

TEST_F(Phones, ThePhonesOwnHoldKeyIsSeenOnTheDesktop) {
  Baresip phone(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", phone.port()}}});
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  Sipp customer_call(directory("customer"), customer(customer_));
  desktop.await_offer();
  expect_success(desktop.request("conversation.answer", desktop.conversation));
  expect_conversation(customer_, customer_call);
  phone.command("hold");
  EXPECT_EQ(text(desktop.await_state(desktop.conversation, "HELD"), "data", "cause"), "phone");
  const auto music = customer_.listen(500ms);
  EXPECT_GT(loudness(music), 200);
  expect_no_tone(music, agent_hz);
  phone.command("resume");
  desktop.await_state(desktop.conversation, "CONNECTED");
  expect_tone(customer_.listen(500ms), agent_hz);
  expect_success(desktop.request("conversation.release", desktop.conversation));
}

struct BadPhone {
  const char* name;
  const char* scenario;  ///< nullptr: nothing listens there
  const char* code;
};

class PhoneFailure : public Phones, public testing::WithParamInterface<BadPhone> {};

TEST_P(PhoneFailure, FailsTheAnswerAndTheCallGoesToTheNextAgent) {
  const std::uint16_t bad_port = free_port();
  Baresip good(directory("good"), "1002");
  start_server({.agents = {{"alice", "1001", bad_port}, {"bob", "1002", good.port()}}});
  std::unique_ptr<Sipp> bad;
  if (GetParam().scenario != nullptr) {
    bad = std::make_unique<Sipp>(directory("bad"), phone(GetParam().scenario, bad_port, agent_));
  }
  Desktop alice(server->http());
  alice.be_ready("alice");
  Sipp customer_call(directory("customer"), customer(customer_));
  alice.await_offer();
  Desktop bob(server->http());
  bob.be_ready("bob");
  expect_failure(alice.request("conversation.answer", alice.conversation), GetParam().code);
  alice.await("interaction.disposed");
  bob.await_offer();
  expect_success(bob.request("conversation.answer", bob.conversation));
  expect_conversation(customer_, customer_call);
  expect_tone(good.listen(400ms), customer_hz);
  expect_success(bob.request("conversation.release", bob.conversation));
  EXPECT_EQ(customer_call.wait(10s), 0) << customer_call.output();
  if (bad) {
    EXPECT_EQ(bad->wait(10s), 0) << bad->output();
  }
}

INSTANTIATE_TEST_SUITE_P(All, PhoneFailure,
                         testing::Values(BadPhone{"Busy", "phone_busy.xml", "cti.error"},
                                         BadPhone{"Slow", "phone_slow.xml", "endpoint.unreachable"},
                                         BadPhone{"Unreachable", nullptr, "endpoint.unreachable"}),
                         [](const auto& it) { return std::string(it.param.name); });

}  // namespace
}  // namespace cord::scenario
