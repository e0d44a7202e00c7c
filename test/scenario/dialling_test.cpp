// Agents who dial: a number outside, with SIPp as the carrier, and a colleague.
#include <fmt/format.h>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

constexpr double ringing_hz = 425;

// One second of five.
template <class Ear>
void expect_ringing(const Ear& ear) {
  EXPECT_TRUE(eventually([&] { return share_of_tone(ear.listen(200ms), ringing_hz) > 0.9; }, 10s));
}

class Dialling : public Scenario {
 protected:
  void start(std::vector<AgentSetting> agents) {
    start_server({.agents = std::move(agents),
                  .more = fmt::format("[[trunk]]\nname = \"outside\"\npeers = [\"127.0.0.1:{}\"]\n"
                                      "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"outside\"\n",
                                      carrier_port_)});
  }

  static void activate(Desktop& desktop, const std::string& agent) {
    desktop.log_in(agent);
    expect_success(desktop.request("channel.activate", desktop.channel));
  }

  object dial(Desktop& desktop, const std::string& number) const {
    return desktop.request("channel.dial", desktop.channel, {{"destination", number}});
  }

  const std::uint16_t carrier_port_ = free_port();
  ToneParty far_{customer_hz};
};

// Proves: channel.dial
TEST_F(Dialling, ReachesANumberThroughTheTrunk) {
  Baresip telephone(directory("phone"), "1001");
  start({{"alice", "1001", telephone.port()}});
  Sipp carrier(directory("carrier"), phone("phone.xml", carrier_port_, far_, 2'500));
  Desktop desktop(server->http());
  activate(desktop, "alice");
  const object response = dial(desktop, "9555");
  expect_success(response);
  desktop.await_offer();
  const object answer = desktop.request("interaction.getdata", desktop.interaction);
  const object& data = answer.at("data").at("interaction-data").as_object();
  EXPECT_EQ(text(data, "DNIS"), "9555");
  const std::string call_id = "Call-ID: " + text(data, "CallId");
  EXPECT_TRUE(
      eventually([&] { return carrier.messages().find(call_id) != std::string::npos; }, 5s));
  expect_ringing(telephone);
  const object connected = desktop.await_state(desktop.conversation, "CONNECTED");
  EXPECT_EQ(text(connected, "data", "cause"), "remote");
  EXPECT_EQ(text(connected, "data", "previous"), "DIALING");
  far_.send_to(carrier.remote_media_port(5s));
  expect_tone(far_.listen(400ms), agent_hz);
  expect_tone(telephone.listen(400ms), customer_hz);
  expect_success(desktop.request("conversation.release", desktop.conversation));
  EXPECT_EQ(carrier.wait(10s), 0) << carrier.output();
  EXPECT_TRUE(desktop.is_contiguous());
}

TEST_F(Dialling, TellsThatTheFarEndIsBusy) {
  Baresip telephone(directory("phone"), "1001");
  start({{"alice", "1001", telephone.port(), "persistent"}});
  Sipp carrier(directory("carrier"), phone("phone_busy.xml", carrier_port_, far_));
  Desktop desktop(server->http());
  activate(desktop, "alice");
  expect_success(dial(desktop, "9555"));
  desktop.await_offer();
  const object ended = desktop.await_state(desktop.conversation, "DISCONNECTED");
  EXPECT_EQ(text(ended, "data", "cause"), "busy");
  expect_success(desktop.request("interaction.complete", desktop.interaction));
  EXPECT_EQ(carrier.wait(10s), 0) << carrier.output();
}

TEST_F(Dialling, FailsWithoutAPhoneOrARoute) {
  start({{"alice", "1001", free_port()}});
  Desktop desktop(server->http());
  activate(desktop, "alice");
  expect_failure(dial(desktop, "8555"), "invalid.request");
  expect_failure(dial(desktop, "9555"), "endpoint.unreachable");
  EXPECT_FALSE(desktop.has_seen("interaction.created"));
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 0; }, 5s));
}

TEST_F(Dialling, ReachesAColleague) {
  Baresip ours(directory("ours"), "1001"), theirs(directory("theirs"), "1002");
  start({{"alice", "1001", ours.port()}, {"bob", "1002", theirs.port()}});
  Desktop alice(server->http()), bob(server->http());
  activate(alice, "alice");
  activate(bob, "bob");
  expect_success(dial(alice, "1002"));
  alice.await_offer();
  bob.await_offer();
  expect_ringing(ours);
  expect_success(bob.request("conversation.answer", bob.conversation));
  alice.await_state(alice.conversation, "CONNECTED");
  (void)ours.listen(300ms);  // What rang until then is still in the phone's jitter buffer.
  expect_tone(ours.listen(400ms), agent_hz);
  expect_tone(theirs.listen(400ms), agent_hz);
  expect_success(alice.request("conversation.release", alice.conversation));
  const object ended = bob.await_state(bob.conversation, "DISCONNECTED");
  EXPECT_EQ(text(ended, "data", "cause"), "remote");
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 0; }, 5s));
}

}  // namespace
}  // namespace cord::scenario
