// The transfer key of a real phone: where the call goes, what the desktops are told, and who hears
// whom.
#include <fmt/format.h>

#include "scenario/support/two_desks.hpp"

namespace cord::scenario {
namespace {

constexpr double colleague_hz = 600;

class PhoneTransfers : public TwoDesks {
 protected:
  PhoneTransfers() : TwoDesks(colleague_hz) {}

  void press_transfer(const std::string& number) {
    ours_->command("transfer", fmt::format("sip:{}@127.0.0.1", number));
  }

  // What was heard a moment ago is on its way still.
  std::vector<std::int16_t> customer_hears() {
    (void)customer_.listen(300ms);
    return customer_.listen(400ms);
  }
  std::vector<std::int16_t> colleague_hears() {
    (void)theirs_->listen(300ms);
    return theirs_->listen(400ms);
  }
};

TEST_F(PhoneTransfers, BlindlyToAColleague) {
  bob_comes();
  press_transfer("1002");
  bob_->await_offer();
  alice_->await_state(alice_->conversation, "DISCONNECTED");
  answer(*bob_);
  expect_tone(customer_hears(), colleague_hz);
  expect_tone(colleague_hears(), customer_hz);
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
  EXPECT_TRUE(alice_->is_contiguous());
}

TEST_F(PhoneTransfers, ToANumberOutside) {
  Sipp expert(directory("expert"), phone("phone.xml", carrier_port_, expert_, 300));
  press_transfer("9555");
  const auto port = expert.remote_media_port(5s);
  ASSERT_NE(port, 0);
  expert_.send_to(port);
  expect_tone(customer_hears(), expert_hz);
  expect_tone(expert_.listen(400ms), customer_hz);
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
}

TEST_F(PhoneTransfers, ComesBackFromABusyNumber) {
  Sipp expert(directory("expert"), phone("phone_busy.xml", carrier_port_, expert_));
  press_transfer("9555");
  alice_->await_offer();
  answer(*alice_);
  expect_tone(customer_hears(), agent_hz);
}

TEST_F(PhoneTransfers, ToWhomTheAgentConsults) {
  bob_comes();
  expect_success(
      alice_->request("interaction.consult", alice_->interaction, {{"destination", "1002"}}));
  bob_->await_offer();
  answer(*bob_);
  expect_tone(colleague_hears(), agent_hz);
  press_transfer("1002");
  bob_->await("conversation.member.added");
  expect_tone(customer_hears(), colleague_hz);
  expect_tone(colleague_hears(), customer_hz);
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
}

/// SIPp as alice's phone: it demands of each message what RFC 3515 says.
class ReferringPhone : public Scenario {
 protected:
  void SetUp() override {
    theirs_ = std::make_unique<Baresip>(directory("theirs"), "1002", "answermode=auto",
                                        std::uint16_t{0}, colleague_hz);
    const std::uint16_t port = free_port();
    start_server({.agents = {{"alice", "1001", port}, {"bob", "1002", theirs_->port()}}});
    ours_ = std::make_unique<Sipp>(directory("ours"),
                                   Sipp::Options{.scenario = "phone_refers.xml",
                                                 .port = port,
                                                 .media_port = agent_.port(),
                                                 .more = {"-key", "refer_to", "1002"}});
  }

  ToneParty customer_{customer_hz}, agent_{agent_hz};
  std::unique_ptr<Baresip> theirs_;
  std::unique_ptr<Sipp> ours_;
};

TEST_F(ReferringPhone, IsToldWhatBecameOfItsTransfer) {
  Desktop alice(server->http()), bob(server->http());
  bob.log_in("bob");
  expect_success(bob.request("channel.activate", bob.channel));
  alice.be_ready("alice");
  Sipp call(directory("customer"), customer(customer_));
  alice.await_offer();
  expect_success(alice.request("conversation.answer", alice.conversation));
  agent_.send_to(ours_->remote_media_port(5s));
  customer_.send_to(call.remote_media_port(5s));
  expect_tone(customer_.listen(300ms), agent_hz);
  bob.await_offer();
  alice.await_state(alice.conversation, "DISCONNECTED");
  expect_success(bob.request("conversation.answer", bob.conversation));
  EXPECT_EQ(ours_->wait(10s), 0) << ours_->output();
  (void)customer_.listen(300ms);
  expect_tone(customer_.listen(400ms), colleague_hz);
  expect_tone(theirs_->listen(400ms), customer_hz);
  expect_success(bob.request("conversation.release", bob.conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

}  // namespace
}  // namespace cord::scenario
