// SIP's extensions with SIPp at the other side: reliable responses, UPDATE, session timers, late
// offer, redirection. Every call is listened to.
#include <fmt/format.h>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

class Dialogs : public Scenario {
 protected:
  void start(const std::string& queue_lines = {}) {
    phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
    start_server({.agents = {{"alice", "1001", phone_->port()}}, .queue = queue_lines});
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
  }

  void answer(const Sipp& call) {
    desktop_->await_offer();
    expect_success(desktop_->request("conversation.answer", desktop_->conversation));
    customer_.send_to(call.remote_media_port(5s));
    expect_tone(customer_.listen(400ms), agent_hz);
    expect_tone(phone_->listen(400ms), customer_hz);
  }

  void release(Sipp& call) {
    expect_success(desktop_->request("conversation.release", desktop_->conversation));
    EXPECT_EQ(call.wait(10s), 0) << call.output() << call.messages();
  }

  ToneParty customer_{customer_hz};
  std::unique_ptr<Baresip> phone_;
  std::unique_ptr<Desktop> desktop_;
};

TEST_F(Dialogs, ACustomerDemandsReliableResponses) {
  start("waiting = \"tone\"\n");
  Sipp call(directory("customer"), customer(customer_, "customer_100rel.xml"));
  answer(call);
  release(call);
}

TEST_F(Dialogs, ACustomerHoldsUsByUpdate) {
  start();
  auto options = customer(customer_, "customer_updates.xml");
  options.more = {"-d", "1500"};
  Sipp call(directory("customer"), options);
  answer(call);
  // Held at 1.5 s, retrieved at 3 s.
  ASSERT_TRUE(
      eventually([&] { return call.messages().find("a=recvonly") != std::string::npos; }, 10s));
  const auto before = customer_.packets();
  ASSERT_TRUE(eventually([&] { return customer_.packets() > before + 20; }, 10s));
  expect_tone(customer_.listen(400ms), agent_hz);
  release(call);
}

TEST_F(Dialogs, SessionTimersAreAgreedOn) {
  start();
  auto options = customer(customer_, "customer_timer.xml");
  options.more = {"-d", "1000"};
  Sipp call(directory("customer"), options);
  answer(call);
  ASSERT_TRUE(
      eventually([&] { return call.messages().find("CSeq: 3 UPDATE") != std::string::npos; }, 10s));
  release(call);
}

TEST_F(Dialogs, ACustomerLeavesTheOfferToUs) {
  start();
  Sipp call(directory("customer"), customer(customer_, "customer_late_offer.xml"));
  answer(call);
  release(call);
}

TEST_F(Dialogs, ACarrierSendsUsOn) {
  const std::uint16_t first = free_port(), second = free_port();
  phone_ = std::make_unique<Baresip>(directory("phone"), "1001");
  start_server({.agents = {{"alice", "1001", phone_->port()}},
                .more = fmt::format("[[trunk]]\nname = \"outside\"\n"
                                    "peers = [\"127.0.0.1:{}\", \"127.0.0.1:{}\"]\n"
                                    "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"outside\"\n",
                                    first, second)});
  auto moved = phone("carrier_moved.xml", first, customer_);
  moved.more = {"-key", "second_port", std::to_string(second)};
  Sipp gone(directory("gone"), moved);
  Sipp there(directory("there"), phone("phone.xml", second, customer_, 500));
  desktop_ = std::make_unique<Desktop>(server->http());
  desktop_->log_in("alice");
  expect_success(desktop_->request("channel.activate", desktop_->channel));
  expect_success(desktop_->request("channel.dial", desktop_->channel, {{"destination", "9555"}}));
  desktop_->await_offer();
  desktop_->await_state(desktop_->conversation, "CONNECTED");
  customer_.send_to(there.remote_media_port(5s));
  expect_tone(customer_.listen(400ms), agent_hz);
  expect_tone(phone_->listen(400ms), customer_hz);
  EXPECT_EQ(gone.wait(10s), 0) << gone.output();
  EXPECT_EQ(server->metric("cord_sip_redirects_total"), 1);
  release(there);
}

}  // namespace
}  // namespace cord::scenario
