// Phones that register with us, and trunks where we register and answer challenges.
#include <fmt/format.h>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

class Registration : public Scenario {
 protected:
  void start() { start_server(registered_alice()); }

  [[nodiscard]] bool phones(int count) const {
    return eventually([&] { return server->metric("cord_sip_phones") == count; }, 10s);
  }
};

TEST_F(Registration, OfAPhoneBringsItsCalls) {
  start();
  Baresip phone(directory("phone"), "1001", phones_account, server->sip_udp());
  ASSERT_TRUE(phones(1)) << phone.output();
  EXPECT_NE(server->process().output().find("phone.registered"), std::string::npos);
  EXPECT_EQ(server->process().output().find("phone-secret"), std::string::npos);
  expect_call_with(phone);
}

TEST_F(Registration, NeedsThePassword) {
  start();
  Baresip phone(directory("phone"), "1001", "answermode=auto;auth_user=1001;auth_pass=guessed-one",
                server->sip_udp());
  EXPECT_TRUE(eventually(
      [&] { return server->metric("cord_sip_registrations_total", "wrong") >= 1; }, 10s));
  EXPECT_EQ(server->metric("cord_sip_phones"), 0);
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  ToneParty party(customer_hz);
  Sipp call(directory("customer"), customer(party));
  desktop.await_offer();
  expect_failure(desktop.request("conversation.answer", desktop.conversation),
                 "endpoint.unreachable");
}

TEST_F(Registration, FromAnotherPortMovesThePhone) {
  start();
  {
    Baresip before(directory("before"), "1001", phones_account, server->sip_udp());
    ASSERT_TRUE(phones(1)) << before.output();
    expect_call_with(before);
  }
  // That one is gone without a word, as one that lost its power; its contact is still there.
  Baresip after(directory("after"), "1001", phones_account, server->sip_udp());
  ASSERT_TRUE(eventually(
      [&] { return server->metric("cord_sip_registrations_total", "accepted") >= 2; }, 10s));
  expect_call_with(after);
}

class TrunkAccount : public Scenario {
 protected:
  static std::string trunk(const std::string& peers, const std::string& more) {
    return fmt::format(
        "[[trunk]]\nname = \"outside\"\npeers = [{}]\n{}"
        "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"outside\"\n",
        peers, more);
  }
  static std::string at(std::uint16_t port) { return fmt::format("\"127.0.0.1:{}\"", port); }

  /// Dials, and both sides hear each other.
  void expect_conversation(Sipp& carrier, Baresip& telephone) {
    Desktop desktop(server->http());
    desktop.log_in("alice");
    expect_success(desktop.request("channel.activate", desktop.channel));
    expect_success(desktop.request("channel.dial", desktop.channel, {{"destination", "9555"}}));
    desktop.await_offer();
    desktop.await_state(desktop.conversation, "CONNECTED");
    far_.send_to(carrier.remote_media_port(5s));
    expect_tone(far_.listen(400ms), agent_hz);
    (void)telephone.listen(300ms);
    expect_tone(telephone.listen(400ms), customer_hz);
    expect_success(desktop.request("conversation.release", desktop.conversation));
    EXPECT_EQ(carrier.wait(10s), 0) << carrier.output();
  }

  const std::string account_ = "user = \"4930555\"\npassword = \"trunk-secret\"\n";
  ToneParty far_{customer_hz};
};

TEST_F(TrunkAccount, RegistersAtARegistrarThatWantsAPassword) {
  const std::uint16_t port = free_port();
  Sipp registrar(directory("registrar"), {.scenario = "registrar.xml", .port = port});
  start_server({.agents = {{"alice", "1001", free_port()}},
                .more = trunk(at(port), account_ + "register = true\n")});
  EXPECT_EQ(registrar.wait(10s), 0) << registrar.output();
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_trunks_unregistered") == 0; }, 5s));
  EXPECT_NE(server->process().output().find("trunk.registered"), std::string::npos);
  EXPECT_NE(registrar.messages().find("SIP/2.0 200 OK"), std::string::npos);
}

TEST_F(TrunkAccount, TellsOnceThatItsPasswordIsWrong) {
  const std::uint16_t port = free_port();
  Sipp registrar(directory("registrar"), {.scenario = "registrar.xml", .port = port});
  start_server(
      {.agents = {{"alice", "1001", free_port()}},
       .more = trunk(at(port), "user = \"4930555\"\npassword = \"wrong\"\nregister = true\n")});
  EXPECT_TRUE(eventually(
      [&] { return server->process().output().find("trunk.not_registered") != std::string::npos; },
      10s));
  EXPECT_EQ(server->metric("cord_sip_trunks_unregistered"), 1);
}

TEST_F(TrunkAccount, AnswersTheChallengeToACall) {
  const std::uint16_t port = free_port();
  Baresip telephone(directory("phone"), "1001");
  start_server(
      {.agents = {{"alice", "1001", telephone.port()}}, .more = trunk(at(port), account_)});
  Sipp carrier(directory("carrier"), phone("phone_challenges.xml", port, far_));
  expect_conversation(carrier, telephone);
  EXPECT_EQ(server->process().output().find("trunk-secret"), std::string::npos);
}

TEST_F(TrunkAccount, GoesOnToTheNextPeer) {
  const std::uint16_t first = free_port(), second = free_port();
  Baresip telephone(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", telephone.port()}},
                .more = trunk(at(first) + ", " + at(second), {})});
  Sipp full(directory("full"), phone("unavailable.xml", first, far_));
  Sipp carrier(directory("carrier"), phone("phone.xml", second, far_));
  expect_conversation(carrier, telephone);
  EXPECT_EQ(full.wait(10s), 0) << full.output();
}

}  // namespace
}  // namespace cord::scenario
