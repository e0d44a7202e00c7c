// A customer's call that is offered to alice, whose phone is a baresip: what many scenarios begin
// with.
#pragma once

#include <memory>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {

class OfferedCall : public Scenario {
 protected:
  void SetUp() override {
    phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
    start_server({.agents = {{"alice", "1001", phone_->port()}}});
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
    call_ = std::make_unique<Sipp>(directory("customer"), customer(customer_));
    desktop_->await_offer();
  }

  void answer() {
    expect_success(desktop_->request("conversation.answer", desktop_->conversation));
    media_port_ = call_->remote_media_port(5s);
    ASSERT_NE(media_port_, 0);
    customer_.send_to(media_port_);
    expect_both_hear_each_other();
  }

  void expect_both_hear_each_other() {
    expect_tone(customer_.listen(400ms), agent_hz);
    expect_tone(phone_->listen(400ms), customer_hz);
  }

  ToneParty customer_{customer_hz};
  std::unique_ptr<Baresip> phone_;
  std::unique_ptr<Desktop> desktop_;
  std::unique_ptr<Sipp> call_;
  std::uint16_t media_port_ = 0;  ///< ours, towards the customer; 0: not answered
};

}  // namespace cord::scenario
