// Calls whose media is protected, with real peers at both ends: what is said is heard, and who does
// not protect it is refused where that is asked for.
#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

class SecureCalls : public Scenario {
 protected:
  /// A customer who plays 440 Hz and protects calls as `options` say.
  [[nodiscard]] std::unique_ptr<Baresip> caller(const std::string& options) {
    return std::make_unique<Baresip>(directory("customer"), "4930123456", options, 0, customer_hz);
  }
  void call(const Baresip& customer) const {
    customer.command("dial", fmt::format("sip:{}@127.0.0.1:{}", queue_number, server->sip_udp()));
  }
  [[nodiscard]] std::string log() { return server->process().output(); }

  /// Alice takes the call, both hear each other, and the call ends.
  void expect_a_conversation(const Baresip& customer, const Baresip& phone) {
    Desktop desktop(server->http());
    desktop.be_ready("alice");
    call(customer);
    desktop.await_offer();
    expect_success(desktop.request("conversation.answer", desktop.conversation));
    expect_tone(customer.listen(600ms), agent_hz);
    expect_tone(phone.listen(600ms), customer_hz);
    expect_success(desktop.request("conversation.release", desktop.conversation));
    // A peer may send a packet before it has the keys.
    EXPECT_LE(server->metric("cord_media_unauthentic_packets_total"), 3);
  }
};

TEST_F(SecureCalls, SdesIsHeardBothWays) {
  Baresip phone(directory("phone"), "1001", "answermode=auto;mediaenc=srtp-mand");
  start_server({.agents = {{"alice", "1001", phone.port(), "on-answer", "srtp = \"required\""}},
                .trunk = "srtp = \"required\""});
  const auto customer = caller("mediaenc=srtp-mand");
  expect_a_conversation(*customer, phone);
  EXPECT_TRUE(eventually([&] { return log().find("leg.protected") != std::string::npos; }, 5s));
  EXPECT_EQ(log().find("inline:"), std::string::npos) << "a key in the log";
}

TEST_F(SecureCalls, OpportunisticSdesIsHeardBothWays) {
  Baresip phone(directory("phone"), "1001", "answermode=auto;mediaenc=srtp");
  start_server({.agents = {{"alice", "1001", phone.port()}}});
  const auto customer = caller("mediaenc=srtp");
  expect_a_conversation(*customer, phone);
  EXPECT_NE(log().find("AES_CM_128_HMAC_SHA1"), std::string::npos);
}

TEST_F(SecureCalls, DtlsSrtpIsHeardBothWays) {
  Baresip phone(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", phone.port()}}, .trunk = "srtp = \"required\""});
  const auto customer = caller("mediaenc=dtls_srtp");
  expect_a_conversation(*customer, phone);
  EXPECT_NE(log().find("DTLS"), std::string::npos);
  // baresip has no rtcp-mux here: each of its ports shook hands.
  for (const auto* port : {"(audio/RTP)", "(audio/RTCP)"}) {
    const std::string complete = fmt::format("DTLS-SRTP complete {}", port);
    EXPECT_TRUE(
        eventually([&] { return customer->output().find(complete) != std::string::npos; }, 5s))
        << customer->output();
  }
}

TEST_F(SecureCalls, ATrunkThatHasToBeProtectedRefusesPlainRtp) {
  start_server({.agents = {{"alice", "1001", 9}}, .trunk = "srtp = \"required\""});
  const auto customer = caller("");
  call(*customer);
  EXPECT_TRUE(eventually([&] { return customer->output().find("488") != std::string::npos; }, 10s))
      << customer->output();
  EXPECT_EQ(server->metric("cord_calls"), 0);
}

}  // namespace
}  // namespace cord::scenario
