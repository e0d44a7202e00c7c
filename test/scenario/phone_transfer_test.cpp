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

}  // namespace
}  // namespace cord::scenario
