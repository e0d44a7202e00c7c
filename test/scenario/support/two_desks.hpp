// Alice talks to a customer, and bob's phone and an expert outside can be called: where transfers
// begin.
#pragma once

#include <memory>

#include <fmt/format.h>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {

inline constexpr double expert_hz = 700;

class TwoDesks : public Scenario {
 protected:
  /// What bob's phone says.
  explicit TwoDesks(double colleague_hz = agent_hz) : colleague_hz_(colleague_hz) {}

  void SetUp() override {
    ours_ = std::make_unique<Baresip>(directory("ours"), "1001");
    theirs_ = std::make_unique<Baresip>(directory("theirs"), "1002", "answermode=auto",
                                        std::uint16_t{0}, colleague_hz_);
    start_server({.agents = {{"alice", "1001", ours_->port()}, {"bob", "1002", theirs_->port()}},
                  .more = fmt::format("[[trunk]]\nname = \"outside\"\npeers = [\"127.0.0.1:{}\"]\n"
                                      "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"outside\"\n",
                                      carrier_port_)});
    alice_ = std::make_unique<Desktop>(server->http());
    alice_->be_ready("alice");
    customer_call_ = std::make_unique<Sipp>(directory("customer"), customer(customer_));
    alice_->await_offer();
    answer(*alice_);
    const auto port = customer_call_->remote_media_port(5s);
    ASSERT_NE(port, 0);
    customer_.send_to(port);
    expect_tone(customer_.listen(400ms), agent_hz);
    expect_tone(ours_->listen(400ms), customer_hz);
  }

  static void answer(Desktop& desktop) {
    expect_success(desktop.request("conversation.answer", desktop.conversation));
  }

  // Bob, not ready for calls of the queue, can be called.
  void bob_comes() {
    bob_ = std::make_unique<Desktop>(server->http());
    bob_->log_in("bob");
    expect_success(bob_->request("channel.activate", bob_->channel));
  }

  const std::uint16_t carrier_port_ = free_port();
  ToneParty customer_{customer_hz};
  ToneParty expert_{expert_hz};
  std::unique_ptr<Baresip> ours_, theirs_;
  std::unique_ptr<Desktop> alice_, bob_;
  std::unique_ptr<Sipp> customer_call_;

 private:
  double colleague_hz_;
};

}  // namespace cord::scenario
